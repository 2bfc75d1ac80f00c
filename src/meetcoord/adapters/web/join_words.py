"""Everything the join page says, in three languages. Braces are filled in by the page."""

from collections.abc import Mapping

from meetcoord.adapters.web.device_words import DEVICE_WORDS
from meetcoord.domain.values import Language

_PAGE_WORDS: Mapping[Language, Mapping[str, str]] = {
    Language.FRENCH: {
        "name": "Français",
        "skip": "Aller au contenu",
        "heading": "Rejoindre la réunion",
        "languages": "Langue de la page",
        "noscript": "Votre navigateur n’exécute pas JavaScript, dont cette page et la salle vidéo ont besoin. "
        "Activez-le, ou ouvrez le même lien sur un téléphone ou un autre ordinateur. Sinon, appelez-nous.",
        "looking": "Nous ouvrons votre lien…",
        "paste": "Collez ici le lien reçu dans votre message d’invitation",
        "paste_why": "Votre lien n’est pas dans l’adresse de cette page. Copiez-le en entier depuis le message.",
        "paste_button": "Ouvrir ce lien",
        "paste_none": "Nous ne trouvons pas de lien dans ce texte. Dans le message d’invitation, copiez tout "
        "le lien, jusqu’à sa dernière lettre.",
        "organiser": "Organisée par",
        "invited_as": "Votre place",
        "when": "Quand",
        "agenda": "Ordre du jour",
        "zone": "heure de {city}",
        "here": "À votre heure",
        "early": "Les portes ouvrent à {time}. Gardez cette page ouverte\u00a0: le bouton s’activera tout seul.",
        "later": "Ouverture des portes\u00a0: {time}. Revenez alors par ce même lien.",
        "countdown": "Ouverture dans {time}",
        "countdown_soon": "Ouverture dans moins d’une minute",
        "open": "Les portes sont ouvertes\u00a0: vous pouvez entrer.",
        "tab_waiting": "En attente",
        "tab_open": "Ouvert",
        "late": "La réunion a commencé il y a {time}. Vous pouvez encore entrer.",
        "late_soon": "La réunion commence. Vous pouvez entrer.",
        "room": "Salle vidéo",
        "room_open": "La salle vidéo est ouverte, plus bas.",
        "room_left": "Fermer la vidéo",
        "enter": "Entrer dans la réunion",
        "entering": "Nous vous ouvrons la porte…",
        "retry": "Réessayer",
        "help": "Besoin d’aide\u00a0? Appelez le",
        "accessibility": "Accessibilité\u00a0: non conforme (pas encore audité)",
        "link_invalid": "Ce lien n’est pas complet ou n’est pas le bon. Ouvrez-le à nouveau depuis votre "
        "message, ou collez-le plus bas.",
        "link_cut": "Il manque la fin de ce lien\u00a0: la messagerie l’a sans doute coupé. Copiez tout le "
        "lien depuis le message, sur toutes ses lignes, et collez-le plus bas.",
        "link_replaced": "Ce lien ne sert plus\u00a0: la réunion ou votre place a changé. Ouvrez le lien du "
        "message le plus récent. Vous n’en avez pas\u00a0? Appelez-nous.",
        "too_late": "La réunion est terminée. Le compte rendu viendra de l’organisme qui l’a organisée. Vous "
        "pouvez fermer cette page.",
        "meeting_cancelled": "Cette réunion est annulée. Vous n’avez rien à faire et pouvez fermer cette page.",
        "meeting_moved": "Cette réunion a été déplacée\u00a0: un nouveau lien viendra par messagerie une fois la "
        "nouvelle heure convenue. Celui-ci ne s’ouvre plus\u00a0; vous pouvez fermer cette page.",
        "room_full": "La salle est pleine pour l’instant. Nous réessayons tout seuls chaque minute\u00a0: gardez "
        "cette page ouverte. Si cela dure, appelez votre secrétariat.",
        "proof_needed": "Cette réunion demande un code à six chiffres.",
        "sending": "Nous vous envoyons un code…",
        "code_sent": "Un code vient de partir vers {address}. Il est valable 10 minutes.",
        "code_sent_before": "Un code est déjà parti vers {address}. Regardez vos messages les plus récents.",
        "code_by_phone": "Pour cette réunion, le secrétariat de votre organisme vous lit un code au "
        "téléphone. Appelez-le.",
        "code": "Code à six chiffres",
        "code_form": "Un code a six chiffres, sans lettre. Tapez-le ou collez-le.",
        "code_again": "Envoyer un nouveau code",
        "code_wait": "Nouveau code possible dans {time}",
        "code_none": "Pas de message\u00a0? Regardez aussi dans les indésirables, ou demandez un code au "
        "téléphone à votre secrétariat.",
        "code_enter": "Entrer avec ce code",
        "code_wrong": "Ce code n’est pas le bon. Essais restants\u00a0: {tries}. Prenez le message le plus récent.",
        "code_expired": "Ce code ne compte plus. Demandez-en un nouveau.",
        "too_many_tries": "Trop de codes demandés ou mal tapés avec ce lien. Appelez votre secrétariat\u00a0: "
        "il peut vous lire un code.",
        "used_elsewhere": "Ce lien est déjà utilisé sur un autre appareil. Appelez votre secrétariat\u00a0: "
        "il peut vous lire un code pour celui-ci.",
        "other_device": "Ce lien a aussi servi sur un autre appareil. Si ce n’était pas vous, appelez-nous.",
        "unavailable": "Le service ne répond pas pour l’instant. Attendez quelques secondes, puis réessayez.",
        "network": "Votre appareil n’arrive pas à nous joindre. Vérifiez votre connexion, puis réessayez.",
    },
    Language.ENGLISH: {
        "name": "English",
        "skip": "Skip to content",
        "heading": "Join the meeting",
        "languages": "Language of this page",
        "noscript": "Your browser does not run JavaScript, which this page and the video room need. Turn it "
        "on, or open the same link on a phone or another computer. Otherwise call us.",
        "looking": "Opening your link…",
        "paste": "Paste here the link from your invitation message",
        "paste_why": "Your link is not in the address of this page. Copy the whole of it from the message.",
        "paste_button": "Open this link",
        "paste_none": "We find no link in this text. Copy the whole link from the invitation message, down to "
        "its last letter.",
        "organiser": "Organised by",
        "invited_as": "You are invited as",
        "when": "When",
        "agenda": "Agenda",
        "zone": "{city} time",
        "here": "Your time",
        "early": "The doors open at {time}. Keep this page open: the button will wake up by itself.",
        "later": "The doors open: {time}. Come back then with this same link.",
        "countdown": "Opens in {time}",
        "countdown_soon": "Opens in less than a minute",
        "open": "The doors are open: you can enter.",
        "tab_waiting": "Waiting",
        "tab_open": "Open",
        "late": "The meeting began {time} ago. You can still enter.",
        "late_soon": "The meeting is beginning. You can enter.",
        "room": "Video room",
        "room_open": "The video room is open below.",
        "room_left": "Close the video",
        "enter": "Enter the meeting",
        "entering": "Opening the door for you…",
        "retry": "Try again",
        "help": "Need help? Call",
        "accessibility": "Accessibility: not compliant (not audited yet)",
        "link_invalid": "This link is not complete or not the right one. Open it again from your message, or "
        "paste it below.",
        "link_cut": "The end of this link is missing: the mail program has probably cut it. Copy the whole "
        "link from the message, over all its lines, and paste it below.",
        "link_replaced": "This link is no longer in use: the meeting or your place in it has changed. Open "
        "the link of the newest message. There is none? Call us.",
        "too_late": "The meeting is over. Its minutes will come from the organising agency. You can close this page.",
        "meeting_cancelled": "This meeting is cancelled. There is nothing for you to do; you can close this page.",
        "meeting_moved": "This meeting has been moved: a new link comes by mail once the new time is agreed. "
        "This one no longer opens; you can close this page.",
        "room_full": "The room is full just now. We try again by ourselves every minute: keep this page open. "
        "If it lasts, call your secretariat.",
        "proof_needed": "This meeting asks for a six-digit code.",
        "sending": "Sending you a code…",
        "code_sent": "A code has just gone to {address}. It is valid for 10 minutes.",
        "code_sent_before": "A code has already gone to {address}. Look at your newest messages.",
        "code_by_phone": "For this meeting, your agency’s secretariat reads you a code by phone. Call it.",
        "code": "Six-digit code",
        "code_form": "A code has six digits and no letter. Type or paste it.",
        "code_again": "Send a new code",
        "code_wait": "New code in {time}",
        "code_none": "No message? Look in the junk folder too, or ask your secretariat for a code by phone.",
        "code_enter": "Enter with this code",
        "code_wrong": "This code is not right. Tries left: {tries}. Use the newest message.",
        "code_expired": "This code no longer counts. Ask for a new one.",
        "too_many_tries": "Too many codes asked for or mistyped with this link. Call your secretariat: it can "
        "read you a code.",
        "used_elsewhere": "This link is in use on another device. Call your secretariat: it can read you a "
        "code for this one.",
        "other_device": "This link has also been used on another device. If that was not you, call us.",
        "unavailable": "The service does not answer just now. Wait a few seconds, then try again.",
        "network": "Your device cannot reach us. Check your connection, then try again.",
    },
    Language.GERMAN: {
        "name": "Deutsch",
        "skip": "Zum Inhalt springen",
        "heading": "An der Besprechung teilnehmen",
        "languages": "Sprache dieser Seite",
        "noscript": "Ihr Browser führt kein JavaScript aus, das diese Seite und der Videoraum brauchen. "
        "Schalten Sie es ein, oder öffnen Sie denselben Link auf einem Telefon oder anderen Computer. Sonst "
        "rufen Sie uns an.",
        "looking": "Ihr Link wird geöffnet…",
        "paste": "Fügen Sie hier den Link aus Ihrer Einladung ein",
        "paste_why": "Ihr Link steht nicht in der Adresse dieser Seite. Kopieren Sie ihn ganz aus der Nachricht.",
        "paste_button": "Diesen Link öffnen",
        "paste_none": "In diesem Text finden wir keinen Link. Kopieren Sie den ganzen Link aus der Einladung, "
        "bis zum letzten Buchstaben.",
        "organiser": "Eingeladen von",
        "invited_as": "Sie sind eingeladen als",
        "when": "Wann",
        "agenda": "Tagesordnung",
        "zone": "Ortszeit {city}",
        "here": "Bei Ihnen",
        "early": "Der Raum öffnet um {time}. Lassen Sie diese Seite offen: Die Schaltfläche wird von selbst aktiv.",
        "later": "Einlass: {time}. Kommen Sie dann mit demselben Link wieder.",
        "countdown": "Noch {time} bis zum Einlass",
        "countdown_soon": "Noch weniger als eine Minute bis zum Einlass",
        "open": "Der Raum ist offen: Sie können eintreten.",
        "tab_waiting": "Wartend",
        "tab_open": "Offen",
        "late": "Die Besprechung läuft seit {time}. Sie können noch eintreten.",
        "late_soon": "Die Besprechung beginnt. Sie können eintreten.",
        "room": "Videoraum",
        "room_open": "Der Videoraum ist unten geöffnet.",
        "room_left": "Video schließen",
        "enter": "Besprechung betreten",
        "entering": "Wir öffnen Ihnen die Tür…",
        "retry": "Erneut versuchen",
        "help": "Brauchen Sie Hilfe? Rufen Sie an:",
        "accessibility": "Barrierefreiheit: nicht konform (noch nicht geprüft)",
        "link_invalid": "Dieser Link ist nicht vollständig oder nicht der richtige. Öffnen Sie ihn erneut aus "
        "Ihrer Nachricht, oder fügen Sie ihn unten ein.",
        "link_cut": "Das Ende dieses Links fehlt: Das Mailprogramm hat ihn wohl abgeschnitten. Kopieren Sie "
        "den ganzen Link aus der Nachricht, über alle Zeilen, und fügen Sie ihn unten ein.",
        "link_replaced": "Dieser Link gilt nicht mehr: Die Besprechung oder Ihr Platz darin hat sich "
        "geändert. Öffnen Sie den Link der neuesten Nachricht. Sie haben keine? Rufen Sie uns an.",
        "too_late": "Die Besprechung ist beendet. Das Protokoll kommt von der einladenden Stelle. Sie können "
        "diese Seite schließen.",
        "meeting_cancelled": "Diese Besprechung ist abgesagt. Sie müssen nichts tun und können diese Seite "
        "schließen.",
        "meeting_moved": "Diese Besprechung wurde verschoben: Ein neuer Link kommt per E-Mail, sobald die neue "
        "Zeit vereinbart ist. Dieser öffnet nicht mehr; Sie können diese Seite schließen.",
        "room_full": "Der Raum ist gerade voll. Wir versuchen es jede Minute von selbst: Lassen Sie diese Seite "
        "offen. Dauert es an, rufen Sie Ihr Sekretariat an.",
        "proof_needed": "Diese Besprechung verlangt einen sechsstelligen Code.",
        "sending": "Wir senden Ihnen einen Code…",
        "code_sent": "Ein Code ist soeben an {address} gegangen. Er gilt 10 Minuten.",
        "code_sent_before": "Ein Code ist schon an {address} gegangen. Sehen Sie in Ihre neuesten Nachrichten.",
        "code_by_phone": "Für diese Besprechung liest Ihnen das Sekretariat Ihrer Behörde einen Code am "
        "Telefon vor. Rufen Sie dort an.",
        "code": "Sechsstelliger Code",
        "code_form": "Ein Code hat sechs Ziffern, keine Buchstaben. Tippen Sie ihn ein oder fügen Sie ihn ein.",
        "code_again": "Neuen Code senden",
        "code_wait": "Neuer Code in {time}",
        "code_none": "Keine Nachricht? Sehen Sie auch im Spam-Ordner nach, oder lassen Sie sich vom "
        "Sekretariat am Telefon einen Code geben.",
        "code_enter": "Mit diesem Code eintreten",
        "code_wrong": "Dieser Code stimmt nicht. Verbleibende Versuche: {tries}. Nehmen Sie die neueste Nachricht.",
        "code_expired": "Dieser Code gilt nicht mehr. Fordern Sie einen neuen an.",
        "too_many_tries": "Zu viele Codes angefordert oder falsch eingegeben. Rufen Sie Ihr Sekretariat an: "
        "Es kann Ihnen einen Code vorlesen.",
        "used_elsewhere": "Dieser Link wird schon auf einem anderen Gerät benutzt. Rufen Sie Ihr Sekretariat "
        "an: Es kann Ihnen einen Code für dieses vorlesen.",
        "other_device": "Dieser Link wurde auch auf einem anderen Gerät benutzt. Waren Sie das nicht? Rufen "
        "Sie uns an.",
        "unavailable": "Der Dienst antwortet gerade nicht. Warten Sie einige Sekunden und versuchen Sie es erneut.",
        "network": "Ihr Gerät erreicht uns nicht. Prüfen Sie Ihre Verbindung und versuchen Sie es erneut.",
    },
}

WORDS: Mapping[Language, Mapping[str, str]] = {
    language: {**words, **DEVICE_WORDS[language]} for language, words in _PAGE_WORDS.items()
}
