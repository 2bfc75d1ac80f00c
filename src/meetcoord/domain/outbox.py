"""Messages owed to people, written with the deed that causes them and kept with what became of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Self

import msgspec

from meetcoord.domain.letters import LetterKind
from meetcoord.domain.values import InvitationId, MeetingId, MessageId

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(hours=72)
_ABOUT_THE_SEAT = frozenset({LetterKind.INVITED, LetterKind.MOVED, LetterKind.REMOVED})
HELD = "Held: it may have been sent after the backup that was restored."
"""The reply of a message that waits for the operator's word."""
AHEAD = timedelta(days=365)
"""A message due that long ago passes every other that waits: nothing else is left lying for a year."""


class Delivery(Enum):
    """`queued` waits for its turn, `leaving` is in a mail server's hands; the other three are final or honest doubt."""

    QUEUED = "queued"
    LEAVING = "leaving"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    GIVEN_UP = "given_up"


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed to one person by mail, and what became of it so far.

    `uncertain` says that a former try ended without an answer; the same message, ids unchanged, is then sent again.
    """

    id: MessageId
    delivery: Delivery
    attempts: int
    next_attempt_at: datetime
    reply: str
    uncertain: bool
    created_at: datetime
    version: int = 1

    @property
    def may_have_arrived(self) -> bool:
        """Whether its reader may know what it says: a mail server took it, or nobody can tell."""
        return self.delivery in {Delivery.ACCEPTED, Delivery.LEAVING} or self.uncertain

    def leaving(self, now: datetime, patience: timedelta) -> Self:
        """Handed to a mail server at `now`; if nobody reports within `patience`, its turn comes again."""
        unanswered = self.delivery is Delivery.LEAVING
        return self._changed(
            delivery=Delivery.LEAVING,
            attempts=self.attempts + 1,
            next_attempt_at=now + patience,
            uncertain=self.uncertain or unanswered,
        )

    def accepted(self, reply: str) -> Self:
        return self._changed(delivery=Delivery.ACCEPTED, reply=reply)

    def overtaken(self) -> Self:
        """Nothing is sent any more: the seat it speaks of has been taken back or given anew since."""
        return self._changed(delivery=Delivery.GIVEN_UP, reply="Not sent: overtaken by a later change.")

    def held(self) -> Self:
        """Not sent, as nobody here knows whether it was: it stood in a backup that was put back."""
        return self._changed(delivery=Delivery.GIVEN_UP, reply=HELD, uncertain=True)

    def released(self, now: datetime) -> Self:
        """A held message that is to leave after all, once more perhaps."""
        return self._changed(delivery=Delivery.QUEUED, reply="", next_attempt_at=now)

    def refused(self, reply: str) -> Self:
        return self._changed(delivery=Delivery.REFUSED, reply=reply)

    def postponed(self, now: datetime, reply: str, *, answered: bool = True) -> Self:
        """Back in the queue, waiting twice as long at each try; after 72 hours nothing more is tried.

        Unless the mail server `answered`, it may have taken the message all the same.
        """
        uncertain = self.uncertain or not answered
        if now - self.created_at > GIVE_UP_AFTER:
            return self._changed(delivery=Delivery.GIVEN_UP, reply=reply, uncertain=uncertain)
        wait = min(FIRST_WAIT * 2 ** min(max(self.attempts - 1, 0), 10), LONGEST_WAIT)
        return self._changed(
            delivery=Delivery.QUEUED, reply=reply, next_attempt_at=now + wait, uncertain=uncertain
        )

    def _changed(self, **fields: object) -> Self:
        return msgspec.structs.replace(self, version=self.version + 1, **fields)


class Message(Owed, frozen=True, kw_only=True):
    """Holds ids only: names, addresses and links are put in when it leaves, so no bearer link rests in the database."""

    kind: LetterKind
    meeting: MeetingId
    invitation: InvitationId
    sequence: int

    def ahead(self) -> Self:
        """The same, not yet stored, to leave before all that waits: somebody sits before the page that asks for it."""
        return msgspec.structs.replace(self, next_attempt_at=self.created_at - AHEAD)


def believes_herself_invited(told: Sequence[Message]) -> bool:
    """Whether the last thing that one person may have heard of her seat, of all she was `told`, is an invitation."""
    heard = _last_heard(told)
    return heard is not None and heard.kind is LetterKind.INVITED


def awaits_something(told: Sequence[Message]) -> bool:
    """Whether she may believe herself invited, or was told that a new time is to come."""
    heard = _last_heard(told)
    return heard is not None and heard.kind is not LetterKind.REMOVED


def _last_heard(told: Sequence[Message]) -> Message | None:
    heard = [each for each in told if each.may_have_arrived and each.kind in _ABOUT_THE_SEAT]
    return max(heard, key=lambda each: each.sequence, default=None)


def moved_since(told: Sequence[Message], present: Message) -> Message | None:
    """What is owed to her about the move that made void the last invitation she may have heard of before `present`."""
    invited = [each for each in told if each.kind is LetterKind.INVITED and each.sequence < present.sequence]
    heard = _last_heard(invited)
    moved = [each for each in told if each.kind is LetterKind.MOVED]
    return next((each for each in moved if heard and each.sequence == heard.sequence + 1), None)
