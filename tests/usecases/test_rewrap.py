"""Who may read sealed minutes changes later: a new header for the same payload, logged, and confirmed by others."""

import pytest

from meetcoord.adapters.sealing.age import AgeOpener, AgeRewrapper, AgeSealer, generate_identity, recipient_of
from meetcoord.adapters.system import entropy
from meetcoord.domain import leaves
from meetcoord.domain.errors import Conflict, Forbidden, Invalid, NotFound
from meetcoord.domain.evidence import Outcome
from meetcoord.domain.leaves import RewrapLeaf
from meetcoord.domain.meetings import Choice, Meeting
from meetcoord.domain.minutes import Minutes
from meetcoord.domain.policies import fingerprint
from meetcoord.domain.profiles import ProfileName
from meetcoord.domain.sealing import SealedFile
from meetcoord.usecases.consent_to_policy import KnownPolicies
from meetcoord.usecases.fetch_sealed import Header
from meetcoord.usecases.rewrap_minutes import WAITING_MAX, MadeHeader, OpenedHeader, Rewrapped
from tests.agencies import Acting, World, identity_of
from tests.log.builders import verify
from tests.worlds import on_every_database

ADDED = generate_identity(entropy)
"""Of an auditor who comes later."""


@pytest.fixture
async def sealed(city: Acting, prefecture: Acting, settled: Meeting) -> Minutes:
    return await city.approve(await city.circulate(await city.write(settled)))


def header_of(file: SealedFile, agency: str, known: KnownPolicies) -> bytes:
    """As the agency's auditor makes it on her own machine, for the list in force."""
    assert known.state.in_force
    keys = [each.recipient for each in known.state.in_force.policy.leaf.recipients]
    return AgeRewrapper().rewrap(file.file, identity_of(agency), keys)


async def all_consent(*agencies: Acting) -> None:
    (known,) = await agencies[0].circles()
    for agency in agencies:
        await agency.consent(known.state.proposals[-1])


async def rewrapped(agency: Acting, sealed: Minutes) -> Rewrapped:
    header = header_of(await agency.fetch(sealed), agency.id, (await agency.circles())[0])
    return await sent(agency, sealed, header)


async def sent(agency: Acting, sealed: Minutes, header: bytes) -> Rewrapped:
    made = MadeHeader(header=header)
    done = await agency.use.rewrap_minutes(agency.auditor, sealed.meeting, sealed.seq, made)
    await agency.use.publish_checkpoint()
    return done


async def confirmed(agency: Acting, sealed: Minutes, leaf: int) -> Rewrapped:
    opened = OpenedHeader(leaf=leaf)
    return await agency.use.confirm_header(agency.auditor, sealed.meeting, sealed.seq, opened)


async def former(agency: Acting, sealed: Minutes) -> SealedFile:
    return await agency.use.fetch_sealed(agency.auditor, sealed.meeting, sealed.seq, Header.FORMER)


@on_every_database
async def test_an_auditor_who_comes_later_opens_what_was_sealed_before(
    world: World, city: Acting, prefecture: Acting, sealed: Minutes
) -> None:
    before = await city.fetch(sealed)
    await prefecture.add_key(recipient_of(ADDED))
    await all_consent(city, prefecture)
    done = await rewrapped(city, sealed)
    after = await prefecture.fetch(sealed)
    assert after.payload == before.payload
    assert AgeOpener().open(after.file, ADDED, 3) == AgeOpener().open(before.file, identity_of("city"), 2)
    verdict = verify(await prefecture.evidence(sealed), identity=ADDED)
    assert verdict.outcome is Outcome.INTACT, verdict.sentence
    assert await former(city, sealed) == before
    await world.must_be_sound()
    assert (await confirmed(prefecture, sealed, done.leaf)).confirmed
    assert await former(city, sealed) == after
    assert "minutes.header_confirmed" in await world.acts(sealed.meeting)
    assert verify(await city.evidence(sealed), identity=ADDED).outcome is Outcome.INTACT
    await world.must_be_sound()


