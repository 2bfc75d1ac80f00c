"""Sealed minutes are destroyed when every agency that must consent has, and their entry stays provable."""

import ast
from pathlib import Path

import pytest
from msgspec import UNSET
from msgspec.structs import replace

import meetcoord
from meetcoord.domain.errors import Conflict, Erased, Forbidden, Invalid, NotFound, Stale
from meetcoord.domain.leaves import ConsentLeaf, ConsentVerdict, ErasureLeaf, ErasureReason
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.minutes import Minutes
from meetcoord.domain.profiles import SHIPPED
from meetcoord.usecases.erase_minutes import AskForErasure, WantedErasure
from tests.agencies import Acting, World
from tests.log.builders import verify
from tests.usecases.test_opening_keys import a_key
from tests.worlds import on_every_database


@pytest.fixture
async def sealed(city: Acting, prefecture: Acting, settled: Meeting) -> Minutes:
    return await city.approve(await city.circulate(await city.write(settled)))


async def erased(city: Acting, prefecture: Acting, sealed: Minutes) -> int:
    """By which entry, with the consent of both."""
    asked = await city.ask_for_erasure(sealed)
    await prefecture.consent_to_erasure(asked)
    return (await city.consent_to_erasure(asked)).erasure.request.index


@on_every_database
async def test_the_last_consent_destroys_the_file_and_everything_says_so(
    world: World, city: Acting, prefecture: Acting, sealed: Minutes
) -> None:
    asked = await city.ask_for_erasure(sealed)
    known = await prefecture.consent_to_erasure(asked)
    assert known.erasure.since is None
    assert (await city.fetch(sealed)).payload
    known = await city.consent_to_erasure(known)
    assert known.erasure.since is not None
    with pytest.raises(Erased) as gone:
        await prefecture.fetch(sealed)
    assert gone.value.leaf == asked.erasure.request.index
    with pytest.raises(Erased):
        await city.evidence(sealed)
    report = await world.use.check_log()
    assert (report.damages, report.erased, report.unerased) == ((), (sealed.leaf,), ())
    kinds = [type(leaf) for leaf in await world.entries(sealed.meeting)]
    assert kinds.count(ErasureLeaf) == 1
    assert kinds.count(ConsentLeaf) == 2


async def test_evidence_taken_before_and_that_of_other_entries_stay_intact(
    world: World, city: Acting, prefecture: Acting, settled: Meeting, sealed: Minutes
) -> None:
    addendum = await city.approve(await city.circulate(await city.write(settled)))
    before = await city.evidence(sealed)
    await erased(city, prefecture, sealed)
    assert verify(before).outcome.value == "intact"
    assert verify(await city.evidence(addendum)).outcome.value == "intact"
    checked = await world.use.check_evidence(city.auditor, sealed.meeting, sealed.seq)
    assert checked.verdict.sentence.startswith("Cannot be checked: This sealed file was destroyed")
    await world.must_be_sound()


async def test_a_rejected_erasure_is_taken_up_again_as_a_new_request_only(
    world: World, city: Acting, prefecture: Acting, sealed: Minutes
) -> None:
    asked = await city.ask_for_erasure(sealed)
    await city.consent_to_erasure(asked)
    known = await prefecture.consent_to_erasure(asked, ConsentVerdict.REJECT)
    assert known.erasure.since is None
    assert known.erasure.having(ConsentVerdict.REJECT) == {"prefecture"}
    assert (await city.fetch(sealed)).payload
    with pytest.raises(Conflict, match="a no is final"):
        await prefecture.consent_to_erasure(asked)
    fresh = await city.ask_for_erasure(sealed)
    assert fresh.erasure.request.index > asked.erasure.request.index
    await city.consent_to_erasure(fresh)
    assert (await prefecture.consent_to_erasure(fresh)).erasure.since is not None
    await world.must_be_sound()


async def test_the_same_word_twice_is_once(world: World, city: Acting, sealed: Minutes) -> None:
    asked = await city.ask_for_erasure(sealed)
    assert await city.ask_for_erasure(sealed) == asked
    await city.consent_to_erasure(asked)
    await city.consent_to_erasure(asked)
    assert len([1 for leaf in await world.entries(sealed.meeting) if isinstance(leaf, ConsentLeaf)]) == 1


async def test_without_the_archives_visa_nothing_is_asked(city: Acting, sealed: Minutes) -> None:
    for visa in (None, "", "  "):
        with pytest.raises(Invalid, match="visa"):
            await city.ask_for_erasure(sealed, visa=visa)
    with pytest.raises(Invalid):
        await city.ask_for_erasure(sealed, visa="a sentence that tells too much")


async def test_where_no_visa_is_asked_for_none_is_needed(world: World, city: Acting, sealed: Minutes) -> None:
    free = replace(SHIPPED, standard=replace(SHIPPED.standard, archive_visa=False))
    ask = world.use.ask_for_erasure
    asked = WantedErasure(reason=ErasureReason.MISTAKE)
    known = await AskForErasure(ask.storage, ask.erasures, free, ask.now)(
        city.secretary, sealed.meeting, sealed.seq, asked
    )
    assert known.erasure.request.leaf.visa is UNSET
    await world.must_be_sound()


