"""Codes guessed from many addresses at once: the ceiling is one for all of them, and survives every answer."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from meetcoord.bootstrap import Keyring
from meetcoord.domain.challenges import PAUSE, TRIES, TRIES_IN_ALL
from tests.agencies import World
from tests.guests import Guest
from tests.refusals.shapes import must_be_noted_once, must_be_refused
from tests.refusals.test_dead_links import client_of
from tests.web.conftest import Asking
from tests.worlds import PUBLIC_URL, on_every_database, world_on

AT_ONCE = 50


async def guess_from(app: Litestar, guest: Guest, number: int, digits: str) -> httpx.Response:
    """A guesser with an address, a device and a browser of her own."""
    address = f"203.0.{number % 250}.{number // 250 + 1}"
    transport: Any = httpx.ASGITransport(app, client=(address, 40_000 + number))  # type: ignore[arg-type]  # httpx and Litestar name one protocol in two ways
    told = {
        "token": guest.link,
        "click": f"guess-{number:04}",
        "device": f"{number:04}".ljust(43, "g"),
        "code": digits,
    }
    headers = {"X-Forwarded-For": address, "Forwarded": f"for={address}", "User-Agent": f"guesser/{number}"}
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as http:
        return await http.post("/j/admission", json=told, headers=headers)


async def guess(app: Litestar, guest: Guest, right: str, start: int) -> list[httpx.Response]:
    """Fifty guesses at once, none of them right."""
    digits = [f"{number:06}" for number in range(start, start + AT_ONCE + 1) if f"{number:06}" != right]
    asked = (guess_from(app, guest, start + n, each) for n, each in enumerate(digits[:AT_ONCE]))
    return list(await asyncio.gather(*asked))


def counted(answers: list[httpx.Response]) -> int:
    """How many of these guesses were compared with the code."""
    for answer in answers:
        must_be_refused(answer)
    return [answer.json()["code"] for answer in answers].count("code_wrong")


@on_every_database
async def test_fifty_guesses_at_once_from_fifty_addresses_are_five(
    app: Litestar, world: World, guest: Guest, nobody: Asking, journal: list[Any]
) -> None:
    code = await guest.mailed()
    journal.clear()
    answers = await guess(app, guest, code, 0)
    assert counted(answers) == TRIES
    must_be_noted_once(journal, AT_ONCE, code, guest.link)
    late = await guess_from(app, guest, 999, code)
    assert (late.status_code, late.json()["code"]) == (403, "code_expired")


@on_every_database
async def test_new_codes_raise_the_ceiling_of_a_link_to_fifteen_and_no_further(
    app: Litestar, world: World, guest: Guest
) -> None:
    compared = 0
    for turn in range(5):
        told = await client_post(app, guest)
        if told.status_code == 429:
            break
        await world.deliver()
        compared += counted(await guess(app, guest, world.newest_code(guest.person), 100 * turn))
        world.clock.pass_by(PAUSE + timedelta(seconds=1))
    assert compared == TRIES_IN_ALL
    for answer in (await client_post(app, guest), await guess_from(app, guest, 1, "123456")):
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tries")
        must_be_refused(answer, guest.link)


async def client_post(app: Litestar, guest: Guest) -> httpx.Response:
    transport: Any = httpx.ASGITransport(app)  # type: ignore[arg-type]  # httpx and Litestar name one protocol in two ways
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as http:
        return await http.post("/j/code", json={"token": guest.link})


@pytest.mark.needs("postgresql")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_servers_on_one_database_count_together(
    app: Litestar, world: World, guest: Guest, database_url: str, keyring: Keyring
) -> None:
    code = await guest.mailed()
    async with world_on(database_url, keyring) as other, client_of(other) as elsewhere:
        other.clock.go_to(world.clock())
        told = {"token": guest.link, "device": "o" * 43}
        wrong = [f"{n:06}" for n in range(500, 520) if f"{n:06}" != code]
        here, there = await asyncio.gather(
            asyncio.gather(*(guess_from(app, guest, n, digits) for n, digits in enumerate(wrong[:10]))),
            asyncio.gather(
                *(
                    elsewhere.post("/j/admission", {**told, "click": f"elsewhere-{digits}", "code": digits})
                    for digits in wrong[9:19]
                )
            ),
        )
    assert counted([*here, *there]) == TRIES


async def test_a_limit_counts_by_link_and_not_by_address(
    app: Litestar, world: World, guest: Guest, nobody: Asking
) -> None:
    """Five hundred people of one administration come from one address, and guess for nobody else."""
    code = await guest.mailed()
    for _ in range(500):
        answer = await nobody.post("/j/look", {"token": "a.b.c"})
        assert answer.status_code == 403
    assert (await guess_from(app, guest, 1, code)).status_code == 200
