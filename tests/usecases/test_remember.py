"""Minutes are written, approved word for word, sealed to the agencies' keys, and provable without the server."""

import base64
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from meetcoord.adapters.sealing.age import AgeOpener
from meetcoord.adapters.sealing.cosignatures import Ed25519CosignatureVerifier
from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.domain import leaves
from meetcoord.domain.errors import Conflict, Damaged, Forbidden, Invalid, MeetcoordError, NotFound, Stale
from meetcoord.domain.evidence import Outcome
from meetcoord.domain.frames import Frame
from meetcoord.domain.leaves import ActKind, ActLeaf, MinutesLeaf
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.minutes import Minutes, MinutesApproval, MinutesKind, MinutesState
from meetcoord.domain.profiles import ProfileName
from meetcoord.domain.values import MeetingId
from meetcoord.usecases.verify_evidence import VerifyEvidence
from tests.agencies import BODY, YES, Acting, World, agreed, identity_of
from tests.worlds import on_every_database

CANARY = "Le canari jaune dort dans le deuxième tiroir."
verify = VerifyEvidence(Ed25519Verifier(), AgeOpener(), Ed25519CosignatureVerifier())


def opened(sealed: bytes, agency: str) -> str:
    return Frame.parse(AgeOpener().open(sealed, identity_of(agency))).body


def unborn(meeting: Meeting) -> Minutes:
    """A draft that nobody has begun."""
    return Minutes(
        meeting=meeting.id,
        seq=0,
        kind=MinutesKind.MINUTES,
        author=meeting.created_by,
        author_agency=meeting.organiser,
        state=MinutesState.DRAFT,
        version=1,
        content=None,
        policy=None,
        approvals=(),
        leaf=None,
        changed_at=meeting.created_at,
    )


