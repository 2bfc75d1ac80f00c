"""An auditor finds, verifies and opens sealed minutes in a real browser; her identity and the text stay there."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Route, expect
from sqlalchemy import text

from meetcoord.adapters.sealing.bundle import unpack
from meetcoord.adapters.web.assets import address_if_built
from meetcoord.adapters.web.assets import page as rendered
from meetcoord.adapters.web.audit_words import WORDS
from meetcoord.domain.values import Language
from tests.agencies import World, identity_of
from tests.web.auditing import CANARY, IDENTITY, Auditor, auditing
from tests.web.browsing import NARROW, WIDE, browser_page, must_fit, served
from tests.web.conftest import Asking, Readiness, parts_of
from tests.worlds import PHONE, PUBLIC_URL

ROOT = Path(__file__).parents[2]
KEPT = "JSON.stringify([localStorage, sessionStorage, document.cookie, history.state, location.href])"


@pytest.fixture
async def auditor(world: World, readiness: Readiness, chromium: str) -> AsyncIterator[Auditor]:
    async with auditing(world, readiness, chromium, WIDE) as auditor:
        await auditor.enter()
        yield auditor


@pytest.mark.needs("browser")
@pytest.mark.needs("opener")
@pytest.mark.parametrize("language", Language)
async def test_an_auditor_finds_verifies_and_reads_in_her_language(
    world: World, readiness: Readiness, chromium: str, language: Language
) -> None:
    async with auditing(world, readiness, chromium, NARROW, language) as auditor:
        page, say = auditor.page, auditor.say
        await auditor.enter()
        await expect(page.locator("#results li")).to_have_count(2)
        await page.locator("#kind").select_option("minutes")
        await page.locator("#held_from").fill("2026-11-03")
        await page.locator("#held_until").fill("2026-11-03")
        await auditor.press("search")
        await expect(page.locator("#results li")).to_have_count(1)
        await auditor.consult()
        await expect(page.locator("#documents li")).to_have_count(2)
        await auditor.press("verify_now")
        await auditor.must_be_told("intact_why", "#verdict")
        await expect(page.locator("#verdict q")).to_contain_text("Intact: these sealed bytes are in the log")
        await auditor.open()
        await auditor.must_be_told("opened")
        await expect(page.locator("#text")).to_contain_text(f"- {CANARY} <b>Pas de balise</b> ici.")
        await expect(page.locator("html")).to_have_attribute("lang", language.value)
        await expect(page.locator("h1")).to_have_text(say("heading"))
        await must_fit(page)
        assert auditor.complaints == []


@pytest.mark.needs("browser")
async def test_the_history_tells_in_order_what_the_log_holds(auditor: Auditor) -> None:
    await auditor.consult(1)
    told = await auditor.page.locator("#entries strong").all_text_contents()
    assert told == [
        "Meeting proposed",
        "Date settled",
        "Invitation sent",
        "Joined the meeting",
        *(f"{deed} (document {seq})" for seq in (0, 1) for deed in ("Text circulated", "Approved", "Sealed")),
    ]
    sealed = auditor.page.locator("#entries li").filter(has_text="Sealed (document 0)")
    await expect(sealed).to_contain_text(f"entry {auditor.sealed.leaf}")
    await expect(sealed.get_by_role("button")).to_have_accessible_name(
        f"Copy the digest: entry {auditor.sealed.leaf}"
    )


@pytest.mark.needs("browser")
async def test_the_digests_are_those_of_the_tree(auditor: Auditor, world: World) -> None:
    await auditor.consult(1)
    shown = await auditor.page.locator("#entries code").evaluate_all(
        "all => all.map((each) => atob(each.title))"
    )
    async with world.service.storage.snapshot() as tx:
        placed = await tx.log.about(auditor.sealed.meeting)
        nodes = {node.index: node.hash for node in await tx.log.nodes([(0, each.index) for each in placed])}
    assert [digest.encode("latin-1") for digest in shown] == [nodes[each.index] for each in placed]


@pytest.mark.needs("browser")
@pytest.mark.needs("opener")
async def test_nothing_leaves_the_page_once_a_text_is_open(auditor: Auditor) -> None:
    await auditor.consult(1)
    await auditor.open()
    await auditor.must_be_told("opened")
    asked = len(auditor.requests)
    page = auditor.page
    await page.get_by_role("link", name="Deutsch").click()
    await expect(page.locator("#text")).to_contain_text(CANARY)
    await page.locator("#close").click()
    await expect(page.locator("#text")).to_be_empty()
    await page.wait_for_load_state("networkidle")
    assert len(auditor.requests) == asked
    addresses = [address for address, _ in auditor.requests]
    sent = "".join(addresses) + "".join(said for _, said in auditor.requests)
    assert all(address.startswith(auditor.url) for address in addresses)
    kept = await page.evaluate(KEPT) + await page.content()
    for secret in (CANARY, IDENTITY, IDENTITY[-20:]):
        assert secret not in sent
        assert secret not in kept
    assert auditor.key not in kept + "".join(addresses)
    assert await page.evaluate("document.getElementById('identity-file').files.length") == 0
    assert await page.context.cookies() == []


@pytest.mark.needs("browser")
@pytest.mark.needs("opener")
async def test_what_is_no_identity_costs_no_reading(auditor: Auditor, world: World) -> None:
    await auditor.consult(1)
    for wrong in ("", "age1pq1", IDENTITY[:-6] + IDENTITY[-5:], f"{IDENTITY}\n{IDENTITY}"):
        await auditor.open(wrong)
        await auditor.must_be_told("identity_form")
    assert "minutes.read" not in await world.acts(auditor.sealed.meeting)


@pytest.mark.needs("browser")
@pytest.mark.needs("opener")
async def test_another_identity_opens_nothing_and_the_right_one_needs_no_second_reading(
    auditor: Auditor, world: World
) -> None:
    await auditor.consult(1)
    await auditor.open(identity_of("region"))
    await auditor.must_be_told("identity_wrong")
    await expect(auditor.page.locator("#opened")).to_be_hidden()
    await auditor.page.locator("#identity").fill(IDENTITY)
    await auditor.press("open")
    await auditor.must_be_told("opened")
    assert (await world.acts(auditor.sealed.meeting)).count("minutes.read") == 1


@pytest.mark.needs("browser")
@pytest.mark.needs("opener")
@pytest.mark.parametrize("place", [0, 200, -1, None], ids=["version", "header", "text", "cut short"])
async def test_a_file_altered_on_its_way_is_refused_whole(auditor: Auditor, place: int | None) -> None:
    async def alter(route: Route) -> None:
        answer = await route.fetch()
        body = bytearray(await answer.body())
        if place is None:
            del body[-1]
        else:
            body[place] ^= 1
        await route.fulfill(response=answer, body=bytes(body))

    await auditor.page.route("**/readings", alter)
    await auditor.consult(1)
    await auditor.open()
    await auditor.must_be_told("file_altered")
    await expect(auditor.page.locator("#text")).to_be_empty()
    await auditor.must_be_told("altered_hands_off", ".alarm")
    await expect(auditor.page.locator(".alarm")).to_contain_text("the file that this page received")


@pytest.mark.needs("browser")
async def test_a_failed_proof_says_what_where_since_when_and_stays(auditor: Auditor, world: World) -> None:
    page = auditor.page
    await auditor.consult(1)
    async with world.service.storage.transaction() as tx:
        await tx.block.change(text("UPDATE sealed_files SET payload = header"))
    world.clock.pass_by(timedelta(hours=3))
    await auditor.press("verify_now")
    alarm = page.locator(".alarm")
    await expect(alarm).to_contain_text("What is altered: payload of the sealed file")
    await expect(alarm).to_contain_text(f"entry {auditor.sealed.leaf} of the log")
    await expect(alarm).to_contain_text(
        "between 3 November 2026 at 10:00:00 (the seal) and 3 November 2026 at 13"
    )
    await expect(alarm.get_by_role("link", name=PHONE)).to_be_visible()
    await auditor.must_be_told("altered_hands_off", ".alarm")
    await expect(page.locator("#verdict q")).to_contain_text("Altered: payload of the sealed file")
    await expect(page.locator("#verify")).to_be_disabled()
    await auditor.press("back")
    await auditor.consult(1)
    await auditor.must_be_told("altered_hands_off", ".alarm")
    await page.locator("#documents button").click()
    await expect(alarm).to_have_count(0)


@pytest.mark.needs("browser")
async def test_what_cannot_be_checked_is_not_called_altered(auditor: Auditor, world: World) -> None:
    await auditor.consult(1)
    async with world.service.storage.transaction() as tx:
        await tx.block.change(text("DELETE FROM sealed_files"))
    await auditor.press("verify_now")
    await auditor.must_be_told("unknown_why", "#verdict")
    await expect(auditor.page.locator(".alarm")).to_have_count(0)
    await expect(auditor.page.locator("#verify")).to_be_enabled()


@pytest.mark.needs("browser")
async def test_each_download_is_announced_and_leaves_its_act(auditor: Auditor, world: World) -> None:
    page = auditor.page
    await auditor.consult(1)
    await auditor.must_be_told("take_why", "#document")
    async with page.expect_download() as coming:
        await auditor.press("take_evidence")
    evidence = unpack((await (await coming.value).path()).read_bytes())
    async with page.expect_download() as coming:
        await auditor.press("take_file")
    assert (await (await coming.value).path()).read_bytes() == evidence.sealed
    await auditor.must_be_told("taken", "#take-said")
    assert (await world.acts(auditor.sealed.meeting)).count("minutes.read") == 2
    name = f"evidence-{auditor.sealed.meeting}-0.zip"
    await expect(page.locator("#commands")).to_contain_text(
        f"meetcoord evidence verify {name} --log-key log.vkey"
    )


@pytest.mark.needs("browser")
async def test_a_key_that_is_not_valid_and_one_that_expires_are_told_plainly(
    world: World, readiness: Readiness, chromium: str
) -> None:
    async with auditing(world, readiness, chromium, NARROW) as auditor:
        await auditor.enter("abc")
        await auditor.must_be_told("key_empty", "#notice")
        await auditor.enter(auditor.key[:-1])
        await auditor.must_be_told("key_wrong", "#notice")
        await auditor.enter()
        await auditor.consult()
        world.clock.pass_by(timedelta(days=91))
        await auditor.press("verify_now")
        await auditor.must_be_told("key_wrong", "#notice")
        await expect(auditor.page.locator("#document")).to_be_hidden()


@pytest.mark.needs("browser")
async def test_a_forgotten_key_takes_all_it_showed_with_it(auditor: Auditor) -> None:
    page = auditor.page
    await auditor.consult()
    await auditor.press("key_forget")
    await auditor.must_be_told("key_forgotten", "#notice")
    await expect(page.locator("#key")).to_be_focused()
    await expect(page.locator("#results li")).to_have_count(0)
    assert auditor.key not in await page.content() + await page.evaluate(KEPT)


@pytest.mark.needs("browser")
async def test_without_javascript_the_page_names_the_commands(
    world: World, readiness: Readiness, chromium: str
) -> None:
    async with (
        served(parts_of(world, readiness)) as url,
        browser_page(chromium, NARROW, java_script_enabled=False) as (page, _),
    ):
        await page.goto(f"{url}/audit?lang=de")
        await expect(page.locator("noscript p")).to_contain_text("Kommandozeile")
        await expect(page.locator("noscript pre")).to_contain_text("meetcoord evidence verify evidence.zip")
        await expect(page.locator("form:visible, button:visible")).to_have_count(0)


async def test_the_page_may_run_only_our_own_scripts_and_is_kept_nowhere(nobody: Asking) -> None:
    answer = await nobody.get("/audit?lang=fr")
    policy = answer.headers["Content-Security-Policy"]
    for rule in (
        "script-src 'self'",
        "connect-src 'self'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ):
        assert rule in policy.split("; ")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "unsafe" not in policy
    assert (await nobody.get("/audit?key=mtc_a")).status_code == 400


@pytest.mark.needs("opener")
async def test_what_was_built_is_served_by_us_with_its_licences(nobody: Asking) -> None:
    answer = await nobody.get(address_if_built("age.js"))
    assert answer.headers["Content-Type"].startswith("text/javascript")
    head = answer.text.partition("*/")[0]
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    bundled = {place: facts for place, facts in lock.items() if place and not facts.get("dev")}
    for place, facts in bundled.items():
        assert f"{place.rpartition('node_modules/')[2]} {facts['version']}\n" in head
    assert head.count("Copyright") >= len(bundled) > 5
    assert "WebAssembly" not in answer.text


@pytest.mark.parametrize("language", Language)
def test_where_nothing_was_built_the_page_offers_the_file_and_the_command(language: Language) -> None:
    words = {each.value: table for each, table in WORDS.items()}
    facts = {"language": language.value, "help_phone": "", "public_url": PUBLIC_URL, "opener": ""}
    html = rendered("audit.html", None, words=words, **facts).content
    assert WORDS[language]["not_built"] in html
    assert 'id="identity"' not in html
    assert 'id="take-file"' in html


def test_every_language_says_the_same_things() -> None:
    french = WORDS[Language.FRENCH]
    for table in WORDS.values():
        assert table.keys() == french.keys()
        assert {word for word in table if "{" in table[word]} == {
            word for word in french if "{" in french[word]
        }
