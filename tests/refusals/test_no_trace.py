"""A whole sensitive join, from the mailed code to the room, and not one trace of a secret in what was written."""

import asyncio
import json
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from playwright.async_api import Page, Request, async_playwright

from meetcoord.adapters import system
from meetcoord.demo.cast import CITY, PREFECTURE
from meetcoord.demo.mailroom import Mailroom, mailroom
from meetcoord.demo.stage import first_keys
from meetcoord.domain.values import Language
from tests.agencies import World
from tests.guests import DESK, Guest
from tests.refusals.served import COORD, ROOMS, Town, found, nginx, service
from tests.refusals.traces import spellings, traces
from tests.web.conftest import stored
from tests.worlds import on_every_database

DELEGATE = "delegate@prefecture.example.org"
PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs of two secretaries, who speak to the service itself."""

    http: httpx.AsyncClient
    keys: dict[str, str]

    async def __call__(self, agency: str, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.keys[agency]}"}
        answer = await self.http.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()


async def invite(ask: Programs) -> None:
    """One delegate of the prefecture to a sensitive meeting of the city, whose doors are open."""
    start = system.now().replace(microsecond=0) + timedelta(minutes=3)
    slot = {"start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
    asked = {
        "title": "Cellule", "slots": [slot], "convened": [{"agency": PREFECTURE.id}], "time_zone": "Europe/Paris",
        "profile": "sensitive",
    }  # fmt: skip
    person = await ask(
        PREFECTURE.id,
        "POST",
        "/v1/persons",
        {"name": "Astreinte", "address": DELEGATE, "function": "Astreinte"},
    )
    meeting = await ask(CITY.id, "POST", "/v1/meetings", asked)
    path, chosen = f"/v1/meetings/{meeting['id']}", meeting["slots"][0]["id"]
    yes = {"terms": meeting["terms"], "choices": [{"slot": chosen, "choice": "yes"}]}
    await ask(PREFECTURE.id, "PUT", f"{path}/answer", yes)
    await ask(PREFECTURE.id, "PUT", f"{path}/delegates", {"delegates": [{"person": person["id"]}]})
    await ask(CITY.id, "PUT", f"{path}/slot", {"slot": chosen})
    await ask(CITY.id, "POST", f"{path}/invitations")


async def received(mail: Mailroom, number: int) -> str:
    """The text of the delegate's `number`th message, once it is there."""
    async with asyncio.timeout(PATIENCE):
        while len(messages := mail.messages_to(DELEGATE)) <= number:  # noqa: ASYNC110  a mailbox calls nobody
            await asyncio.sleep(0.05)
    body = messages[number].get_body(("plain",))
    assert body
    return str(body.get_content())


@dataclass(slots=True)
class Seen:
    """What the browser sent: `told` is what stood in its bodies, `wire` all that servers on the way may note."""

    told: dict[str, str] = field(default_factory=dict)
    wire: list[str] = field(default_factory=list)
    token: str = ""

    def note(self, request: Request) -> None:
        self.wire.append(f"{request.method} {request.url.partition('#')[0]} {request.headers}")
        if request.url.endswith("/j/admission"):
            self.told |= {name: text for name, text in json.loads(request.post_data or "{}").items() if text}


@asynccontextmanager
async def browser(chromium: str, seen: Seen) -> AsyncIterator[Page]:
    """A real one, that finds both servers on this machine and takes their certificates."""
    rules = ",".join(f"MAP {name} 127.0.0.1" for name in (COORD, ROOMS))
    arguments = ["--no-sandbox", f"--host-resolver-rules={rules}"]
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium, args=arguments)
        page = await started.new_page(ignore_https_errors=True, locale="en-GB")
        page.on("request", lambda request: seen.note(request))  # noqa: PLW0108  it marks what it is given
        yield page
        await started.close()


