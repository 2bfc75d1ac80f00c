"""What the video system says went on in a room is kept as it was said, and believed as far as it goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from meetcoord.domain.attendance import RoomEvent, RoomEventKind
from meetcoord.domain.errors import NotFound
from meetcoord.domain.meetings import Meeting
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock


class ToldEvent(msgspec.Struct, frozen=True, kw_only=True):
    """As `RoomEvent`, with the `alias` under which we sent the person in, empty if she came another way."""

    kind: RoomEventKind
    since: datetime
    at: datetime
    participant: str = ""
    alias: str = ""
    breakout: str = ""


@dataclass(frozen=True, slots=True)
class NoteRoomEvents:
    storage: Storage
    now: Clock

    async def __call__(self, room: str, told: Sequence[ToldEvent]) -> None:
        """Keep each thing once, however often it is said. Raises NotFound for a room that was never to open."""
        async with self.storage.snapshot() as tx:
            meeting = await tx.meetings.in_room(room)
        if meeting.last_slot is None:
            raise NotFound("There is no such room.")
        async with self.storage.transaction() as tx:
            await tx.room_events.add(await self._events(tx, meeting, told))

    async def _events(
        self, tx: Transaction, meeting: Meeting, told: Sequence[ToldEvent]
    ) -> Sequence[RoomEvent]:
        holders = await tx.room_events.holders(meeting.id, {each.alias for each in told if each.alias})
        received_at = self.now()
        return [
            RoomEvent(
                meeting=meeting.id,
                invitation=holders.get(each.alias),
                participant=each.participant,
                breakout=each.breakout,
                kind=each.kind,
                since=each.since,
                at=each.at,
                received_at=received_at,
            )
            for each in told
        ]
