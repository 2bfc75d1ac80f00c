"""Small values every other part is built from: identifiers, text, addresses, languages."""

import re
import unicodedata
from enum import Enum
from typing import NewType

from meetcoord.domain.errors import Invalid

AgencyId = NewType("AgencyId", str)
PersonId = NewType("PersonId", str)
MeetingId = NewType("MeetingId", str)
SlotId = NewType("SlotId", str)
InvitationId = NewType("InvitationId", str)
AdmissionId = NewType("AdmissionId", str)
MessageId = NewType("MessageId", str)
ChallengeId = NewType("ChallengeId", str)

LINE_MAX = 200
PROSE_MAX = 20_000
ADDRESS_MAX = 254  # RFC 5321 4.5.3.1.3, less the angle brackets

_AGENCY_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_RANDOM_ID = re.compile(r"[a-z2-7]{26}")
_ATOM = r"[A-Za-z0-9#$&'*+/=?^_`{|}~-]+"  # RFC 5321 atom without "%" and "!", once used for source routing
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*\.(?![0-9]+\Z){_LABEL}")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
_MEANT = frozenset("\u00ad\u200c\u200d")  # soft hyphen, and the joiners that some scripts and emoji need
_MARKS_MAX = 30


class Language(Enum):
    FRENCH = "fr"
    ENGLISH = "en"
    GERMAN = "de"


def agency_id(text: str, pointer: str = "") -> AgencyId:
    """A short public name of an agency, chosen once: lower-case letters, digits and inner hyphens, at most 32."""
    if not _AGENCY_ID.fullmatch(text):
        raise Invalid(
            "An agency's id is 1 to 32 lower-case letters, digits or inner hyphens, such as `city` or `health-agency`.",
            pointer,
        )
    return AgencyId(text)


def is_random_id(text: str) -> bool:
    """Whether `text` has the form of the 128-bit identifiers given by the system (26 base32 letters)."""
    return _RANDOM_ID.fullmatch(text) is not None


def one_line(text: str, what: str, pointer: str = "", longest: int = LINE_MAX) -> str:
    """`text` in NFC without outer blanks: one line a person can read, with nothing hidden in it."""
    text = _composed(text, what, pointer, longest).strip()
    if not text:
        raise Invalid(f"{what} is empty: write at least one character.", pointer)
    if len(text) > longest:
        raise Invalid(f"{what} has {len(text)} characters: keep it to {longest}.", pointer)
    _refuse_hidden(text, what, pointer)
    return text


def prose(text: str, what: str, pointer: str = "", longest: int = PROSE_MAX) -> str:
    """`text` in NFC, of several lines (LF) and tabs, possibly empty, with nothing hidden in it."""
    text = _composed(text.replace("\r\n", "\n"), what, pointer, longest)
    if len(text) > longest:
        raise Invalid(f"{what} has {len(text)} characters: keep it to {longest}.", pointer)
    _refuse_hidden(text, what, pointer, frozenset("\n\t"))
    return text


def mail_address(text: str, pointer: str = "") -> str:
    """An address as it will be written in RCPT TO (RFC 5321 Mailbox), domain in lower case.

    No display name, comment, quoted local part, source route or address literal: the string checked is the string sent.
    """
    if len(text) > ADDRESS_MAX or not _ADDRESS.fullmatch(text) or len(text.rpartition("@")[0]) > 64:
        raise Invalid("Write the bare address, such as `secretariat@city.example.org`.", pointer)
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"


def masked(address: str) -> str:
    """Enough of an address for its owner to know it again: `v…e@health-agency.example.org`."""
    local, _, domain = address.rpartition("@")
    return f"{local[0]}…{local[-1] if len(local) > 2 else ''}@{domain}"


def _composed(text: str, what: str, pointer: str, longest: int) -> str:
    """`text` in NFC, whose cost grows with the square of the longest run of marks: both are bounded first."""
    if len(text) > 4 * longest:
        raise Invalid(f"{what} has {len(text)} characters: keep it to {longest}.", pointer)
    run = 0
    for character in "" if text.isascii() else text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > _MARKS_MAX:  # the bound of UAX #15, Stream-Safe Text Format
            raise Invalid(f"{what} piles more than {_MARKS_MAX} marks on one letter: remove them.", pointer)
    return unicodedata.normalize("NFC", text)


def _refuse_hidden(text: str, what: str, pointer: str, allowed: frozenset[str] = frozenset()) -> None:
    if text.isascii() and text.isprintable():
        return
    for character in sorted(set(text) - allowed - _MEANT):
        if unicodedata.category(character) in _HIDDEN:
            raise Invalid(
                f"{what} contains the invisible or control character U+{ord(character):04X}: remove it.",
                pointer,
            )
