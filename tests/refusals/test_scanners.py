"""Programs that follow the links in a mail before its reader does: nothing is used up and nothing is changed."""

import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest

from meetcoord.adapters.web.app import create_app
from meetcoord.bootstrap import Keyring
from meetcoord.domain.profiles import ProfileName
from tests.agencies import World
from tests.guests import DESK, invited
from tests.web.conftest import Asking, Readiness, parts_of, stored
from tests.web.requests import ROUTES, filled
from tests.worlds import PUBLIC_URL, on_every_database

TIMES = 50
USER_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36",
    "Mozilla/5.0 (compatible; mail-link-scanner/1.0)",
    "curl/8.5.0",
    "python-requests/2.32",
    "facebookexternalhit/1.1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)",
    "",
    "x" * 2_000,
)


async def scan(http: httpx.AsyncClient, number: int) -> list[httpx.Response]:
    """What a scanner sees of a link: the page, since no fragment leaves a browser; some follow each address on it."""
    headers = {"User-Agent": USER_AGENTS[number % len(USER_AGENTS)], "Purpose": "prefetch"}
    paths = [filled(row.path) for row in ROUTES if row.method == "GET" and not row.keyed]
    return [
        await http.request(method, path, headers=headers)
        for method in ("GET", "HEAD")
        for path in ("/j", *(paths if number < len(USER_AGENTS) else ()))
    ]


@on_every_database
async def test_fifty_scanners_leave_every_row_as_it_was_and_the_link_as_good(
    world: World, http: httpx.AsyncClient, nobody: Asking
) -> None:
    city, prefecture = await world.agency("city"), await world.agency("prefecture")
    guest = await invited(world, city, prefecture, ProfileName.SENSITIVE)
    before = await stored(world)
    for number in range(TIMES):
        answers = await scan(http, number)
        assert {answer.status_code for answer in answers if answer.url.path == "/j"} == {200}
        assert not [answer for answer in answers if "set-cookie" in answer.headers]
        # Those that run scripts see what the page asks first; those that press buttons have no code.
        for path, more in (("/j/look", {}), ("/j/admission", {"click": f"scanner-{number}", "device": DESK})):
            answer = await nobody.post(path, {"token": guest.link, **more})
            assert answer.status_code == (200 if path == "/j/look" else 403)
            assert guest.meeting.title not in answer.text
    assert await stored(world) == before
    assert await guest.enter(await guest.mailed())


async def test_not_one_byte_of_the_database_changes(
    world_on_disk: World, database_file: Path, keyring: Keyring
) -> None:
    city, prefecture = await world_on_disk.agency("city"), await world_on_disk.agency("prefecture")
    guest = await invited(world_on_disk, city, prefecture)
    app: Any = create_app(parts_of(world_on_disk, Readiness()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC_URL) as http:
        before = fingerprint(database_file)
        for number in range(TIMES):
            await scan(http, number)
            assert (await http.post("/j/look", json={"token": guest.link})).status_code == 200
        assert fingerprint(database_file) == before


def fingerprint(file: Path) -> dict[str, str]:
    """Of the database and its journal; the index of the journal in shared memory notes who reads."""
    found = [path for path in file.parent.glob(f"{file.name}*") if not path.name.endswith("-shm")]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


@pytest.mark.parametrize("path", ["/j/look", "/j/code", "/j/admission"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
async def test_what_is_sent_by_button_is_sent_in_no_other_way(nobody: Asking, path: str, method: str) -> None:
    answer = await nobody(method, path)
    assert answer.status_code in {204, 404, 405, 501}, answer.text
    assert "access-control-allow-origin" not in answer.headers
