"""Rooms as the video system speaks of them: openings it asked for, and what it says went on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert  # compiled alike for SQLite

from meetcoord.adapters.sql.block import Block
from meetcoord.adapters.sql.rows import columns, restored
from meetcoord.adapters.sql.schema import invitations, reservations, room_events
from meetcoord.domain.attendance import RoomEvent, RoomEventKind
from meetcoord.domain.errors import NotFound
from meetcoord.domain.reservations import Reservation, ReservationId
from meetcoord.domain.values import InvitationId, MeetingId

_ADD = reservations.insert()
_GET = select(reservations).where(reservations.c.id == bindparam("wanted"))
_STANDING = (
    select(reservations)
    .where(
        reservations.c.meeting == bindparam("meeting"),
        reservations.c.name == bindparam("name"),
        reservations.c.closed_at.is_(None),
    )
    .order_by(reservations.c.opened_at.desc(), reservations.c.id)
)
_CLOSE = (
    update(reservations)
    .where(reservations.c.id == bindparam("wanted"), reservations.c.closed_at.is_(None))
    .values(closed_at=bindparam("at", type_=reservations.c.closed_at.type))
)
_NOTE = insert(room_events).on_conflict_do_nothing(index_elements=["digest"])
_EVENTS = (
    select(*(column for column in room_events.c if column.name != "digest"))
    .where(room_events.c.meeting == bindparam("wanted"))
    .order_by(room_events.c.at, room_events.c.digest)
)
_ALIASES = select(invitations.c.alias, invitations.c.id).where(
    invitations.c.meeting == bindparam("wanted"), invitations.c.alias.in_(bindparam("some", expanding=True))
)

_JOINED = select(func.count().label("found")).where(
    room_events.c.meeting == bindparam("wanted"), room_events.c.kind == RoomEventKind.JOINED
)


@dataclass(frozen=True, slots=True)
class SqlReservations:
    block: Block

    async def add(self, reservation: Reservation) -> None:
        await self.block.change(_ADD, columns(reservation))

    async def get(self, reservation: ReservationId) -> Reservation:
        row = await self.block.row(_GET, {"wanted": reservation})
        if row is None:
            raise NotFound("There is no such reservation.")
        return restored(Reservation, row)

    async def standing(self, meeting: MeetingId, name: str) -> Reservation | None:
        row = await self.block.row(_STANDING, {"meeting": meeting, "name": name})
        return None if row is None else restored(Reservation, row)

    async def close(self, reservation: ReservationId, at: datetime) -> None:
        await self.block.change(_CLOSE, {"wanted": reservation, "at": at})


@dataclass(frozen=True, slots=True)
class SqlRoomEvents:
    block: Block

    async def add(self, events: Sequence[RoomEvent]) -> None:
        if events:
            await self.block.change(_NOTE, [columns(event, digest=_digest(event)) for event in events])

    async def of_meeting(self, meeting: MeetingId) -> Sequence[RoomEvent]:
        return [restored(RoomEvent, row) for row in await self.block.rows(_EVENTS, {"wanted": meeting})]

    async def joined(self, meeting: MeetingId) -> int:
        row = await self.block.row(_JOINED, {"wanted": meeting})
        return 0 if row is None else int(row.found)

    async def holders(self, meeting: MeetingId, aliases: Collection[str]) -> Mapping[str, InvitationId]:
        rows = await self.block.rows(_ALIASES, {"wanted": meeting, "some": sorted(aliases)})
        return {row.alias: row.id for row in rows}


def _digest(event: RoomEvent) -> bytes:
    """The same for everything that says the same, whenever it was received."""
    said = (
        event.meeting,
        event.invitation or "",
        event.participant,
        event.breakout,
        event.kind.value,
        event.since.isoformat(),
        event.at.isoformat(),
    )
    return sha256("\n".join(said).encode()).digest()
