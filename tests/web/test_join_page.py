"""The join page in a real browser: early, open, refused; narrow and wide."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.agencies import MORNING, World
from tests.web.browsing import NARROW, WIDE, browser_page, must_fit, served
from tests.web.conftest import Readiness, parts_of
from tests.web.test_join import seat
from tests.worlds import PHONE

pytestmark = pytest.mark.needs("browser")


@pytest.fixture
async def address(world: World, readiness: Readiness) -> AsyncIterator[str]:
    """Where the service answers, on this machine."""
    async with served(parts_of(world, readiness)) as url:
        yield url


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_a_delegate_waits_for_the_doors_and_enters(
    world: World, address: str, chromium: str, tmp_path: Path, size: dict[str, int]
) -> None:
    _, token = await seat(world)
    world.clock.go_to(MORNING - timedelta(minutes=20))
    async with browser_page(chromium, size) as (page, complaints):
        await page.goto(f"{address}/j#{token}")
        await expect(page.locator("h1")).to_have_text("Crisis cell")
        await expect(page.locator("#name")).to_have_text("Adviser (Agency prefecture)")
        await expect(page.locator("#when")).to_contain_text("mardi 3 novembre 2026")
        await expect(page.locator("#when")).to_contain_text("heure de Paris")
        await expect(page.locator("#countdown")).to_contain_text("minutes")
        await expect(page.locator("#enter")).to_be_disabled()
        assert token not in page.url
        await must_fit(page)
        await page.screenshot(path=tmp_path / "early.png", full_page=True)

        world.clock.go_to(MORNING - timedelta(minutes=5))
        await page.reload()
        await expect(page.locator("#enter")).to_be_enabled()
        await page.get_by_role("link", name="Deutsch").click()
        await expect(page.locator("#enter")).to_have_text("Besprechung betreten")
        await must_fit(page)
        await page.screenshot(path=tmp_path / "open.png", full_page=True)
        await page.get_by_role("link", name="English").click()
        await page.get_by_role("button", name="Enter the meeting").click()
        await page.wait_for_url("**/*#jwt=*")
        assert complaints == []


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_nobody_meets_a_dead_end(
    world: World, address: str, chromium: str, tmp_path: Path, size: dict[str, int]
) -> None:
    meeting, token = await seat(world)
    async with browser_page(chromium, size) as (page, _):
        await page.goto(f"{address}/j?lang=en")
        await expect(page.locator("#notice")).to_contain_text("Copy the whole of it")
        await page.get_by_label("Paste here").fill(f"<{address}/j#{token[:40]}\n {token[40:]}>")
        await page.get_by_role("button", name="Open this link").click()
        await expect(page.locator("h1")).to_have_text("Crisis cell")

        await page.goto(f"{address}/j?lang=en#{token[:-5]}")
        await expect(page.locator("#notice")).to_contain_text("The end of this link is missing")
        await expect(page.locator("#paste")).to_be_visible()
        await must_fit(page)
        await page.screenshot(path=tmp_path / "refused.png", full_page=True)

        await page.route("**/j/look", lambda route: route.abort())
        await page.goto(f"{address}/j?lang=en#{token}")
        await expect(page.locator("#notice")).to_contain_text("cannot reach us")
        await page.unroute("**/j/look")
        await page.get_by_role("button", name="Try again").click()
        await expect(page.locator("h1")).to_have_text("Crisis cell")

        await world.agencies["city"].cancel(meeting)
        await page.reload()
        await expect(page.locator("#notice")).to_contain_text("cancelled")
        await expect(page.locator("footer").get_by_text(PHONE)).to_be_visible()
        await page.screenshot(path=tmp_path / "cancelled.png", full_page=True)
