"""Who lost the right to be in a room is put out of it; what the video server does not do undoes no deed."""

import pytest

from meetcoord.domain.errors import Conflict, Forbidden, LinkReplaced, MeetingCancelled, NotFound, Unavailable
from meetcoord.domain.meetings import MeetingState
from meetcoord.domain.profiles import PASS_LIFE_MAX
from meetcoord.domain.values import InvitationId
from meetcoord.usecases.clear_rooms import AGAIN, AGAIN_AFTER_FAILURE
from meetcoord.usecases.control_room import EndedRoom, PersonPutOut
from tests.agencies import HOUR, World
from tests.builders import random_id
from tests.cells import ADA, BLAISE, MINUTE, TABLET, Cell
from tests.worlds import on_every_database


@on_every_database
async def test_a_person_is_put_out_with_all_her_connections_and_it_is_logged(cell: Cell) -> None:
    await cell.joined(cell.ada, TABLET)
    assert await cell.put_out(cell.ada) == PersonPutOut(connections=2, may_return=True)
    assert cell.inside() == {BLAISE}
    assert await cell.acts() == ["room.put_out"]


async def test_who_lost_her_seat_may_not_return(cell: Cell) -> None:
    await cell.prefecture.send(cell.meeting, cell.blaise)
    assert await cell.put_out(cell.ada) == PersonPutOut(connections=1, may_return=False)
    with pytest.raises(LinkReplaced):
        await cell.world.press(cell.world.newest_link(cell.ada), "again")


async def test_who_is_not_known_to_be_there_is_not_looked_for(cell: Cell) -> None:
    await cell.left(cell.ada, ADA)
    with pytest.raises(Conflict, match="has not told us"):
        await cell.put_out(cell.ada)
    assert cell.world.video.orders == []
    assert await cell.acts() == []


async def test_who_is_gone_when_the_order_comes_was_not_put_out(cell: Cell) -> None:
    cell.world.video.open(cell.meeting.room, BLAISE)
    assert (await cell.put_out(cell.ada)).connections == 0
    assert await cell.acts() == []


async def test_an_ended_room_is_logged_and_one_that_was_not_open_is_not(cell: Cell) -> None:
    assert await cell.end() == EndedRoom(was_open=True, may_reopen=True)
    assert cell.inside() is None
    assert await cell.end() == EndedRoom(was_open=False, may_reopen=True)
    assert await cell.acts() == ["room.ended"]
    await cell.world.must_be_sound()


async def test_only_the_organising_agency_has_power_over_the_room(cell: Cell) -> None:
    use, theirs = cell.world.use, cell.prefecture.secretary
    with pytest.raises(Forbidden):
        await use.end_room(theirs, cell.meeting.id)
    with pytest.raises(Forbidden):
        await use.put_out(theirs, cell.meeting.id, cell.seat(cell.ada).id)
    stranger = await cell.world.agency("health-agency")
    with pytest.raises(NotFound):
        await use.end_room(stranger.secretary, cell.meeting.id)
    with pytest.raises(NotFound):
        await use.put_out(cell.city.secretary, cell.meeting.id, InvitationId(random_id("nobody")))
    with pytest.raises(Forbidden):
        await use.end_room(cell.city.console, cell.meeting.id)
    assert cell.world.video.orders == []


async def test_a_video_server_that_does_not_obey_is_said_and_nothing_is_logged(cell: Cell) -> None:
    for misfortune in (cell.world.video.be_silent, cell.world.video.distrust):
        misfortune()
        with pytest.raises(Unavailable):
            await cell.end()
        with pytest.raises(Unavailable):
            await cell.put_out(cell.ada)
        cell.world.video.recover()
    assert await cell.acts() == []
    assert cell.inside() == {ADA, BLAISE}


@on_every_database
async def test_cancelling_ends_the_room(cell: Cell) -> None:
    assert await cell.world.use.clear_rooms() == 0
    await cell.city.cancel(cell.meeting)
    assert await cell.world.use.clear_rooms() == 1
    assert cell.inside() is None
    with pytest.raises(MeetingCancelled):
        await cell.world.press(cell.world.newest_link(cell.ada), "again")


@on_every_database
async def test_taking_a_seat_back_puts_that_person_out_alone(cell: Cell) -> None:
    await cell.prefecture.send(cell.meeting, cell.blaise)
    await cell.world.use.clear_rooms()
    assert cell.inside() == {BLAISE}
    await cell.left(cell.ada, ADA)
    assert await cell.world.use.clear_rooms() == 0


async def test_who_comes_back_with_an_old_pass_is_put_out_again(cell: Cell) -> None:
    await cell.prefecture.send(cell.meeting, cell.blaise)
    await cell.world.use.clear_rooms()
    await cell.left(cell.ada, ADA)
    cell.world.clock.pass_by(MINUTE)
    await cell.joined(cell.ada, TABLET)
    await cell.world.use.clear_rooms()
    assert cell.inside() == {BLAISE}


async def test_a_cancelled_room_is_ended_again_as_long_as_an_old_pass_opens_it(cell: Cell) -> None:
    await cell.city.cancel(cell.meeting)
    for _ in range(2 * PASS_LIFE_MAX // AGAIN):
        cell.world.video.open(cell.meeting.room, ADA)
        await cell.world.use.clear_rooms()
        await cell.world.use.clear_rooms()
        cell.world.clock.pass_by(AGAIN)
    assert len(cell.world.video.orders) == PASS_LIFE_MAX // AGAIN


async def test_after_the_end_of_the_meeting_nothing_is_asked(cell: Cell) -> None:
    await cell.city.cancel(cell.meeting)
    cell.world.clock.pass_by(HOUR)
    assert await cell.world.use.clear_rooms() == 0
    assert cell.world.video.orders == []


@on_every_database
async def test_a_video_server_that_fails_undoes_no_deed_and_is_asked_until_it_obeys(cell: Cell) -> None:
    cell.world.video.be_silent()
    await cell.prefecture.send(cell.meeting, cell.blaise)
    await cell.city.cancel(cell.meeting)
    read, _ = await cell.world.use.read_meeting(cell.city.secretary, cell.meeting.id)
    assert read.state is MeetingState.CANCELLED
    with pytest.raises(Unavailable):
        await cell.world.use.clear_rooms()
    assert await cell.world.use.clear_rooms() == 0
    cell.world.video.recover()
    cell.world.clock.pass_by(AGAIN_AFTER_FAILURE)
    assert await cell.world.use.clear_rooms() == 1
    assert cell.inside() is None


async def test_an_order_that_was_done_yet_reported_failed_is_given_again_in_vain(cell: Cell) -> None:
    cell.world.video.lose_the_reply()
    await cell.city.cancel(cell.meeting)
    with pytest.raises(Unavailable):
        await cell.world.use.clear_rooms()
    cell.world.clock.pass_by(AGAIN_AFTER_FAILURE)
    assert await cell.world.use.clear_rooms() == 1
    assert cell.inside() is None


async def test_one_room_that_cannot_be_cleared_does_not_keep_the_others_open(
    cell: Cell, world: World
) -> None:
    await cell.joined(cell.blaise, TABLET)
    await cell.prefecture.send(cell.meeting)
    world.video.lose_the_reply()
    with pytest.raises(Unavailable):
        await world.use.clear_rooms()
    assert cell.inside() == set()
