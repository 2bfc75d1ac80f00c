"""A room is opened, people come and go, and the meeting knows of it what the video system says."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from meetcoord.domain.agencies import Person
from meetcoord.domain.attendance import Presence, RoomEventKind
from meetcoord.domain.errors import MeetingCancelled, NotFound, TooEarly, TooLate
from meetcoord.domain.invitations import Invitation
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.profiles import ProfileName
from meetcoord.domain.reservations import ReservationId
from meetcoord.usecases.note_room_events import ToldEvent
from meetcoord.usecases.reserve_room import AskedRoom, Reserved
from tests.agencies import HOUR, MORNING, Acting, World, agreed
from tests.builders import random_id
from tests.worlds import on_every_database

MINUTE = timedelta(minutes=1)
DOORS = MORNING - 15 * MINUTE


@pytest.fixture
async def guests(city: Acting, prefecture: Acting, settled: Meeting) -> Sequence[Invitation]:
    """The invitations of the chair, of the city, and of two delegates of the prefecture."""
    await city.send(settled, await city.person("Chair"))
    await prefecture.send(settled, await prefecture.person("Adviser"), await prefecture.person("Prefect"))
    return await city.invite(settled)


async def reserve(world: World, meeting: Meeting, name: str = "") -> Reserved:
    return await world.use.reserve_room(AskedRoom(room=meeting.room, name=name or meeting.room))


def came(who: str, minute: int, participant: str = "29dd4443") -> ToldEvent:
    moment = MORNING + minute * MINUTE
    return ToldEvent(kind=RoomEventKind.JOINED, since=moment, at=moment, participant=participant, alias=who)


def went(who: str, came_at: int, minute: int, participant: str = "29dd4443") -> ToldEvent:
    return ToldEvent(
        kind=RoomEventKind.LEFT,
        since=MORNING + came_at * MINUTE,
        at=MORNING + minute * MINUTE,
        participant=participant,
        alias=who,
    )


@on_every_database
async def test_a_room_asked_for_again_is_the_room_that_is_open(
    world: World, guests: Sequence[Invitation], settled: Meeting
) -> None:
    world.clock.go_to(DOORS)
    first = await reserve(world, settled)
    assert (first.fresh, first.room.start, first.room.seconds) == (True, DOORS, 75 * 60)
    assert (first.room.places, first.room.lobby) == (2 * len(guests), False)
    world.clock.pass_by(5 * MINUTE)
    again = await reserve(world, settled)
    assert (again.fresh, again.room) == (False, first.room)
    number = first.room.id
    assert await world.use.read_reservation(number) == first.room
    for _ in range(2):
        await world.use.close_room(number)
    with pytest.raises(NotFound):
        await world.use.read_reservation(number)
    third = await reserve(world, settled)
    assert third.fresh
    assert third.room.seconds == 70 * 60


@on_every_database
async def test_of_many_who_ask_at_once_one_opens_the_room(world: World, settled: Meeting) -> None:
    world.clock.go_to(MORNING)
    told = await asyncio.gather(*(reserve(world, settled) for _ in range(8)))
    assert sum(each.fresh for each in told) == 1
    assert len({each.room.id for each in told}) == 1


@pytest.mark.parametrize(
    ("when", "refusal"),
    [(DOORS - timedelta(microseconds=1), TooEarly), (MORNING + HOUR, TooLate)],
)
async def test_outside_its_window_a_room_stays_shut(
    world: World, settled: Meeting, when: datetime, refusal: type[Exception]
) -> None:
    world.clock.go_to(when)
    with pytest.raises(refusal):
        await reserve(world, settled)


async def test_an_open_room_of_a_meeting_that_ends_is_not_confirmed(
    world: World, city: Acting, settled: Meeting
) -> None:
    world.clock.go_to(MORNING)
    number = (await reserve(world, settled)).room.id
    world.clock.go_to(MORNING + HOUR)
    with pytest.raises(TooLate):
        await world.use.read_reservation(number)
    world.clock.go_to(MORNING)
    await city.cancel(settled)
    with pytest.raises(MeetingCancelled):
        await world.use.read_reservation(number)
    with pytest.raises(MeetingCancelled):
        await reserve(world, settled)


async def test_what_is_no_room_of_ours_is_not_found(world: World, city: Acting, prefecture: Acting) -> None:
    world.clock.go_to(MORNING)
    open_question = await city.propose(prefecture)
    for room in (open_question.room, open_question.id, random_id("nowhere"), ""):
        with pytest.raises(NotFound):
            await world.use.reserve_room(AskedRoom(room=room, name=room))
        with pytest.raises(NotFound):
            await world.use.note_room_events(room, [came("", 1)])
    with pytest.raises(NotFound):
        await world.use.read_reservation(ReservationId(random_id("nothing")))
    await world.use.close_room(ReservationId(random_id("nothing")))


async def test_the_profile_asks_for_a_lobby(world: World, city: Acting, prefecture: Acting) -> None:
    meeting = await agreed(city, prefecture, ProfileName.CRITICAL)
    world.clock.go_to(MORNING - 10 * MINUTE)
    assert (await reserve(world, meeting)).room.lobby
    world.clock.go_to(DOORS)
    with pytest.raises(TooEarly):
        await reserve(world, meeting, f"[town]{meeting.room}")


@on_every_database
async def test_who_is_there_is_expected_or_is_missing_by_what_was_said(
    world: World,
    city: Acting,
    prefecture: Acting,
    guests: Sequence[Invitation],
    settled: Meeting,
) -> None:
    chair, adviser, prefect = guests
    world.clock.go_to(DOORS)
    roll, _ = await world.use.read_attendance(prefecture.secretary, settled.id)
    assert roll.count(Presence.EXPECTED) == 3
    world.clock.go_to(MORNING + 20 * MINUTE)
    before = await world.entries(settled.id)
    for told in (
        [went(adviser.alias, 1, 10, "aaaaaaaa")],
        [came(adviser.alias, 1, "aaaaaaaa")],
        [came(chair.alias, 2), came("a" * 26, 3, "cccccccc"), came("", 4, "dddddddd")],
        [came(chair.alias, 2)],
    ):
        await world.use.note_room_events(settled.room, told)
    for secretary in (city.secretary, prefecture.secretary):
        roll, lines = await world.use.read_attendance(secretary, settled.id)
        seen = {line.person.name: line.attendee for line in lines}
        assert {name: found.presence for name, found in seen.items()} == {
            "Chair": Presence.PRESENT,
            "Adviser": Presence.LEFT,
            "Prefect": Presence.MISSING,
        }
        assert seen["Chair"].since == MORNING + 2 * MINUTE
        assert seen["Adviser"].left_at == MORNING + 10 * MINUTE
        assert (roll.unknown, roll.unknown_present) == (2, 2)
        assert prefect.alias not in repr(lines)
    board = await world.use.read_board(city.secretary, settled.id)
    assert [line.attendee.presence for line in board] == [Presence.PRESENT, Presence.LEFT, Presence.MISSING]
    assert await world.entries(settled.id) == before, "what is only declared is no act"


@on_every_database
async def test_what_is_kept_of_a_stay_holds_no_name_and_no_address(
    world: World, guests: Sequence[Invitation], settled: Meeting
) -> None:
    await world.use.note_room_events(settled.room, [came(guests[0].alias, 1), came("x", 1, "cccccccc")])
    async with world.service.storage.snapshot() as tx:
        kept = await tx.room_events.of_meeting(settled.id)
    assert {event.invitation for event in kept} == {guests[0].id, None}
    assert {event.participant for event in kept} == {"29dd4443", "cccccccc"}
    assert "Chair" not in repr(kept)
    assert all(event.received_at == world.clock() for event in kept)


async def test_who_takes_no_part_learns_nothing(
    world: World, guests: Sequence[Invitation], settled: Meeting
) -> None:
    stranger = await world.agency("health-agency")
    with pytest.raises(NotFound):
        await world.use.read_attendance(stranger.secretary, settled.id)


async def test_who_was_there_before_she_was_removed_stays_in_the_record(
    world: World, prefecture: Acting, guests: Sequence[Invitation], settled: Meeting
) -> None:
    adviser: Invitation = guests[1]
    world.clock.go_to(MORNING + 20 * MINUTE)
    await world.use.note_room_events(settled.room, [went(adviser.alias, 1, 10)])
    nobody: list[Person] = []
    await prefecture.send(settled, *nobody)
    roll, _ = await world.use.read_attendance(prefecture.secretary, settled.id)
    assert (roll.count(Presence.LEFT), roll.count(Presence.NOT_EXPECTED)) == (1, 1)
