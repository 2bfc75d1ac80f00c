"""Links as mail programs leave them, in the address and in the paste field; and a browser that runs no scripts."""

import quopri
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.async_api import expect

from meetcoord.adapters.web.assets import address_of
from meetcoord.adapters.web.join_words import WORDS
from meetcoord.domain.values import Language
from tests.agencies import World
from tests.web.browsing import NARROW, browser_page
from tests.web.test_join import seat
from tests.web.test_join_page import address
from tests.worlds import PHONE

__all__ = ["address"]
pytestmark = pytest.mark.needs("browser")
ENGLISH = WORDS[Language.ENGLISH]

MANGLED: dict[str, Callable[[str], str]] = {
    "a sentence around it": lambda link: f"Dear all,\nopen ({link}).\nYours",
    "two lines": lambda link: f"{link[:60]}\r\n  {link[60:]}",
    "a quoted reply": lambda link: f"> {link[:60]}\n> {link[60:]}\n> Yours",
    "quoted-printable": lambda link: quopri.encodestring(f"Link: {link}\n".encode(), quotetabs=True).decode(),
    "a parameter more": lambda link: f"{link}&amp;utm_source=mail",
    "a checked link": lambda link: f"https://safe.example.org/?url={quote(link, safe='')}&amp;data=05%7C01",
    "checked twice": lambda link: f"https://a.example.org/{quote(quote(link, safe=''), safe='')}/x",
    "entities": lambda link: link.replace("#", "&#x23;").replace(".", "&#46;"),
    "unseen characters": lambda link: f"\ufeff{link[:50]}\u200b{link[50:70]}\u00ad{link[70:]}",
    "markup": lambda link: f'<a href="{link}">{link}</a>',
    "the secret alone": lambda link: link.partition("#")[2],
}
IN_THE_ADDRESS: dict[str, Callable[[str], str]] = {
    "a full stop": lambda token: f"{token}.",
    "a bracket": lambda token: f"{token}%3E)",
    "a blank": lambda token: f"{token[:50]}%20{token[50:]}%0D%0A",
    "a parameter": lambda token: f"{token}&amp;x=1",
}


async def test_a_link_is_understood_whatever_the_mail_program_made_of_it(
    world: World, address: str, chromium: str
) -> None:
    _, token = await seat(world)
    texts = {name: mangle(f"{address}/j#{token}") for name, mangle in MANGLED.items()}
    async with browser_page(chromium, NARROW) as (page, complaints):
        await page.goto(f"{address}/j?lang=en")
        read = await page.evaluate(
            "async ([module, texts]) => { const { read } = await import(module);"
            " return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, read(text).token])); }",
            [address_of("links.js"), texts],
        )
        assert read == dict.fromkeys(MANGLED, token)

        await page.get_by_label("Paste here").fill(texts["two lines"])
        await page.get_by_role("button", name="Open this link").click()
        await expect(page.locator("h1")).to_have_text("Crisis cell")
        for name, mangle in IN_THE_ADDRESS.items():
            await page.goto("about:blank")
            await page.goto(f"{address}/j?lang=en#{mangle(token)}")
            await expect(page.locator("h1"), name).to_have_text("Crisis cell")
            assert page.url == f"{address}/j?lang=en"
        assert complaints == []


async def test_what_is_no_link_gets_a_sentence_of_its_own_and_keeps_what_was_pasted(
    world: World, address: str, chromium: str
) -> None:
    _, token = await seat(world)
    async with browser_page(chromium, NARROW) as (page, _):
        await page.goto(f"{address}/j?lang=en")
        field = page.get_by_label("Paste here")
        for text, word in (
            ("the meeting of Tuesday", "paste_none"),
            (f"{address}/j", "paste_none"),
            (f"{address}/j#{token[:60]}", "link_cut"),
        ):
            await field.fill(text)
            await page.get_by_role("button", name="Open this link").click()
            await expect(page.locator("#notice")).to_have_text(ENGLISH[word])
            await expect(field).to_be_focused()
            await expect(field).to_have_value(text)
        await field.fill(f"{address}/j#{token[:-3]}AAA")
        await page.get_by_role("button", name="Open this link").click()
        await expect(page.locator("#notice")).to_have_text(ENGLISH["link_invalid"])


async def test_without_scripts_the_page_says_what_to_do_and_whom_to_call(address: str, chromium: str) -> None:
    async with browser_page(chromium, NARROW, java_script_enabled=False) as (page, _):
        for language in Language:
            await page.goto(f"{address}/j?lang={language.value}#token")
            await expect(page.locator("noscript p")).to_have_text(WORDS[language]["noscript"])
            await expect(page.locator("footer").get_by_text(PHONE)).to_be_visible()
            await expect(page.locator("#paste")).to_be_hidden()
