"""Bodies of any shape at the doors of Jitsi and of the join page: taken or refused, never a fault of ours."""

import json
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from meetcoord.domain.meetings import Meeting
from tests.agencies import MORNING, World
from tests.refusals.shapes import must_be_noted_once, must_be_refused
from tests.web.conftest import Asking, stored
from tests.web.requests import JITSI
from tests.web.video_server import FORM, JSON

many = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
CANARY = "canary-7c31"
EVENTS = ("room/created", "room/destroyed", "occupant/joined", "occupant/left")

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | st.just(CANARY)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
times = (
    st.integers(-(2**70), 2**70)
    | st.floats()
    | st.just("1793700000")
    | st.none()
    | st.just(MORNING.timestamp())
)
occupants = st.fixed_dictionaries(
    {},
    optional={
        "joined_at": times,
        "left_at": times,
        "id": anything,
        "occupant_jid": anything,
        "name": anything,
    },
)
events = st.fixed_dictionaries(
    {},
    optional={
        "room_name": st.text(max_size=40) | st.just("the room") | leaves,
        "created_at": times,
        "destroyed_at": times,
        "is_breakout": st.booleans() | leaves,
        "breakout_room_id": leaves,
        "occupant": occupants | anything,
        "all_occupants": st.lists(occupants | anything, max_size=3) | anything,
        "event_name": anything,
    },
)


def must_be_answered(answer: httpx.Response, journal: list[Any], *secrets: str) -> None:
    """Taken in silence, or refused in the one shape, once."""
    assert answer.status_code < 500, answer.text
    if answer.status_code < 400:
        assert journal == []
        return
    if answer.status_code == 409:
        assert set(answer.json()) == {"conflict_id"}
        return
    must_be_refused(answer, *secrets)
    must_be_noted_once(journal, 1, CANARY, *secrets)


def settled_name(body: Any, meeting: Meeting) -> Any:
    if isinstance(body, dict) and body.get("room_name") == "the room":
        return {**body, "room_name": meeting.room}
    return body


@many
@given(what=st.sampled_from(EVENTS), body=events | anything)
@example(what="room/destroyed", body={"room_name": "the room", "destroyed_at": 1e300})
@example(what="occupant/joined", body={"room_name": "the room", "occupant": {"joined_at": -(10**30)}})
@example(what="occupant/joined", body={"room_name": "the room", "occupant": {"joined_at": float("nan")}})
@example(what="room/created", body={"room_name": "the room", "created_at": -62135596801})
async def test_an_event_of_any_shape_is_taken_or_refused(
    jitsi: Asking, settled: Meeting, journal: list[Any], what: str, body: Any
) -> None:
    journal.clear()
    content = json.dumps(settled_name(body, settled)).encode("utf-8", "surrogatepass")
    answer = await jitsi("POST", f"{JITSI}/events/{what}", content=content, headers=JSON)
    must_be_answered(answer, journal, jitsi.key)


@many
@given(
    what=st.sampled_from([f"{JITSI}/events/{event}" for event in EVENTS] + [f"{JITSI}/conference"]),
    content=st.binary(max_size=200),
    kind=st.sampled_from(["application/json", FORM["Content-Type"], "text/plain", "", "x" * 300]),
)
async def test_bytes_of_any_kind_are_taken_or_refused(
    jitsi: Asking, settled: Meeting, journal: list[Any], what: str, content: bytes, kind: str
) -> None:
    journal.clear()
    answer = await jitsi("POST", what, content=content, headers={"Content-Type": kind})
    must_be_answered(answer, journal, jitsi.key)


@many
@given(
    fields=st.lists(st.tuples(st.text(max_size=20) | st.just("name"), st.text(max_size=60)), max_size=6),
    prefix=st.sampled_from(["", "name=the+room", "name=%5Btown%5Dthe+room", "name=" + CANARY]),
)
async def test_a_reservation_of_any_shape_is_answered(
    jitsi: Asking,
    world: World,
    settled: Meeting,
    journal: list[Any],
    fields: list[tuple[str, str]],
    prefix: str,
) -> None:
    world.clock.go_to(MORNING)
    journal.clear()
    pairs = urlencode(fields, errors="surrogatepass")
    body = "&".join(filter(None, [prefix.replace("the+room", quote_plus(settled.room)), pairs]))
    answer = await jitsi("POST", f"{JITSI}/conference", content=body, headers=FORM)
    must_be_answered(answer, journal, jitsi.key)


@many
@given(
    path=st.sampled_from(["/j/look", "/j/code", "/j/admission"]),
    body=st.fixed_dictionaries(
        {},
        optional={"token": leaves, "click": leaves, "device": leaves, "code": leaves, "more": anything},
    )
    | anything,
)
async def test_the_join_page_is_asked_with_bodies_of_any_shape(
    nobody: Asking, journal: list[Any], path: str, body: Any
) -> None:
    journal.clear()
    content = json.dumps(body).encode("utf-8", "surrogatepass")
    answer = await nobody("POST", path, content=content, headers=JSON)
    must_be_answered(answer, journal)
    assert answer.status_code in {400, 403, 422}


@pytest.mark.parametrize("repeated", [2, 20])
async def test_an_event_told_again_changes_nothing_more(
    jitsi: Asking, world: World, settled: Meeting, repeated: int
) -> None:
    """Whoever records what Jitsi says and sends it again, secret and all, tells nothing new."""
    told = {
        "room_name": settled.room,
        "occupant": {"joined_at": MORNING.timestamp(), "occupant_jid": "a" * 8 + "-x"},
    }
    assert (await jitsi.post(f"{JITSI}/events/occupant/joined", told)).status_code == 204
    before = await stored(world)
    for _ in range(repeated):
        assert (await jitsi.post(f"{JITSI}/events/occupant/joined", told)).status_code == 204
    assert await stored(world) == before
