"""Whoever lost the right to be in a room is put out of it; the room of a cancelled or moved meeting is ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

import msgspec

from meetcoord.domain import leaves
from meetcoord.domain.access import SERVICE, the_service
from meetcoord.domain.errors import MeetcoordError, NotFound
from meetcoord.domain.invitations import Invitation
from meetcoord.domain.leaves import ActKind, ActLeaf
from meetcoord.domain.meetings import LONGEST, Meeting, MeetingState
from meetcoord.domain.profiles import DOORS_MAX, PASS_LIFE_MAX
from meetcoord.domain.values import AgencyId, InvitationId, MeetingId
from meetcoord.ports.rooms import RoomControl
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.control_room import connections_of

AGAIN = timedelta(minutes=1)
AGAIN_AFTER_FAILURE = timedelta(seconds=15)
PROMISED_MAX = 1000
"""Leaves that may wait for their place in the log at one time; beyond that an act might be recorded twice."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the video server is asked to do; without an `occupant`, to end the room."""

    meeting: MeetingId
    organiser: AgencyId
    room: str
    occupant: str = ""
    invitation: InvitationId = InvitationId("")

    @property
    def act(self) -> tuple[ActKind, str]:
        """What is done by obeying, and to what."""
        if self.occupant:
            return ActKind.ROOM_PUT_OUT, self.invitation
        return ActKind.ROOM_ENDED, self.meeting


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """`obeyed_at` is when the server first did it, or said that there was nothing to do.

    `unlogged`: it was done, and has yet to be recorded.
    """

    next_at: datetime
    obeyed_at: datetime | None = None
    unlogged: bool = False


@dataclass(frozen=True, slots=True)
class ClearRooms:
    """Follows from the deeds themselves, so a restart forgets nothing: what was asked already is merely asked again.

    A pass that was given before the deed opens the room until it expires (the video system looks at nothing else), so
    the server is asked again each minute for as long as such a pass can live. What the server did is one act of the
    service's own, for each time that a seat was taken back or a meeting moved or cancelled.
    """

    storage: Storage
    control: RoomControl
    now: Clock
    acts: Acts
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
        if meeting.last_slot is None or self.now() >= meeting.last_slot.end:
            return []
        if meeting.state is not MeetingState.SETTLED:
            return [Order(meeting=meeting.id, organiser=meeting.organiser, room=meeting.room)]
        connections = await connections_of(tx, meeting, seats, self.now)
        return [
            Order(
                meeting=meeting.id,
                organiser=meeting.organiser,
                room=meeting.room,
                occupant=each,
                invitation=invitation,
            )
            for each, invitation in connections.items()
        ]

    def _is_due(self, order: Order) -> bool:
        asked = self.asked.get(order)
        if asked is None:
            return True
        served = asked.obeyed_at is not None and self.now() >= asked.obeyed_at + PASS_LIFE_MAX
        return not served and self.now() >= asked.next_at

    async def _give(self, order: Order) -> MeetcoordError | None:
        former = self.asked.get(order, Asked(next_at=self.now()))
        done = former.unlogged
        try:
            done = await self._tell(order) or done
            if done:
                await self._record(order)
        except MeetcoordError as failure:
            self.asked[order] = Asked(next_at=self.now() + AGAIN_AFTER_FAILURE, unlogged=done)
            return failure
        self.asked[order] = Asked(next_at=self.now() + AGAIN, obeyed_at=former.obeyed_at or self.now())
        return None

    async def _tell(self, order: Order) -> bool:
        """Whether the server did it; it may also have had nothing to do."""
        try:
            if order.occupant:
                await self.control.put_out(order.room, order.occupant)
            else:
                await self.control.end(order.room)
        except NotFound:
            return False
        return True

    async def _record(self, order: Order) -> None:
        kind, what = order.act
        async with self.storage.transaction() as tx:
            if not await _is_recorded(tx, order):
                await self.acts.record(tx, kind, the_service(order.organiser), what=what, about=order.meeting)


async def _is_recorded(tx: Transaction, order: Order) -> bool:
    """Whether the service has done this since the right was lost: who comes back with an old pass is no news."""
    kind, what = order.act
    placed = [each.entry for each in await tx.log.about(order.meeting)]
    promised = [each.entry for each in await tx.log.promised(PROMISED_MAX) if each.about == order.meeting]
    recorded = False
    for entry in placed + promised:
        leaf = leaves.parse(entry)
        if isinstance(leaf, ActLeaf) and leaf.object == what:
            again = leaf.act in {ActKind.INVITATION_WITHDRAWN, ActKind.MEETING_MOVED}
            recorded = not again and (recorded or (leaf.act is kind and leaf.by == SERVICE))
    return recorded
