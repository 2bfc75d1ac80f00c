"""Join links that are not exactly ours, sent as the page sends them: one refusal for all, noted once each."""

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.agencies import World
from tests.identity.forger import b64url, signed_with
from tests.identity.test_links import ALPHABET, WRONG_CLAIMS, WRONG_HEADERS, changed
from tests.refusals.credentials import Held, held
from tests.refusals.shapes import distinct, must_be_noted_once, must_be_refused
from tests.web.conftest import Asking, stored

__all__ = ["held"]
PRESS = {"click": "first-press"}
DOORS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("/j/look", {}),
    ("/j/code", {}),
    ("/j/admission", PRESS),
)


async def refuse_all(nobody: Asking, journal: list[Any], tokens: list[str], doors: Any = DOORS) -> None:
    """Each at each door: the same words for all of them, and not one word of the token."""
    journal.clear()
    answers = [await nobody.post(path, {"token": token, **more}) for token in tokens for path, more in doors]
    for answer in answers:
        must_be_refused(answer)
    assert len(distinct(answers)) == 1, distinct(answers)
    assert (answers[0].status_code, answers[0].json()["code"]) == (403, "link_invalid")
    must_be_noted_once(journal, len(answers), *(token for token in tokens if len(token) > 20))


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the claims as they stand."""
    header, claims = (json.loads(urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
    return header, claims


def link_key(world: World) -> bytes:
    (key,) = world.service.keyring.link_keys.values()
    return key


async def test_every_altered_bit_is_refused_at_the_door(
    world: World, held: Held, nobody: Asking, journal: list[Any]
) -> None:
    token = held.secrets["join link"]
    altered = [
        token[:place] + chr(ord(letter) ^ (1 << bit)) + token[place + 1 :]
        for place, letter in enumerate(token)
        for bit in range(7)
        # JSON carries no NUL for us: such a body is refused before anybody reads a token.
        if ord(letter) ^ (1 << bit)
    ]
    altered += [token[:-1] + letter for letter in ALPHABET if letter != token[-1]]
    altered += [f"{token[:-9]}{letter}{token[-9:]}" for letter in "!*~ \t"]
    before = await stored(world)
    await refuse_all(nobody, journal, altered, DOORS[:1])
    await refuse_all(nobody, journal, altered[::97])
    assert await stored(world) == before


async def test_a_right_signature_does_not_make_up_for_another_header(
    world: World, held: Held, nobody: Asking, journal: list[Any]
) -> None:
    header, claims = parts(held.secrets["join link"])
    forged = [
        signed_with(link_key(world), changed(header, **change), claims)
        for change in WRONG_HEADERS
        if change != {"kid": "k2"}
    ]
    assert (await nobody.post("/j/look", {"token": signed_with(link_key(world), header, claims)})).is_success
    await refuse_all(nobody, journal, forged)


async def test_a_right_signature_does_not_make_up_for_other_claims(
    world: World, held: Held, nobody: Asking, journal: list[Any]
) -> None:
    header, claims = parts(held.secrets["join link"])
    forged = [signed_with(link_key(world), header, changed(claims, **change)) for change in WRONG_CLAIMS]
    await refuse_all(nobody, journal, forged)


def forgeries(held: Held) -> Iterator[str]:
    """By somebody who knows everything that is public, and one good link."""
    world = held.world
    header, claims = parts(held.secrets["join link"])
    (room_pem,), (system_pem,) = (
        keys.published().values()
        for keys in (world.service.keyring.room_keys, world.service.keyring.system_keys)
    )
    elliptic = generate_private_key(SECP256R1())
    elliptic_pem = elliptic.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    own = {"typ": header["typ"], "kid": header["kid"]}
    yield jwt.encode(claims, "", algorithm="none", headers=own)
    yield jwt.encode(claims, elliptic, algorithm="ES256", headers=own)
    for pem in (room_pem, system_pem, elliptic_pem, room_pem.strip(), b"", header["kid"].encode()):
        yield signed_with(pem, header, claims)
    for keys in (world.service.keyring.room_keys, world.service.keyring.system_keys):
        yield keys.signed(claims, world.clock())
        for private in keys.keys.values():
            yield jwt.encode(claims, private, algorithm="RS256", headers=own)
    head, body, signature = held.secrets["join link"].split(".")
    yield from (f"{head}.{body}.", f"{head}.{body}", f".{body}.{signature}", f"{head}..{signature}")
    yield f"{b64url(json.dumps({**header, 'alg': 'none'}).encode())}.{body}."


async def test_what_is_signed_by_nobody_by_another_key_or_by_a_public_one_is_refused(
    held: Held, nobody: Asking, journal: list[Any]
) -> None:
    await refuse_all(nobody, journal, list(forgeries(held)))


async def test_no_token_makes_us_fetch_anything(
    world: World, held: Held, nobody: Asking, journal: list[Any]
) -> None:
    callers: list[object] = []

    async def note(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        callers.append(writer.get_extra_info("peername"))
        writer.close()

    listening = await asyncio.start_server(note, "127.0.0.1", 0)
    here = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/key"
    header, claims = parts(held.secrets["join link"])
    asking: list[dict[str, Any]] = [{"jku": here}, {"x5u": here}, {"kid": here}, {"jwk": {"k": here}}]
    try:
        await refuse_all(
            nobody,
            journal,
            [signed_with(link_key(world), {**header, **more}, claims) for more in asking],
        )
        assert callers == []
    finally:
        listening.close()
        await listening.wait_closed()


async def test_a_link_may_be_shown_again_and_gives_each_press_its_own_entry(
    world: World, held: Held, nobody: Asking
) -> None:
    """Not a replay that is refused: what a link opens is decided anew each time it is shown."""
    told = {"token": held.secrets["join link"], "device": held.secrets["device"]}
    entries = [
        (await nobody.post("/j/admission", {**told, "click": click})).json()["token"]
        for click in ("press-one", "press-two", "press-one")
    ]
    assert entries[0] == entries[2] != entries[1]
    await world.agencies["prefecture"].send(held.guest.meeting)
    answer = await nobody.post("/j/admission", {**told, "click": "press-one"})
    assert (answer.status_code, answer.json()["code"]) == (410, "link_replaced")


@pytest.mark.parametrize("field", ["moderator", "affiliation", "role", "name", "room", "agency_id", "sub"])
async def test_nobody_makes_herself_more_by_a_field(held: Held, nobody: Asking, field: str) -> None:
    told = {"token": held.secrets["join link"], "device": held.secrets["device"], **PRESS}
    for more in ({field: "owner"}, {field: True}):
        answer = await nobody.post("/j/admission", {**told, **more})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{field}")
