"""A meeting is moved: what was agreed is void, every link is dead at once, and each person hears what she needs."""

import asyncio
from datetime import timedelta

import pytest

from meetcoord.domain.agencies import Person
from meetcoord.domain.errors import Conflict, Forbidden, LinkReplaced, MeetingMoved, Stale, TooEarly
from meetcoord.domain.letters import FormerTime, LetterKind
from meetcoord.domain.meetings import Meeting, MeetingState
from meetcoord.usecases.reserve_room import AskedRoom
from tests.agencies import AFTERNOON, HOUR, MORNING, YES, Acting, World
from tests.cells import ADA, BLAISE, Cell, cell
from tests.worlds import on_every_database

__all__ = ["cell"]
DAY = timedelta(days=1)
LATER = MORNING + DAY


@pytest.fixture
async def guest(world: World, city: Acting, prefecture: Acting, settled: Meeting) -> Person:
    """A delegate of the prefecture who holds her link."""
    person = await prefecture.person("Guest")
    await prefecture.send(settled, person)
    await city.invite(settled)
    await world.deliver()
    return person


async def now_is(world: World, meeting: Meeting) -> Meeting:
    found, _ = await world.use.read_meeting(world.agencies["city"].secretary, meeting.id)
    return found


async def agree(world: World, moved: Meeting) -> Meeting:
    """Every agency says yes to the new time, and it is settled."""
    await world.agencies["prefecture"].answer(moved, YES)
    return await world.agencies["city"].settle(moved)


