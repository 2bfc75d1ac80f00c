"""An auditor of the prefecture before her page: what was sealed for her, her key, and her identity."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Page, expect

from meetcoord.adapters.web.audit_words import WORDS
from meetcoord.domain.agencies import Role
from meetcoord.domain.minutes import Minutes
from meetcoord.domain.values import Language
from tests.agencies import MORNING, YES, Acting, World, identity_of
from tests.web.browsing import browser_page, served
from tests.web.conftest import Readiness, key_of, parts_of

CANARY = "Le canari jaune dort dans le deuxième tiroir."
BODY = f"# Décisions\n\n- La salle ouvre lundi.\n- {CANARY} <b>Pas de balise</b> ici.\n"
IDENTITY = identity_of("prefecture")


@dataclass(slots=True)
class Auditor:
    """Her page, her key, and all that the page asks of any server: where, and what it says there."""

    page: Page
    url: str
    key: str
    sealed: Minutes
    complaints: list[str]
    language: Language = Language.ENGLISH
    requests: list[tuple[str, str]] = field(default_factory=list)

    def say(self, word: str) -> str:
        return WORDS[self.language][word]

    async def arrive(self) -> None:
        self.page.on(
            "request",
            lambda asked: self.requests.append((asked.url, f"{asked.headers} {asked.post_data}")),
        )
        await self.page.goto(f"{self.url}/audit?lang={self.language.value}")

    async def enter(self, key: str = "") -> None:
        await self.page.locator("#key").fill(key or self.key)
        await self.press("key_use")

    async def press(self, word: str) -> None:
        await self.page.get_by_role("button", name=self.say(word), exact=True).click()

    async def consult(self, place: int = 0) -> None:
        """The document on this card, once its history is there."""
        await self.page.locator("#results button").nth(place).click()
        await expect(self.page.locator("#entries li").last).to_be_visible()

    async def open(self, identity: str = IDENTITY) -> None:
        """With an identity file as `meetcoord keys auditor new` writes it."""
        file = f"# the auditors of the prefecture\n{identity}\n".encode()
        await self.page.locator("#identity-file").set_input_files(
            {"name": "identity.txt", "mimeType": "text/plain", "buffer": file}
        )
        await self.press("open")

    async def must_be_told(self, word: str, place: str = "#open-said") -> None:
        await expect(self.page.locator(place)).to_contain_text(self.say(word).partition("{")[0])


async def seal(city: Acting, prefecture: Acting, *, bodies: tuple[str, ...] = (BODY,)) -> list[Minutes]:
    """A meeting with an admission, its minutes and as many addenda as there are further texts."""
    world = city.world
    proposed = await city.propose(prefecture, starts=[MORNING])
    await prefecture.answer(proposed, YES)
    meeting = await city.settle(proposed)
    guest = await prefecture.person(f"Adviser {meeting.id[:6]}")
    await prefecture.send(meeting, guest)
    await city.invite(meeting)
    await world.deliver()
    world.clock.go_to(MORNING)
    await world.press(world.newest_link(guest))
    sealed = [await city.approve(await city.circulate(await city.write(meeting, body))) for body in bodies]
    await world.use.publish_checkpoint()
    return sealed


@asynccontextmanager
async def auditing(
    world: World,
    readiness: Readiness,
    chromium: str,
    size: dict[str, int],
    language: Language = Language.ENGLISH,
) -> AsyncIterator[Auditor]:
    """Before the page in one language, with minutes and an addendum sealed."""
    city, prefecture = await world.agency("city"), await world.agency("prefecture")
    sealed = await seal(city, prefecture, bodies=(BODY, "Correction : la salle ouvre mardi.\n"))
    key = await key_of(prefecture, Role.AUDITOR)
    async with served(parts_of(world, readiness)) as url, browser_page(chromium, size) as (page, complaints):
        auditor = Auditor(page, url, key, sealed[0], complaints, language)
        await auditor.arrive()
        yield auditor
