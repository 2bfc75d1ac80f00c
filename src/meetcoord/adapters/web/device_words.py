"""What the check of camera and microphone says: one word for each thing found, and a cure for each failure."""

from collections.abc import Mapping

from meetcoord.domain.values import Language

DEVICE_WORDS: Mapping[Language, Mapping[str, str]] = {
    Language.FRENCH: {
        "check": "Caméra et micro",
        "check_optional": "Vous pouvez entrer sans caméra, et même sans micro\u00a0: vous verrez et entendrez "
        "les autres.",
        "check_start": "Vérifier la caméra et le micro",
        "check_again": "Vérifier à nouveau",
        "check_stop": "Arrêter la vérification",
        "check_here": "L’image et le son restent sur votre appareil.",
        "preview": "Image de votre caméra",
        "level": "Niveau du micro",
        "camera": "Caméra\u00a0: {found}",
        "microphone": "Micro\u00a0: {found}",
        "works": "fonctionne",
        "asking": "répondez «\u00a0Autoriser\u00a0» à la question du navigateur",
        "listening": "dites quelques mots",
        "silent": "nous n’entendons rien",
        "refused": "accès refusé",
        "system": "accès bloqué par l’appareil",
        "missing": "introuvable",
        "busy": "un autre programme l’utilise",
        "unsuitable": "ne convient pas",
        "insecure": "ce navigateur ne le permet pas ici",
        "unknown": "ne répond pas",
        "cure_silent": "Vérifiez que le micro n’est pas coupé, par une touche ou sur le fil, puis parlez plus près.",
        "cure_refused": "Touchez l’icône à gauche de l’adresse de cette page, autorisez la caméra et le "
        "micro, puis vérifiez à nouveau.",
        "cure_system": "Dans les réglages de l’appareil, sous «\u00a0Confidentialité\u00a0», autorisez ce "
        "navigateur à utiliser la caméra et le micro, puis vérifiez à nouveau.",
        "cure_missing": "Branchez une caméra ou un casque avec micro, puis vérifiez à nouveau.",
        "cure_busy": "Fermez les autres programmes de visioconférence et les autres onglets, puis vérifiez à "
        "nouveau.",
        "cure_unsuitable": "Débranchez cet appareil ou choisissez-en un autre dans les réglages du "
        "navigateur, puis vérifiez à nouveau.",
        "cure_insecure": "Ouvrez le lien de votre message dans Firefox, Chrome, Edge ou Safari à jour, et non "
        "dans une fenêtre de messagerie.",
        "cure_unknown": "Débranchez puis rebranchez l’appareil, relancez le navigateur et ouvrez votre lien à "
        "nouveau.",
    },
    Language.ENGLISH: {
        "check": "Camera and microphone",
        "check_optional": "You can join without a camera, even without a microphone: you will see and hear "
        "the others.",
        "check_start": "Check camera and microphone",
        "check_again": "Check again",
        "check_stop": "Stop the check",
        "check_here": "Picture and sound stay on your device.",
        "preview": "Picture of your camera",
        "level": "Level of the microphone",
        "camera": "Camera: {found}",
        "microphone": "Microphone: {found}",
        "works": "works",
        "asking": "answer “Allow” to the browser’s question",
        "listening": "say a few words",
        "silent": "we hear nothing",
        "refused": "access refused",
        "system": "blocked by the device",
        "missing": "not found",
        "busy": "in use by another program",
        "unsuitable": "not suitable",
        "insecure": "not possible in this browser window",
        "unknown": "does not answer",
        "cure_silent": "Make sure that the microphone is not muted, by a key or on its cable, then speak "
        "closer to it.",
        "cure_refused": "Touch the icon to the left of this page’s address, allow camera and microphone, then "
        "check again.",
        "cure_system": "In the settings of your device, under “Privacy”, let this browser use camera and "
        "microphone, then check again.",
        "cure_missing": "Plug in a camera or a headset with a microphone, then check again.",
        "cure_busy": "Close other video meeting programs and other tabs, then check again.",
        "cure_unsuitable": "Unplug this device, or choose another one in the browser’s settings, then check again.",
        "cure_insecure": "Open the link of your message in an up-to-date Firefox, Chrome, Edge or Safari, not "
        "in a window of your mail program.",
        "cure_unknown": "Unplug the device and plug it in again, restart the browser, and open your link again.",
    },
    Language.GERMAN: {
        "check": "Kamera und Mikrofon",
        "check_optional": "Sie können ohne Kamera teilnehmen, sogar ohne Mikrofon: Sie sehen und hören die anderen.",
        "check_start": "Kamera und Mikrofon prüfen",
        "check_again": "Erneut prüfen",
        "check_stop": "Prüfung beenden",
        "check_here": "Bild und Ton bleiben auf Ihrem Gerät.",
        "preview": "Bild Ihrer Kamera",
        "level": "Pegel des Mikrofons",
        "camera": "Kamera: {found}",
        "microphone": "Mikrofon: {found}",
        "works": "funktioniert",
        "asking": "Antworten Sie auf die Frage des Browsers mit „Zulassen“",
        "listening": "Sagen Sie ein paar Worte",
        "silent": "Wir hören nichts",
        "refused": "Zugriff abgelehnt",
        "system": "vom Gerät gesperrt",
        "missing": "nicht gefunden",
        "busy": "wird von einem anderen Programm benutzt",
        "unsuitable": "nicht geeignet",
        "insecure": "in diesem Browserfenster nicht möglich",
        "unknown": "antwortet nicht",
        "cure_silent": "Prüfen Sie, ob das Mikrofon stumm geschaltet ist, mit einer Taste oder am Kabel, und "
        "sprechen Sie näher.",
        "cure_refused": "Tippen Sie auf das Symbol links neben der Adresse dieser Seite, erlauben Sie Kamera "
        "und Mikrofon, und prüfen Sie erneut.",
        "cure_system": "Erlauben Sie diesem Browser in den Einstellungen Ihres Geräts unter „Datenschutz“ "
        "Kamera und Mikrofon, und prüfen Sie erneut.",
        "cure_missing": "Schließen Sie eine Kamera oder ein Headset mit Mikrofon an, und prüfen Sie erneut.",
        "cure_busy": "Schließen Sie andere Videoprogramme und andere Tabs, und prüfen Sie erneut.",
        "cure_unsuitable": "Ziehen Sie dieses Gerät ab, oder wählen Sie in den Einstellungen des Browsers ein "
        "anderes, und prüfen Sie erneut.",
        "cure_insecure": "Öffnen Sie den Link Ihrer Nachricht in einem aktuellen Firefox, Chrome, Edge oder "
        "Safari, nicht in einem Fenster des Mailprogramms.",
        "cure_unknown": "Ziehen Sie das Gerät ab und stecken Sie es wieder ein, starten Sie den Browser neu, "
        "und öffnen Sie Ihren Link erneut.",
    },
}
