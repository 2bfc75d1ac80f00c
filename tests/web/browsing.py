"""The service on a port of this machine, and a real browser before it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import uvicorn
from playwright.async_api import Page, Route, async_playwright

from meetcoord.adapters.web.app import WebParts, create_app

NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 800}
FAKE_DEVICES = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
"""A camera that shows a clock, a microphone that beeps, and a person who always answers "allow"."""


@asynccontextmanager
async def served(parts: WebParts) -> AsyncIterator[str]:
    """Where `parts` answer, on this machine."""
    with closing(socket.create_server(("127.0.0.1", 0))) as door:
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
        async with serving(replace(parts, public_url=url), door):
            yield url


@asynccontextmanager
async def serving(parts: WebParts, door: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(create_app(parts), log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve([door]))
    yield
    server.should_exit = True
    await task


@asynccontextmanager
async def browser_page(
    chromium: str, size: dict[str, int], flags: Sequence[str] = (), **more: str | bool
) -> AsyncIterator[tuple[Page, list[str]]]:
    """A page, and what the browser complains about. The room itself is somewhere else."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", *flags])
        page = await browser.new_page(viewport=size, **{"locale": "en-GB", **more})  # type: ignore[arg-type]  # Playwright wants its own words
        complaints: list[str] = []
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.route(lambda url: not url.startswith("http://127.0.0.1"), _elsewhere)
        yield page, complaints
        await browser.close()


async def _elsewhere(route: Route) -> None:
    await route.fulfill(body="the room", content_type="text/plain")


async def must_fit(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def use_axe(page: Page, packages: Path) -> None:
    """The page is looked at as a tester's tool does, past its own rules for scripts."""
    await page.evaluate((packages / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))


async def faults(page: Page) -> list[str]:
    """What axe finds on the page as it is now."""
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {node['html']} {node['failureSummary']}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]
