"""The code form in a real browser: mailed, mistyped, pasted, kept after a reload; and by telephone."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect

from meetcoord.domain.profiles import ProfileName
from tests.agencies import MORNING, World
from tests.web.browsing import NARROW, WIDE, browser_page, must_fit
from tests.web.test_codes import newest_code
from tests.web.test_join import seat
from tests.web.test_join_page import address
from tests.worlds import PHONE

__all__ = ["address"]
REFUSED = "Failed to load resource: the server responded with a status of 403 (Forbidden)"
pytestmark = pytest.mark.needs("browser")


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_a_delegate_enters_with_the_code_from_her_mailbox(
    world: World, address: str, chromium: str, tmp_path: Path, size: dict[str, int]
) -> None:
    _, token = await seat(world, ProfileName.SENSITIVE)
    world.clock.go_to(MORNING - timedelta(minutes=5))
    async with browser_page(chromium, size) as (page, complaints):
        await page.goto(f"{address}/j#{token}")
        await expect(page.locator("h1")).to_have_text("Rejoindre la réunion")
        await expect(page.locator("#proof")).to_be_hidden()
        await page.locator("#enter").press("Enter")
        await expect(page.locator("#notice")).to_contain_text("a…r@prefecture.example.org")
        await expect(page.get_by_label("Code à six chiffres")).to_be_focused()
        await expect(page.locator("#mail-code")).to_be_disabled()
        await expect(page.locator("#mail-code")).to_contain_text("Nouveau code possible dans 30 secondes")
        await expect(page.locator("#code")).to_have_attribute("inputmode", "numeric")
        await expect(page.locator("#code")).to_have_attribute("autocomplete", "one-time-code")
        await must_fit(page)
        await page.screenshot(path=tmp_path / "code-fr.png", full_page=True)

        await page.get_by_role("link", name="Deutsch").click()
        await expect(page.get_by_role("button", name="Mit diesem Code eintreten")).to_be_visible()
        await must_fit(page)
        await page.screenshot(path=tmp_path / "code-de.png", full_page=True)
        assert complaints == [REFUSED], "the refusal that asks for the code"


async def test_what_she_mistypes_and_what_gets_lost_costs_her_nothing(
    world: World, address: str, chromium: str, tmp_path: Path
) -> None:
    _, token = await seat(world, ProfileName.SENSITIVE)
    world.clock.go_to(MORNING)
    async with browser_page(chromium, NARROW) as (page, _):
        await page.goto(f"{address}/j?lang=en#{token}")
        await page.get_by_role("button", name="Enter the meeting").click()
        await expect(page.locator("#notice")).to_contain_text("A code has just gone")
        await page.get_by_label("Six-digit code").fill("12ab")
        await page.get_by_label("Six-digit code").press("Enter")
        await expect(page.locator("#notice")).to_contain_text("no letter")
        await world.deliver()
        code = newest_code(world)
        await page.get_by_label("Six-digit code").fill("000000" if code != "000000" else "000001")
        await page.get_by_role("button", name="Enter with this code").click()
        await expect(page.locator("#notice")).to_contain_text("Tries left: 4")
        await page.screenshot(path=tmp_path / "wrong.png", full_page=True)

        await page.get_by_label("Six-digit code").fill(f" {code[:3]} {code[3:]} ")
        await page.route("**/j/admission", lambda route: route.abort())
        await page.get_by_label("Six-digit code").press("Enter")
        await expect(page.locator("#notice")).to_contain_text("cannot reach us")
        await page.unroute("**/j/admission")
        await page.get_by_role("button", name="Try again").click()
        await page.wait_for_url("**/*#jwt=*")

        await page.goto(f"{address}/j?lang=en")
        await expect(page.locator("h1")).to_have_text("Crisis cell")
        await page.get_by_role("button", name="Enter the meeting").click()
        await page.wait_for_url("**/*#jwt=*")


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_for_a_critical_meeting_the_secretariat_reads_the_code(
    world: World, address: str, chromium: str, tmp_path: Path, size: dict[str, int]
) -> None:
    meeting, token = await seat(world, ProfileName.CRITICAL)
    prefecture = world.agencies["prefecture"]
    world.clock.go_to(MORNING)
    async with browser_page(chromium, size) as (page, _):
        await page.goto(f"{address}/j?lang=en#{token}")
        await page.get_by_role("button", name="Enter the meeting").click()
        await expect(page.locator("#notice")).to_contain_text("reads you a code by phone")
        await expect(page.locator("#mail-code")).to_be_hidden()
        await expect(page.locator("footer").get_by_text(PHONE)).to_be_visible()
        await must_fit(page)
        await page.screenshot(path=tmp_path / "phone.png", full_page=True)
        (line,) = await world.use.read_board(prefecture.secretary, meeting.id)
        await page.get_by_label("Six-digit code").fill(await prefecture.phone(meeting, line.invitation))
        await page.get_by_role("button", name="Enter with this code").click()
        await page.wait_for_url("**/*#jwt=*")
    async with browser_page(chromium, size) as (page, _):
        await page.goto(f"{address}/j?lang=en#{token}")
        await page.get_by_role("button", name="Enter the meeting").click()
        await expect(page.locator("#notice")).to_contain_text("in use on another device")
        await expect(page.get_by_label("Six-digit code")).to_be_visible()
        await must_fit(page)
