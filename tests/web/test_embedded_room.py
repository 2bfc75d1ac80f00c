"""The room inside the join page, where the deployment wants it, and nowhere else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, Request, expect

from meetcoord.adapters.web.app import create_app
from meetcoord.settings.sections import Rooms
from tests.agencies import MORNING, World
from tests.web.browsing import FAKE_DEVICES, NARROW, WIDE, browser_page, faults, must_fit, served, use_axe
from tests.web.conftest import Asking, Readiness, parts_of
from tests.web.test_device_check import REMEMBER_TRACKS, states
from tests.web.test_join import seat
from tests.worlds import PUBLIC_URL

ROOMS = "https://meet.example.org"
LOW = {"width": 640, "height": 360}
"""A telephone on its side."""


@pytest.fixture
async def framing(world: World, readiness: Readiness) -> AsyncIterator[str]:
    """Where a service answers that frames its rooms."""
    async with served(replace(parts_of(world, readiness), framed_rooms=ROOMS)) as url:
        yield url


async def test_a_page_may_use_the_camera_only_where_one_joins(nobody: Asking) -> None:
    joining, start = await nobody.get("/j"), await nobody.get("/")
    assert joining.headers["Permissions-Policy"] == "camera=(self), microphone=(self), geolocation=()"
    assert start.headers["Permissions-Policy"] == "camera=(), microphone=(), geolocation=()"
    assert joining.headers["Content-Security-Policy"] == start.headers["Content-Security-Policy"]
    assert "frame-src" not in joining.headers["Content-Security-Policy"]
    assert "<iframe" not in joining.text
    assert 'id="room"' not in joining.text


async def test_a_service_that_frames_its_rooms_frames_nothing_else(
    world: World, readiness: Readiness
) -> None:
    app = create_app(replace(parts_of(world, readiness), framed_rooms=ROOMS))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC_URL) as client:  # type: ignore[arg-type]  # httpx and Litestar name one protocol in two ways
        joining, start = await client.get("/j"), await client.get("/")
    assert joining.headers["Content-Security-Policy"].endswith(f"; frame-src {ROOMS}")
    assert joining.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; ")
    assert f'camera=(self "{ROOMS}"), microphone=(self "{ROOMS}")' in joining.headers["Permissions-Policy"]
    assert "frame-src" not in start.headers["Content-Security-Policy"]


def test_what_is_framed_is_the_origin_of_the_rooms() -> None:
    assert Rooms().framed_origin == ""
    assert Rooms(url="https://video.example.org:8443/town", embed=True).framed_origin == (
        "https://video.example.org:8443"
    )


@asynccontextmanager
async def in_the_room(world: World, framing: str, chromium: str) -> AsyncIterator[tuple[Page, Request]]:
    """A delegate's page with the room inside, after a check of her devices; and what was asked of the room's server."""
    _, token = await seat(world)
    world.clock.go_to(MORNING)
    async with browser_page(chromium, NARROW, FAKE_DEVICES) as (page, complaints):
        await page.add_init_script(f"if (window === top) {{{REMEMBER_TRACKS}}}")
        await page.goto(f"{framing}/j?lang=de#{token}")
        await page.locator("#check-start").click()
        await expect(page.locator("#camera")).to_contain_text("funktioniert")
        entries = await page.evaluate("history.length")
        async with page.expect_request(f"{ROOMS}/**") as asked:
            await page.locator("#enter").click()
        await expect(page.frame_locator("#frame iframe").get_by_text("the room")).to_be_visible()
        assert await page.evaluate("history.length") == entries
        yield page, await asked.value
        assert complaints == []


@pytest.mark.needs("browser")
async def test_the_pass_is_seen_by_the_room_alone(world: World, framing: str, chromium: str) -> None:
    async with in_the_room(world, framing, chromium) as (page, asked):
        before, _, fragment = (await page.locator("#frame iframe").get_attribute("src") or "").partition("#")
        assert before.startswith(f"{ROOMS}/")
        assert fragment.startswith('jwt="ey')
        assert fragment.endswith('"&config.defaultLanguage=%22de%22&config.disableDeepLinking=true')
        secret = fragment.split('"')[1]
        assert page.url == f"{framing}/j?lang=de"
        kept = await page.evaluate(
            "JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])"
        )
        assert secret not in kept
        assert secret not in asked.url.partition("#")[0]
        assert not {"referer", "cookie"} & set(await asked.all_headers())


@pytest.mark.needs("browser")
async def test_the_room_finds_camera_and_microphone_free_and_can_be_closed(
    world: World, framing: str, chromium: str
) -> None:
    async with in_the_room(world, framing, chromium) as (page, _):
        frame = page.locator("#frame iframe")
        assert await states(page) == ["ended", "ended"]
        assert await frame.get_attribute("allow") == "; ".join(
            f"{each} {ROOMS}"
            for each in ("camera", "microphone", "display-capture", "fullscreen", "autoplay")
        )
        await expect(frame).to_have_attribute("title", "Videoraum")
        await must_fit(page)
        await page.get_by_role("button", name="Video schließen").press("Enter")
        await expect(frame).to_have_count(0)
        await expect(page.locator("#enter")).to_be_enabled()


@pytest.mark.needs("browser")
@pytest.mark.parametrize("size", [NARROW, WIDE, LOW], ids=["narrow", "wide", "low"])
async def test_the_video_is_closed_by_mouse(
    world: World, framing: str, chromium: str, size: dict[str, int]
) -> None:
    async with in_the_room(world, framing, chromium) as (page, _):
        await page.set_viewport_size(size)  # type: ignore[arg-type]  # Playwright wants its own words
        await page.get_by_role("button", name="Video schließen").click(timeout=3000)
        await expect(page.locator("#frame iframe")).to_have_count(0)
        await expect(page.locator("#room")).to_be_hidden()
        await expect(page.locator("#enter")).to_be_enabled()


@pytest.mark.needs("browser")
@pytest.mark.needs("node")
async def test_the_page_around_the_room_has_no_fault(
    world: World, framing: str, chromium: str, node_packages: Path
) -> None:
    async with in_the_room(world, framing, chromium) as (page, _):
        await use_axe(page, node_packages)
        for scheme, size in (("light", NARROW), ("dark", WIDE)):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # Playwright wants its own words
            await page.set_viewport_size(size)  # type: ignore[arg-type]  # Playwright wants its own words
            assert await faults(page) == []
            await must_fit(page)


@pytest.mark.needs("browser")
async def test_the_page_frames_no_other_place(world: World, framing: str, chromium: str) -> None:
    async with browser_page(chromium, NARROW) as (page, complaints):
        await page.goto(f"{framing}/j?lang=en")
        await page.evaluate(
            "() => { const frame = document.createElement('iframe'); frame.src = 'https://elsewhere.example.org/';"
            " return new Promise((done) => { document.addEventListener('securitypolicyviolation', done);"
            " document.body.append(frame); }) }"
        )
        assert any("frame-src https://meet.example.org" in complaint for complaint in complaints)
