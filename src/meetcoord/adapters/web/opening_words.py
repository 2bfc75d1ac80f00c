"""What the auditor's page says of verifying, taking away and opening one document, in three languages."""

from collections.abc import Mapping

from meetcoord.domain.values import Language

OPENING_WORDS: Mapping[Language, Mapping[str, str]] = {
    Language.FRENCH: {
        "verify": "Vérifier à nouveau",
        "verify_now": "Vérifier maintenant",
        "verify_why": "Le service contrôle ce qu’il remettrait\u00a0: c’est commode, ce n’est pas la preuve. La "
        "preuve, c’est la commande hors ligne, plus bas.",
        "intact": "Intact",
        "intact_why": "Rien n’a changé depuis le scellement, pour autant que le service puisse le voir.",
        "altered": "Altéré",
        "altered_what": "Ce qui est altéré\u00a0: {what}.",
        "altered_where": "Où\u00a0: document {seq} de la réunion {meeting}, entrée {leaf} du journal.",
        "altered_since": "Depuis\u00a0: entre le {since} (scellement) et le {until} (ce contrôle).",
        "altered_call": "Prévenez maintenant les auditeurs de chaque organisme et l’assistance\u00a0:",
        "altered_hands_off": "Ne restaurez rien, ne réparez rien, n’effacez rien\u00a0: l’état présent est une "
        "pièce à conviction. Ce constat reste affiché.",
        "unknown": "Ne peut pas être vérifié",
        "unknown_why": "Cela ne veut pas dire altéré\u00a0: il manque de quoi conclure. Recommencez plus tard, ou "
        "vérifiez hors ligne.",
        "verdict_said": "La phrase du vérificateur (en anglais)",
        "steps": "Les étapes du contrôle",
        "passed": "fait",
        "failed": "en échec",
        "not_run": "non fait",
        "step_received": "le fichier reçu par cette page",
        "step_text": "le texte contenu dans le fichier",
        "take": "Emporter",
        "take_why": "Chaque téléchargement est une lecture\u00a0: il est inscrit au journal avec votre nom et "
        "visible de tous les organismes convoqués.",
        "take_file": "Télécharger le fichier scellé",
        "take_evidence": "Télécharger la preuve",
        "taken": "Remis et inscrit au journal\u00a0: {name}",
        "offline": "Vérifier hors ligne\u00a0: la preuve",
        "offline_why": "Avec ce que votre organisme détient, sans réseau et sans nous croire\u00a0: la clé du journal "
        "(log.vkey), la politique des témoins (policy) et l’empreinte de la première liste de clés.",
        "open_title": "Ouvrir le texte ici",
        "open_why": "La page prend le fichier scellé (une lecture, inscrite au journal), puis l’ouvre sur votre "
        "ordinateur. Votre identité et le texte ne quittent jamais cette page.",
        "identity_file": "Votre fichier d’identité d’auditeur",
        "identity_text": "ou collez l’identité (AGE-SECRET-KEY-PQ-1…)",
        "open": "Ouvrir",
        "opening": "Ouverture en cours…",
        "identity_form": "Ceci n’est pas une identité d’auditeur\u00a0: le fichier doit contenir une, et une seule, "
        "ligne AGE-SECRET-KEY-PQ-1… Rien n’a été demandé au service.",
        "identity_wrong": "Cette identité n’est pas de celles pour lesquelles ce document est scellé. Choisissez "
        "celle qui était la vôtre au moment du scellement.",
        "file_altered": "Le fichier reçu n’est pas celui que le journal nomme. Rien n’a été ouvert.",
        "text_altered": "Le texte du fichier n’est pas celui qui a été approuvé pour cette place du journal. Il "
        "n’est pas affiché.",
        "opened": "Texte ouvert. Il est bien celui qui a été approuvé pour cette place du journal. Rien n’en a été "
        "envoyé.",
        "text": "Texte du document",
        "close": "Refermer le texte",
        "not_built": "Cette installation n’ouvre pas les textes dans le navigateur. Téléchargez le fichier, puis "
        "utilisez la commande ci-dessus.",
    },
    Language.ENGLISH: {
        "verify": "Verify again",
        "verify_now": "Verify again now",
        "verify_why": "The service checks what it would hand out: that is convenient, it is not the proof. The proof "
        "is the offline command below.",
        "intact": "Intact",
        "intact_why": "Nothing has changed since the seal, as far as the service itself can see.",
        "altered": "Altered",
        "altered_what": "What is altered: {what}.",
        "altered_where": "Where: document {seq} of meeting {meeting}, entry {leaf} of the log.",
        "altered_since": "Since: between {since} (the seal) and {until} (this check).",
        "altered_call": "Tell the auditors of every agency now, and the help desk:",
        "altered_hands_off": "Do not restore anything, do not repair or delete anything: the present state is "
        "evidence. This finding stays on the page.",
        "unknown": "Cannot be checked",
        "unknown_why": "This does not mean altered: something is missing to tell. Try again later, or verify "
        "offline.",
        "verdict_said": "The verifier’s sentence",
        "steps": "The steps of the check",
        "passed": "passed",
        "failed": "failed",
        "not_run": "not run",
        "step_received": "the file that this page received",
        "step_text": "the text inside the file",
        "take": "Take away",
        "take_why": "Each download is a reading: it is written in the log under your name, and every convened agency "
        "can see it.",
        "take_file": "Download the sealed file",
        "take_evidence": "Download the evidence",
        "taken": "Handed out and written in the log: {name}",
        "offline": "Verify offline: the proof",
        "offline_why": "With what your agency holds, without a network and without believing us: the log key "
        "(log.vkey), the policy of the witnesses (policy) and the fingerprint of the first list of keys.",
        "open_title": "Open the text here",
        "open_why": "The page fetches the sealed file (a reading, written in the log), then opens it on your computer. "
        "Your identity and the text never leave this page.",
        "identity_file": "Your auditor’s identity file",
        "identity_text": "or paste the identity (AGE-SECRET-KEY-PQ-1…)",
        "open": "Open",
        "opening": "Opening…",
        "identity_form": "This is not an auditor’s identity: the file must hold one line AGE-SECRET-KEY-PQ-1…, and "
        "only one. Nothing was asked of the service.",
        "identity_wrong": "This identity is none of those that this document is sealed to. Choose the one that was "
        "yours when it was sealed.",
        "file_altered": "The file received is not the one that the log names. Nothing was opened.",
        "text_altered": "The text in the file is not the one approved for this place in the log. It is not shown.",
        "opened": "The text is open. It is the one approved for this place in the log. Nothing of it was sent.",
        "text": "Text of the document",
        "close": "Close the text",
        "not_built": "This installation does not open texts in the browser. Download the file, then use the command "
        "above.",
    },
    Language.GERMAN: {
        "verify": "Noch einmal prüfen",
        "verify_now": "Jetzt prüfen",
        "verify_why": "Der Dienst prüft, was er herausgeben würde: Das ist bequem, aber nicht der Beweis. Der Beweis "
        "ist der Befehl ohne Netz weiter unten.",
        "intact": "Unverändert",
        "intact_why": "Seit der Versiegelung hat sich nichts geändert, soweit der Dienst selbst es sehen kann.",
        "altered": "Verändert",
        "altered_what": "Was verändert ist: {what}.",
        "altered_where": "Wo: Dokument {seq} der Besprechung {meeting}, Eintrag {leaf} im Logbuch.",
        "altered_since": "Seit wann: zwischen {since} (Versiegelung) und {until} (dieser Prüfung).",
        "altered_call": "Benachrichtigen Sie jetzt die Prüfer aller Stellen und die Hilfe:",
        "altered_hands_off": "Stellen Sie nichts wieder her, reparieren und löschen Sie nichts: Der jetzige Zustand "
        "ist ein Beweisstück. Diese Feststellung bleibt stehen.",
        "unknown": "Nicht prüfbar",
        "unknown_why": "Das heißt nicht verändert: Es fehlt etwas, um es zu sagen. Versuchen Sie es später wieder, "
        "oder prüfen Sie ohne Netz.",
        "verdict_said": "Der Satz des Prüfprogramms (englisch)",
        "steps": "Die Schritte der Prüfung",
        "passed": "bestanden",
        "failed": "fehlgeschlagen",
        "not_run": "nicht ausgeführt",
        "step_received": "die Datei, die diese Seite erhalten hat",
        "step_text": "der Text in der Datei",
        "take": "Mitnehmen",
        "take_why": "Jedes Herunterladen ist eine Lesung: Es steht unter Ihrem Namen im Logbuch und ist für alle "
        "eingeladenen Stellen sichtbar.",
        "take_file": "Versiegelte Datei herunterladen",
        "take_evidence": "Nachweis herunterladen",
        "taken": "Herausgegeben und im Logbuch vermerkt: {name}",
        "offline": "Ohne Netz prüfen: der Beweis",
        "offline_why": "Mit dem, was Ihre Stelle hat, ohne Netz und ohne uns zu glauben: dem Schlüssel des Logbuchs "
        "(log.vkey), der Vorschrift der Zeugen (policy) und dem Fingerabdruck der ersten Schlüsselliste.",
        "open_title": "Den Text hier öffnen",
        "open_why": "Die Seite holt die versiegelte Datei (eine Lesung, im Logbuch vermerkt) und öffnet sie auf Ihrem "
        "Rechner. Ihre Identität und der Text verlassen diese Seite nie.",
        "identity_file": "Ihre Identitätsdatei als Prüferin oder Prüfer",
        "identity_text": "oder fügen Sie die Identität ein (AGE-SECRET-KEY-PQ-1…)",
        "open": "Öffnen",
        "opening": "Wird geöffnet…",
        "identity_form": "Das ist keine Identität zum Prüfen: Die Datei muss genau eine Zeile AGE-SECRET-KEY-PQ-1… "
        "enthalten. Vom Dienst wurde nichts verlangt.",
        "identity_wrong": "Dieses Dokument ist nicht für diese Identität versiegelt. Wählen Sie diejenige, die bei "
        "der Versiegelung die Ihre war.",
        "file_altered": "Die erhaltene Datei ist nicht die, die das Logbuch nennt. Nichts wurde geöffnet.",
        "text_altered": "Der Text in der Datei ist nicht der für diese Stelle im Logbuch genehmigte. Er wird nicht "
        "gezeigt.",
        "opened": "Der Text ist offen. Es ist der für diese Stelle im Logbuch genehmigte. Nichts davon wurde "
        "gesendet.",
        "text": "Text des Dokuments",
        "close": "Text schließen",
        "not_built": "Diese Installation öffnet keine Texte im Browser. Laden Sie die Datei herunter und benutzen Sie "
        "den Befehl oben.",
    },
}