@on_every_database
async def test_standard_minutes_are_sealed_when_the_organiser_approves(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    circulated = await city.circulate(await city.write(settled))
    assert circulated.state is MinutesState.CIRCULATED
    with pytest.raises(Forbidden, match="not asked for"):
        await prefecture.approve(circulated)
    sealed = await city.approve(circulated)
    assert sealed.state is MinutesState.SEALED
    for agency in (city, prefecture):
        assert (await agency.read(sealed)).body is None
        assert opened((await agency.fetch(sealed)).file, agency.id) == BODY
    await world.must_be_sound()


@on_every_database
async def test_sensitive_minutes_wait_for_every_required_agency(
    world: World, city: Acting, prefecture: Acting
) -> None:
    health = await world.agency("health")
    meeting = await city.propose(prefecture, optional=[health], profile=ProfileName.SENSITIVE)
    await prefecture.answer(meeting, YES)
    await city.settle(meeting)
    circulated = await city.circulate(await city.write(meeting))
    assert (await city.approve(circulated)).state is MinutesState.CIRCULATED
    with pytest.raises(Forbidden):
        await health.approve(circulated)
    with pytest.raises(Conflict, match="not sealed yet"):
        await city.fetch(circulated)
    assert (await prefecture.approve(circulated)).state is MinutesState.SEALED
    for agency in (city, prefecture, health):
        assert opened((await agency.fetch(circulated)).file, agency.id) == BODY
    await world.must_be_sound()


async def test_only_what_was_circulated_can_be_approved(
    city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    draft = await city.write(settled)
    with pytest.raises(Conflict, match="not been circulated"):
        await city.approve(draft, leaves.digest(b"anything"))
    circulated = await city.circulate(draft)
    with pytest.raises(Stale, match="circulated version"):
        await city.approve(circulated, leaves.digest(b"something else"))
    again = await city.circulate(await city.rewrite(circulated, "Another text.\n"))
    with pytest.raises(Stale):
        await city.approve(circulated)
    assert (await prefecture.read(again)).body == "Another text.\n"
    assert (await city.approve(again)).state is MinutesState.SEALED


async def test_the_same_words_circulated_again_are_another_content(city: Acting, settled: Meeting) -> None:
    first = await city.circulate(await city.write(settled))
    second = await city.circulate(await city.rewrite(first))
    third = await city.circulate(second)
    assert len({first.content, second.content, third.content}) == 3
    with pytest.raises(Stale, match="circulated version"):
        await city.approve(second)
    assert opened((await city.fetch(await city.approve(third))).file, "city") == BODY


async def test_circulating_again_voids_the_approvals_given_so_far(city: Acting, prefecture: Acting) -> None:
    meeting = await agreed(city, prefecture, ProfileName.SENSITIVE)
    approved = await city.approve(await city.circulate(await city.write(meeting)))
    assert [each.agency for each in approved.approvals] == ["city"]
    again = await city.circulate(approved)
    assert (again.state, again.approvals) == (MinutesState.CIRCULATED, ())
    assert (await prefecture.approve(again)).state is MinutesState.CIRCULATED
    assert (await city.approve(again)).state is MinutesState.SEALED


async def test_a_stale_version_saves_nothing(city: Acting, settled: Meeting) -> None:
    draft = await city.write(settled)
    newer = await city.rewrite(draft, "Newer.\n")
    with pytest.raises(Stale, match="nothing was saved"):
        await city.rewrite(draft, "Older.\n")
    with pytest.raises(Stale):
        await city.circulate(draft)
    assert (await city.read(newer)).body == "Newer.\n"


async def test_approving_twice_is_once(world: World, city: Acting, settled: Meeting) -> None:
    circulated = await city.circulate(await city.write(settled))
    sealed = await city.approve(circulated)
    assert await city.approve(circulated) == sealed
    kinds = [type(leaf).__name__ for leaf in await world.entries(settled.id)]
    assert kinds.count("ApprovalLeaf") == kinds.count("MinutesLeaf") == 1


async def test_sealed_minutes_can_no_longer_be_changed(city: Acting, settled: Meeting) -> None:
    sealed = await city.approve(await city.circulate(await city.write(settled)))
    with pytest.raises(Conflict, match="addendum"):
        await city.rewrite(sealed, "Otherwise.\n")
    with pytest.raises(Conflict):
        await city.circulate(sealed)


@on_every_database
async def test_an_addendum_amends_the_sealed_minutes(world: World, city: Acting, settled: Meeting) -> None:
    first = await city.write(settled)
    with pytest.raises(Conflict, match="begun already"):
        await city.write(settled)
    sealed = await city.approve(await city.circulate(first))
    addendum = await city.write(settled, "Erratum : mardi.\n")
    assert (addendum.seq, addendum.kind) == (1, MinutesKind.ADDENDUM)
    done = await city.approve(await city.circulate(addendum))
    logged = [leaf for leaf in await world.entries(settled.id) if isinstance(leaf, MinutesLeaf)]
    assert [leaf.seq for leaf in logged] == [0, 1]
    assert logged[1].amends == sealed.leaf
    assert opened((await city.fetch(done)).file, "city") == "Erratum : mardi.\n"
    assert opened((await city.fetch(sealed)).file, "city") == BODY
    await world.must_be_sound()


@on_every_database
async def test_a_draft_is_nobody_elses_business(world: World, city: Acting, prefecture: Acting) -> None:
    meeting = await agreed(city, prefecture, ProfileName.SENSITIVE)
    told = await refusals(prefecture, unborn(meeting))
    told += await refusals(prefecture, await city.write(meeting))
    assert len(set(told)) == 1
    with pytest.raises(Forbidden):
        await prefecture.rewrite(unborn(meeting))


async def refusals(agency: Acting, minutes: Minutes) -> list[str]:
    """What an agency is told that asks for minutes it must not know of."""
    told = []
    for ask in (agency.read, agency.fetch, agency.evidence, agency.approve):
        with pytest.raises(NotFound) as refusal:
            await ask(minutes)
        told.append(refusal.value.detail)
    return told


async def test_an_outsider_learns_nothing_about_minutes(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    stranger = await world.agency("stranger")
    sealed = await city.approve(await city.circulate(await city.write(settled)))
    nowhere = msgspec.structs.replace(sealed, meeting=MeetingId("a" * 26))
    told = await refusals(stranger, sealed) + await refusals(stranger, nowhere)
    assert len(set(told)) == 1
    with pytest.raises(NotFound):
        await stranger.rewrite(sealed)


async def test_only_the_agencies_keys_open_what_is_sealed(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    sealed = await city.approve(await city.circulate(await city.write(settled)))
    file = (await city.fetch(sealed)).file
    assert AgeOpener().stanzas(file) == 2
    with pytest.raises(Forbidden):
        opened(file, "stranger")
    held = [world.service.keyring.draft_key, *world.service.keyring.link_keys.values()]
    for key in held:
        with pytest.raises(MeetcoordError):
            AgeOpener().open(file, base64.b64encode(key).decode())


@on_every_database
async def test_the_evidence_is_intact_and_one_altered_byte_is_found(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    sealed = await city.approve(await city.circulate(await city.write(settled)))
    evidence = await prefecture.evidence(sealed)
    key = world.use.read_log.vkey
    assert verify(evidence, identity_of("prefecture"), key).outcome is Outcome.INTACT
    assert verify(evidence, None, key).outcome is Outcome.INTACT
    assert verify(evidence, identity_of("stranger"), key).outcome is Outcome.CANNOT_TELL
    sealed_bytes = bytearray(evidence.sealed)
    sealed_bytes[-1] ^= 1
    altered = msgspec.structs.replace(evidence, sealed=bytes(sealed_bytes))
    assert verify(altered, None, key).outcome is Outcome.ALTERED
    await world.must_be_sound()


async def test_handing_out_and_proving_are_readings_that_every_agency_sees(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    sealed = await city.approve(await city.circulate(await city.write(settled)))
    await city.fetch(sealed)
    await prefecture.evidence(sealed)
    acts = [leaf for leaf in await world.entries(settled.id) if isinstance(leaf, ActLeaf)]
    seen = [(leaf.agency, leaf.object) for leaf in acts if leaf.act is ActKind.MINUTES_READ]
    assert seen == [("city", f"{settled.id}/0"), ("prefecture", f"{settled.id}/0")]


async def test_what_a_crash_left_between_approval_and_seal_is_finished(
    world: World, city: Acting, settled: Meeting
) -> None:
    circulated = await city.circulate(await city.write(settled))
    async with world.service.storage.transaction() as tx:
        yes = MinutesApproval(agency=city.id, by=city.secretary.person, at=world.clock())
        held = await tx.minutes.get(settled.id, 0)
        await tx.minutes.save(held.approved(circulated.content or "", yes, frozenset({city.id})))
    assert await world.use.seal_approved() == 1
    assert await world.use.seal_approved() == 0
    assert opened((await city.fetch(circulated)).file, "city") == BODY


async def test_an_older_circulated_text_put_back_by_hand_is_noticed_by_its_readers(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    first = await city.circulate(await city.write(settled, "First.\n"))
    async with world.service.storage.snapshot() as tx:
        older = await tx.minutes.text(settled.id, 0)
    second = await city.circulate(await city.rewrite(first, "Second.\n"))
    async with world.service.storage.transaction() as tx:
        await tx.minutes.keep_text(settled.id, 0, older)
    with pytest.raises(Damaged, match="not the one"):
        await prefecture.read(second)


async def test_an_older_draft_put_back_by_hand_does_not_open(
    world: World, city: Acting, settled: Meeting
) -> None:
    first = await city.write(settled, "First.\n")
    async with world.service.storage.snapshot() as tx:
        older = await tx.minutes.text(settled.id, 0)
    second = await city.rewrite(first, "Second.\n")
    async with world.service.storage.transaction() as tx:
        await tx.minutes.keep_text(settled.id, 0, older)
    with pytest.raises(Damaged):
        await city.read(second)


@pytest.mark.parametrize("body", ["nul \0", "bidi \u202e", "half \ud800", "Diffusion Restreinte"])
async def test_a_text_with_hidden_characters_or_a_marking_is_refused(
    city: Acting, settled: Meeting, body: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await city.write(settled, body)
    assert refusal.value.pointer == "/body"


async def test_minutes_of_a_meeting_without_a_time_or_cancelled_are_refused(
    city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    with pytest.raises(Conflict, match="settled"):
        await city.write(await city.propose(prefecture))
    with pytest.raises(Conflict, match="cancelled"):
        await city.write(await city.cancel(settled))


async def test_no_file_of_the_database_ever_holds_a_readable_word_of_the_minutes(
    world_on_disk: World, database_file: Path
) -> None:
    world = world_on_disk
    city, prefecture = await world.agency("city"), await world.agency("prefecture")
    meeting = await agreed(city, prefecture, ProfileName.SENSITIVE)

    def holds(canary: bytes) -> list[str]:
        return [file.name for file in database_file.parent.iterdir() if canary in file.read_bytes()]

    draft = await city.write(meeting, CANARY)
    assert holds(CANARY.encode()) == []
    circulated = await city.circulate(draft)
    assert holds(CANARY.encode()) == []
    async with world.service.storage.snapshot() as tx:
        kept = await tx.minutes.text(meeting.id, 0)
    assert holds(kept) != []
    await city.approve(circulated)
    await prefecture.approve(circulated)
    assert holds(CANARY.encode()) == []
    async with world.service.storage.snapshot() as tx:
        with pytest.raises(NotFound):
            await tx.minutes.text(meeting.id, 0)
    await world.must_be_sound()


async def test_minutes_whose_text_is_lost_do_not_keep_the_others_from_being_sealed(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    other = await agreed(city, prefecture, ProfileName.STANDARD)
    for meeting in (settled, other):
        circulated = await city.circulate(await city.write(meeting))
        async with world.service.storage.transaction() as tx:
            yes = MinutesApproval(agency=city.id, by=city.secretary.person, at=world.clock())
            held = await tx.minutes.get(meeting.id, 0)
            await tx.minutes.save(held.approved(circulated.content or "", yes, frozenset({city.id})))
        world.clock.pass_by(timedelta(seconds=1))
    async with world.service.storage.transaction() as tx:
        await tx.minutes.destroy_text(settled.id, 0)
    with pytest.raises(NotFound):
        await world.use.seal_approved()
    async with world.service.storage.snapshot() as tx:
        states = [(await tx.minutes.get(meeting.id, 0)).state for meeting in (settled, other)]
    assert states == [MinutesState.APPROVED, MinutesState.SEALED]


@pytest.mark.parametrize("seq", [-1, 1, 2**31, 2**63, 2**200])
@on_every_database
async def test_a_number_that_no_minutes_have_is_not_found(
    world: World, city: Acting, settled: Meeting, seq: int
) -> None:
    nowhere = msgspec.structs.replace(unborn(settled), seq=seq)
    for ask in (city.read, city.fetch, city.evidence, city.approve, city.rewrite, city.circulate):
        with pytest.raises(NotFound):
            await ask(nowhere)
