"""A full room, another device and a moved meeting before a real browser: calm, and never a dead end."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from meetcoord.domain.attendance import RoomEventKind
from meetcoord.domain.meetings import Meeting
from meetcoord.usecases.note_room_events import ToldEvent
from tests.agencies import MORNING, World
from tests.guests import DESK
from tests.web.browsing import NARROW, browser_page, must_fit
from tests.web.conftest import Asking
from tests.web.test_join import seat
from tests.web.test_join_page import address
from tests.worlds import PHONE

__all__ = ["address"]


async def strangers_come(
    world: World, meeting: Meeting, *connections: str, kind: RoomEventKind = RoomEventKind.JOINED
) -> None:
    """Or go, as the video system says."""
    now = world.clock()
    told = [ToldEvent(kind=kind, since=MORNING, at=now, participant=each) for each in connections]
    await world.use.note_room_events(meeting.room, told)


async def test_a_full_room_says_when_to_knock_again(world: World, nobody: Asking) -> None:
    meeting, token = await seat(world)
    world.clock.go_to(MORNING)
    await strangers_come(world, meeting, "11111111", "22222222")
    answer = await nobody.post("/j/admission", {"token": token, "click": "one-press"})
    assert (answer.status_code, answer.json()["code"]) == (403, "room_full")
    assert answer.headers["Retry-After"] == "60"


async def test_a_link_of_a_moved_meeting_is_told_apart_from_a_replaced_one(
    world: World, nobody: Asking
) -> None:
    meeting, token = await seat(world)
    await world.agencies["city"].move(meeting, MORNING + timedelta(days=7))
    for late in (timedelta(), timedelta(days=6)):
        world.clock.go_to(MORNING + late)
        answer = await nobody.post("/j/look", {"token": token})
        assert (answer.status_code, answer.json()["code"]) == (410, "meeting_moved")
        assert answer.json()["type"].endswith("/problems/meeting_moved")


@pytest.mark.needs("browser")
async def test_a_full_room_is_tried_again_every_minute_by_itself(
    world: World, address: str, chromium: str
) -> None:
    meeting, token = await seat(world)
    world.clock.go_to(MORNING)
    await strangers_come(world, meeting, "11111111", "22222222")
    async with browser_page(chromium, NARROW) as (page, _):
        await page.clock.install(time=world.clock())
        await page.goto(f"{address}/j?lang=en#{token}")
        await page.locator("#enter").click()
        await expect(page.locator("#notice")).to_contain_text("The room is full just now.")
        await expect(page.locator("#near-help").get_by_text(PHONE)).to_be_visible()
        await expect(page.locator("#retry")).to_be_enabled()
        await must_fit(page)
        async with page.expect_response("**/j/admission") as still:
            await page.clock.run_for(60_000)
        assert (await still.value).status == 403
        await expect(page.locator("#notice")).to_contain_text("The room is full just now.")
        await strangers_come(world, meeting, "11111111", kind=RoomEventKind.LEFT)
        async with page.expect_request("https://meet.example.org/**"):
            await page.clock.run_for(60_000)


@pytest.mark.needs("browser")
async def test_the_page_says_calmly_that_the_link_was_used_on_another_device(
    world: World, address: str, chromium: str
) -> None:
    _, token = await seat(world)
    world.clock.go_to(MORNING)
    async with browser_page(chromium, NARROW) as (page, complaints):
        other = page.locator("#other-device")
        await page.goto(f"{address}/j?lang=fr#{token}")
        await expect(page.locator("#enter")).to_be_enabled()
        await expect(other).to_be_hidden()
        await world.press(token, device=DESK)
        await page.reload()
        await expect(other).to_contain_text("Ce lien a aussi servi sur un autre appareil.")
        await expect(other.get_by_role("link", name=PHONE)).to_be_visible()
        await expect(page.locator("#enter")).to_be_enabled()
        await page.locator("[data-language=de]").click()
        await expect(other).to_contain_text("Dieser Link wurde auch auf einem anderen Gerät benutzt.")
        await must_fit(page)
        assert complaints == []


@pytest.mark.needs("browser")
async def test_a_meeting_moved_while_somebody_waits_is_told_without_a_reload(
    world: World, address: str, chromium: str
) -> None:
    meeting, token = await seat(world)
    world.clock.go_to(MORNING - timedelta(minutes=30))
    async with browser_page(chromium, NARROW) as (page, _):
        await page.clock.install(time=world.clock())
        await page.goto(f"{address}/j?lang=fr#{token}")
        await expect(page.locator("#countdown")).to_be_visible()
        await world.agencies["city"].move(meeting, MORNING + timedelta(days=1))
        world.clock.pass_by(timedelta(minutes=1))
        await page.clock.run_for(60_000)
        await expect(page.locator("#notice")).to_contain_text("Cette réunion a été déplacée")
        await expect(page.locator("#action")).to_be_hidden()
