"""Putting people out and ending rooms, asked over HTTP."""

import pytest

from meetcoord.adapters.jitsi.control import NoControl
from meetcoord.domain.attendance import RoomEventKind
from meetcoord.domain.errors import Conflict
from meetcoord.domain.invitations import Invitation
from meetcoord.domain.meetings import Meeting
from meetcoord.usecases.control_room import EndRoom
from meetcoord.usecases.note_room_events import ToldEvent
from tests.agencies import MORNING, World
from tests.web.conftest import Asking

ADA = "0a1b2c3d"


@pytest.fixture
async def inside(world: World, settled: Meeting, seat: Invitation) -> Invitation:
    """The seat of somebody who is in the room."""
    world.video.open(settled.room, ADA)
    joined = ToldEvent(
        kind=RoomEventKind.JOINED, since=MORNING, at=MORNING, participant=ADA, alias=seat.alias
    )
    await world.use.note_room_events(settled.room, [joined])
    return seat


def removal(seat: Invitation) -> str:
    return f"/v1/meetings/{seat.meeting}/invitations/{seat.id}/removal-from-room"


async def test_a_secretary_puts_somebody_out(
    world: World, city_program: Asking, settled: Meeting, inside: Invitation
) -> None:
    answer = await city_program.post(removal(inside))
    assert (answer.status_code, answer.json()) == (200, {"connections": 1, "may_return": True})
    assert world.video.inside(settled.room) == set()


async def test_a_secretary_ends_the_room(
    world: World, city_program: Asking, settled: Meeting, inside: Invitation
) -> None:
    path = f"/v1/meetings/{settled.id}/room-end"
    assert (await city_program.post(path)).json() == {"was_open": True, "may_reopen": True}
    assert (await city_program.post(path)).json() == {"was_open": False, "may_reopen": True}
    assert world.video.inside(settled.room) is None


async def test_the_other_agencies_may_not(prefecture_program: Asking, inside: Invitation) -> None:
    assert (await prefecture_program.post(removal(inside))).status_code == 403
    assert (await prefecture_program.post(f"/v1/meetings/{inside.meeting}/room-end")).status_code == 403


async def test_a_video_server_that_does_not_obey_is_said_in_one_sentence(
    world: World, city_program: Asking, inside: Invitation
) -> None:
    world.video.distrust()
    answer = await city_program.post(removal(inside))
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "does not take orders" in answer.json()["detail"]
    assert "prosody" not in answer.text
    world.video.recover()
    assert (await city_program.post(removal(inside))).status_code == 200


async def test_without_power_over_rooms_that_is_said(world: World, settled: Meeting) -> None:
    end = EndRoom(world.service.storage, NoControl(), world.use.end_room.acts)
    with pytest.raises(Conflict, match=r"rooms\.control_url is not set"):
        await end(world.agencies["city"].secretary, settled.id)