async def test_an_auditor_who_left_finds_no_key_of_hers_in_the_new_header(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    await prefecture.add_key(recipient_of(ADDED))
    sealed = await city.approve(await city.circulate(await city.write(settled)))
    assert AgeOpener().open((await city.fetch(sealed)).file, ADDED)
    await world.use.withdraw_recipient(prefecture.console, fingerprint(recipient_of(ADDED)))
    await all_consent(city, prefecture)
    done = await rewrapped(city, sealed)
    await confirmed(prefecture, sealed, done.leaf)
    for file in (await city.fetch(sealed), await former(city, sealed)):
        with pytest.raises(Forbidden):
            AgeOpener().open(file.file, ADDED)
    await world.must_be_sound()


async def test_a_header_that_opens_nothing_locks_nobody_out(
    world: World, city: Acting, prefecture: Acting, sealed: Minutes
) -> None:
    keys = [recipient_of(identity_of("city")), recipient_of(identity_of("prefecture"))]
    junk = AgeSealer(entropy).seal(b"nothing", keys).header
    bad = await sent(prefecture, sealed, junk)
    assert AgeOpener().open((await former(city, sealed)).file, identity_of("city"))
    gather = city.use.gather_evidence
    whole = await gather(city.auditor, sealed.meeting, sealed.seq, Header.FORMER)
    assert verify(whole, identity=identity_of("city")).outcome is Outcome.INTACT
    assert verify(await city.evidence(sealed), identity=identity_of("city")).outcome is Outcome.ALTERED
    with pytest.raises(Forbidden, match="another agency"):
        await confirmed(prefecture, sealed, bad.leaf)
    good = await sent(city, sealed, header_of(await former(city, sealed), "city", (await city.circles())[0]))
    assert AgeOpener().open((await prefecture.fetch(sealed)).file, identity_of("prefecture"))
    await confirmed(prefecture, sealed, good.leaf)
    with pytest.raises(NotFound):
        await confirmed(city, sealed, bad.leaf)
    await world.must_be_sound()


async def test_a_header_is_confirmed_by_every_other_agency_before_the_former_goes(
    world: World, city: Acting, prefecture: Acting
) -> None:
    """One that leaves out the health agency opens for the prefecture, which alone must not make it final."""
    health = await world.agency("health")
    meeting = await city.propose(prefecture, health, profile=ProfileName.STANDARD)
    for agency in (prefecture, health):
        meeting = await agency.answer(meeting, Choice.YES)
    settled = await city.settle(meeting)
    sealed = await city.approve(await city.circulate(await city.write(settled)))
    before = await city.fetch(sealed)
    keys = [recipient_of(each) for each in (identity_of("city"), identity_of("prefecture"), ADDED)]
    made = await sent(city, sealed, AgeRewrapper().rewrap(before.file, identity_of("city"), keys))
    for _ in range(2):
        assert not (await confirmed(prefecture, sealed, made.leaf)).confirmed
    assert AgeOpener().open((await former(health, sealed)).file, identity_of("health"))
    good = await sent(health, sealed, header_of(before, "health", (await health.circles())[0]))
    assert not (await confirmed(prefecture, sealed, good.leaf)).confirmed
    assert (await confirmed(city, sealed, good.leaf)).confirmed
    assert AgeOpener().open((await former(health, sealed)).file, identity_of("health"))
    await world.must_be_sound()


async def test_one_agency_cannot_bury_the_others_headers_or_the_evidence(
    world: World, city: Acting, prefecture: Acting, sealed: Minutes
) -> None:
    keys = [recipient_of(identity_of("city")), recipient_of(identity_of("prefecture"))]
    for _ in range(WAITING_MAX):
        await sent(prefecture, sealed, AgeSealer(entropy).seal(b"nothing", keys).header)
    with pytest.raises(Conflict, match="wait to be confirmed"):
        await sent(prefecture, sealed, AgeSealer(entropy).seal(b"nothing", keys).header)
    good = await sent(city, sealed, header_of(await former(city, sealed), "city", (await city.circles())[0]))
    evidence = await prefecture.evidence(sealed)
    assert len(evidence.rewraps) == 1
    assert verify(evidence, identity=identity_of("prefecture")).outcome is Outcome.INTACT
    assert (await confirmed(prefecture, sealed, good.leaf)).confirmed
    await world.must_be_sound()


async def test_a_header_that_is_none_or_not_for_the_list_in_force_is_refused(
    city: Acting, prefecture: Acting, sealed: Minutes
) -> None:
    file = await city.fetch(sealed)
    for header in (b"", b"junk", file.file, file.header[:-1], file.header.replace(b"mlkem", b"other")):
        with pytest.raises(Invalid):
            await sent(city, sealed, header)
    one = AgeRewrapper().rewrap(file.file, identity_of("city"), [recipient_of(ADDED)])
    with pytest.raises(Invalid, match="for 1 keys, and the list in force names 2"):
        await sent(city, sealed, one)
    with pytest.raises(Conflict, match="kept already"):
        await sent(city, sealed, file.header)


async def test_only_auditors_of_the_agencies_make_headers(
    world: World, city: Acting, prefecture: Acting, sealed: Minutes
) -> None:
    header = header_of(await city.fetch(sealed), "city", (await city.circles())[0])
    made = MadeHeader(header=header)
    with pytest.raises(Forbidden):
        await world.use.rewrap_minutes(city.secretary, sealed.meeting, sealed.seq, made)
    health = await world.agency("health")
    with pytest.raises(NotFound):
        await sent(health, sealed, header)


async def test_a_header_that_nobody_logged_is_refused_and_named(
    world: World, city: Acting, prefecture: Acting, sealed: Minutes
) -> None:
    done = await rewrapped(city, sealed)
    other = header_of(await city.fetch(sealed), "city", (await city.circles())[0])
    async with world.service.storage.transaction() as tx:
        (kept,) = await tx.sealed_files.new_headers(sealed.meeting, sealed.seq)
        await tx.sealed_files.confirm_header(
            sealed.meeting, sealed.seq, type(kept)(leaf=done.leaf, header=other)
        )
    found = f"entry {sealed.leaf}: the header of its sealed file is not the one that was logged"
    assert (await world.use.check_log()).damages == (found,)
    assert verify(await city.evidence(sealed)).outcome is Outcome.ALTERED


async def test_a_logged_header_that_is_lost_is_named(
    world: World, city: Acting, prefecture: Acting, sealed: Minutes
) -> None:
    done = await rewrapped(city, sealed)
    async with world.service.storage.transaction() as tx:
        old = await tx.minutes.sealed(sealed.meeting, sealed.seq)
        (kept,) = await tx.sealed_files.new_headers(sealed.meeting, sealed.seq)
        await tx.sealed_files.confirm_header(
            sealed.meeting, sealed.seq, type(kept)(leaf=kept.leaf, header=old.header)
        )
    found = f"entry {sealed.leaf}: the header that entry {done.leaf} made for it is missing or altered"
    assert (await world.use.check_log()).damages == (found,)


async def test_the_log_says_who_made_which_header_for_whom(
    world: World, city: Acting, prefecture: Acting, sealed: Minutes
) -> None:
    done = await rewrapped(city, sealed)
    (leaf,) = [each for each in await world.entries(sealed.meeting) if isinstance(each, RewrapLeaf)]
    file = await city.fetch(sealed)
    assert (leaf.agency, leaf.target, leaf.policy) == ("city", sealed.leaf, done.policy)
    assert leaf.header == leaves.digest(file.header)
