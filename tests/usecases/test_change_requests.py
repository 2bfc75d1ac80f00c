"""An agency that cannot approve a text says what should be otherwise; everybody sees who is waited for."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from meetcoord.domain.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from meetcoord.domain.leaves import ActKind, ActLeaf
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.minutes import Finality, Minutes, MinutesState
from meetcoord.domain.profiles import ProfileName
from meetcoord.usecases.ask_for_change import WantedChange
from tests.agencies import YES, Acting, World, agreed
from tests.worlds import on_every_database

COMMENT = "Le canari dort dans le troisième tiroir."


async def ask(
    agency: Acting, minutes: Minutes, comment: str = COMMENT, content: str | None = None
) -> Minutes:
    wanted = WantedChange(content=content or minutes.content or "", comment=comment)
    return await agency.use.ask_for_change(agency.secretary, minutes.meeting, minutes.seq, wanted)


async def comments(reader: Acting, minutes: Minutes) -> list[tuple[str, str]]:
    found = await reader.read(minutes)
    return [(change.request.agency, change.request.comment) for change in found.changes]


async def waited_for(reader: Acting, minutes: Minutes) -> list[str]:
    return [waiting.agency for waiting in (await reader.read(minutes)).waiting_for]


@pytest.fixture
async def circulated(city: Acting, prefecture: Acting) -> Minutes:
    """Of a sensitive meeting: both agencies are to approve."""
    meeting = await agreed(city, prefecture, ProfileName.SENSITIVE)
    return await city.circulate(await city.write(meeting))


@on_every_database
async def test_the_organiser_sees_who_asks_for_what_and_since_when(
    world: World, city: Acting, prefecture: Acting, circulated: Minutes
) -> None:
    world.clock.pass_by(timedelta(hours=1))
    asked = await ask(prefecture, circulated)
    assert (asked.state, asked.version) == (MinutesState.CIRCULATED, circulated.version + 1)
    (change,) = (await city.read(asked)).changes
    assert (change.request.agency, change.request.comment) == ("prefecture", COMMENT)
    assert (change.request.at, change.person.name) == (world.clock(), "Secretary of prefecture")
    assert change.person.address is None
    assert await waited_for(city, asked) == ["city", "prefecture"]
    assert {w.since for w in (await city.read(asked)).waiting_for} == {circulated.changed_at}
    acts = [leaf for leaf in await world.entries(circulated.meeting) if isinstance(leaf, ActLeaf)]
    logged = [(leaf.agency, leaf.object) for leaf in acts if leaf.act is ActKind.MINUTES_CHANGE_ASKED]
    assert logged == [("prefecture", f"{circulated.meeting}/0")]
    await world.must_be_sound()


async def test_the_approval_of_the_same_agency_withdraws_its_request(
    city: Acting, prefecture: Acting, circulated: Minutes
) -> None:
    asked = await ask(prefecture, circulated)
    approved = await prefecture.approve(asked)
    assert await comments(city, approved) == []
    assert await waited_for(prefecture, approved) == ["city"]
    with pytest.raises(Conflict, match="has approved this text"):
        await ask(prefecture, approved)
    sealed = await city.approve(approved)
    assert sealed.state is MinutesState.SEALED
    assert (await city.read(sealed)).waiting_for == ()


async def test_a_new_version_closes_requests_and_voids_approvals(
    city: Acting, prefecture: Acting, circulated: Minutes
) -> None:
    await city.approve(circulated)
    asked = await ask(prefecture, circulated)
    draft = await city.rewrite(asked, "Le troisième.\n")
    assert (await city.read(draft)).changes == ()
    again = await city.circulate(draft)
    assert (again.approvals, await comments(city, again)) == ((), [])
    assert await waited_for(prefecture, again) == ["city", "prefecture"]
    with pytest.raises(Stale, match="circulated version"):
        await ask(prefecture, circulated)
    anew = await city.circulate(await ask(prefecture, again))
    assert await comments(city, anew) == []


async def test_a_later_request_takes_the_place_of_the_former_and_the_same_twice_is_once(
    world: World, city: Acting, prefecture: Acting, circulated: Minutes
) -> None:
    first = await ask(prefecture, circulated)
    assert await ask(prefecture, circulated) == first
    await ask(prefecture, circulated, "Autre chose.")
    assert await comments(city, circulated) == [("prefecture", "Autre chose.")]
    assert (await world.acts(circulated.meeting)).count("minutes.change_asked") == 2


@on_every_database
async def test_agencies_that_ask_at_once_are_all_heard(
    world: World, city: Acting, prefecture: Acting
) -> None:
    health = await world.agency("health")
    meeting = await city.propose(prefecture, health, profile=ProfileName.SENSITIVE)
    for agency in (prefecture, health):
        await agency.answer(meeting, YES)
    await city.settle(meeting)
    minutes = await city.circulate(await city.write(meeting))
    await asyncio.gather(ask(prefecture, minutes, "Un."), ask(health, minutes, "Deux."))
    assert sorted(await comments(city, minutes)) == [("health", "Deux."), ("prefecture", "Un.")]
    assert await comments(health, minutes) == [("health", "Deux.")]


async def test_only_who_is_to_approve_asks_and_only_for_what_was_circulated(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    stranger = await world.agency("stranger")
    draft = await city.write(settled)
    with pytest.raises(Conflict, match="not been circulated"):
        await ask(city, draft, content="x")
    minutes = await city.circulate(draft)
    with pytest.raises(Forbidden, match="not asked for"):
        await ask(prefecture, minutes)
    with pytest.raises(NotFound):
        await ask(stranger, minutes)
    with pytest.raises(Stale):
        await ask(city, minutes, content="another")
    assert (await ask(city, minutes)).state is MinutesState.CIRCULATED


async def test_a_draft_is_still_nobody_elses_business(
    city: Acting, prefecture: Acting, circulated: Minutes
) -> None:
    draft = await city.rewrite(circulated)
    with pytest.raises(NotFound):
        await ask(prefecture, draft, content="x")


@pytest.mark.parametrize("comment", ["", " \n", "bidi \u202e", "a" * 4001, "Secret Défense"])
async def test_a_comment_is_plain_text_within_bounds(
    prefecture: Acting, circulated: Minutes, comment: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await ask(prefecture, circulated, comment)
    assert refusal.value.pointer == "/comment"


async def test_before_the_last_approval_it_is_said_what_becomes_impossible(
    city: Acting, prefecture: Acting, circulated: Minutes
) -> None:
    assert circulated.warning is Finality.ADDENDUM_ONLY
    approved = await city.approve(circulated)
    assert approved.warning is Finality.ADDENDUM_ONLY
    assert (await prefecture.approve(circulated)).warning is None


async def test_no_file_of_the_database_holds_a_readable_word_of_a_comment(
    world_on_disk: World, database_file: Path
) -> None:
    world = world_on_disk
    city, prefecture = await world.agency("city"), await world.agency("prefecture")
    meeting = await agreed(city, prefecture, ProfileName.SENSITIVE)
    minutes = await ask(prefecture, await city.circulate(await city.write(meeting)))

    def holding() -> list[str]:
        return [f.name for f in database_file.parent.iterdir() if COMMENT.encode() in f.read_bytes()]

    assert holding() == []
    await city.approve(minutes)
    await prefecture.approve(minutes)
    assert holding() == []
    assert COMMENT not in repr(await world.entries(meeting.id))
