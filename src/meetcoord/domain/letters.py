"""What a person is told by mail: facts only, the wording belongs to the mail adapter."""

from datetime import datetime
from enum import Enum

import msgspec

from meetcoord.domain.values import Language


class LetterKind(Enum):
    INVITED = "invited"
    MOVED = "moved"
    CANCELLED = "cancelled"
    REMOVED = "removed"
    CODE = "code"


class MailedCode(msgspec.Struct, frozen=True, kw_only=True):
    """Six digits, a bearer secret until `expires_at` (UTC)."""

    digits: str
    expires_at: datetime


class FormerTime(msgspec.Struct, frozen=True, kw_only=True):
    """When the meeting was to be, as its reader was told before; UTC."""

    start: datetime
    end: datetime


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one person about one meeting.

    `message_id` (with its domain, without angle brackets) and `uid` are globally unique; `sequence` grows at each
    change (RFC 5545 3.8.7.4). Sending the same Letter twice must look like one message to the recipient. Times are
    UTC; `time_zone` is the IANA zone in which the meeting was made. `join_link` is a bearer secret, empty unless
    invited. `neutral` asks for a subject and text without title and agenda (sensitive meetings).
    `instead_of` is there in an invitation to a meeting at another time than the one its reader was last told.
    `code` is there in a letter of that kind alone, which tells neither title nor agenda and is no calendar's business.
    """

    kind: LetterKind
    message_id: str
    uid: str
    sequence: int
    written_at: datetime
    to_address: str
    to_name: str
    language: Language
    title: str
    agenda: str
    neutral: bool
    organiser: str
    agencies: tuple[str, ...]
    start: datetime
    end: datetime
    time_zone: str
    join_link: str
    help_phone: str
    instead_of: FormerTime | None = None
    code: MailedCode | None = None

    def __post_init__(self) -> None:
        if (self.code is not None) is not (self.kind is LetterKind.CODE):
            raise ValueError("a letter that brings a code, and no other, holds one")
