"""The sentences of letters about keys in French, English and German. Braces are filled in by `key_facts`."""

import msgspec

from meetcoord.domain.agencies import RecipientKind
from meetcoord.domain.key_notices import KeyChange
from meetcoord.domain.values import Language


class KeyWording(msgspec.Struct, frozen=True, kw_only=True):
    """Neutral: a change of keys is nearly always what it seems, and the letter says how to tell."""

    subject: dict[KeyChange, str]
    opening: dict[KeyChange, str]
    effect: dict[KeyChange, str]
    kinds: dict[RecipientKind | None, str]
    heading: str
    list_heading: str
    fingerprint: str
    done_by: str
    by_person: str
    by_console: str
    by_service: str
    unexpected: str
    list_unexpected: str


FRENCH = KeyWording(
    subject={
        KeyChange.RECIPIENT_ADDED: "Clé ajoutée\u00a0: {agency}",
        KeyChange.RECIPIENT_WITHDRAWN: "Clé retirée\u00a0: {agency}",
        KeyChange.APPROVER_ADDED: "Clé d’approbation ajoutée\u00a0: {agency}",
        KeyChange.APPROVER_WITHDRAWN: "Clé d’approbation retirée\u00a0: {agency}",
        KeyChange.POLICY_IN_FORCE: "Nouvelle liste de clés en vigueur",
    },
    opening={
        KeyChange.RECIPIENT_ADDED: "Un organisme a ajouté une clé capable d’ouvrir des comptes rendus "
        "scellés.",
        KeyChange.RECIPIENT_WITHDRAWN: "Un organisme a retiré une clé capable d’ouvrir des comptes rendus "
        "scellés.",
        KeyChange.APPROVER_ADDED: "Un organisme a ajouté une clé qui signe ses approbations.",
        KeyChange.APPROVER_WITHDRAWN: "Un organisme a retiré une clé qui signait ses approbations.",
        KeyChange.POLICY_IN_FORCE: "Une liste de clés est entrée en vigueur pour votre organisme et ceux "
        "avec qui il se réunit.",
    },
    effect={
        KeyChange.RECIPIENT_ADDED: "Elle n’ouvre rien de commun avant que chaque organisme concerné y ait "
        "consenti.",
        KeyChange.RECIPIENT_WITHDRAWN: "Ce qui est déjà scellé lui reste ouvert. Les prochains comptes "
        "rendus lui resteront fermés dès que chaque organisme concerné y aura consenti.",
        KeyChange.APPROVER_ADDED: "Sa signature ne compte pas avant que chaque organisme concerné y ait "
        "consenti.",
        KeyChange.APPROVER_WITHDRAWN: "Sa signature compte encore jusqu’à ce que chaque organisme concerné "
        "ait consenti à une liste sans elle.",
        KeyChange.POLICY_IN_FORCE: "Les prochains comptes rendus s’ouvriront avec ces clés, et avec aucune "
        "autre. C’est l’entrée {entry} du journal.",
    },
    kinds={
        RecipientKind.AUDITOR: "auditeurs",
        RecipientKind.ARCHIVE: "archives",
        RecipientKind.CUSTODIAN: "dépositaire",
        None: "approbation",
    },
    heading="Clé",
    list_heading="Clés de la liste",
    fingerprint="Empreinte\u00a0:",
    done_by="Fait par",
    by_person="{function}, {agency}",
    by_console="la console du service, au nom de\u00a0: {agency}",
    by_service="le service, pour une première réunion organisée par\u00a0: {agency}",
    unexpected="Vous vous y attendiez\u00a0? Il n’y a rien à faire. Sinon, comparez l’empreinte par "
    "téléphone avec cet organisme, à un numéro que vous connaissez déjà, et ne consentez à rien d’ici là.",
    list_unexpected="Vous vous y attendiez\u00a0? Il n’y a rien à faire. Sinon, comparez les empreintes par téléphone "
    "avec ces organismes, à des numéros que vous connaissez déjà, et ne faites circuler aucun compte rendu d’ici là.",
)

