"""What every storage must do with rooms: whose they are, who asked for them, and what was said of them."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from meetcoord.domain.attendance import RoomEvent, RoomEventKind
from meetcoord.domain.errors import Conflict, NotFound
from meetcoord.domain.invitations import Invitation
from meetcoord.domain.reservations import Reservation, ReservationId
from meetcoord.domain.values import InvitationId
from meetcoord.ports.storage import Storage
from tests.builders import NOW, meeting, random_id
from tests.contracts.stored_meetings import with_invitations, with_meeting

MINUTE = timedelta(minutes=1)


def reservation(name: str, opened: int = 0) -> Reservation:
    unit = meeting()
    return Reservation(
        id=ReservationId(random_id(f"{name} {opened}")),
        meeting=unit.id,
        name=name,
        opened_at=NOW + opened * MINUTE,
    )


def joined(of: Invitation, minute: int = 0) -> RoomEvent:
    moment = NOW + minute * MINUTE
    return RoomEvent(
        meeting=of.meeting,
        invitation=of.id,
        participant="29dd4443",
        breakout="",
        kind=RoomEventKind.JOINED,
        since=moment,
        at=moment,
        received_at=moment,
    )


class RoomsContract:
    async def test_a_meeting_is_found_by_its_room(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        async with storage.transaction() as tx:
            await tx.meetings.save(replace(unit, version=2, title="Moved"))
        async with storage.snapshot() as tx:
            assert await tx.meetings.in_room(unit.room) == replace(unit, version=2, title="Moved")
            for other in ("", unit.id, unit.room.upper(), random_id("nowhere")):
                with pytest.raises(NotFound):
                    await tx.meetings.in_room(other)

    async def test_two_meetings_never_share_a_room(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        with pytest.raises(Conflict):
            async with storage.transaction() as tx:
                await tx.meetings.add(replace(meeting("Other"), room=unit.room))

    async def test_a_reservation_stands_until_it_is_closed_and_twice_is_once(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        first, tenant = reservation(unit.room), reservation(f"[town]{unit.room}")
        async with storage.transaction() as tx:
            assert await tx.reservations.standing(unit.id, unit.room) is None
            await tx.reservations.add(first)
            await tx.reservations.add(tenant)
            assert await tx.reservations.standing(unit.id, unit.room) == first
            for minute in (1, 2):
                await tx.reservations.close(first.id, NOW + minute * MINUTE)
            await tx.reservations.close(ReservationId(random_id("unknown")), NOW)
        async with storage.snapshot() as tx:
            assert await tx.reservations.standing(unit.id, unit.room) is None
            assert await tx.reservations.standing(unit.id, tenant.name) == tenant
            assert await tx.reservations.get(first.id) == replace(first, closed_at=NOW + MINUTE)
            with pytest.raises(NotFound):
                await tx.reservations.get(ReservationId(random_id("unknown")))

    async def test_what_is_said_twice_is_kept_once_as_it_came_first(self, storage: Storage) -> None:
        seats = await with_invitations(storage)
        first, second = joined(seats[0]), joined(seats[1], 1)
        left = replace(first, kind=RoomEventKind.LEFT, at=NOW + 2 * MINUTE)
        unknown = replace(second, invitation=None)
        again = replace(first, received_at=NOW + 9 * MINUTE)
        async with storage.transaction() as tx:
            await tx.room_events.add([])
            await tx.room_events.add([left, first, first])
        async with storage.transaction() as tx:
            await tx.room_events.add([again, second, unknown])
        async with storage.snapshot() as tx:
            found = list(await tx.room_events.of_meeting(seats[0].meeting))
        assert sorted(found, key=repr) == sorted([first, left, second, unknown], key=repr)
        assert [event.at for event in found] == sorted(event.at for event in found)

    async def test_an_event_of_an_invitation_that_does_not_exist_is_refused(self, storage: Storage) -> None:
        seats = await with_invitations(storage)
        stray = replace(joined(seats[0]), invitation=InvitationId(random_id("stray")))
        with pytest.raises(Conflict):
            async with storage.transaction() as tx:
                await tx.room_events.add([stray])

    async def test_who_came_and_who_may_come_are_counted(self, storage: Storage) -> None:
        seats = await with_invitations(storage)
        unit, other = seats[0].meeting, meeting("Other").id
        async with storage.transaction() as tx:
            assert await tx.room_events.joined(unit) == 0
            assert await tx.invitations.standing(unit) == len(seats)
            came = [joined(seats[0]), joined(seats[0], 3), joined(seats[1], 1)]
            await tx.room_events.add([*came, replace(came[0], kind=RoomEventKind.LEFT, at=NOW + MINUTE)])
            await tx.invitations.save(seats[0].withdrawn())
        async with storage.snapshot() as tx:
            assert (await tx.room_events.joined(unit), await tx.invitations.standing(unit)) == (
                3,
                len(seats) - 1,
            )
            assert (await tx.room_events.joined(other), await tx.invitations.standing(other)) == (0, 0)

    async def test_an_alias_is_known_in_its_own_meeting_only(self, storage: Storage) -> None:
        seats = await with_invitations(storage)
        asked = {seats[0].alias, seats[2].alias, random_id("nobody"), ""}
        async with storage.snapshot() as tx:
            assert await tx.room_events.holders(seats[0].meeting, asked) == {
                seats[0].alias: seats[0].id,
                seats[2].alias: seats[2].id,
            }
            assert await tx.room_events.holders(seats[0].meeting, set()) == {}
            assert await tx.room_events.holders(meeting("Other").id, asked) == {}