async def test_only_the_organiser_asks_and_only_an_administrator_consents(
    world: World, city: Acting, prefecture: Acting, sealed: Minutes
) -> None:
    with pytest.raises(Forbidden):
        await prefecture.ask_for_erasure(sealed)
    with pytest.raises(NotFound):
        await world.use.read_erasure(city.secretary, sealed.meeting, sealed.seq)
    with pytest.raises(Forbidden):
        await world.use.ask_for_erasure(
            city.console, sealed.meeting, sealed.seq, WantedErasure(reason=ErasureReason.REQUEST, visa="a/1")
        )
    known = await city.ask_for_erasure(sealed)
    health = await world.agency("health")
    with pytest.raises(NotFound):
        await health.consent_to_erasure(known)


async def test_a_newer_request_voids_the_consents_to_the_former(
    city: Acting, prefecture: Acting, sealed: Minutes
) -> None:
    first = await city.ask_for_erasure(sealed)
    await prefecture.consent_to_erasure(first)
    second = await city.ask_for_erasure(sealed, visa="da-2026/15")
    with pytest.raises(Stale):
        await city.consent_to_erasure(first)
    assert (await city.consent_to_erasure(second)).erasure.since is None


async def test_an_erased_entry_is_not_erased_twice(city: Acting, prefecture: Acting, sealed: Minutes) -> None:
    await erased(city, prefecture, sealed)
    with pytest.raises(Erased):
        await city.ask_for_erasure(sealed)
    known = await city.use.read_erasure(city.secretary, sealed.meeting, sealed.seq)
    with pytest.raises(Erased):
        await city.consent_to_erasure(known, ConsentVerdict.REJECT)


async def test_where_keys_are_named_an_approver_signs(
    world: World, city: Acting, prefecture: Acting, sealed: Minutes
) -> None:
    await prefecture.add_approver()
    (proposal,) = (await city.circles())[0].state.proposals
    await city.consent(proposal)
    await prefecture.consent(proposal)
    asked = await city.ask_for_erasure(sealed)
    with pytest.raises(Invalid, match="meetcoord approver consent"):
        await prefecture.consent_to_erasure(asked)
    with pytest.raises(Invalid, match="send no signature"):
        await city.consent_to_erasure(asked, number=1)
    await city.consent_to_erasure(asked)
    assert (await prefecture.consent_to_erasure(asked, number=1)).erasure.since is not None
    await world.must_be_sound()


async def test_the_keys_in_force_at_the_consent_count_not_those_of_the_sealing(
    world: World, city: Acting, prefecture: Acting, sealed: Minutes
) -> None:
    asked = await city.ask_for_erasure(sealed)
    await city.consent_to_erasure(asked)
    await prefecture.add_key(a_key())
    (proposal,) = (await city.circles())[0].state.proposals
    await city.consent(proposal)
    await prefecture.consent(proposal)
    assert (await prefecture.consent_to_erasure(asked)).erasure.since is not None
    await world.must_be_sound()


async def test_a_file_that_went_without_consent_is_named(
    world: World, city: Acting, prefecture: Acting, sealed: Minutes
) -> None:
    await prefecture.consent_to_erasure(await city.ask_for_erasure(sealed))
    async with world.service.storage.transaction() as tx:
        await tx.sealed_files.erase(sealed.meeting, sealed.seq)
    assert (await world.use.check_log()).damages == (f"entry {sealed.leaf}: its sealed file is missing",)
    with pytest.raises(NotFound):
        await city.fetch(sealed)


async def test_a_file_that_came_back_is_named_never_handed_out_and_goes_again(
    world: World, city: Acting, prefecture: Acting, sealed: Minutes
) -> None:
    kept = await city.fetch(sealed)
    await erased(city, prefecture, sealed)
    async with world.service.storage.transaction() as tx:
        await tx.minutes.keep_sealed(sealed.meeting, sealed.seq, kept)
    report = await world.use.check_log()
    assert (report.damages, report.unerased) == ((), (sealed.leaf,))
    with pytest.raises(Erased):
        await city.fetch(sealed)
    assert await world.use.honour_erasures(report.unerased) == 1
    report = await world.use.check_log()
    assert (report.damages, report.erased, report.unerased) == ((), (sealed.leaf,), ())


def test_one_place_in_the_code_destroys_a_sealed_file() -> None:
    source = Path(meetcoord.__file__).parent
    calls = [
        (path.name, ast.unparse(node.func))
        for path in source.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "erase"
    ]
    assert calls == [("erasures.py", "tx.sealed_files.erase")]
    deleting = [
        path.name
        for path in source.rglob("*.py")
        if "delete(sealed_files)" in path.read_text(encoding="utf-8")
    ]
    assert deleting == ["sealed_files.py"]
