"""Waiting before the doors in a real browser: calm, in the right zone, and up to date without a reload."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from tests.agencies import MORNING, World
from tests.web.browsing import NARROW, browser_page
from tests.web.test_join import seat
from tests.web.test_join_page import address

__all__ = ["address"]
pytestmark = pytest.mark.needs("browser")
MINUTE = timedelta(minutes=1)
DOORS = MORNING - 15 * MINUTE

ELSEWHERE = {
    "Europe/Zurich": "",
    "Europe/London": "09:00 – 10:00 (heure de London)",
    "America/Guadeloupe": "05:00 – 06:00 (heure de Guadeloupe)",
    "Pacific/Auckland": "22:00 – 23:00 (heure d’Auckland)",
    "Pacific/Kiritimati": "23:00 – 00:00 (heure de Kiritimati)",
    "Pacific/Honolulu": "lundi 2 novembre 2026, 23:00 – 00:00 (heure de Honolulu)",
    "UTC": "09:00 – 10:00 (UTC)",
}
WATCH = """
for (const id of ["notice", "countdown"]) {
  const seen = window[id + "Said"] = [];
  const target = document.getElementById(id);
  new MutationObserver(() => seen.push(target.textContent)).observe(target, {childList: true, characterData: true});
}
"""


async def waits(world: World, page: Page, minutes: int) -> None:
    """Time passes here and at the service."""
    for _ in range(minutes):
        world.clock.pass_by(MINUTE)
        await page.clock.run_for(60_000)


async def sleeps(world: World, page: Page, time: timedelta) -> None:
    """The lid is closed for so long."""
    world.clock.pass_by(time)
    await page.clock.fast_forward(int(time.total_seconds() * 1000))


async def said(page: Page, where: str) -> list[str]:
    found: list[str] = await page.evaluate(f"window.{where}Said")
    return found


async def test_the_doors_open_by_themselves_and_a_screen_reader_is_told_once(
    world: World, address: str, chromium: str
) -> None:
    _, token = await seat(world)
    world.clock.go_to(DOORS - 5 * MINUTE)
    async with browser_page(chromium, NARROW, timezone_id="Europe/Paris") as (page, complaints):
        await page.clock.install(time=world.clock())
        await page.goto(f"{address}/j?lang=en#{token}")
        await expect(page.locator("#countdown")).to_have_text("Opens in 5 minutes")
        await expect(page.locator("#notice")).to_contain_text("The doors open at 09:45. Keep")
        await expect(page).to_have_title("Waiting · Crisis cell · meetcoord")
        await page.evaluate(WATCH)
        await waits(world, page, 5)
        await expect(page.locator("#enter")).to_be_enabled()
        await expect(page).to_have_title("Open · Crisis cell · meetcoord")
        assert await said(page, "notice") == ["The doors are open: you can enter."]
        assert await said(page, "countdown") == [
            "Opens in 4 minutes",
            "Opens in 3 minutes",
            "Opens in 2 minutes",
            "Opens in less than a minute",
        ]
        await sleeps(world, page, 24 * MINUTE)
        await expect(page.locator("#notice")).to_have_text(
            "The meeting began 9 minutes ago. You can still enter."
        )
        await sleeps(world, page, 51 * MINUTE)
        await expect(page.locator("#notice")).to_contain_text("The meeting is over.")
        await expect(page.locator("#enter")).to_be_hidden()
        assert complaints == []


async def test_a_meeting_called_off_meanwhile_says_so_without_a_reload(
    world: World, address: str, chromium: str
) -> None:
    meeting, token = await seat(world)
    world.clock.go_to(DOORS - 5 * MINUTE)
    async with browser_page(chromium, NARROW) as (page, _):
        await page.clock.install(time=world.clock())
        await page.goto(f"{address}/j?lang=en#{token}")
        await expect(page.locator("#countdown")).to_contain_text("Opens in")
        await page.route("**/j/look", lambda route: route.abort())
        await waits(world, page, 1)
        await page.unroute("**/j/look")
        await expect(page.locator("#countdown")).to_contain_text("Opens in")
        await world.agencies["city"].cancel(meeting)
        await waits(world, page, 1)
        await expect(page.locator("#notice")).to_contain_text("This meeting is cancelled.")


async def test_her_own_time_stands_beside_the_meetings_where_they_differ(
    world: World, address: str, chromium: str
) -> None:
    _, token = await seat(world)
    world.clock.go_to(DOORS - MINUTE)
    async with browser_page(chromium, NARROW) as (page, _):
        devtools = await page.context.new_cdp_session(page)
        for zone, here in ELSEWHERE.items():
            await devtools.send("Emulation.setTimezoneOverride", {"timezoneId": zone})
            await page.goto(f"{address}/j?lang=fr#{token}")
            await expect(page.locator("#when")).to_have_text(
                "mardi 3 novembre 2026, 10:00 – 11:00 (heure de Paris)"
            )
            await expect(page.locator("#here")).to_have_text(here)
            doors = "09:45 (heure de Paris)." if here else "09:45. Gardez"
            await expect(page.locator("#notice")).to_contain_text(f"Les portes ouvrent à {doors}")
            await page.goto("about:blank")


async def test_a_device_whose_clock_is_wrong_counts_by_ours(
    world: World, address: str, chromium: str
) -> None:
    _, token = await seat(world)
    world.clock.go_to(DOORS - 5 * MINUTE)
    async with browser_page(chromium, NARROW) as (page, _):
        await page.clock.install(time=MORNING + timedelta(days=400))
        await page.goto(f"{address}/j?lang=en#{token}")
        await expect(page.locator("#countdown")).to_have_text("Opens in 5 minutes")
