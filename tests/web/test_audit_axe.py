"""The auditor's page judged by axe in each language and state, at 320 and at 1100 pixels; and without a mouse."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import expect
from sqlalchemy import text

from meetcoord.domain.values import Language
from tests.agencies import World
from tests.web.auditing import CANARY, IDENTITY, Auditor, auditing
from tests.web.browsing import NARROW, faults, must_fit, use_axe
from tests.web.conftest import Readiness
from tests.web.test_keyboard import tab_to

pytestmark = [pytest.mark.needs("browser"), pytest.mark.needs("opener")]
LOOKS = [("light", 320), ("dark", 1100)]
"""No colour here depends on the width."""


@dataclass(frozen=True, slots=True)
class Judged:
    auditor: Auditor

    async def must_be_accessible(self, name: str) -> None:
        page, found = self.auditor.page, {}
        for scheme, width in LOOKS:
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # Playwright wants its own words
            await page.set_viewport_size({"width": width, "height": 800})
            found[scheme, width] = await faults(page)
            await must_fit(page)
        assert not any(found.values()), (name, found)


@pytest.mark.needs("node")
@pytest.mark.parametrize("language", Language)
async def test_no_state_of_the_page_has_a_fault(
    world: World, readiness: Readiness, chromium: str, node_packages: Path, language: Language
) -> None:
    async with auditing(world, readiness, chromium, NARROW, language) as auditor:
        judged, page = Judged(auditor), auditor.page
        await use_axe(page, node_packages)
        await judged.must_be_accessible("door")
        await auditor.enter("mtc_wrong")
        await auditor.must_be_told("key_wrong", "#notice")
        await judged.must_be_accessible("wrong key")
        await auditor.enter()
        await expect(page.locator("#results li")).to_have_count(2)
        await judged.must_be_accessible("results")
        await auditor.consult(1)
        await auditor.press("verify_now")
        await auditor.must_be_told("intact_why", "#verdict")
        await page.locator("summary").click()
        await judged.must_be_accessible("intact")
        await auditor.open("nothing")
        await auditor.must_be_told("identity_form")
        await judged.must_be_accessible("no identity")
        await auditor.open()
        await auditor.must_be_told("opened")
        await judged.must_be_accessible("opened")
        async with world.service.storage.transaction() as tx:
            await tx.block.change(text("UPDATE sealed_files SET payload = header"))
        await auditor.press("verify_now")
        await auditor.must_be_told("altered_hands_off", ".alarm")
        await judged.must_be_accessible("altered")


async def test_all_of_it_can_be_done_without_a_mouse(
    world: World, readiness: Readiness, chromium: str
) -> None:
    async with auditing(world, readiness, chromium, NARROW) as auditor:
        page, keys = auditor.page, auditor.page.keyboard
        await tab_to(page, "#key")
        await keys.type(auditor.key)
        await keys.press("Enter")
        await expect(page.locator("#results-title")).to_be_focused()
        await tab_to(page, "#results li:nth-child(2) button")
        await keys.press("Enter")
        await expect(page.locator("#document-title")).to_be_focused()
        await expect(page.locator("#entries li").last).to_be_visible()
        await tab_to(page, "#verify")
        await keys.press("Enter")
        await auditor.must_be_told("intact_why", "#verdict")
        await tab_to(page, "#identity")
        await keys.insert_text(IDENTITY)
        await keys.press("Enter")
        await expect(page.locator("#text-title")).to_be_focused()
        await expect(page.locator("#text")).to_contain_text(CANARY)
        await tab_to(page, "#close")
        await keys.press("Enter")
        await expect(page.locator("#text")).to_be_empty()
        await tab_to(page, "#take-evidence")
        async with page.expect_download():
            await keys.press("Enter")
        await page.go_back()
        await expect(page.locator("#results li:nth-child(2) button")).to_be_focused()
