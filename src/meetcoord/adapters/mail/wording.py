"""The sentences of a letter in French, English and German. Braces are filled in by `messages`."""

import unicodedata

import msgspec

from meetcoord.domain.letters import LetterKind
from meetcoord.domain.values import Language

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a letter says in one language. `protected` stands for the title of a neutral letter."""

    subject: dict[LetterKind, str]
    neutral_subject: dict[LetterKind, str]
    opening: dict[LetterKind, str]
    new_time: str
    new_time_subject: str
    neutral_new_time_subject: str
    protected: str
    greeting: str
    when: str
    organised_by: str
    agencies: str
    agenda: str
    agenda_withheld: str
    join: str
    link_in_clear: str
    link_is_yours: str
    replaces: str
    nothing_to_do: str
    new_link_to_come: str
    help: str
    genuine: str
    genuine_help: str
    code: str
    code_valid: str
    code_is_yours: str
    code_unasked: str


FRENCH = Wording(
    subject={
        LetterKind.INVITED: "Invitation\u00a0: {title}, {when}",
        LetterKind.MOVED: "Réunion déplacée\u00a0: {title}, prévue {when}",
        LetterKind.CANCELLED: "Réunion annulée\u00a0: {title}, {when}",
        LetterKind.REMOVED: "Vous n’êtes plus attendu\u00a0: {title}, {when}",
        LetterKind.CODE: "Votre code d’accès",
    },
    neutral_subject={
        LetterKind.INVITED: "Invitation à une réunion protégée, {when}",
        LetterKind.MOVED: "Réunion protégée déplacée, prévue {when}",
        LetterKind.CANCELLED: "Réunion protégée annulée, {when}",
        LetterKind.REMOVED: "Vous n’êtes plus attendu à une réunion protégée, {when}",
        LetterKind.CODE: "Votre code d’accès",
    },
    opening={
        LetterKind.INVITED: "Voici votre invitation à une réunion en visioconférence.",
        LetterKind.MOVED: "Cette réunion en visioconférence est déplacée\u00a0: elle n’a plus lieu à cette heure.",
        LetterKind.CANCELLED: "Cette réunion en visioconférence est annulée.",
        LetterKind.REMOVED: "Votre organisme ne vous envoie plus à cette réunion, qui a lieu sans vous.",
        LetterKind.CODE: "Voici le code que vous venez de demander pour entrer dans votre réunion.",
    },
    new_time="Nouvelle heure\u00a0: {now}, au lieu de {former}.",
    new_time_subject="Nouvelle heure\u00a0: {title}, {when}",
    neutral_new_time_subject="Nouvelle heure d’une réunion protégée, {when}",
    protected="Réunion protégée",
    greeting="Bonjour {name},",
    when="Quand",
    organised_by="Organisée par",
    agencies="Organismes",
    agenda="Ordre du jour",
    agenda_withheld="Cette réunion est protégée\u00a0: "
    "son objet et son ordre du jour ne sont pas écrits dans ce message.",
    join="Rejoindre la réunion",
    link_in_clear="Adresse à copier dans votre navigateur, si besoin\u00a0:",
    link_is_yours="Ce lien est le vôtre\u00a0: ne le transférez pas. Il ouvre votre place dans cette réunion.",
    replaces="Ce message remplace ceux que vous avez déjà reçus pour cette réunion.",
    nothing_to_do="Le lien que vous aviez reçu ne s’ouvrira plus. Vous n’avez rien à faire.",
    new_link_to_come="Dès que les organismes auront convenu d’une nouvelle heure, un nouveau message vous la dira, "
    "avec un nouveau lien.",
    help="Besoin d’aide\u00a0? Appelez le",
    genuine="Reconnaître un vrai message\u00a0: il vient de {sender}, et nous ne demandons jamais votre mot de passe, "
    "ni par messagerie ni par téléphone.",
    genuine_help="En cas de doute, téléphonez avant d’ouvrir le lien.",
    code="Votre code",
    code_valid="Il est valable 10 minutes, jusqu’à {time}. Un code plus récent le remplace.",
    code_is_yours="Ne le donnez à personne\u00a0: nous ne vous demandons jamais ce code, "
    "ni au téléphone ni par message.",
    code_unasked="Vous n’avez rien demandé\u00a0? N’y répondez pas, et prévenez votre secrétariat\u00a0: "
    "quelqu’un a votre lien.",
)

ENGLISH = Wording(
    subject={
        LetterKind.INVITED: "Invitation: {title}, {when}",
        LetterKind.MOVED: "Meeting moved: {title}, planned for {when}",
        LetterKind.CANCELLED: "Meeting cancelled: {title}, {when}",
        LetterKind.REMOVED: "You are no longer expected: {title}, {when}",
        LetterKind.CODE: "Your access code",
    },
    neutral_subject={
        LetterKind.INVITED: "Invitation to a protected meeting, {when}",
        LetterKind.MOVED: "Protected meeting moved, planned for {when}",
        LetterKind.CANCELLED: "Protected meeting cancelled, {when}",
        LetterKind.REMOVED: "You are no longer expected at a protected meeting, {when}",
        LetterKind.CODE: "Your access code",
    },
    opening={
        LetterKind.INVITED: "Here is your invitation to a video meeting.",
        LetterKind.MOVED: "This video meeting is moved: it no longer takes place at this time.",
        LetterKind.CANCELLED: "This video meeting is cancelled.",
        LetterKind.REMOVED: "Your agency no longer sends you to this meeting, which takes place without you.",
        LetterKind.CODE: "Here is the code you just asked for to enter your meeting.",
    },
    new_time="New time: {now}, instead of {former}.",
    new_time_subject="New time: {title}, {when}",
    neutral_new_time_subject="New time of a protected meeting, {when}",
    protected="Protected meeting",
    greeting="Hello {name},",
    when="When",
    organised_by="Organised by",
    agencies="Agencies",
    agenda="Agenda",
    agenda_withheld="This meeting is protected: its subject and agenda are not written in this message.",
    join="Join the meeting",
    link_in_clear="Address to copy into your browser, if need be:",
    link_is_yours="This link is yours: do not forward it. It opens your seat in this meeting.",
    replaces="This message replaces those you already received about this meeting.",
    nothing_to_do="The link you received no longer opens. There is nothing you need to do.",
    new_link_to_come="Once the agencies have agreed on a new time, a new message will tell you, with a new link.",
    help="Need help? Call",
    genuine="How to recognise a true message: it comes from {sender}, and we never ask for your password, "
    "neither by mail nor by phone.",
    genuine_help="If in doubt, call before you open the link.",
    code="Your code",
    code_valid="It is valid for 10 minutes, until {time}. A newer code takes its place.",
    code_is_yours="Give it to nobody: we never ask you for this code, neither by phone nor by message.",
    code_unasked="You asked for nothing? Do not answer, and tell your secretariat: somebody has your link.",
)

GERMAN = Wording(
    subject={
        LetterKind.INVITED: "Einladung: {title}, {when}",
        LetterKind.MOVED: "Besprechung verschoben: {title}, geplant {when}",
        LetterKind.CANCELLED: "Besprechung abgesagt: {title}, {when}",
        LetterKind.REMOVED: "Sie werden nicht mehr erwartet: {title}, {when}",
        LetterKind.CODE: "Ihr Zugangscode",
    },
    neutral_subject={
        LetterKind.INVITED: "Einladung zu einer geschützten Besprechung, {when}",
        LetterKind.MOVED: "Geschützte Besprechung verschoben, geplant {when}",
        LetterKind.CANCELLED: "Geschützte Besprechung abgesagt, {when}",
        LetterKind.REMOVED: "Sie werden zu einer geschützten Besprechung nicht mehr erwartet, {when}",
        LetterKind.CODE: "Ihr Zugangscode",
    },
    opening={
        LetterKind.INVITED: "Hier ist Ihre Einladung zu einer Videobesprechung.",
        LetterKind.MOVED: "Diese Videobesprechung wird verschoben: Zu dieser Zeit findet sie nicht mehr statt.",
        LetterKind.CANCELLED: "Diese Videobesprechung ist abgesagt.",
        LetterKind.REMOVED: "Ihre Behörde entsendet Sie nicht mehr zu dieser Besprechung; sie findet ohne Sie statt.",
        LetterKind.CODE: "Hier ist der Code, den Sie gerade für Ihre Besprechung angefordert haben.",
    },
    new_time="Neue Zeit: {now}, statt {former}.",
    new_time_subject="Neue Zeit: {title}, {when}",
    neutral_new_time_subject="Neue Zeit einer geschützten Besprechung, {when}",
    protected="Geschützte Besprechung",
    greeting="Guten Tag {name},",
    when="Wann",
    organised_by="Eingeladen von",
    agencies="Beteiligte Stellen",
    agenda="Tagesordnung",
    agenda_withheld="Diese Besprechung ist geschützt: Thema und Tagesordnung stehen nicht in dieser Nachricht.",
    join="An der Besprechung teilnehmen",
    link_in_clear="Adresse zum Kopieren in Ihren Browser, falls nötig:",
    link_is_yours="Dieser Link gehört nur Ihnen: Leiten Sie ihn nicht weiter. "
    "Er öffnet Ihren Platz in dieser Besprechung.",
    replaces="Diese Nachricht ersetzt alle früheren zu dieser Besprechung.",
    nothing_to_do="Der Link, den Sie erhalten hatten, öffnet sich nicht mehr. Sie müssen nichts tun.",
    new_link_to_come="Sobald sich die Stellen auf eine neue Zeit geeinigt haben, erfahren Sie sie in einer neuen "
    "Nachricht, mit einem neuen Link.",
    help="Brauchen Sie Hilfe? Rufen Sie an:",
    genuine="So erkennen Sie eine echte Nachricht: Sie kommt von {sender}, und wir fragen nie nach Ihrem Passwort, "
    "weder per E-Mail noch am Telefon.",
    genuine_help="Rufen Sie im Zweifel an, bevor Sie den Link öffnen.",
    code="Ihr Code",
    code_valid="Er gilt 10 Minuten, bis {time}. Ein neuerer Code ersetzt ihn.",
    code_is_yours="Geben Sie ihn niemandem: Wir fragen Sie nie nach diesem Code, weder am Telefon noch per Nachricht.",
    code_unasked="Sie haben nichts angefordert? Antworten Sie nicht und informieren Sie Ihr Sekretariat: "
    "Jemand hat Ihren Link.",
)

WORDINGS = {Language.FRENCH: FRENCH, Language.ENGLISH: ENGLISH, Language.GERMAN: GERMAN}


def title_of(title: str, neutral: bool, words: Wording) -> str:
    """What may stand where a title stands."""
    return words.protected if neutral else visible_line(title)


def visible_line(text: str) -> str:
    """One line with nothing hidden in it. The domain refuses such text already; a message is built as if it did not."""
    return " ".join(_visible(text).split())


def visible_prose(text: str) -> str:
    """Lines ending in LF, with nothing hidden in them."""
    return "\n".join(_visible(line).rstrip() for line in text.splitlines())


def _visible(text: str) -> str:
    return "".join(" " if _hides(character) else character for character in text)


def _hides(character: str) -> bool:
    return character in _BIDI or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
