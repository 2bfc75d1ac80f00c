"""Every state of the join page, judged by axe in each language: light and dark, at 320 and at 1100 pixels."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from meetcoord.adapters.web.join_words import WORDS
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.profiles import ProfileName
from meetcoord.domain.values import Language
from tests.agencies import MORNING, YES, World
from tests.guests import DESK
from tests.web.browsing import FAKE_DEVICES, browser_page, faults, must_fit, served, use_axe
from tests.web.conftest import Readiness, parts_of
from tests.web.test_join_full import strangers_come
from tests.worlds import PHONE

pytestmark = [pytest.mark.needs("browser"), pytest.mark.needs("node")]
EARLY = MORNING - timedelta(minutes=20)
LOOKS = [("light", 320), ("dark", 1100)]
"""No colour here depends on the width."""


@pytest.fixture
async def address(world: World, readiness: Readiness) -> AsyncIterator[str]:
    async with served(parts_of(world, readiness)) as url:
        yield url


@dataclass(frozen=True, slots=True)
class Judged:
    """One document that goes from state to state, in one language."""

    page: Page
    url: str
    language: Language

    async def open(self, token: str) -> None:
        await self.page.goto(f"{self.url}/j?lang={self.language.value}#{token}")

    async def must_say(self, word: str) -> None:
        """The notice begins as this word does in this language, and axe finds no fault however one looks at it."""
        text = WORDS[self.language][word].partition("{")[0].strip()
        await expect(self.page.locator("#notice")).to_contain_text(text)
        await self.must_be_accessible(word)

    async def must_be_accessible(self, name: str) -> None:
        found = {}
        for scheme, width in LOOKS:
            await self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # Playwright wants its own words
            await self.page.set_viewport_size({"width": width, "height": 800})
            found[scheme, width] = await faults(self.page)
            await must_fit(self.page)
        assert not any(found.values()), (name, found)


@dataclass(frozen=True, slots=True)
class Meetings:
    """Meetings of the city and the prefecture, with a new delegate for each."""

    world: World

    async def invited(self, profile: ProfileName = ProfileName.STANDARD) -> tuple[Meeting, str]:
        city, prefecture = self.world.agencies["city"], self.world.agencies["prefecture"]
        proposed = await city.propose(prefecture, starts=[MORNING], profile=profile)
        await prefecture.answer(proposed, YES)
        settled = await city.settle(proposed)
        guest = await prefecture.person(f"Adviser {settled.id[:8]}")
        await prefecture.send(settled, guest)
        await city.invite(settled)
        await self.world.deliver()
        return settled, self.world.newest_link(guest)


@pytest.fixture
async def meetings(world: World) -> Meetings:
    await world.agency("city")
    await world.agency("prefecture")
    return Meetings(world)


@pytest.mark.parametrize("language", Language)
async def test_no_state_of_the_page_has_a_fault(
    world: World, address: str, meetings: Meetings, chromium: str, node_packages: Path, language: Language
) -> None:
    _, token = await meetings.invited()
    async with browser_page(chromium, {"width": 1100, "height": 800}, FAKE_DEVICES) as (page, _):
        judged = Judged(page, address, language)
        await page.goto(f"{address}/j?lang={language.value}")
        await use_axe(page, node_packages)
        await judged.must_say("paste_why")
        await judged.open(token[:-2] + "AA")
        await judged.must_say("link_invalid")
        await judged.open(token)
        await judged.must_say("later")
        await a_check_that_works_and_one_that_fails(judged)

        world.clock.go_to(EARLY)
        await judged.open(token)
        await judged.must_say("early")
        world.clock.go_to(MORNING - timedelta(minutes=5))
        await judged.open(token)
        await judged.must_say("open")
        world.clock.go_to(MORNING + timedelta(minutes=9))
        await judged.open(token)
        await judged.must_say("late")
        await a_code(world, judged, (await meetings.invited(ProfileName.SENSITIVE))[1])
        await a_full_room_and_another_device(world, judged, meetings)
        await what_is_no_more(world, judged, meetings)
        world.clock.go_to(MORNING + timedelta(hours=1))
        await judged.open(token)
        await judged.must_say("too_late")
        await page.evaluate("document.documentElement.lang = ''")
        assert await faults(page), "a judge who finds nothing anywhere proves nothing"


async def a_check_that_works_and_one_that_fails(judged: Judged) -> None:
    page, works = judged.page, WORDS[judged.language]["works"]
    await page.locator("#check-start").click()
    await expect(page.locator("#camera")).to_contain_text(works)
    await expect(page.locator("#microphone")).to_contain_text(works)
    await judged.must_be_accessible("check works")
    await page.locator("#check-stop").click()
    await page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError') } }"
    )
    await page.locator("#check-start").click()
    await expect(page.locator("#cures")).to_have_text(WORDS[judged.language]["cure_refused"])
    await expect(page.locator("#check-help").get_by_text(PHONE)).to_be_visible()
    await judged.must_be_accessible("check fails")


async def a_code(world: World, judged: Judged, token: str) -> None:
    await judged.open(token)
    await judged.page.locator("#enter").click()
    await judged.must_say("code_sent")
    await judged.page.locator("#code").fill("12345x")
    await judged.page.locator("#use-code").click()
    await judged.must_say("code_form")
    await world.deliver()
    right = [letter.code.digits for letter in world.post.letters if letter.code][-1]
    await judged.page.locator("#code").fill("000000" if right != "000000" else "000001")
    await judged.page.locator("#use-code").click()
    await judged.must_say("code_wrong")
    await expect(judged.page.locator("#near-help").get_by_text(PHONE)).to_be_visible()


async def a_full_room_and_another_device(world: World, judged: Judged, meetings: Meetings) -> None:
    meeting, token = await meetings.invited()
    await world.press(token, device=DESK)
    await judged.open(token)
    other = judged.page.locator("#other-device")
    await expect(other).to_contain_text(WORDS[judged.language]["other_device"])
    await expect(other.get_by_text(PHONE)).to_be_visible()
    await judged.must_be_accessible("other device")
    await strangers_come(world, meeting, "11111111", "22222222")
    await judged.page.locator("#enter").click()
    await judged.must_say("room_full")
    await expect(judged.page.locator("#near-help").get_by_text(PHONE)).to_be_visible()


async def what_is_no_more(world: World, judged: Judged, meetings: Meetings) -> None:
    meeting, cancelled = await meetings.invited()
    await world.agencies["city"].cancel(meeting)
    await judged.open(cancelled)
    await judged.must_say("meeting_cancelled")
    meeting, moved = await meetings.invited()
    await world.agencies["city"].move(meeting, MORNING + timedelta(days=1))
    await judged.open(moved)
    await judged.must_say("meeting_moved")
    await expect(judged.page.locator("footer").get_by_text(PHONE)).to_be_visible()
    meeting, replaced = await meetings.invited()
    await world.agencies["prefecture"].send(meeting)
    await judged.open(replaced)
    await judged.must_say("link_replaced")
    await expect(judged.page.locator("footer").get_by_text(PHONE)).to_be_visible()
    await judged.page.route("**/j/look", lambda route: route.abort())
    await judged.open(replaced)
    await judged.must_say("network")
    await judged.page.unroute("**/j/look")
