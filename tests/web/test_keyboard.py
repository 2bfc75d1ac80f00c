"""From the link to the room without a mouse, on a narrow screen; and everything still there in double-size text."""

import socket
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from meetcoord.adapters import system
from meetcoord.bootstrap import compose
from meetcoord.demo.room import room_routes
from meetcoord.demo.stage import build
from meetcoord.domain.profiles import ProfileName
from meetcoord.domain.values import Language
from tests.agencies import YES, FakeClock, World
from tests.fakes import PostBox
from tests.web.browsing import NARROW, browser_page, must_fit, serving
from tests.web.conftest import Readiness, parts_of
from tests.web.test_codes import newest_code

pytestmark = pytest.mark.needs("browser")
FAR = 40
"""More presses of the tab key than any page here has places to stop at."""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A service beside the demo's stand-in for a room, which checks each pass by the real clock."""

    world: World
    url: str

    async def link(self) -> str:
        """To a sensitive meeting that began a minute ago."""
        city, prefecture = await self.world.agency("city"), await self.world.agency("prefecture")
        start = self.world.clock().replace(second=0, microsecond=0) + timedelta(minutes=1)
        proposed = await city.propose(prefecture, starts=[start], profile=ProfileName.SENSITIVE)
        await prefecture.answer(proposed, YES)
        settled = await city.settle(proposed)
        guest = await prefecture.person("Adviser")
        await prefecture.send(settled, guest)
        await city.invite(settled)
        await self.world.deliver()
        return f"{self.url}/j#{self.world.newest_link(guest)}"


@pytest.fixture
async def demonstration(tmp_path: Path, readiness: Readiness) -> AsyncIterator[Demonstration]:
    stage, clock, post = build(tmp_path / "demo", 0), FakeClock(system.now()), PostBox()
    async with compose(stage.settings, now=clock, postman=post) as service:
        world = World(service, clock, post)
        parts = replace(
            parts_of(world, readiness), public_url=stage.base_url, extra_routes=room_routes(stage)
        )
        port = stage.settings.service.listen_port
        with closing(socket.create_server(("127.0.0.1", port))) as door:
            async with serving(parts, door):
                yield Demonstration(world, stage.base_url)


async def tab_to(page: Page, place: str) -> None:
    """Press the tab key until `place` has the focus and is seen to have it."""
    for _ in range(FAR):
        await page.keyboard.press("Tab")
        if await page.evaluate("(place) => document.activeElement?.matches(place)", place):
            break
    focused = page.locator(place)
    await expect(focused).to_be_focused()
    await expect(focused).to_be_in_viewport()
    assert await focused.evaluate("(it) => getComputedStyle(it).outlineStyle") == "solid"


@pytest.mark.parametrize("language", Language)
async def test_the_keyboard_alone_leads_from_the_link_into_the_room(
    demonstration: Demonstration, chromium: str, language: Language
) -> None:
    async with browser_page(chromium, NARROW) as (page, _):
        await page.goto(await demonstration.link())
        await expect(page.locator("#enter")).to_be_enabled()
        await page.keyboard.press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        await expect(page.locator(".skip")).to_be_in_viewport()
        await tab_to(page, f"[data-language={language.value}]")
        await page.keyboard.press("Enter")
        await expect(page.locator("html")).to_have_attribute("lang", language.value)
        await tab_to(page, "#enter")
        await page.keyboard.press("Enter")
        await expect(page.locator("#code")).to_be_focused()
        await demonstration.world.deliver()
        await page.keyboard.type(newest_code(demonstration.world))
        await must_fit(page)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/demo/room/*")
        await expect(page.locator("#who")).to_have_text("Adviser (Agency prefecture)")
        assert "jwt" not in page.url
        await must_fit(page)


async def test_text_of_twice_the_size_still_fits(demonstration: Demonstration, chromium: str) -> None:
    async with browser_page(chromium, NARROW) as (page, _):
        await page.goto(await demonstration.link())
        await page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
        await page.locator("#enter").click()
        await expect(page.locator("#code")).to_be_focused()
        for width in (320, 1100):
            await page.set_viewport_size({"width": width, "height": 800})
            for language in Language:
                await page.locator(f"[data-language={language.value}]").click()
                await must_fit(page)
                await expect(page.locator("#use-code")).to_be_visible()
