"""A Jitsi server asks whether it may open a room, in the very bodies it sends."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import pytest

from meetcoord.adapters.web.app import create_app
from meetcoord.adapters.web.jitsi_words import SAID
from meetcoord.adapters.web.parts import JitsiDoor
from meetcoord.domain.invitations import Invitation
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.values import Language
from tests.agencies import HOUR, MORNING, Acting, World
from tests.builders import random_id
from tests.web.conftest import Asking, Readiness, parts_of, stored
from tests.web.video_server import FORM, MINUTE, OWNER, START, ask
from tests.worlds import PUBLIC_URL, on_every_database

FRENCH = SAID[Language.FRENCH]


@on_every_database
async def test_an_agreed_room_is_opened_for_as_long_as_it_was_agreed(
    jitsi: Asking, world: World, seat: Invitation, settled: Meeting
) -> None:
    world.clock.go_to(MORNING - 5 * MINUTE)
    answer = await ask(jitsi, settled.room)
    assert answer.status_code == 200
    told = answer.json()
    number = told.pop("id")
    assert told == {
        "name": settled.room,
        "mail_owner": "meetcoord",
        "start_time": "2026-11-03T08:55:00Z",
        "duration": 65 * 60,
        "max_occupants": 2,
        "lobby": False,
    }
    world.clock.pass_by(MINUTE)
    again = await ask(jitsi, settled.room)
    assert (again.status_code, again.json()) == (409, {"conflict_id": number})
    before = await jitsi.get(f"/jitsi/conference/{number}")
    assert (before.status_code, before.json()) == (200, answer.json())
    for _ in range(2):
        assert (await jitsi("DELETE", f"/jitsi/conference/{number}")).status_code == 204
    assert (await jitsi.get(f"/jitsi/conference/{number}")).status_code == 403
    assert (await ask(jitsi, settled.room)).status_code == 200


async def test_the_fields_of_the_form_come_in_any_order_and_only_the_name_counts(
    jitsi: Asking, settled: Meeting, world: World
) -> None:
    world.clock.go_to(MORNING)
    for body in (
        f"name={settled.room}&{START}&{OWNER}",
        f"start_time=x&name={settled.room}&mail_owner=&a_new_one=1",
        f"name={settled.room}",
    ):
        answer = await jitsi("POST", "/jitsi/conference", content=body, headers=FORM)
        assert answer.status_code in {200, 409}


async def test_the_room_of_a_tenant_is_known_by_our_tenant_alone(
    jitsi: Asking, settled: Meeting, world: World
) -> None:
    world.clock.go_to(MORNING)
    answer = await ask(jitsi, f"%5btown%5d{settled.room}")
    assert (answer.status_code, answer.json()["name"]) == (200, f"[town]{settled.room}")
    for foreign in ("%5bother%5d", "%5b%5d", "%5btown%5d%5btown%5d", "%5btown", "town%5d"):
        assert (await ask(jitsi, foreign + settled.room)).status_code == 403


async def test_who_tries_an_unopened_room_reads_why(
    jitsi: Asking, world: World, city: Acting, settled: Meeting, journal: list[Any]
) -> None:
    told = []
    for when in (MORNING - HOUR, MORNING + HOUR):
        world.clock.go_to(when)
        told.append(await ask(jitsi, settled.room))
    world.clock.go_to(MORNING)
    await city.move(settled, MORNING + 2 * HOUR)
    told.append(await ask(jitsi, settled.room))
    await city.cancel(settled)
    told.append(await ask(jitsi, settled.room))
    told.append(await ask(jitsi, random_id("nowhere")))
    reasons = ["too_early", "too_late", "meeting_moved", "meeting_cancelled", "not_found"]
    assert [answer.status_code for answer in told] == [403] * 5
    assert [answer.json() for answer in told] == [{"message": FRENCH[reason]} for reason in reasons]
    assert [entry["code"] for entry in journal if entry["event"] == "room refused"] == reasons
    assert settled.room not in repr(journal)


NAMES = {
    "nothing": "",
    "blanks": "+",
    "capitals": "A" * 26,
    "too long": "a" * 27,
    "ten thousand letters": "a" * 10_000,
    "a star": "*",
    "a pattern": ".%2a",
    "an apostrophe": "1%27%20OR%20%271%27=%271",
    "a NUL": "a" * 25 + "%00",
    "a line break": "a" * 26 + "%0a",
    "an accent": "r%c3%a9union",
    "an accent encoded twice": "r%25c3%25a9union",
    "a path": "..%2f..%2fetc",
    "digits that look like letters": "0" * 26,
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
async def test_a_name_that_cannot_be_ours_is_refused_like_any_unknown_one(jitsi: Asking, name: str) -> None:
    answer = await ask(jitsi, name)
    assert (answer.status_code, answer.json()) == (403, {"message": FRENCH["not_found"]})


UNREADABLE = {
    "nothing": (b"", 422),
    "no pairs": (b"name", 400),
    "a stray ampersand": (b"&&", 400),
    "bytes": (b"\xff\xfe=\x00", 400),
    "an accent in the clear": ("name=réunion".encode(), 400),
    "half a percent": (b"name=%", 403),
    "invalid UTF-8": (b"name=%ff%fe", 400),
    "a surrogate": (b"name=%ed%a0%80", 400),
    "two names": (b"name=a&name=b", 400),
    "too many fields": (b"&".join(b"f%d=1" % n for n in range(50)), 400),
    "no name": (b"start_time=2026-11-22T21%3a02%3a38.000Z", 422),
    "another case": (b"Name=x", 422),
    "JSON": (b'{"name": "x"}', 400),
}


@pytest.mark.parametrize(("body", "status"), UNREADABLE.values(), ids=UNREADABLE)
async def test_a_form_that_is_none_is_refused_with_a_sentence(
    jitsi: Asking, body: bytes, status: int
) -> None:
    answer = await jitsi("POST", "/jitsi/conference", content=body, headers=FORM)
    assert answer.status_code == status, answer.text
    assert len(answer.json().get("detail") or answer.json()["message"]) > 20


@pytest.mark.parametrize("kind", ["", "application/json", "multipart/form-data; boundary=x", "text/plain"])
async def test_a_room_is_asked_for_by_a_form(jitsi: Asking, kind: str) -> None:
    headers = {"Content-Type": kind}
    answer = await jitsi("POST", "/jitsi/conference", content=b"name=x", headers=headers)
    assert answer.status_code == 415


async def test_of_a_hundred_who_ask_at_once_all_are_answered(
    jitsi: Asking, world: World, settled: Meeting
) -> None:
    world.clock.go_to(MORNING)
    answers = await asyncio.gather(*(ask(jitsi, settled.room) for _ in range(100)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 99
    ids = {answer.json().get("id") or answer.json()["conflict_id"] for answer in answers}
    assert len(ids) == 1
    assert (
        datetime.fromisoformat((await jitsi.get(f"/jitsi/conference/{ids.pop()}")).json()["start_time"])
        == MORNING
    )


async def test_the_refusal_is_in_the_language_of_the_service(
    world: World, readiness: Readiness, jitsi: Asking
) -> None:
    for language in Language:
        door = JitsiDoor(secret=jitsi.key, language=language)
        app: Any = create_app(replace(parts_of(world, readiness), jitsi=door))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC_URL) as client:
            answer = await ask(Asking(client, jitsi.key), random_id("nowhere"))
            assert answer.json() == {"message": SAID[language]["not_found"]}
    assert len({frozenset(table) for table in SAID.values()}) == 1


async def test_a_room_made_for_a_check_is_opened_without_a_trace_and_for_minutes(
    jitsi: Asking, world: World, settled: Meeting
) -> None:
    before = await stored(world)
    world.clock.go_to(MORNING)
    probe = world.service.keyring.probe_rooms.until(MORNING + MINUTE)
    answers = [await ask(jitsi, probe.room) for _ in range(2)]
    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (
            200,
            {
                "id": probe.room,
                "name": probe.room,
                "mail_owner": "meetcoord",
                "start_time": "2026-11-03T08:58:00Z",
                "duration": 3 * 60,
                "max_occupants": 8,
                "lobby": False,
            },
        )
    ] * 2
    assert (await ask(jitsi, f"[town]{probe.room}")).json()["name"] == f"[town]{probe.room}"
    assert (await jitsi("DELETE", f"/jitsi/conference/{probe.room}")).status_code == 204
    world.clock.pass_by(MINUTE)
    over = await ask(jitsi, probe.room)
    assert (over.status_code, over.json()) == (403, {"message": probe.receipt})
    assert await stored(world) == before