ENGLISH = KeyWording(
    subject={
        KeyChange.RECIPIENT_ADDED: "Key added: {agency}",
        KeyChange.RECIPIENT_WITHDRAWN: "Key withdrawn: {agency}",
        KeyChange.APPROVER_ADDED: "Approval key added: {agency}",
        KeyChange.APPROVER_WITHDRAWN: "Approval key withdrawn: {agency}",
        KeyChange.POLICY_IN_FORCE: "New list of keys in force",
    },
    opening={
        KeyChange.RECIPIENT_ADDED: "An agency has added a key able to open sealed minutes.",
        KeyChange.RECIPIENT_WITHDRAWN: "An agency has withdrawn a key able to open sealed minutes.",
        KeyChange.APPROVER_ADDED: "An agency has added a key that signs its approvals.",
        KeyChange.APPROVER_WITHDRAWN: "An agency has withdrawn a key that signed its approvals.",
        KeyChange.POLICY_IN_FORCE: "A list of keys has taken effect for your agency and those it meets with.",
    },
    effect={
        KeyChange.RECIPIENT_ADDED: "It opens nothing held in common before every agency concerned has "
        "consented.",
        KeyChange.RECIPIENT_WITHDRAWN: "What is sealed already stays open to it. Minutes to come will be "
        "closed to it once every agency concerned has consented.",
        KeyChange.APPROVER_ADDED: "Its signature does not count before every agency concerned has consented.",
        KeyChange.APPROVER_WITHDRAWN: "Its signature still counts until every agency concerned has consented "
        "to a list without it.",
        KeyChange.POLICY_IN_FORCE: "Minutes to come will open with these keys and no others. It is entry "
        "{entry} of the log.",
    },
    kinds={
        RecipientKind.AUDITOR: "auditors",
        RecipientKind.ARCHIVE: "archive",
        RecipientKind.CUSTODIAN: "custodian",
        None: "approval",
    },
    heading="Key",
    list_heading="Keys of the list",
    fingerprint="Fingerprint:",
    done_by="Done by",
    by_person="{function}, {agency}",
    by_console="the service’s own console, in the name of {agency}",
    by_service="the service, for a first meeting organised by {agency}",
    unexpected="You expected this? There is nothing you need to do. If not, compare the fingerprint with "
    "that agency by telephone, at a number you already know, and consent to nothing until then.",
    list_unexpected="You expected this? There is nothing you need to do. If not, compare the fingerprints with these "
    "agencies by telephone, at numbers you already know, and let no minutes circulate until then.",
)

GERMAN = KeyWording(
    subject={
        KeyChange.RECIPIENT_ADDED: "Schlüssel hinzugefügt: {agency}",
        KeyChange.RECIPIENT_WITHDRAWN: "Schlüssel zurückgezogen: {agency}",
        KeyChange.APPROVER_ADDED: "Freigabeschlüssel hinzugefügt: {agency}",
        KeyChange.APPROVER_WITHDRAWN: "Freigabeschlüssel zurückgezogen: {agency}",
        KeyChange.POLICY_IN_FORCE: "Neue Schlüsselliste in Kraft",
    },
    opening={
        KeyChange.RECIPIENT_ADDED: "Eine Stelle hat einen Schlüssel hinzugefügt, der versiegelte Protokolle "
        "öffnen kann.",
        KeyChange.RECIPIENT_WITHDRAWN: "Eine Stelle hat einen Schlüssel zurückgezogen, der versiegelte "
        "Protokolle öffnen kann.",
        KeyChange.APPROVER_ADDED: "Eine Stelle hat einen Schlüssel hinzugefügt, der ihre Freigaben "
        "unterschreibt.",
        KeyChange.APPROVER_WITHDRAWN: "Eine Stelle hat einen Schlüssel zurückgezogen, der ihre Freigaben "
        "unterschrieb.",
        KeyChange.POLICY_IN_FORCE: "Für Ihre Stelle und die, mit denen sie sich bespricht, gilt eine neue "
        "Schlüsselliste.",
    },
    effect={
        KeyChange.RECIPIENT_ADDED: "Er öffnet nichts Gemeinsames, bevor jede betroffene Stelle zugestimmt "
        "hat.",
        KeyChange.RECIPIENT_WITHDRAWN: "Was schon versiegelt ist, kann er weiter öffnen. Künftige Protokolle "
        "bleiben ihm verschlossen, sobald jede betroffene Stelle zugestimmt hat.",
        KeyChange.APPROVER_ADDED: "Seine Unterschrift zählt nicht, bevor jede betroffene Stelle zugestimmt "
        "hat.",
        KeyChange.APPROVER_WITHDRAWN: "Seine Unterschrift zählt noch, bis jede betroffene Stelle einer Liste "
        "ohne ihn zugestimmt hat.",
        KeyChange.POLICY_IN_FORCE: "Künftige Protokolle lassen sich mit diesen Schlüsseln öffnen und mit "
        "keinem anderen. Es ist der Eintrag {entry} des Logs.",
    },
    kinds={
        RecipientKind.AUDITOR: "Prüfer",
        RecipientKind.ARCHIVE: "Archiv",
        RecipientKind.CUSTODIAN: "Verwahrer",
        None: "Freigabe",
    },
    heading="Schlüssel",
    list_heading="Schlüssel der Liste",
    fingerprint="Fingerabdruck:",
    done_by="Ausgeführt von",
    by_person="{function}, {agency}",
    by_console="Konsole des Dienstes, im Namen von: {agency}",
    by_service="Dienst, für eine erste Besprechung, eingeladen von: {agency}",
    unexpected="Sie haben das erwartet? Sie müssen nichts tun. Andernfalls vergleichen Sie den Fingerabdruck "
    "am Telefon mit dieser Stelle, unter einer Nummer, die Sie schon kennen, und stimmen Sie bis dahin "
    "nichts zu.",
    list_unexpected="Sie haben das erwartet? Sie müssen nichts tun. Andernfalls vergleichen Sie die Fingerabdrücke "
    "am Telefon mit diesen Stellen, unter Nummern, die Sie schon kennen, und lassen Sie bis dahin kein "
    "Protokoll umlaufen.",
)

KEY_WORDINGS = {Language.FRENCH: FRENCH, Language.ENGLISH: ENGLISH, Language.GERMAN: GERMAN}
