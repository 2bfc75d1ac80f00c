"""Agencies, the persons who act for them, and the keys able to open what is sealed for them."""

from datetime import datetime
from enum import Enum

import msgspec

from meetcoord.domain.values import AgencyId, Language, PersonId, agency_id, mail_address, one_line


class Role(Enum):
    """What a person may be trusted with; a person without a role can still be a delegate."""

    SECRETARY = "secretary"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"


class Agency(msgspec.Struct, frozen=True, kw_only=True):
    id: AgencyId
    name: str
    language: Language = Language.FRENCH

    def __post_init__(self) -> None:
        agency_id(self.id, "/id")
        if one_line(self.name, "The agency's name", "/name") != self.name:
            raise ValueError("agency name not normalised")


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """`function` is what other agencies see beside the name; the address never leaves the person's own agency."""

    id: PersonId
    agency: AgencyId
    name: str
    function: str
    address: str
    language: Language
    roles: frozenset[Role] = frozenset()
    active: bool = True
    version: int = 1

    def __post_init__(self) -> None:
        if mail_address(self.address, "/address") != self.address:
            raise ValueError("address not normalised")
        if one_line(self.name, "The name", "/name") != self.name:
            raise ValueError("name not normalised")


class RecipientKind(Enum):
    """Whose hands the opening key is in: auditors at work, the archive's safe, or the service (if all agreed)."""

    AUDITOR = "auditor"
    ARCHIVE = "archive"
    CUSTODIAN = "custodian"


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """A public key, as an `age1pq` string, whose holder can open minutes sealed for the agency."""

    agency: AgencyId
    kind: RecipientKind
    key: str
    label: str
    added_at: datetime
    added_by: PersonId
    withdrawn_at: datetime | None = None

    @property
    def in_use(self) -> bool:
        return self.withdrawn_at is None


class Approver(msgspec.Struct, frozen=True, kw_only=True):
    """A verifier key (C2SP signed-note, Ed25519) whose holder, one person, approves for the agency."""

    agency: AgencyId
    person: PersonId
    key: str
    added_at: datetime
    added_by: PersonId
    withdrawn_at: datetime | None = None

    @property
    def in_use(self) -> bool:
        return self.withdrawn_at is None
