"""Messages owed to people, written with the deed that causes them and kept with what became of them."""

from datetime import datetime, timedelta
from enum import Enum
from typing import Self

import msgspec

from meetcoord.domain.letters import LetterKind
from meetcoord.domain.values import InvitationId, MeetingId, MessageId

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(hours=72)
AHEAD = timedelta(days=365)
"""A message due that long ago passes every other that waits: nothing else is left lying for a year."""


class Delivery(Enum):
    """`queued` waits for its turn, `leaving` is in a mail server's hands; the other three are final or honest doubt."""

    QUEUED = "queued"
    LEAVING = "leaving"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    GIVEN_UP = "given_up"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Holds ids only: names, addresses and links are put in when it leaves, so no bearer link rests in the database.

    `uncertain` says that a former try ended without an answer; the same message, ids unchanged, is then sent again.
    """

    id: MessageId
    kind: LetterKind
    meeting: MeetingId
    invitation: InvitationId
    sequence: int
    delivery: Delivery
    attempts: int
    next_attempt_at: datetime
    reply: str
    uncertain: bool
    created_at: datetime
    version: int = 1

    def ahead(self) -> Self:
        """The same, not yet stored, to leave before all that waits: somebody sits before the page that asks for it."""
        return msgspec.structs.replace(self, next_attempt_at=self.created_at - AHEAD)

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
