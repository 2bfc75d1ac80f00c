"""Names of things guessed by a stranger: what is somebody else's answers exactly as what does not exist."""

from typing import Any

import httpx
import pytest

from meetcoord.adapters import system
from meetcoord.domain.agencies import Role
from meetcoord.domain.values import is_random_id
from tests.agencies import World
from tests.builders import random_id
from tests.identity.forger import signed_with
from tests.refusals.credentials import Held, held
from tests.refusals.shapes import distinct, must_be_refused
from tests.refusals.test_altered_tokens import link_key, parts
from tests.web.conftest import Asking, key_of, stored
from tests.web.requests import JITSI, ROUTES, Row
from tests.web.video_server import ask
from tests.worlds import on_every_database

__all__ = ["held"]
NAMED = [row for row in ROUTES if "{meeting_id}" in row.path]


def asked(row: Row, meeting: str, invitation: str) -> tuple[str, str, Any]:
    path = row.path.format(meeting_id=meeting, invitation_id=invitation, seq="0")
    return row.method, path, row.body


@on_every_database
async def test_no_route_tells_a_foreign_meeting_from_one_that_does_not_exist(
    world: World, held: Held, http: httpx.AsyncClient
) -> None:
    await held.world.agencies["city"].write(held.guest.meeting)
    stranger = Asking(http, await key_of(await world.agency("health-agency"), *Role))
    before = await stored(world)
    ways = [(held.guest.meeting.id, held.guest.seat.id), (random_id("no"), random_id("no")), ("x", "x")]
    for row in NAMED:
        headers = {"If-Match": '"1"'}
        answers = []
        for meeting, invitation in ways:
            method, path, body = asked(row, meeting, invitation)
            answers.append(await stranger(method, path, json=body, headers=headers))
        assert {answer.status_code for answer in answers} == {404}, row
        assert len(distinct(answers)) == 1, row
        for answer in answers:
            must_be_refused(answer, held.guest.meeting.title, held.guest.meeting.id)
    assert await stored(world) == before


async def test_a_known_link_and_an_unknown_one_are_answered_in_the_same_words_and_length(
    held: Held, nobody: Asking
) -> None:
    """Who does not hold our key learns nothing about a seat by naming it."""
    header, claims = parts(held.secrets["join link"])
    known = signed_with(bytes(32), header, claims)
    unknown = signed_with(bytes(32), header, {**claims, "sub": random_id("nobody")})
    for path in ("/j/look", "/j/code"):
        answers = [await nobody.post(path, {"token": token}) for token in (known, unknown)]
        assert len(distinct(answers)) == 1
        assert len({len(answer.content) for answer in answers}) == 1


async def test_even_under_our_own_key_a_seat_that_is_not_there_is_a_link_that_is_not_ours(
    world: World, held: Held, nobody: Asking
) -> None:
    header, claims = parts(held.secrets["join link"])
    missing = signed_with(link_key(world), header, {**claims, "sub": random_id("nobody")})
    answer = await nobody.post("/j/look", {"token": missing})
    assert (answer.status_code, answer.json()["code"]) == (403, "link_invalid")


async def test_a_known_key_with_a_wrong_secret_looks_like_an_unknown_one(held: Held, nobody: Asking) -> None:
    key = held.secrets["API key"]
    known = key[:-1] + ("a" if key[-1] != "a" else "b")
    _, id_, secret = key.split("_")
    unknown = f"mtc_{random_id('nobody')}_{secret}"
    assert is_random_id(id_)
    answers = [
        await nobody.get("/v1/me", headers={"Authorization": f"Bearer {each}"}) for each in (known, unknown)
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len(distinct(answers)) == 1
    assert len({len(answer.content) for answer in answers}) == 1


async def test_room_names_and_reservations_are_not_told_apart(jitsi: Asking, held: Held) -> None:
    names = [random_id("nowhere"), random_id("elsewhere"), "x", "*"]
    assert len(distinct([await ask(jitsi, name) for name in names])) == 1
    reserved = [await jitsi.get(f"{JITSI}/conference/{random_id(name)}") for name in "ab"]
    assert len(distinct(reserved)) == 1


def test_names_hold_128_bits_of_chance_at_least() -> None:
    drawn = [system.new_id() for _ in range(5_000)]
    assert len(set(drawn)) == len(drawn)
    assert all(is_random_id(each) for each in drawn)
    # 26 places of 5 bits, of which each but the last takes every one of its 32 letters.
    for place in range(25):
        assert len({each[place] for each in drawn}) == 32
    assert 25 * 5 + 3 >= 128
    assert len({each[25] for each in drawn}) >= 8


@pytest.mark.parametrize("guess", ["0" * 26, "a" * 26, "z" * 26, "7" * 26])
async def test_a_guessed_meeting_is_simply_not_there(city_program: Asking, guess: str) -> None:
    answer = await city_program.get(f"/v1/meetings/{guess}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
