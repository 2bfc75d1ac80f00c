"""The check of camera and microphone: what works is said, each failure has its cure, and nothing stays switched on."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from meetcoord.adapters.web.join_words import WORDS
from meetcoord.domain.values import Language
from tests.agencies import MORNING, World
from tests.web.browsing import FAKE_DEVICES, NARROW, browser_page, must_fit
from tests.web.test_join import seat
from tests.web.test_join_page import address
from tests.worlds import PHONE

__all__ = ["address"]
pytestmark = pytest.mark.needs("browser")

REMEMBER_TRACKS = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
window.lent = [];
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await ask(wanted);
  window.lent.push(...stream.getTracks());
  return stream;
};
"""
FAIL = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
window.failing = {};
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const fault = (wanted.video && window.failing.camera) || (wanted.audio && window.failing.microphone);
  if (fault) throw new DOMException(window.failing.said ?? "", fault);
  return ask(wanted);
};
"""
FAULTS = {
    "NotAllowedError": "refused",
    "NotFoundError": "missing",
    "NotReadableError": "busy",
    "AbortError": "busy",
    "OverconstrainedError": "unsuitable",
    "SecurityError": "insecure",
    "TypeError": "unknown",
}
ENGLISH = WORDS[Language.ENGLISH]


async def must_help(page: Page, cure: str, language: Language = Language.ENGLISH) -> None:
    await expect(page.locator("#cures")).to_have_text(WORDS[language][f"cure_{cure}"])
    await expect(page.locator("#check-help").get_by_text(PHONE)).to_be_visible()
    await expect(page.get_by_text(WORDS[language]["check_optional"])).to_be_visible()


async def states(page: Page) -> list[str]:
    """Of every camera and microphone that was ever switched on here."""
    found: list[str] = await page.evaluate("window.lent.map((track) => track.readyState)")
    return found


async def test_before_the_doors_open_she_sees_that_both_work_and_switches_them_off(
    world: World, address: str, chromium: str
) -> None:
    _, token = await seat(world)
    async with browser_page(chromium, NARROW, FAKE_DEVICES) as (page, complaints):
        await page.add_init_script(REMEMBER_TRACKS)
        await page.goto(f"{address}/j?lang=en#{token}")
        await expect(page.locator("#enter")).to_be_disabled()
        await expect(page.locator("#preview")).to_be_hidden()
        await page.get_by_role("button", name="Check camera and microphone").press("Enter")
        await expect(page.locator("#camera")).to_have_text("Camera: works")
        await expect(page.locator("#microphone")).to_have_text("Microphone: works")
        await expect(page.get_by_label("Level of the microphone")).to_be_visible()
        await page.wait_for_function("document.getElementById('preview').videoWidth > 0")
        await expect(page.locator("#check-stop")).to_be_focused()
        await page.get_by_role("link", name="Français").click()
        await expect(page.locator("#microphone")).to_have_text("Micro\u00a0: fonctionne")
        assert await states(page) == ["live", "live"]

        await page.get_by_role("button", name="Arrêter la vérification").press("Enter")
        await expect(page.locator("#check-start")).to_be_focused()
        assert await states(page) == ["ended", "ended"]

        await page.locator("#check-start").click()
        await expect(page.locator("#camera")).to_contain_text("fonctionne")
        await page.goto(f"{address}/j?lang=en#wrong")
        await expect(page.locator("#check")).to_be_hidden()
        assert set(await states(page)) == {"ended"}, "a check ends with what it was for"
        assert [each for each in complaints if "403" not in each] == []


async def test_each_failure_has_its_own_cure(world: World, address: str, chromium: str) -> None:
    _, token = await seat(world)
    world.clock.go_to(MORNING - timedelta(minutes=5))
    async with browser_page(chromium, NARROW, FAKE_DEVICES) as (page, _):
        await page.add_init_script(FAIL)
        await page.goto(f"{address}/j?lang=en#{token}")
        for fault, cure in FAULTS.items():
            await page.evaluate("(fault) => { window.failing = {camera: fault, microphone: fault} }", fault)
            await page.locator("#check-start").click()
            await must_help(page, cure)
            await expect(page.locator("#camera")).to_have_text(f"Camera: {ENGLISH[cure]}")
        for language in Language:
            await page.locator(f"[data-language={language.value}]").click()
            await must_help(page, "unknown", language)
            await must_fit(page)
        await page.locator("[data-language=en]").click()

        await page.evaluate("() => { window.failing.said = 'Permission denied by system' }")
        await page.evaluate("() => { window.failing.camera = 'NotAllowedError' }")
        await page.locator("#check-start").click()
        await must_help(page, "system")

        await page.evaluate("() => { window.failing = {camera: 'NotFoundError'} }")
        await page.locator("#check-start").click()
        await must_help(page, "missing")
        await expect(page.locator("#camera")).to_have_text("Camera: not found")
        await expect(page.locator("#microphone")).to_have_text("Microphone: works")
        await expect(page.locator("#enter")).to_be_enabled()


async def test_a_browser_that_refuses_and_one_that_cannot_are_told_apart(
    world: World, address: str, chromium: str
) -> None:
    _, token = await seat(world)
    refusing = ("--use-fake-device-for-media-stream", "--deny-permission-prompts")
    async with browser_page(chromium, NARROW, refusing) as (page, _):
        await page.goto(f"{address}/j?lang=en#{token}")
        await page.locator("#check-start").click()
        await must_help(page, "refused")
        await page.evaluate("() => Object.defineProperty(navigator, 'mediaDevices', {value: undefined})")
        await page.locator("#check-start").click()
        await must_help(page, "insecure")


async def test_a_microphone_that_hears_nothing_is_said_after_a_while(
    world: World, address: str, chromium: str
) -> None:
    _, token = await seat(world)
    mute = """
    AnalyserNode.prototype.getFloatTimeDomainData = (samples) => samples.fill(window.voice ?? 0);
    """
    async with browser_page(chromium, NARROW, FAKE_DEVICES) as (page, _):
        await page.add_init_script(mute)
        await page.clock.install(time=MORNING)
        await page.goto(f"{address}/j?lang=en#{token}")
        await page.locator("#check-start").click()
        await expect(page.locator("#microphone")).to_have_text("Microphone: say a few words")
        await page.clock.run_for(8_000)
        await must_help(page, "silent")
        await page.evaluate("() => { window.voice = 0.3 }")
        await page.clock.run_for(200)
        await expect(page.locator("#microphone")).to_have_text("Microphone: works")
        await expect(page.locator("#cures")).to_be_hidden()
