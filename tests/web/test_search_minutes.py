"""The search over sealed documents: only of one's own meetings, page by page, and without leaving an act."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import text

from meetcoord.domain.access import Scope
from meetcoord.domain.agencies import Role
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.minutes import Minutes
from meetcoord.domain.profiles import ProfileName
from meetcoord.ports.storage import Sought
from meetcoord.usecases.search_minutes import Held, SearchMinutes
from tests.agencies import AFTERNOON, MORNING, YES, Acting, World, agreed
from tests.builders import random_id
from tests.web.conftest import Asking, key_of
from tests.worlds import on_every_database

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Archive:
    """What the city sealed: with the prefecture twice and an addendum, with the region once."""

    world: World
    first: Minutes
    second: Minutes
    addendum: Minutes
    foreign: Minutes


async def sealed(city: Acting, other: Acting, *, days: int = 0) -> tuple[Meeting, Minutes]:
    meeting = await city.propose(other, starts=[MORNING + days * DAY])
    await other.answer(meeting, YES)
    settled = await city.settle(meeting)
    return settled, await add_sealed(city, settled)


async def add_sealed(city: Acting, meeting: Meeting) -> Minutes:
    return await city.approve(await city.circulate(await city.write(meeting)))


@pytest.fixture
async def archive(world: World, city: Acting, prefecture: Acting) -> Archive:
    region = await world.agency("region")
    meeting, first = await sealed(city, prefecture)
    world.clock.pass_by(DAY)
    _, foreign = await sealed(city, region, days=1)
    world.clock.pass_by(DAY)
    _, second = await sealed(city, prefecture, days=2)
    world.clock.pass_by(DAY)
    return Archive(world, first, second, await add_sealed(city, meeting), foreign)


@pytest.fixture
async def auditor(archive: Archive, http: Any, prefecture: Acting) -> Asking:
    """Of the prefecture, with no other role."""
    return Asking(http, await key_of(prefecture, Role.AUDITOR))


async def found(asking: Asking, **asked: Any) -> list[tuple[str, int]]:
    answer = await asking.get("/v1/minutes", params=asked)
    assert answer.status_code == 200, answer.text
    return [(item["meeting"], item["seq"]) for item in answer.json()["items"]]


def names(*documents: Minutes) -> list[tuple[str, int]]:
    return [(each.meeting, each.seq) for each in documents]


@on_every_database
async def test_an_auditor_finds_what_her_agency_took_part_in_and_nothing_else(
    archive: Archive, auditor: Asking, city_program: Asking
) -> None:
    own = names(archive.addendum, archive.second, archive.first)
    assert await found(auditor) == own
    assert await found(city_program) == [*own[:2], *names(archive.foreign, archive.first)]
    assert await found(auditor, agency="region") == []
    assert await found(auditor, meeting=archive.foreign.meeting) == []
    assert await found(city_program, agency="region") == names(archive.foreign)


@on_every_database
async def test_each_filter_narrows_the_search(archive: Archive, auditor: Asking) -> None:
    first, second, addendum = archive.first, archive.second, archive.addendum
    assert await found(auditor, kind="addendum") == names(addendum)
    assert await found(auditor, kind="minutes") == names(second, first)
    assert await found(auditor, meeting=first.meeting) == names(addendum, first)
    assert await found(auditor, agency="city", kind="minutes") == names(second, first)
    later = (MORNING + DAY).isoformat()
    assert await found(auditor, held_from=later) == names(second)
    assert await found(auditor, held_until=later) == names(addendum, first)
    assert await found(auditor, held_from=AFTERNOON.isoformat(), held_until=later) == []
    seal = second.changed_at.isoformat()
    assert await found(auditor, sealed_from=seal) == names(addendum, second)
    assert await found(auditor, sealed_until=seal) == names(first)


@on_every_database
async def test_pages_follow_one_another_without_a_gap(archive: Archive, auditor: Asking) -> None:
    whole, seen, asked = await found(auditor), [], {"limit": "1", "held_from": "2026-01-01T00:00:00Z"}
    while asked:
        answer = await auditor.get("/v1/minutes", params=asked)
        seen += [(item["meeting"], item["seq"]) for item in answer.json()["items"]]
        following = answer.links.get("next", {}).get("url", "")
        asked = dict(parse_qsl(urlsplit(following).query))
        assert ("cursor" in asked) is (answer.json()["next_cursor"] is not None)
    assert seen == whole


@on_every_database
async def test_a_search_by_the_day_of_the_meeting_goes_on_behind_what_did_not_fit(
    archive: Archive, prefecture: Acting
) -> None:
    search = SearchMinutes(archive.world.service.storage, most_looked_at=1)
    held, before = Held(until=MORNING + DAY), None
    pages: list[list[tuple[str, int]]] = []
    while not pages or before is not None:
        page = await search(prefecture.auditor, Sought(), held, before, 10)
        pages.append([(each.minutes.meeting, each.minutes.seq) for each in page.items])
        before = page.rest
    assert pages == [names(archive.addendum), [], names(archive.first), []]


async def test_a_draft_or_a_circulated_text_is_not_listed(
    archive: Archive, auditor: Asking, city: Acting, prefecture: Acting
) -> None:
    before = await found(auditor)
    meeting = await agreed(city, prefecture, ProfileName.SENSITIVE)
    draft = await city.write(meeting)
    assert await found(auditor) == before
    await city.circulate(draft)
    assert await found(auditor) == before


async def test_a_document_is_described_and_the_title_is_for_those_who_may_read_meetings(
    archive: Archive, auditor: Asking, http: Any, prefecture: Acting
) -> None:
    (item,) = (await auditor.get("/v1/minutes", params={"kind": "addendum"})).json()["items"]
    assert (item["title"], item["agencies"], item["organiser"]) == (
        "Crisis cell",
        ["city", "prefecture"],
        "city",
    )
    assert (item["start"], item["time_zone"]) == ("2026-11-03T09:00:00Z", "Europe/Paris")
    assert (item["leaf"], item["content"]) == (archive.addendum.leaf, archive.addendum.content)
    assert item["approved_by"] == ["city"]
    narrow = Asking(http, await key_of(prefecture, *Role, scopes=frozenset({Scope.MINUTES_READ})))
    assert {each["title"] for each in (await narrow.get("/v1/minutes")).json()["items"]} == {None}


async def test_a_listing_and_a_check_leave_no_act(archive: Archive, auditor: Asking) -> None:
    before = await archive.world.acts(archive.first.meeting)
    await found(auditor)
    check = await auditor.post(f"/v1/meetings/{archive.first.meeting}/minutes/0/evidence-check")
    assert check.json()["outcome"] == "intact"
    assert await archive.world.acts(archive.first.meeting) == before


@pytest.mark.parametrize(
    "asked",
    [
        {"held_from": "2026-11-03"},
        {"held_from": "2026-11-03T10:00:00"},
        {"sealed_from": "yesterday"},
        {"sealed_until": "0001-01-01T00:00:00+12:00"},
        {"held_from": "2026-11-03T10:00:00Z", "held_until": "2026-11-03T10:00:00Z"},
        {"sealed_from": "2026-11-04T10:00:00Z", "sealed_until": "2026-11-03T10:00:00Z"},
        {"agency": "City Hall"},
        {"agency": ""},
        {"agency": "a\0b"},
        {"meeting": "../1"},
        {"kind": "draft"},
        {"limit": "0"},
        {"limit": "101"},
        {"cursor": "Zm9v"},
        {"cursor": "é"},
        {"state": "draft"},
    ],
    ids=str,
)
async def test_what_cannot_be_looked_for_is_refused(auditor: Asking, asked: dict[str, str]) -> None:
    answer = await auditor.get("/v1/minutes", params=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


async def test_a_meeting_that_nobody_knows_is_an_empty_search(auditor: Asking) -> None:
    assert await found(auditor, meeting=random_id("nowhere")) == []


async def test_a_key_without_the_right_searches_and_checks_nothing(
    archive: Archive, http: Any, prefecture: Acting
) -> None:
    administrator = Asking(http, await key_of(prefecture, Role.ADMINISTRATOR))
    path = f"/v1/meetings/{archive.first.meeting}/minutes/0/evidence-check"
    assert (await administrator.get("/v1/minutes")).status_code == 403
    assert (await administrator.post(path)).status_code == 403


async def test_a_check_says_what_the_command_says_and_that_it_is_no_proof(
    archive: Archive, auditor: Asking
) -> None:
    check = (await auditor.post(f"/v1/meetings/{archive.first.meeting}/minutes/0/evidence-check")).json()
    assert check["sentence"].startswith("Intact: these sealed bytes are in the log ")
    assert (check["steps"][0]["name"], check["steps"][0]["state"]) == ("leaf", "passed")
    assert check["steps"][-1] == {
        "name": "content",
        "state": "not run",
        "sentence": "Content not checked: no identity was given to open it.",
    }
    assert "meetcoord evidence verify" in check["note"]
    assert (check["leaf"], check["sealed_at"] <= check["checked_at"]) == (archive.first.leaf, True)


@pytest.mark.parametrize(
    ("harm", "outcome", "part"),
    [
        ("UPDATE sealed_files SET payload = header", "altered", "payload"),
        ("DELETE FROM sealed_files", "cannot be checked", "no sealed file"),
        ("UPDATE log_leaves SET entry = 'x'", "altered", "leaf"),
        ("DELETE FROM log_nodes", "altered", "log"),
        ("DELETE FROM checkpoints", "cannot be checked", "checkpoint"),
    ],
    ids=["payload", "file gone", "entries", "hashes gone", "checkpoints gone"],
)
async def test_harm_done_behind_the_service_is_told_in_the_three_outcomes(
    archive: Archive, auditor: Asking, harm: str, outcome: str, part: str
) -> None:
    async with archive.world.service.storage.transaction() as tx:
        await tx.block.change(text(harm))
    answer = await auditor.post(f"/v1/meetings/{archive.first.meeting}/minutes/0/evidence-check")
    assert (answer.status_code, answer.json()["outcome"]) == (200, outcome)
    assert part in answer.json()["sentence"]


async def test_documents_of_another_circle_are_neither_checked_nor_told(
    archive: Archive, auditor: Asking
) -> None:
    foreign = await auditor.post(f"/v1/meetings/{archive.foreign.meeting}/minutes/0/evidence-check")
    nowhere = await auditor.post(f"/v1/meetings/{random_id('nowhere')}/minutes/0/evidence-check")
    assert foreign.status_code == nowhere.status_code == 404
    assert foreign.json()["detail"] == nowhere.json()["detail"]
