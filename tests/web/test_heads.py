"""HEAD is answered wherever GET is: the same headers, no body, nothing changed."""

import asyncio
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from meetcoord.domain.meetings import Meeting
from tests.agencies import World
from tests.web.conftest import Asking, stored
from tests.web.requests import ROUTES, filled

READ = [row for row in ROUTES if row.method == "GET"]


async def test_every_address_that_can_be_read_answers_head_as_get_without_the_body(
    world: World, settled: Meeting, city_program: Asking, nobody: Asking
) -> None:
    before = await stored(world)
    for asking in (city_program, nobody):
        for row in READ:
            path = filled(row.path, meeting=settled.id)
            read, head = await asking("GET", path), await asking("HEAD", path)
            assert (head.status_code, head.content) == (read.status_code, b""), row
            assert head.status_code not in {405, 500}, row
            assert _comparable(head) == _comparable(read), row
    assert await stored(world) == before


def _comparable(answer: httpx.Response) -> list[tuple[str, str]]:
    """A refusal's body names its request, and so has a length of its own at times."""
    fixed = answer.status_code < 400
    return [(name, value) for name, value in answer.headers.items() if fixed or name != "content-length"]


async def test_the_length_of_the_body_is_told(nobody: Asking) -> None:
    read = await nobody.get("/j")
    assert (await nobody("HEAD", "/j")).headers["content-length"] == str(len(read.content))


@pytest.mark.parametrize("path", ["/j/look", "/j/admission"])
async def test_what_cannot_be_read_has_no_head(nobody: Asking, path: str) -> None:
    assert (await nobody("HEAD", path)).status_code == 405


async def test_the_methods_that_would_do_name_head_beside_get(nobody: Asking) -> None:
    allowed = (await nobody.post("/livez")).headers["Allow"].split(", ")
    assert {"GET", "HEAD"} <= set(allowed)
    assert "HEAD" not in (await nobody.get("/j/look")).headers["Allow"]


async def test_the_servers_own_record_of_the_request_still_says_head(app: Litestar) -> None:
    scope: Any = {
        "type": "http", "method": "HEAD", "path": "/livez", "raw_path": b"/livez", "query_string": b"",
        "headers": [(b"host", b"meet.example.org")], "http_version": "1.1", "scheme": "https", "root_path": "",
        "client": None, "server": None, "asgi": {"version": "3.0"}, "extensions": {}, "state": {},
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    await cast(Any, app)(scope, receive, send)
    assert scope["method"] == "HEAD"
    assert sent[0]["status"] == 200
    assert b"".join(message.get("body", b"") for message in sent[1:]) == b""