@on_every_database
async def test_a_moved_meeting_asks_every_agency_again(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    moved = await city.move(settled, LATER, AFTERNOON)
    assert (moved.state, moved.slot, moved.terms) == (MeetingState.PROPOSED, None, 2)
    assert [slot.start for slot in moved.slots] == [AFTERNOON, LATER]
    assert moved.agreed_slots() == ()
    with pytest.raises(Conflict, match="Waiting for: prefecture"):
        await city.settle(moved)
    with pytest.raises(Stale):
        await prefecture.answer(settled, YES)
    again = await agree(world, moved)
    assert again.slot == moved.slots[0]
    assert await world.acts(settled.id) == ["meeting.settled", "meeting.moved", "meeting.settled"]
    await world.must_be_sound()


async def test_the_slots_of_a_meeting_that_is_not_settled_change_likewise(
    world: World, city: Acting, prefecture: Acting
) -> None:
    meeting = await city.propose(prefecture)
    await prefecture.answer(meeting, YES)
    moved = await city.move(meeting, LATER)
    assert (moved.terms, moved.moves, moved.agreed_slots()) == (2, (), ())
    assert await world.deliver() == 0


@on_every_database
async def test_a_double_click_moves_once(world: World, city: Acting, settled: Meeting, guest: Person) -> None:
    told = await now_is(world, settled)
    first, second = await asyncio.gather(city.move(told, LATER), city.move(told, LATER))
    assert first == second
    assert await city.move(told, LATER) == first
    await agree(world, first)
    assert (await city.move(told, LATER)).state is MeetingState.SETTLED
    assert (await world.acts(settled.id)).count("meeting.moved") == 1
    await world.deliver()
    assert [each.kind for each in world.post.to(guest.address)] == [LetterKind.INVITED, LetterKind.MOVED]


async def test_who_has_not_seen_the_last_change_moves_nothing(
    world: World, city: Acting, settled: Meeting
) -> None:
    moved = await city.move(settled, LATER)
    with pytest.raises(Stale):
        await city.move(settled, AFTERNOON)
    assert await now_is(world, settled) == moved


async def test_the_same_slots_again_change_nothing(world: World, city: Acting, prefecture: Acting) -> None:
    meeting = await city.propose(prefecture)
    answered = await prefecture.answer(meeting, YES)
    assert await city.move(answered, MORNING, AFTERNOON) == answered


async def test_only_the_organiser_moves_and_nothing_that_is_over_or_cancelled(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    with pytest.raises(Forbidden):
        await prefecture.move(settled, LATER)
    world.clock.go_to(MORNING + HOUR)
    with pytest.raises(Conflict, match="over"):
        await city.move(settled, LATER)
    world.clock.go_to(MORNING)
    await city.cancel(settled)
    with pytest.raises(Conflict, match="cancelled"):
        await city.move(await now_is(world, settled), LATER)


@on_every_database
async def test_every_link_is_dead_at_once_and_says_that_a_new_one_comes(
    world: World, city: Acting, prefecture: Acting, settled: Meeting, guest: Person
) -> None:
    world.clock.go_to(MORNING)
    old = world.newest_link(guest)
    await world.press(old)
    moved = await city.move(settled, LATER)
    for way in (world.look, world.press, world.ask_for_code):
        with pytest.raises(MeetingMoved, match="a new link comes by mail once the new time is agreed"):
            await way(old)
    await agree(world, moved)
    with pytest.raises(MeetingMoved):
        await world.look(old)
    await city.invite(moved)
    await world.deliver()
    with pytest.raises(LinkReplaced):
        await world.look(old)
    with pytest.raises(TooEarly):
        await world.press(world.newest_link(guest), "click-2")
    world.clock.go_to(LATER)
    assert (await world.press(world.newest_link(guest), "click-2")).token
    await prefecture.send(settled)
    with pytest.raises(LinkReplaced):
        await world.look(old)


async def test_who_is_no_longer_sent_is_not_told_to_wait_for_a_link(
    world: World, city: Acting, prefecture: Acting, settled: Meeting, guest: Person
) -> None:
    await city.move(settled, LATER)
    await prefecture.send(settled)
    with pytest.raises(LinkReplaced):
        await world.look(world.newest_link(guest))


@on_every_database
async def test_each_invited_person_hears_that_the_time_is_off_and_then_the_new_one(
    world: World, city: Acting, settled: Meeting, guest: Person
) -> None:
    moved = await city.move(settled, LATER)
    await world.deliver()
    await city.invite(await agree(world, moved))
    await world.deliver()
    first, off, new = world.post.to(guest.address)
    assert [each.kind for each in (first, off, new)] == [
        LetterKind.INVITED, LetterKind.MOVED, LetterKind.INVITED,
    ]  # fmt: skip
    assert first.uid == off.uid == new.uid
    assert [each.sequence for each in (first, off, new)] == [0, 1, 2]
    assert [each.start for each in (first, off, new)] == [MORNING, MORNING, LATER]
    assert off.join_link == ""
    assert new.instead_of == FormerTime(start=MORNING, end=MORNING + HOUR)
    assert first.instead_of is None
    assert await world.deliver() == 0


async def test_what_changes_while_no_mail_leaves_is_told_in_one_message(
    world: World, city: Acting, settled: Meeting, guest: Person
) -> None:
    moved = await city.move(settled, LATER)
    world.clock.pass_by(timedelta(minutes=1))
    await city.invite(await agree(world, moved))
    world.clock.pass_by(timedelta(minutes=1))
    again = await city.move(await now_is(world, settled), AFTERNOON)
    world.clock.pass_by(timedelta(minutes=1))
    await city.invite(await agree(world, again))
    world.clock.pass_by(timedelta(minutes=1))
    await world.deliver()
    _, new = world.post.to(guest.address)
    assert (new.kind, new.start, new.sequence) == (LetterKind.INVITED, AFTERNOON, 4)
    assert new.instead_of == FormerTime(start=MORNING, end=MORNING + HOUR)


async def test_moved_twice_before_she_is_invited_again_she_hears_of_the_time_she_knew_and_once(
    world: World, city: Acting, settled: Meeting, guest: Person
) -> None:
    moved = await city.move(settled, LATER)
    await agree(world, moved)
    await city.move(await now_is(world, settled), AFTERNOON)
    await world.deliver()
    _, off = world.post.to(guest.address)
    assert (off.kind, off.start) == (LetterKind.MOVED, MORNING)


async def test_back_at_the_time_she_was_told_there_is_nothing_instead_of_which_it_is(
    world: World, city: Acting, settled: Meeting, guest: Person
) -> None:
    moved = await city.move(settled, MORNING)
    await city.invite(await agree(world, moved))
    await world.deliver()
    new = world.post.to(guest.address)[-1]
    assert (new.kind, new.start, new.instead_of) == (LetterKind.INVITED, MORNING, None)


async def test_who_was_never_invited_hears_nothing_of_the_move(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    unasked, unreached = await prefecture.person("Unasked"), await prefecture.person("Unreached")
    await prefecture.send(settled, unreached)
    await city.invite(settled)
    await prefecture.send(settled, unreached, unasked)
    await city.move(settled, LATER)
    await world.deliver()
    assert world.post.letters == []


async def test_called_off_after_a_move_it_is_told_to_those_who_wait_and_to_nobody_else(
    world: World, city: Acting, prefecture: Acting, settled: Meeting, guest: Person
) -> None:
    unreached = await prefecture.person("Unreached")
    await prefecture.send(settled, guest, unreached)
    world.post.refuse(unreached.address)
    await city.invite(settled)
    await world.deliver()
    await city.move(settled, LATER)
    await world.deliver()
    await city.cancel(settled)
    await world.deliver()
    assert [(each.kind, each.start, each.sequence) for each in world.post.to(guest.address)] == [
        (LetterKind.INVITED, MORNING, 0),
        (LetterKind.MOVED, MORNING, 1),
        (LetterKind.CANCELLED, MORNING, 2),
    ]
    assert world.post.to(unreached.address) == []


async def test_who_was_removed_before_the_move_is_told_of_the_time_she_knew(
    world: World, city: Acting, prefecture: Acting, settled: Meeting, guest: Person
) -> None:
    await prefecture.send(settled)
    world.clock.pass_by(timedelta(minutes=1))
    await city.move(settled, LATER)
    await world.deliver()
    removed = world.post.to(guest.address)[-1]
    assert (removed.kind, removed.start) == (LetterKind.REMOVED, MORNING)


@on_every_database
async def test_the_room_of_a_moved_meeting_closes_and_whoever_is_inside_is_put_out(cell: Cell) -> None:
    assert cell.inside() == {ADA, BLAISE}
    asked = AskedRoom(room=cell.meeting.room, name=cell.meeting.room)
    number = (await cell.world.use.reserve_room(asked)).room.id
    moved = await cell.city.move(cell.meeting, LATER)
    with pytest.raises(MeetingMoved):
        await cell.world.use.reserve_room(asked)
    with pytest.raises(MeetingMoved):
        await cell.world.use.read_reservation(number)
    await cell.world.use.clear_rooms()
    assert cell.inside() is None
    assert await cell.acts() == ["room.ended"]
    await cell.world.use.close_room(number)
    await agree(cell.world, moved)
    with pytest.raises(TooEarly):
        await cell.world.use.reserve_room(asked)
    cell.world.clock.go_to(LATER)
    assert (await cell.world.use.reserve_room(asked)).room.seconds == HOUR.total_seconds()


async def test_moved_again_the_room_is_ended_again_and_that_is_another_act(cell: Cell) -> None:
    first = await cell.city.move(cell.meeting, MORNING + HOUR / 2)
    await cell.world.use.clear_rooms()
    await agree(cell.world, first)
    await cell.city.invite(cell.meeting)
    await cell.world.deliver()
    cell.world.clock.go_to(MORNING + HOUR / 2)
    await cell.world.use.clear_rooms()
    await cell.world.press(cell.world.newest_link(cell.ada), "again")
    await cell.joined(cell.ada, "5a5a5a5a")
    await cell.city.move(await now_is(cell.world, cell.meeting), LATER)
    await cell.world.use.clear_rooms()
    assert cell.inside() is None
    assert await cell.acts() == ["room.ended", "room.ended"]


async def test_who_was_there_at_the_former_time_is_expected_at_the_new_one(cell: Cell) -> None:
    async def presences() -> set[str]:
        _, lines = await cell.world.use.read_attendance(cell.city.secretary, cell.meeting.id)
        return {line.attendee.presence.value for line in lines}

    cell.world.clock.pass_by(timedelta(minutes=5))
    moved = await cell.city.move(cell.meeting, LATER)
    for person, connection in ((cell.ada, ADA), (cell.blaise, BLAISE)):
        await cell.left(person, connection)
    assert await presences() == {"left"}
    await agree(cell.world, moved)
    await cell.city.invite(cell.meeting)
    assert await presences() == {"expected"}
