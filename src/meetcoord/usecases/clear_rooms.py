"""Whoever lost the right to be in a room is put out of it, and the room of a cancelled meeting is ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

import msgspec

from meetcoord.domain.errors import MeetcoordError, NotFound
from meetcoord.domain.invitations import Invitation
from meetcoord.domain.meetings import LONGEST, Meeting, MeetingState
from meetcoord.domain.profiles import DOORS_MAX, PASS_LIFE_MAX
from meetcoord.ports.rooms import RoomControl
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock
from meetcoord.usecases.control_room import connections_of

AGAIN = timedelta(minutes=1)
AGAIN_AFTER_FAILURE = timedelta(seconds=15)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the video server is asked to do; without an `occupant`, to end the room."""

    room: str
    occupant: str = ""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """`obeyed_at` is when the server first did it, or said that there was nothing to do."""

    next_at: datetime
    obeyed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClearRooms:
    """Follows from the deeds themselves, so a restart forgets nothing: what was asked already is merely asked again.

    A pass that was given before the deed opens the room until it expires (the video system looks at nothing else), so
    the server is asked again each minute for as long as such a pass can live.
    """

    storage: Storage
    control: RoomControl
    now: Clock
    asked: dict[Order, Asked] = field(default_factory=dict)

    async def __call__(self) -> int:
        """Give the orders that are due; returns how many. Raises the last failure, all others having been tried."""
        owed = await self._owed()
        for order in self.asked.keys() - set(owed):
            del self.asked[order]
        due = [order for order in owed if self._is_due(order)]
        failures = [failure for order in due if (failure := await self._give(order))]
        if failures:
            raise failures[-1]
        return len(due)

    async def _owed(self) -> Sequence[Order]:
        async with self.storage.snapshot() as tx:
            revoked = await tx.invitations.revoked(self.now() - LONGEST - DOORS_MAX)
            return [
                order
                for meeting, seats in groupby(revoked, key=lambda each: each.meeting)
                for order in await self._orders(tx, await tx.meetings.get(meeting), list(seats))
            ]

    async def _orders(
        self, tx: Transaction, meeting: Meeting, seats: Sequence[Invitation]
    ) -> Iterable[Order]:
        if meeting.slot is None or self.now() >= meeting.slot.end:
            return []
        if meeting.state is MeetingState.CANCELLED:
            return [Order(room=meeting.room)]
        connections = await connections_of(tx, meeting, seats, self.now)
        return [Order(room=meeting.room, occupant=each) for each in connections]

    def _is_due(self, order: Order) -> bool:
        asked = self.asked.get(order)
        if asked is None:
            return True
        served = asked.obeyed_at is not None and self.now() >= asked.obeyed_at + PASS_LIFE_MAX
        return not served and self.now() >= asked.next_at

    async def _give(self, order: Order) -> MeetcoordError | None:
        try:
            await self._tell(order)
        except MeetcoordError as failure:
            self.asked[order] = Asked(next_at=self.now() + AGAIN_AFTER_FAILURE)
            return failure
        former = self.asked.get(order)
        obeyed_at = (former.obeyed_at if former else None) or self.now()
        self.asked[order] = Asked(next_at=self.now() + AGAIN, obeyed_at=obeyed_at)
        return None

    async def _tell(self, order: Order) -> None:
        try:
            if order.occupant:
                await self.control.put_out(order.room, order.occupant)
            else:
                await self.control.end(order.room)
        except NotFound:
            return
