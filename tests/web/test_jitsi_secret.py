"""Whoever is not the video server is asked nothing, tells nothing, and opens nothing."""

import re
from dataclasses import replace
from typing import Any

import httpx
import pytest

from meetcoord.adapters.web.app import create_app
from meetcoord.adapters.web.parts import JitsiDoor
from meetcoord.domain.agencies import Role
from meetcoord.domain.meetings import Meeting
from tests.agencies import MORNING, Acting, World
from tests.builders import random_id
from tests.web.conftest import Asking, Readiness, parts_of, stored
from tests.web.requests import JITSI, ROUTES, Row, filled
from tests.web.video_server import FORM, JSON, ask
from tests.worlds import PUBLIC_URL


async def test_nobody_makes_us_read_more_than_we_must(jitsi: Asking) -> None:
    for row in (row for row in ROUTES if row.path.startswith(JITSI) and row.method != "GET"):
        limit = 2 << 20 if row.path.endswith("destroyed") else 64 << 10
        for headers in (JSON, FORM):
            content = b" " * (limit + 1)
            answer = await jitsi(row.method, filled(row.path), content=content, headers=headers)
            assert answer.status_code in {413, 415}, row


@pytest.mark.parametrize(
    "presented",
    [
        None,
        "",
        "Bearer",
        "Bearer wrong",
        "Basic {}",
        "bearer",
        "{}",
        "Bearer {}x",
        "Bearer x{}",
        "Bearer {} {}",
        "Bearer \u00e9",
        "Bearer mtc_a_b",
    ],
)
async def test_without_the_secret_nothing_is_asked_and_nothing_told(
    nobody: Asking, world: World, settled: Meeting, journal: list[Any], presented: str | None
) -> None:
    world.clock.go_to(MORNING)
    secret = world.service.keyring.jitsi_secret
    header = {} if presented is None else {"Authorization": presented.replace("{}", secret).encode("latin-1")}
    before = await stored(world)
    journal.clear()
    answers = [await _each(nobody, row, settled, header) for row in _rows()]
    assert {answer.status_code for answer in answers} == {401}
    shapes = {re.sub(r'"request_id":"\w+"', "", answer.text) for answer in answers}
    assert len(shapes) == 1, "one shape, whatever was asked"
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {"Bearer"}
    assert len(journal) == len(answers)
    assert secret not in repr(journal)
    assert settled.room not in repr(journal)
    assert await stored(world) == before


def _rows() -> list[Row]:
    return [row for row in ROUTES if row.path.startswith(JITSI)]


async def _each(asking: Asking, row: Row, meeting: Meeting, header: Any) -> httpx.Response:
    if row.path.endswith("/conference"):
        content = f"name={meeting.room}"
        return await asking(row.method, filled(row.path), content=content, headers={**FORM, **header})
    return await asking(row.method, filled(row.path), json=row.body, headers=header)


async def test_a_secret_sent_twice_is_none(jitsi: Asking) -> None:
    held = ("Authorization", f"Bearer {jitsi.key}")
    answer = await jitsi.http.delete(f"/jitsi/conference/{random_id('x')}", headers=[held, held])
    assert answer.status_code == 400


async def test_no_key_of_an_agency_passes_for_the_video_server(city: Acting, city_program: Asking) -> None:
    assert (await ask(city_program, random_id("x"))).status_code == 401
    assert (await city_program.get("/v1/me")).json()["roles"] == sorted(role.value for role in Role)
    assert city.id == "city"


async def test_the_secret_of_the_video_server_opens_nothing_else(jitsi: Asking, settled: Meeting) -> None:
    for path in ("/v1/me", f"/v1/meetings/{settled.id}/attendance", "/v1/meetings"):
        assert (await jitsi.get(path)).status_code == 401


async def test_where_no_secret_was_made_nobody_passes_for_jitsi(
    world: World, readiness: Readiness, settled: Meeting
) -> None:
    app: Any = create_app(replace(parts_of(world, readiness), jitsi=JitsiDoor()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC_URL) as client:
        for key in ("", "x", world.service.keyring.jitsi_secret):
            assert (await ask(Asking(client, key), settled.room)).status_code == 401


async def test_a_secret_does_not_print_itself(jitsi: Asking, world: World) -> None:
    assert jitsi.key not in repr(world.service.keyring)
    assert jitsi.key not in repr(JitsiDoor(secret=jitsi.key))
