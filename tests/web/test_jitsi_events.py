"""A Jitsi server tells who came and who left, in the very bodies it sends."""

from typing import Any

import pytest

from meetcoord.domain.invitations import Invitation
from meetcoord.domain.meetings import Meeting
from tests.agencies import MORNING, World
from tests.builders import random_id
from tests.web.conftest import Asking, stored
from tests.web.requests import JITSI, ROUTES
from tests.web.video_server import JSON, MINUTE, occupant, of, seconds, tell


async def test_events_tell_who_is_there_in_whatever_order_they_come(
    jitsi: Asking, city_program: Asking, world: World, seat: Invitation, settled: Meeting
) -> None:
    board = f"/v1/meetings/{settled.id}/invitations"
    attendance = f"/v1/meetings/{settled.id}/attendance"
    (line,) = (await city_program.get(board)).json()["items"]
    nothing = {"since": None, "left_at": None, "must_leave": False, "declared_by": "jitsi"}
    assert line["presence"] == {"state": "missing", **nothing}

    world.clock.go_to(MORNING + 10 * MINUTE)
    joined = of(settled, occupant=occupant(seat.alias, 2), active_occupants_count=1)
    assert await tell(jitsi, "room/created", **of(settled, created_at=seconds(1))) == 204
    for _ in range(3):
        assert await tell(jitsi, "occupant/joined", **joined) == 204
    (line,) = (await city_program.get(board)).json()["items"]
    assert line["presence"] == {"state": "present", **nothing, "since": "2026-11-03T09:02:00Z"}
    assert (await city_program.get(attendance)).json() == {
        "declared_by": "jitsi",
        "counts": {
            "present": 1,
            "expected": 0,
            "missing": 0,
            "left": 0,
            "unknown": 0,
            "unknown_present": 0,
            "must_leave": 0,
        },
        "items": [
            {
                "invitation": seat.id,
                "person": seat.person,
                "agency": "prefecture",
                "name": "Adviser",
                "function": "Head of unit",
                "presence": line["presence"],
                "devices": 0,
                "refused_at": [],
                "stays": [{"since": "2026-11-03T09:02:00Z", "until": None}],
            }
        ],
    }

    left = of(settled, occupant=occupant(seat.alias, 2, left_at=seconds(8)), active_occupants_count=0)
    assert await tell(jitsi, "occupant/left", **left) == 204
    assert await tell(jitsi, "occupant/joined", **joined) == 204
    (line,) = (await city_program.get(board)).json()["items"]
    assert line["presence"] == {"state": "left", **nothing, "left_at": "2026-11-03T09:08:00Z"}


async def test_the_end_of_the_room_makes_up_for_what_was_lost(
    jitsi: Asking, city_program: Asking, seat: Invitation, settled: Meeting
) -> None:
    there = [
        occupant(seat.alias, 2, left_at=seconds(8)),
        occupant(seat.alias, 9, "0a0b0c0d", left_at=seconds(12)),
        occupant("jibri", 3, "ffffffff", left_at=seconds(12)),
    ]
    gone = of(settled, created_at=seconds(1), destroyed_at=seconds(12), all_occupants=there)
    assert await tell(jitsi, "room/destroyed", **gone) == 204
    found = (await city_program.get(f"/v1/meetings/{settled.id}/attendance")).json()
    assert found["counts"]["unknown"] == 1
    assert found["items"][0]["stays"] == [
        {"since": "2026-11-03T09:02:00Z", "until": "2026-11-03T09:08:00Z"},
        {"since": "2026-11-03T09:09:00Z", "until": "2026-11-03T09:12:00Z"},
    ]


async def test_both_agencies_see_the_same_people_and_no_address(
    jitsi: Asking,
    city_program: Asking,
    prefecture_program: Asking,
    seat: Invitation,
    settled: Meeting,
) -> None:
    await tell(jitsi, "occupant/joined", **of(settled, occupant=occupant(seat.alias, 2)))
    path = f"/v1/meetings/{settled.id}/attendance"
    seen = [(await each.get(path)) for each in (city_program, prefecture_program)]
    assert seen[0].json() == seen[1].json()
    assert "@" not in seen[0].text
    assert "Nobody" not in seen[0].text


