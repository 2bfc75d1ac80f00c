"""What administrators and auditors are told when it changes who can open minutes, or whose signature approves them."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Self

import msgspec

from meetcoord.domain.agencies import Person, Role
from meetcoord.domain.outbox import Delivery, Owed
from meetcoord.domain.values import AgencyId, MessageId, PersonId

_TOLD = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


class KeyChange(Enum):
    RECIPIENT_ADDED = "recipient.added"
    RECIPIENT_WITHDRAWN = "recipient.withdrawn"
    APPROVER_ADDED = "approver.added"
    APPROVER_WITHDRAWN = "approver.withdrawn"
    POLICY_IN_FORCE = "policy.in_force"


class ChangedKeys(msgspec.Struct, frozen=True, kw_only=True):
    """`object` is the fingerprint of a key of `agency`, without blanks, or the index of a policy in the log.

    Of a policy, `agency` is the one whose word put it in force. `by` is who did it, or the console or service.
    """

    change: KeyChange
    agency: AgencyId
    object: str
    by: PersonId


class KeyNotice(Owed, frozen=True, kw_only=True):
    """One change, owed to one person. Holds ids only, like every message; see ChangedKeys."""

    change: KeyChange
    reader: PersonId
    agency: AgencyId
    object: str
    by: PersonId

    @classmethod
    def of(cls, id_: MessageId, changed: ChangedKeys, reader: PersonId, now: datetime) -> Self:
        return cls(
            id=id_,
            change=changed.change,
            reader=reader,
            agency=changed.agency,
            object=changed.object,
            by=changed.by,
            delivery=Delivery.QUEUED,
            attempts=0,
            next_attempt_at=now,
            reply="",
            uncertain=False,
            created_at=now,
        )


def readers_among(persons: Iterable[Person]) -> tuple[Person, ...]:
    """The administrators and auditors who act for their agencies; of one mailbox's persons the first alone."""
    told: dict[str, Person] = {}
    for person in persons:
        if person.active and person.roles & _TOLD:
            told.setdefault(person.address.casefold(), person)
    return tuple(told.values())