async def join(page: Page, link: str, mail: Mailroom, seen: Seen) -> str:
    """From the link in the mail to the room; returns the code."""
    await page.goto(f"{link.partition('#')[0]}?lang=en#{link.partition('#')[2]}")
    await page.locator("#enter").click()
    assert "#" not in page.url, "nor does it stay in the browser's history"
    letter = await received(mail, 1)
    ((first, second),) = re.findall(r"^(\d{3})\s(\d{3})\s*$", letter, re.MULTILINE)
    await page.locator("input[autocomplete=one-time-code]").fill(f"{first} {second}")
    await page.locator("input[autocomplete=one-time-code]").press("Enter")
    await page.wait_for_url(f"https://{ROOMS}:*/**")
    seen.token = unquote(page.url.partition("#jwt=")[2]).strip('"')
    assert seen.token.count(".") == 2
    await page.get_by_role("link", name="on").click()
    await page.wait_for_url("**/next")
    return f"{first}{second}"


@pytest.mark.needs("browser", "nginx")
async def test_link_code_token_and_device_stand_in_no_log_address_or_database(
    tmp_path: Path, chromium: str
) -> None:
    town = found(tmp_path)
    keys = await first_keys(town.stage, Language.ENGLISH)
    seen = Seen()
    with mailroom(tmp_path / "mail", town.stage.mail_port, "nobody@example.org") as mail:
        async with service(town), nginx(town):
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{town.behind}", headers={"Host": town.origin[8:]}, timeout=30
            ) as http:
                await invite(Programs(http, keys))
            await received(mail, 0)
            (link,) = mail.links_to(DELEGATE).values()
            async with browser(chromium, seen) as page:
                code = await join(page, link, mail, seen)
            running = kept(town)
        stopped = kept(town)
    secrets = {
        "link": link.partition("#")[2], "code": code, "token": seen.token, "device": seen.told["device"],
        "key": keys[CITY.id],
    }  # fmt: skip
    assert seen.told["code"] == code
    must_have_been_written_at_all(town, running, secrets)
    wire = {"addresses and headers": "\n".join(seen.wire).encode()}
    assert traces(secrets, running) == []
    assert traces(secrets, stopped) == []
    assert traces(secrets, wire) == []


def kept(town: Town) -> dict[str, bytes]:
    """All that service and nginx write, the database among it, whose rows are also told one by one."""
    files = town.written("service.log", "*.log", "meetcoord.db*")
    (file,) = town.folder.rglob("meetcoord.db")
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as reader:
        dump = "\n".join(reader.iterdump())
    return {**files, "dump": dump.encode()}


def must_have_been_written_at_all(town: Town, kept: dict[str, bytes], secrets: dict[str, str]) -> None:
    """What is searched is what was written, and the search would find a secret where one stands."""
    assert b'"POST /j/admission" 200' in kept["nginx/meetcoord.log"]
    assert f"GET /next HTTP/2.0|https://{ROOMS}:".encode() in kept["nginx/rooms.log"], "rooms have Referers"
    assert COORD.encode() not in kept["nginx/rooms.log"], "but none that says where one came from"
    assert b"ready" in kept["service.log"]
    assert b"outbox" in kept["dump"]
    assert b"admission" in kept["dump"]
    assert DELEGATE.encode() in kept["dump"]
    for name, secret in secrets.items():
        for spelling in spellings(secret):
            if len(spelling) >= 7 or spelling == secret.encode():
                assert traces({name: secret}, {"here": b"x " + spelling + b" y"}) == [(name, "here")]
    mail = b"".join(town.written("*.eml").values()).replace(b"=3D", b"=").replace(b"=\r\n", b"")
    assert {name for name, _ in traces(secrets, {"mail": mail})} == {"link", "code"}


@on_every_database
async def test_no_row_of_any_table_holds_a_secret(world: World, guest: Guest) -> None:
    mailed = await guest.mailed()
    token = await guest.enter(mailed, DESK)
    phoned = await guest.phoned()
    secrets = {"link": guest.link, "mailed": mailed, "phoned": phoned, "token": token, "device": DESK}
    rows = {table: repr(found).encode() for table, found in (await stored(world)).items()}
    assert guest.seat.id.encode() in rows["invitations"]
    assert rows["outbox"] != b"[]"
    assert traces(secrets, rows) == []