async def test_a_stranger_beside_her_name_is_nobody(
    jitsi: Asking, world: World, city_program: Asking, seat: Invitation, settled: Meeting
) -> None:
    strangers: list[Any] = [None, 5, {"a": 1}, [], "", "x", random_id("other"), seat.id, seat.person]
    for n, who in enumerate(strangers):
        somebody = occupant("", 2, f"0000000{n}", id=who, name=seat.name)
        assert await tell(jitsi, "occupant/joined", **of(settled, occupant=somebody)) == 204
    found = (await city_program.get(f"/v1/meetings/{settled.id}/attendance")).json()
    assert found["counts"]["unknown_present"] == 9
    assert found["items"][0]["presence"]["state"] == "missing"
    kept = repr((await stored(world))["room_events"])
    assert "Adviser" not in kept
    assert "example.org" not in kept


async def test_what_lua_makes_of_nothing_is_nothing(
    jitsi: Asking, world: World, seat: Invitation, settled: Meeting
) -> None:
    empty: list[Any] = [{}, [], None]
    for nobody in empty:
        gone = of(settled, created_at=seconds(1), destroyed_at=seconds(12), all_occupants=nobody)
        assert await tell(jitsi, "room/destroyed", **gone) == 204
    assert await tell(jitsi, "occupant/left", **of(settled)) == 204
    assert len((await stored(world))["room_events"]) == 1


async def test_a_room_that_is_not_ours_is_answered_alike_and_not_kept(
    jitsi: Asking, world: World, seat: Invitation
) -> None:
    for name in (random_id("nowhere"), "lunch", "[other]" + random_id("x"), "*", ""):
        body = {"room_name": name, "occupant": occupant(seat.alias, 2)}
        assert await tell(jitsi, "occupant/joined", **body) == 204
    assert (await stored(world))["room_events"] == []


BAD_EVENTS: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "half an object": (b'{"room_name":', 400),
    "a list": (b"[]", 422),
    "an empty object": (b"{}", 422),
    "a name twice": (b'{"room_name":"a","room_name":"b"}', 400),
    "very deep": (b"[" * 30_000, 400),
    "a number as name": (b'{"room_name":1}', 422),
    "no such number": (b'{"room_name":"a","created_at":NaN}', 400),
    "a lone surrogate": (rb'{"room_name":"\ud800"}', 400),
    "a time as text": (b'{"room_name":"a","created_at":"now","destroyed_at":"now","occupant":7}', 422),
    "a time beyond all years": (
        b'{"room_name":"a","created_at":1e18,"destroyed_at":1e18,"occupant":{"joined_at":1e18}}',
        422,
    ),
    "milliseconds": (
        b'{"room_name":"a","created_at":2e12,"destroyed_at":2e12,"occupant":{"joined_at":2e12}}',
        422,
    ),
    "occupants that are none": (
        b'{"room_name":"a","created_at":"x","destroyed_at":1,"all_occupants":[5],"occupant":{"joined_at":"x"}}',
        422,
    ),
}
EVENTS = [row for row in ROUTES if row.path.startswith(JITSI + "/events")]


@pytest.mark.parametrize(("body", "status"), BAD_EVENTS.values(), ids=BAD_EVENTS)
async def test_an_event_that_is_none_is_refused_with_a_sentence(
    jitsi: Asking, world: World, seat: Invitation, journal: list[Any], body: bytes, status: int
) -> None:
    before = await stored(world)
    for row in EVENTS:
        journal.clear()
        answer = await jitsi("POST", row.path, content=body, headers=JSON)
        if answer.status_code == 204 and row.path.endswith("/left"):
            continue
        assert answer.status_code == status, (row.path, answer.text)
        assert len(answer.json()["detail"]) > 20
        assert len(journal) == 1
    assert await stored(world) == before
    assert seat.id
