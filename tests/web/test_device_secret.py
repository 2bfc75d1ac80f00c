"""What tells one device from another: one secret for all tabs of a browser, none shared by two browsers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from meetcoord.domain.profiles import ProfileName
from tests.agencies import MORNING, World
from tests.guests import Guest, critical
from tests.web.browsing import browser_page
from tests.web.test_join import seat
from tests.web.test_join_page import address
from tests.worlds import PUBLIC_URL

__all__ = ["address", "critical"]
pytestmark = pytest.mark.needs("browser")
KEPT = "Object.entries({...localStorage})"


@asynccontextmanager
async def browser_of(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def opened(context: BrowserContext, url: str) -> Page:
    """A new tab; the room itself is somewhere else."""
    page = await context.new_page()
    await page.route(f"{PUBLIC_URL}/**", lambda route: route.fulfill(body="the room"))
    await page.goto(url)
    return page


async def enter(page: Page, code: str = "") -> None:
    await page.locator("#enter").click()
    if code:
        await page.locator("#code").fill(code)
        await page.locator("#use-code").click()


async def test_two_tabs_of_one_browser_are_one_device_and_another_browser_is_not(
    critical: Guest, address: str, chromium: str
) -> None:
    city = critical.world.agencies["city"]
    link = f"{address}/j?lang=en#{critical.link}"
    code = await critical.phoned()
    async with browser_of(chromium) as browser:
        at_the_desk, on_the_move = await browser.new_context(), await browser.new_context()
        first, second = await opened(at_the_desk, link), await opened(at_the_desk, link)
        await enter(first, code)
        await first.wait_for_url(f"{PUBLIC_URL}/**")
        await enter(second)
        await second.wait_for_url(f"{PUBLIC_URL}/**")
        assert await critical.devices(city) == 1
        stranger = await opened(on_the_move, link)
        await expect(stranger.locator("#other-device")).to_be_visible()
        await enter(stranger)
        await expect(stranger.locator("#notice")).to_contain_text("another device")
    (line,) = await critical.world.use.read_board(city.secretary, critical.meeting.id)
    assert (line.devices, len(line.refused_at or ())) == (1, 1)


async def test_tabs_opened_at_once_agree_on_one_secret(world: World, address: str, chromium: str) -> None:
    meeting, token = await seat(world)
    world.clock.go_to(MORNING)
    async with browser_of(chromium) as browser:
        context = await browser.new_context()
        tabs = [await context.new_page() for _ in range(3)]
        for tab in tabs:
            await tab.route(f"{PUBLIC_URL}/**", lambda route: route.fulfill(body="the room"))
            await tab.goto(f"{address}/j?lang=en#{token}")
        for tab in tabs:
            await enter(tab)
            await tab.wait_for_url(f"{PUBLIC_URL}/**")
    (line,) = await world.use.read_board(world.agencies["city"].secretary, meeting.id)
    assert line.devices == 1


async def test_what_is_kept_names_neither_person_nor_meeting_and_goes_with_the_meeting(
    world: World, address: str, chromium: str
) -> None:
    meeting, token = await seat(world)
    world.clock.go_to(MORNING)
    async with browser_page(chromium, {"width": 800, "height": 600}) as (page, _):
        await page.goto(f"{address}/j?lang=en#{token}")
        await expect(page.locator("#enter")).to_be_enabled()
        ((name, secret),) = await page.evaluate(KEPT)
        (line,) = await world.use.read_board(world.agencies["city"].secretary, meeting.id)
        hers = (meeting.id, meeting.room, meeting.title, line.invitation.id, line.person.id, token)
        assert not [each for each in (*hers, *token.split(".")) if each in f"{name} {secret}"]
        world.clock.pass_by(timedelta(hours=8))
        await page.reload()
        await expect(page.locator("#notice")).to_contain_text("over")
        await page.wait_for_function("localStorage.length === 0")


@pytest.mark.parametrize("profile", [ProfileName.STANDARD, ProfileName.SENSITIVE])
async def test_a_dead_link_leaves_no_secret_behind(
    world: World, address: str, chromium: str, profile: ProfileName
) -> None:
    meeting, token = await seat(world, profile)
    world.clock.go_to(MORNING)
    async with browser_page(chromium, {"width": 800, "height": 600}) as (page, _):
        await page.goto(f"{address}/j?lang=en#{token}")
        await page.wait_for_function("localStorage.length === 1")
        await world.agencies["city"].cancel(meeting)
        await page.reload()
        await expect(page.locator("#notice")).to_contain_text("cancelled")
        await page.wait_for_function("localStorage.length === 0")


async def test_what_links_never_opened_again_left_behind_is_tidied_away(
    world: World, address: str, chromium: str
) -> None:
    _, token = await seat(world)
    world.clock.go_to(MORNING)
    async with browser_page(chromium, {"width": 800, "height": 600}) as (page, _):
        await page.goto(f"{address}/j?lang=en")
        await page.evaluate("localStorage.setItem('device.old', 'secret 100')")
        await page.evaluate("localStorage.setItem('of-another-program', 'stays')")
        await page.goto(f"{address}/j?lang=de#{token}")
        await expect(page.locator("#enter")).to_be_enabled()
        kept = dict(await page.evaluate(KEPT))
        assert "device.old" not in kept
        assert kept["of-another-program"] == "stays"
