"""What a personal link opens, asked as the join page asks."""

from datetime import timedelta

import pytest

from meetcoord.adapters.web.join_words import WORDS
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.profiles import ProfileName
from tests.agencies import MORNING, YES, World
from tests.web.conftest import Asking, stored
from tests.worlds import PHONE

PRESSED = "first-press"
SOON = timedelta(minutes=10)


async def seat(world: World, profile: ProfileName = ProfileName.STANDARD) -> tuple[Meeting, str]:
    """A meeting in the morning and the token of a delegate's link to it."""
    city, prefecture = await world.agency("city"), await world.agency("prefecture")
    proposed = await city.propose(prefecture, starts=[MORNING], profile=profile)
    await prefecture.answer(proposed, YES)
    settled = await city.settle(proposed)
    guest = await prefecture.person("Adviser")
    await prefecture.send(settled, guest)
    await city.invite(settled)
    await world.deliver()
    return settled, world.newest_link(guest)


async def test_a_link_tells_when_and_as_whom_and_changes_nothing(world: World, nobody: Asking) -> None:
    _, token = await seat(world)
    before = await stored(world)
    seen = (await nobody.post("/j/look", {"token": token})).json()
    assert seen["title"] == "Crisis cell"
    assert seen["organiser"] == "Agency city"
    assert seen["name"] == "Adviser (Agency prefecture)"
    assert (seen["start"], seen["time_zone"]) == ("2026-11-03T09:00:00Z", "Europe/Paris")
    assert seen["now"] == "2026-10-01T08:00:00Z"
    assert await stored(world) == before


async def test_one_press_is_one_admission_however_often_it_is_sent(world: World, nobody: Asking) -> None:
    _, token = await seat(world)
    world.clock.go_to(MORNING - SOON)
    first = await nobody.post("/j/admission", {"token": token, "click": PRESSED})
    again = await nobody.post("/j/admission", {"token": token, "click": PRESSED})
    assert first.status_code == 200
    assert first.json() == again.json()
    assert first.json()["token"] in first.json()["address"]


async def test_who_is_early_is_told_when_the_doors_open(world: World, nobody: Asking) -> None:
    _, token = await seat(world)
    world.clock.go_to(MORNING - timedelta(minutes=20))
    answer = await nobody.post("/j/admission", {"token": token, "click": PRESSED})
    assert (answer.status_code, answer.json()["code"]) == (403, "too_early")
    assert answer.json()["opens_at"] == "2026-11-03T08:45:00Z"
    assert answer.headers["Retry-After"] == "300"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "A" * 60_000])
async def test_a_link_that_is_none_of_ours_is_refused(nobody: Asking, token: str) -> None:
    for path, more in (("/j/look", {}), ("/j/admission", {"click": PRESSED})):
        answer = await nobody.post(path, {"token": token, **more})
        assert (answer.status_code, answer.json()["code"]) == (403, "link_invalid")


async def test_a_cancelled_meeting_says_so(world: World, nobody: Asking) -> None:
    meeting, token = await seat(world)
    await world.agencies["city"].cancel(meeting)
    answer = await nobody.post("/j/look", {"token": token})
    assert (answer.status_code, answer.json()["code"]) == (410, "meeting_cancelled")


async def test_a_withdrawn_link_says_so(world: World, nobody: Asking) -> None:
    meeting, token = await seat(world)
    await world.agencies["prefecture"].send(meeting)
    answer = await nobody.post("/j/look", {"token": token})
    assert (answer.status_code, answer.json()["code"]) == (410, "link_replaced")


async def test_a_meeting_that_is_over_says_so(world: World, nobody: Asking) -> None:
    _, token = await seat(world)
    world.clock.go_to(MORNING + timedelta(hours=1))
    answer = await nobody.post("/j/admission", {"token": token, "click": PRESSED})
    assert (answer.status_code, answer.json()["code"]) == (410, "too_late")


async def test_a_sensitive_meeting_asks_for_more_than_the_link(world: World, nobody: Asking) -> None:
    _, token = await seat(world, ProfileName.SENSITIVE)
    world.clock.go_to(MORNING)
    answer = await nobody.post("/j/admission", {"token": token, "click": PRESSED})
    assert (answer.status_code, answer.json()["code"]) == (403, "proof_needed")
    assert answer.json()["ways"] == ["mailed", "phoned"]


@pytest.mark.parametrize("click", ["", "short", "x" * 65, "with blank", "é" * 10])
async def test_a_press_has_a_name_of_its_own(world: World, nobody: Asking, click: str) -> None:
    _, token = await seat(world)
    answer = await nobody.post("/j/admission", {"token": token, "click": click})
    assert answer.status_code == 422


async def test_the_keys_of_room_tokens_are_served_by_the_hash_of_their_name(
    world: World, nobody: Asking
) -> None:
    for name, pem in world.service.keyring.room_keys.published().items():
        answer = await nobody.get(f"/asap/{name}.pem")
        assert answer.content == pem
        assert "immutable" in answer.headers["Cache-Control"]
        assert (await nobody.get(f"/asap/{name}")).status_code == 404


@pytest.mark.parametrize("path", ["/", "/j", "/j?lang=fr", "/j?lang=en", "/j?lang=de"])
async def test_a_page_holds_nothing_inline_and_nothing_foreign(nobody: Asking, path: str) -> None:
    answer = await nobody.get(path)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "://" not in answer.text
    assert " style=" not in answer.text
    assert " onclick=" not in answer.text
    assert answer.text.count("<script") == answer.text.count('<script type="module" src="/static/')
    assert PHONE in answer.text
    for address in {
        part.split('"')[0] for part in answer.text.split('="')[1:] if part.startswith("/static/")
    }:
        found = await nobody.get(address)
        assert found.status_code == 200
        assert "immutable" in found.headers["Cache-Control"]


def test_the_join_page_says_everything_in_every_language() -> None:
    names = [set(table) for table in WORDS.values()]
    assert len(names) == 3
    assert all(each == names[0] for each in names)
    assert all(text.strip() for table in WORDS.values() for text in table.values())


async def test_whom_to_tell_about_a_weakness(nobody: Asking) -> None:
    text = (await nobody.get("/.well-known/security.txt")).text
    assert "Contact: mailto:security@meet.example.org\n" in text
    assert "Expires: 2027-03-30T08:00:00Z\n" in text
