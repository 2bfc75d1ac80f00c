"""Codes over HTTP: what the page asks, what a secretary's program asks, and what a guesser learns."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from meetcoord.domain.agencies import Role
from meetcoord.domain.profiles import ProfileName
from tests.agencies import MORNING, World
from tests.web.conftest import Asking, key_of
from tests.web.test_join import PRESSED, seat

DEVICE = "d" * 43


def press(token: str, **more: str) -> dict[str, str]:
    return {"token": token, "click": PRESSED, "device": DEVICE, **more}


def newest_code(world: World) -> str:
    return [letter.code.digits for letter in world.post.letters if letter.code][-1]


@pytest.fixture
async def token(world: World) -> str:
    """A link to a sensitive meeting that begins."""
    _, token = await seat(world, ProfileName.SENSITIVE)
    world.clock.go_to(MORNING)
    return token


async def test_a_code_is_mailed_and_opens_the_door(world: World, nobody: Asking, token: str) -> None:
    needed = await nobody.post("/j/admission", press(token))
    assert (needed.status_code, needed.json()["code"]) == (403, "proof_needed")
    assert needed.json()["ways"] == ["mailed", "phoned"]
    assert (await nobody.post("/j/code", {"token": token})).json() == {
        "address": "a…r@prefecture.example.org",
        "fresh": True,
        "again_at": "2026-11-03T09:00:30Z",
        "expires_at": "2026-11-03T09:10:00Z",
        "now": "2026-11-03T09:00:00Z",
    }
    again = await nobody.post("/j/code", {"token": token})
    assert (again.status_code, again.json()["fresh"]) == (200, False)
    await world.deliver()
    entered = await nobody.post("/j/admission", press(token, code=newest_code(world)))
    assert set(entered.json()) == {"address", "token"}
    assert (await nobody.post("/j/look", {"token": token, "device": DEVICE})).json()["title"] == "Crisis cell"
    assert (await nobody.post("/j/look", {"token": token})).json()["title"] == ""


async def test_a_guesser_learns_how_many_tries_are_left_and_nothing_else(
    world: World, nobody: Asking, token: str
) -> None:
    await nobody.post("/j/code", {"token": token})
    await world.deliver()
    wrong = "000000" if newest_code(world) != "000000" else "000001"
    answers = [await nobody.post("/j/admission", press(token, code=wrong)) for _ in range(7)]
    assert [answer.json()["code"] for answer in answers] == ["code_wrong"] * 5 + ["code_expired"] * 2
    assert [answer.json().get("tries_left") for answer in answers] == [4, 3, 2, 1, 0, None, None]
    assert {answer.status_code for answer in answers} == {403}


async def test_whether_a_code_was_ever_asked_for_is_not_told(
    world: World, nobody: Asking, token: str
) -> None:
    never = await nobody.post("/j/admission", press(token, code="123456"))
    await nobody.post("/j/code", {"token": token})
    world.clock.pass_by(timedelta(minutes=10))
    expired = await nobody.post("/j/admission", press(token, code="123456"))
    assert told(never) == told(expired)


def told(answer: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "request_id"}


async def test_too_many_tries_say_until_when(world: World, nobody: Asking, token: str) -> None:
    for _ in range(3):
        await nobody.post("/j/code", {"token": token})
        await world.deliver()
        wrong = "000000" if newest_code(world) != "000000" else "000001"
        for _ in range(5):
            await nobody.post("/j/admission", press(token, code=wrong))
        world.clock.pass_by(timedelta(seconds=30))
    for answer in (
        await nobody.post("/j/code", {"token": token}),
        await nobody.post("/j/admission", press(token, code="123456")),
    ):
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tries")
        assert answer.headers["Retry-After"] == str(3600 - 90)
    assert (await nobody.post("/j/admission", press(token))).json()["ways"] == ["phoned"]


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"code": "12345"}, "/code"),
        ({"code": "abcdef"}, "/code"),
        ({"code": "1" * 60_000}, "/code"),
        ({"device": "short"}, "/device"),
        ({"device": "", "code": "123456"}, "/device"),
    ],
)
async def test_what_can_be_no_code_is_told_and_not_counted(
    nobody: Asking, token: str, more: dict[str, str], pointer: str
) -> None:
    answer = await nobody.post("/j/admission", press(token, **more))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_secretary_reads_a_code_to_her_own_people_only(
    world: World, nobody: Asking, http: httpx.AsyncClient
) -> None:
    meeting, token = await seat(world, ProfileName.CRITICAL)
    programs = {name: Asking(http, await key_of(agency, *Role)) for name, agency in world.agencies.items()}
    path = f"/v1/meetings/{meeting.id}/invitations"
    (line,) = (await programs["prefecture"].get(path)).json()["items"]
    early = await programs["prefecture"].post(f"{path}/{line['id']}/phone-code")
    assert (early.status_code, early.json()["code"]) == (403, "too_early")
    world.clock.go_to(MORNING)
    assert (await programs["city"].post(f"{path}/{line['id']}/phone-code")).status_code == 403
    for unknown in ("a" * 26, "wrong"):
        assert (await programs["prefecture"].post(f"{path}/{unknown}/phone-code")).status_code == 404
    read = await programs["prefecture"].post(f"{path}/{line['id']}/phone-code")
    assert (read.status_code, read.headers["Cache-Control"]) == (201, "no-store")
    assert (await nobody.post("/j/code", {"token": token})).json()["code"] == "proof_needed"
    assert (await nobody.post("/j/admission", press(token, code=read.json()["code"]))).status_code == 200
    elsewhere = await nobody.post("/j/admission", press(token, device="e" * 43))
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "used_elsewhere")
    for program in programs.values():
        (line,) = (await program.get(path)).json()["items"]
        assert (line["devices"], len(line["refused_at"])) == (1, 1)


async def test_no_code_stands_in_the_journal(
    world: World, nobody: Asking, token: str, journal: list[Any]
) -> None:
    await nobody.post("/j/code", {"token": token})
    await world.deliver()
    code = newest_code(world)
    await nobody.post("/j/admission", press(token, code=code + "7"))
    await nobody.post("/j/admission", press(token, device="x", code=code))
    await nobody.post("/j/admission", press(token, code=code))
    await nobody.post("/j/admission", press(token, device="e" * 43, code=code))
    assert len(journal) >= 3
    assert code not in repr(journal)
    assert DEVICE not in repr(journal)
