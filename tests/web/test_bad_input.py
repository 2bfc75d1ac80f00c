"""Input that cannot be taken: a 4xx problem with a sentence that says what to do, and nothing stored."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import post

from meetcoord.adapters.web.app import create_app
from meetcoord.adapters.web.persons import FILE_BODY_MAX
from meetcoord.domain.meetings import Meeting
from tests.agencies import World
from tests.web.conftest import Asking, Readiness, parts_of, stored
from tests.web.requests import JITSI, NEW_MEETING, NEW_PERSON, ROUTES, SLOT, filled
from tests.worlds import PUBLIC_URL, on_every_database

JSON = {"Content-Type": "application/json"}


def with_slot(**times: str) -> bytes:
    return json.dumps({**NEW_MEETING, "slots": [{**SLOT, **times}]}).encode()


def with_field(name: str, value: Any) -> bytes:
    return json.dumps({**NEW_MEETING, name: value}).encode()


UNREADABLE = {
    "nothing": b"",
    "blanks": b"  ",
    "half an object": b'{"title": "x"',
    "a trailing comma": b'{"title": "x",}',
    "two values": b"{} {}",
    "single quotes": b"{'title': 1}",
    "a comment": b"{} // done",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "invalid UTF-8": b'{"title": "\xff"}',
    "UTF-16": '{"title": "x"}'.encode("utf-16"),
    "an encoded surrogate": b'{"title": "\xed\xa0\x80"}',
    "a lone surrogate": rb'{"title": "\ud800"}',
    "a lone surrogate as a name": rb'{"\udc00": 1}',
    "a NUL": rb'{"title": "a\u0000b"}',
    "a bare NUL": b'{"title": "a\x00b"}',
    "NaN": b'{"title": NaN}',
    "infinity": b'{"title": -Infinity}',
    "a duplicate name": b'{"title": "a", "title": "b"}',
    "a duplicate name inside": b'{"slots": [{"start": 1, "start": 2}]}',
    "a duplicate name in two spellings": rb'{"title": "a", "\u0074itle": "b"}',
    "too deep": b"[" * 33 + b"]" * 33,
    "very deep": b"[" * 30_000,
    "very deep objects": b'{"a":' * 10_000,
    "brackets in an open string": b'"' + b'\\"[' * 10_000,
    "a huge integer": b'{"title": ' + b"9" * 5_000 + b"}",
    "an integer beyond 64 bits": b'{"terms": 9223372036854775808}',
    "a giant exponent": b'{"title": 1e999999999}',
}
WRONG = {
    "an array": (b"[]", ""),
    "null": (b"null", ""),
    "an empty object": (b"{}", ""),
    "a number for a text": (with_field("title", 5), "/title"),
    "a text for a truth value": (
        with_field("convened", [{"agency": "a", "required": "true"}]),
        "/convened/0/required",
    ),
    "an unknown field": (with_field("organiser", "prefecture"), "/organiser"),
    "an unknown field with a slash": (with_field("a/b~c", 1), "/a~1b~0c"),
    "an unknown field of a prototype": (with_field("__proto__", {}), "/__proto__"),
    "an unknown field inside": (with_slot(zone="x"), "/slots/0/zone"),
    "an unknown profile": (with_field("profile", "secret"), "/profile"),
    "an empty title": (with_field("title", " "), "/title"),
    "a hidden character": (with_field("title", "a\u202eb"), "/title"),
    "a marking": (with_field("title", "Diffusion Restreinte"), "/title"),
    "no slots": (with_field("slots", []), "/slots"),
    "an unknown zone": (with_field("time_zone", "Europe/Mulhouse"), "/time_zone"),
    "a zone like a path": (with_field("time_zone", "../../etc/passwd"), "/time_zone"),
    "a foreign agency": (with_field("convened", [{"agency": "nobody"}]), "/convened/0/agency"),
    "a naive time": (with_slot(start="2026-11-03T10:00:00"), "/slots/0/start"),
    "a time that is skipped": (with_slot(start="2027-03-28T02:30:00+01:00"), "/slots/0/start"),
    "a time that is none": (with_slot(start="2026-13-03T10:00:00Z"), "/slots/0/start"),
    "a date without a time": (with_slot(start="2026-11-03"), "/slots/0/start"),
    "an end before the start": (with_slot(end="2026-11-03T09:00:00+01:00"), "/slots"),
    "a time before the calendar": (with_slot(start="0001-01-01T00:00:00+14:00"), "/slots/0/start"),
    "a time after the calendar": (with_slot(end="9999-12-31T23:59:59-14:00"), "/slots/0/end"),
}


async def ask(asking: Asking, content: bytes, path: str = "/v1/meetings", **headers: str) -> httpx.Response:
    return await asking("POST", path, content=content, headers={**JSON, **headers})


def assert_useful(answer: httpx.Response) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.json()["detail"]) > 20
    assert not set(answer.json()["detail"]) & set("<>$")


@on_every_database
@pytest.mark.usefixtures("prefecture")
async def test_nothing_of_it_is_stored_and_each_is_answered_with_a_sentence(
    world: World, city_program: Asking
) -> None:
    before = await stored(world)
    for name, content in UNREADABLE.items():
        answer = await ask(city_program, content)
        assert answer.status_code == 400, name
        assert_useful(answer)
    for name, (content, pointer) in WRONG.items():
        answer = await ask(city_program, content)
        assert answer.status_code == 422, (name, answer.text)
        assert [fault["pointer"] for fault in answer.json().get("errors", [])] == (
            [pointer] if pointer else []
        ) or (pointer == "" and answer.json()["errors"][0]["pointer"] == ""), name
        assert_useful(answer)
    assert await stored(world) == before


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain",
        "text/json",
        "application/json-patch+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/msgpack",
    ],
)
async def test_only_json_is_read(city_program: Asking, kind: str) -> None:
    answer = await ask(city_program, json.dumps(NEW_PERSON).encode(), "/v1/persons", **{"Content-Type": kind})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
async def test_json_may_name_its_charset(city_program: Asking, kind: str) -> None:
    answer = await ask(city_program, json.dumps(NEW_PERSON).encode(), "/v1/persons", **{"Content-Type": kind})
    assert answer.status_code == 201


async def test_no_route_reads_more_than_it_may(city_program: Asking) -> None:
    for row in (row for row in ROUTES if row.method != "GET" and not row.path.startswith(JITSI)):
        limit = 2 << 20 if row.path.endswith(("/minutes", "{seq}")) else 64 << 10
        limit = FILE_BODY_MAX if row.path.startswith("/v1/persons/import") else limit
        for content in (b" " * (limit + 1), _in_pieces(limit + 1)):
            answer = await city_program(row.method, filled(row.path), content=content, headers=JSON)
            assert answer.status_code == 413, row


async def _in_pieces(length: int) -> AsyncIterator[bytes]:
    for _ in range(0, length, 4096):
        yield b" " * 4096


async def test_a_body_in_pieces_is_read_like_any_other(city_program: Asking) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for byte in json.dumps(NEW_PERSON).encode():
            yield bytes([byte])

    answer = await city_program("POST", "/v1/persons", content=pieces(), headers=JSON)
    assert answer.status_code == 201


async def test_a_body_that_does_not_come_is_not_waited_for(world: World, readiness: Readiness) -> None:
    @post("/impatient", opt={"read_seconds": 0.01})
    async def impatient() -> None: ...

    app: Any = create_app(parts_of(world, readiness, extra_routes=[impatient]))
    sent: list[Any] = []

    async def never() -> Any:
        await asyncio.Event().wait()

    async def keep(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/impatient",
        "raw_path": b"/impatient",
        "query_string": b"",
        "headers": [(b"host", b"meet.example.org"), (b"content-type", b"application/json")],
        "root_path": "",
    }
    await app(scope, never, keep)
    assert sent[0]["status"] == 408


@pytest.mark.parametrize("content", [b"", b"{}", b" {} "])
async def test_where_nothing_is_asked_nothing_or_an_empty_object_is_sent(
    city_program: Asking, settled: Meeting, content: bytes
) -> None:
    answer = await ask(city_program, content, f"/v1/meetings/{settled.id}/cancellation")
    assert answer.status_code == 200


@pytest.mark.parametrize("content", [b"[]", b"null", b'{"why": "x"}', b'""'])
async def test_where_nothing_is_asked_nothing_else_is_taken(
    city_program: Asking, settled: Meeting, content: bytes
) -> None:
    answer = await ask(city_program, content, f"/v1/meetings/{settled.id}/cancellation")
    assert answer.status_code == 422


async def test_a_naive_time_is_answered_with_its_readings(city_program: Asking, prefecture: object) -> None:
    answer = await ask(city_program, with_slot(start="2026-11-03T10:00:00"))
    assert answer.json()["code"] == "unclear_time"
    assert "2026-11-03T10:00:00+01:00" in answer.json()["detail"]


async def test_a_form_of_another_site_cannot_ask(http: httpx.AsyncClient) -> None:
    answer = await http.post("/j/admission", data={"token": "x", "click": "y"})
    assert answer.status_code == 415
    assert str(http.base_url) == PUBLIC_URL


@pytest.mark.parametrize(
    ("content", "pointer", "allowed"),
    [
        (with_field("profile", "ultra"), "/profile", "`standard`, `sensitive` or `critical`"),
        (
            b'{"name":"A","address":"a@city.example.org","function":"B","roles":["chef"]}',
            "/roles/0",
            "`secretary`, ",
        ),
        (
            b'{"name":"A","address":"a@city.example.org","function":"B","language":"es"}',
            "/language",
            "`fr`, `en` or `de`",
        ),
    ],
)
async def test_who_writes_a_word_that_is_not_known_is_told_which_are(
    city_program: Asking, content: bytes, pointer: str, allowed: str
) -> None:
    path = "/v1/meetings" if pointer == "/profile" else "/v1/persons"
    answer = await ask(city_program, content, path)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], allowed in fault["detail"]) == (pointer, True), fault


async def test_who_asks_with_a_word_that_is_not_known_is_told_which_are(city_program: Asking) -> None:
    answer = await city_program.get("/v1/minutes?kind=recipe")
    assert answer.status_code == 400
    assert "`kind` is not valid: write `minutes` or `addendum`." in answer.json()["detail"]
