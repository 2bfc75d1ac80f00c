"""What another site can make a browser send, and what stands in a header that a stranger writes."""

import json
from typing import Any

import pytest

from meetcoord.domain.profiles import ProfileName
from meetcoord.usecases.register_person import NewPerson
from tests.agencies import MORNING, Acting, World, agreed
from tests.refusals.credentials import Held, claims_of, held
from tests.refusals.shapes import must_be_refused
from tests.web.conftest import Asking, stored
from tests.web.requests import ROUTES, filled

__all__ = ["held"]
FOREIGN = {"Origin": "https://evil.example.org", "Sec-Fetch-Site": "cross-site"}
SIMPLE = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "")
WRITTEN_BY_ANYBODY: list[dict[str, str]] = [
    {"X-Forwarded-Host": "evil.example.org"},
    {"X-Forwarded-Proto": "http"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-Prefix": "/evil"},
    {"X-Real-IP": "127.0.0.1"},
    {"X-Original-URL": "/v1/meetings"},
    {"X-Rewrite-URL": "/v1/meetings"},
    {"X-HTTP-Method-Override": "DELETE"},
    {"Forwarded": "for=127.0.0.1;host=evil.example.org;proto=http"},
]


@pytest.mark.parametrize("kind", SIMPLE)
async def test_what_a_browser_sends_without_asking_us_first_is_not_read(
    world: World, held: Held, nobody: Asking, kind: str
) -> None:
    """A form or a simple request, which need no preflight: even with a good link in it, nothing happens."""
    told = {"token": held.secrets["join link"], "device": held.secrets["device"], "click": "first-press"}
    before = await stored(world)
    for path in ("/j/look", "/j/code", "/j/admission"):
        content = json.dumps(told).encode()
        answer = await nobody("POST", path, content=content, headers={"Content-Type": kind, **FOREIGN})
        assert answer.status_code == 415
        must_be_refused(answer, *held.all())
    assert await stored(world) == before


async def test_no_other_site_may_read_an_answer_and_nothing_is_kept_in_cookies(nobody: Asking) -> None:
    for row in ROUTES:
        for method in (row.method, "OPTIONS"):
            headers = {**FOREIGN, "Access-Control-Request-Method": row.method}
            answer = await nobody(method, filled(row.path), json=row.body, headers=headers)
            assert not [name for name in answer.headers if name.startswith("access-control-")], row
            assert "set-cookie" not in answer.headers, row


@pytest.mark.parametrize("header", WRITTEN_BY_ANYBODY, ids=lambda header: next(iter(header)))
async def test_a_header_that_anybody_can_write_changes_nothing(
    held: Held, nobody: Asking, header: dict[str, str]
) -> None:
    opened = {"token": held.secrets["join link"], "device": held.secrets["device"]}
    for method, path, body in (
        ("POST", "/j/admission", {**opened, "click": "first-press"}),
        ("POST", "/j/look", opened),
        ("GET", "/j", None),
        ("GET", "/.well-known/security.txt", None),
    ):
        plain = await nobody(method, path, json=body)
        answer = await nobody(method, path, json=body, headers=header)
        assert (answer.status_code, answer.content) == (plain.status_code, plain.content)
        assert "evil" not in answer.text


HOSTILE = '=cmd|"/c calc"!A1 <script>alert(1)</script>'


async def hostile_link(world: World, city: Acting, other: Acting) -> str:
    """Of a delegate who is called so."""
    asked = NewPerson(name=HOSTILE, address="hostile@prefecture.example.org", function=HOSTILE)
    person = await world.use.register_person(other.console, asked)
    meeting = await agreed(city, other, ProfileName.STANDARD)
    await other.send(meeting, person)
    await city.invite(meeting)
    await world.deliver()
    world.clock.go_to(MORNING)
    return world.newest_link(person)


async def test_a_hostile_name_stays_a_name(
    world: World, city: Acting, prefecture: Acting, nobody: Asking, journal: list[Any]
) -> None:
    """In the page's data, in the room token and in the journal; the mail has tests of its own."""
    token = await hostile_link(world, city, prefecture)
    journal.clear()
    seen = await nobody.post("/j/look", {"token": token})
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["x-content-type-options"] == "nosniff"
    assert seen.json()["name"] == f"{HOSTILE} (Agency prefecture)"
    entered = await nobody.post("/j/admission", {"token": token, "click": "first-press"})
    context: Any = claims_of(entered.json()["token"])["context"]
    assert context["user"]["name"] == seen.json()["name"]
    refused = await nobody.post("/j/admission", {"token": token, "click": f"{HOSTILE}\r\nx: y"})
    must_be_refused(refused, HOSTILE, "<script")
    assert "script" not in repr(journal)
