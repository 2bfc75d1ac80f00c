"""What the service does of itself to who lost the right to be in a room is an act, once, and its failing is seen."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from meetcoord.domain.access import SERVICE
from meetcoord.domain.errors import Misconfigured, StorageUnavailable, Unavailable
from meetcoord.domain.leaves import ActKind, ActLeaf
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.usecases.clear_rooms import AGAIN, AGAIN_AFTER_FAILURE
from tests.cells import ADA, BLAISE, TABLET, Cell
from tests.worlds import on_every_database

ROOM_ACTS = {ActKind.ROOM_PUT_OUT, ActKind.ROOM_ENDED}


async def automatic(of: Cell) -> list[tuple[ActKind, str, str, str]]:
    """What was done to the room, in whose name, and to what."""
    return [
        (leaf.act, leaf.by, leaf.agency, leaf.object)
        for leaf in await of.world.entries(of.meeting.id)
        if isinstance(leaf, ActLeaf) and leaf.act in ROOM_ACTS
    ]


async def must_leave(of: Cell) -> dict[str, bool]:
    """By name, as the attendance and the board both say it."""
    secretary = of.city.secretary
    _, lines = await of.world.use.read_attendance(secretary, of.meeting.id)
    said = {line.person.name: line.attendee.must_leave for line in lines}
    board = await of.world.use.read_board(secretary, of.meeting.id)
    assert {line.person.name: line.attendee.must_leave for line in board} == said
    return said


@on_every_database
async def test_putting_somebody_out_by_itself_is_an_act_of_the_service(cell: Cell) -> None:
    await cell.joined(cell.ada, TABLET)
    await cell.prefecture.send(cell.meeting, cell.blaise)
    await cell.world.use.clear_rooms()
    assert cell.inside() == {BLAISE}
    assert await automatic(cell) == [(ActKind.ROOM_PUT_OUT, SERVICE, "city", cell.seat(cell.ada).id)]
    await cell.world.must_be_sound()


@on_every_database
async def test_ending_a_cancelled_room_is_an_act_of_the_service(cell: Cell) -> None:
    await cell.city.cancel(cell.meeting)
    await cell.world.use.clear_rooms()
    assert await automatic(cell) == [(ActKind.ROOM_ENDED, SERVICE, "city", cell.meeting.id)]


@pytest.mark.parametrize("placed", [True, False])
async def test_who_comes_back_with_an_old_pass_is_put_out_again_and_that_is_no_second_act(
    cell: Cell, placed: bool
) -> None:
    await cell.prefecture.send(cell.meeting, cell.blaise)
    await cell.world.use.clear_rooms()
    if placed:
        assert len(await automatic(cell)) == 1
    cell.world.clock.pass_by(AGAIN)
    await cell.joined(cell.ada, TABLET)
    await cell.world.use.clear_rooms()
    assert cell.inside() == {BLAISE}
    assert len(await automatic(cell)) == 1


async def test_who_got_her_seat_again_and_lost_it_again_was_put_out_twice(cell: Cell) -> None:
    for connection in (ADA, TABLET):
        await cell.joined(cell.ada, connection)
        await cell.prefecture.send(cell.meeting, cell.blaise)
        await cell.world.use.clear_rooms()
        await cell.left(cell.ada, connection)
        await cell.prefecture.send(cell.meeting, cell.ada, cell.blaise)
        await cell.city.invite(cell.meeting)
        await cell.world.deliver()
        await cell.world.press(cell.world.newest_link(cell.ada), f"click after {connection}")
    assert [act for act, *_ in await automatic(cell)] == [ActKind.ROOM_PUT_OUT] * 2


async def test_what_had_ended_by_itself_is_no_act(cell: Cell) -> None:
    cell.world.video.rooms.clear()
    await cell.city.cancel(cell.meeting)
    await cell.world.use.clear_rooms()
    assert await automatic(cell) == []


async def test_an_order_that_failed_is_no_act_until_it_is_done(cell: Cell) -> None:
    cell.world.video.distrust()
    await cell.city.cancel(cell.meeting)
    with pytest.raises(Misconfigured, match="prosody_password_public_key_repo_url"):
        await cell.world.use.clear_rooms()
    assert await automatic(cell) == []
    cell.world.video.recover()
    cell.world.clock.pass_by(AGAIN_AFTER_FAILURE)
    await cell.world.use.clear_rooms()
    assert len(await automatic(cell)) == 1


@dataclass(slots=True)
class Faltering:
    """A memory that fails while the video server obeys, until told otherwise."""

    inner: Storage
    failing: bool = True

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        return self.inner.snapshot()

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        if self.failing:
            raise StorageUnavailable("The disk is full.")
        return self.inner.transaction()


async def test_what_was_done_while_the_database_failed_is_recorded_later(cell: Cell) -> None:
    faltering = Faltering(cell.world.service.storage)
    clear = replace(cell.world.use.clear_rooms, storage=faltering, asked={})
    await cell.city.cancel(cell.meeting)
    with pytest.raises(StorageUnavailable):
        await clear()
    assert cell.inside() is None
    faltering.failing = False
    cell.world.clock.pass_by(AGAIN_AFTER_FAILURE)
    await clear()
    assert [act for act, *_ in await automatic(cell)] == [ActKind.ROOM_ENDED]


async def test_who_is_still_there_without_a_right_is_shown_until_the_server_says_that_she_left(
    cell: Cell,
) -> None:
    assert await must_leave(cell) == {"Ada": False, "Blaise": False}
    cell.world.video.be_silent()
    await cell.prefecture.send(cell.meeting, cell.blaise)
    with pytest.raises(Unavailable):
        await cell.world.use.clear_rooms()
    cell.world.clock.pass_by(timedelta(minutes=5))
    assert await must_leave(cell) == {"Ada": True, "Blaise": False}
    await cell.left(cell.ada, ADA)
    assert await must_leave(cell) == {"Ada": False, "Blaise": False}


async def test_all_who_are_still_in_a_cancelled_meeting_are_shown(cell: Cell) -> None:
    cell.world.video.be_silent()
    await cell.city.cancel(cell.meeting)
    assert await must_leave(cell) == {"Ada": True, "Blaise": True}
