"""The agencies of a circle decide together who can read: proposals, consents, and what circulates meanwhile."""

from collections.abc import Awaitable, Callable

import pytest

from meetcoord.adapters.sealing.age import generate_identity, recipient_of
from meetcoord.adapters.system import entropy
from meetcoord.domain.agencies import RecipientKind
from meetcoord.domain.approvals import named_hash
from meetcoord.domain.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from meetcoord.domain.leaves import ConsentVerdict
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.minutes import MinutesState
from meetcoord.domain.policies import Proposal, fingerprint
from meetcoord.domain.profiles import ProfileName
from meetcoord.usecases.add_approver import NewApprover
from meetcoord.usecases.consent_to_policy import GivenConsent, KnownPolicies
from meetcoord.usecases.sequencing import place_now
from tests.agencies import Acting, World, agreed, approver_of
from tests.log.builders import consent_leaf, policy_leaf
from tests.usecases.test_opening_keys import a_key
from tests.worlds import on_every_database


@pytest.fixture
async def circulated(city: Acting, prefecture: Acting, settled: Meeting) -> Meeting:
    """A meeting whose agencies have their first list, since minutes of theirs have circulated."""
    await city.circulate(await city.write(settled))
    return settled


async def only(agency: Acting) -> KnownPolicies:
    (known,) = await agency.circles()
    return known


async def waiting(agency: Acting) -> Proposal:
    """The newest proposal to the agency's only circle."""
    return (await only(agency)).state.proposals[-1]


def force(known: KnownPolicies) -> int:
    assert known.state.in_force
    return known.state.in_force.policy.index


@on_every_database
async def test_a_changed_key_is_proposed_and_in_force_when_every_agency_has_consented(
    world: World, city: Acting, prefecture: Acting, circulated: Meeting
) -> None:
    first = force(await only(city))
    await prefecture.add_key(a_key())
    proposal = await waiting(city)
    assert force(await only(prefecture)) == first
    known = await prefecture.consent(proposal)
    assert force(known) == first
    assert known.state.proposals[0].having(ConsentVerdict.APPROVE) == {"prefecture"}
    known = await city.consent(proposal)
    assert (force(known), known.state.proposals) == (proposal.policy.index, ())
    await world.must_be_sound()


async def test_before_minutes_circulate_there_is_no_list(city: Acting, prefecture: Acting) -> None:
    await city.add_key(a_key())
    assert await city.circles() == []


async def test_each_agency_sees_the_lists_of_its_own_circles_only(
    world: World, city: Acting, circulated: Meeting
) -> None:
    health = await world.agency("health")
    meeting = await agreed(city, health, ProfileName.STANDARD)
    await city.circulate(await city.write(meeting))
    assert {each.circle.agencies for each in await city.circles()} == {
        ("city", "health"),
        ("city", "prefecture"),
    }
    assert (await only(health)).circle.agencies == ("city", "health")


async def test_a_stranger_to_the_circle_has_no_word(world: World, city: Acting, circulated: Meeting) -> None:
    health = await world.agency("health")
    await city.add_key(a_key())
    proposal = await waiting(city)
    for asking in (health.consent(proposal), city.use.consent_to_policy(city.console, 99, said(proposal))):
        with pytest.raises(NotFound):
            await asking


def said(proposal: Proposal) -> GivenConsent:
    return GivenConsent(verdict=ConsentVerdict.APPROVE, leaf=proposal.policy.hash)


async def test_only_an_administrator_consents(city: Acting, circulated: Meeting) -> None:
    await city.add_key(a_key())
    proposal = await waiting(city)
    with pytest.raises(Forbidden, match="administrator"):
        await city.use.consent_to_policy(city.secretary, proposal.policy.index, said(proposal))


async def test_a_list_that_the_keys_have_overtaken_is_not_consented_to(
    world: World, city: Acting, prefecture: Acting, circulated: Meeting
) -> None:
    stolen = a_key()
    await prefecture.add_key(stolen)
    proposal = await waiting(city)
    await city.consent(proposal)
    await world.use.withdraw_recipient(prefecture.console, fingerprint(stolen))
    with pytest.raises(Stale, match="read the lists again"):
        await prefecture.consent(proposal)
    wrong = GivenConsent(verdict=ConsentVerdict.REJECT, leaf=named_hash(b"another list"))
    with pytest.raises(Stale):
        await prefecture.use.consent_to_policy(prefecture.console, proposal.policy.index, wrong)
    await world.must_be_sound()


async def test_a_rejected_list_is_taken_up_again_as_a_new_proposal_only(
    world: World, city: Acting, prefecture: Acting, circulated: Meeting
) -> None:
    await prefecture.add_key(a_key())
    proposal = await waiting(city)
    await city.consent(proposal, ConsentVerdict.REJECT)
    known = await prefecture.consent(proposal)
    assert known.state.proposals[0].having(ConsentVerdict.REJECT) == {"city"}
    with pytest.raises(Conflict, match="a no is final"):
        await city.consent(proposal)
    fresh = await waiting(city)
    assert fresh.policy.index > proposal.policy.index
    for agency in (city, prefecture):
        known = await agency.consent(fresh)
    assert force(known) == fresh.policy.index
    await world.must_be_sound()


async def test_saying_the_same_twice_is_once(world: World, city: Acting, circulated: Meeting) -> None:
    await city.add_key(a_key())
    proposal = await waiting(city)
    size = await log_size(world, lambda: city.consent(proposal))
    assert await log_size(world, lambda: city.consent(proposal)) == size


async def log_size(world: World, deed: Callable[[], Awaitable[object]]) -> int:
    await deed()
    async with world.service.storage.snapshot() as tx:
        return (await tx.log.head()).size


async def test_an_agency_never_loses_its_last_archive(
    world: World, city: Acting, circulated: Meeting
) -> None:
    (archive,) = await world.use.list_recipients(city.secretary)
    with pytest.raises(Conflict, match="needs a recipient of the kind archive"):
        await world.use.withdraw_recipient(city.console, fingerprint(archive.key))
    await city.add_key(a_key(), RecipientKind.ARCHIVE)
    gone = await world.use.withdraw_recipient(city.console, fingerprint(archive.key).upper())
    assert gone.withdrawn_at
    with pytest.raises(Conflict):
        await city.add_key(archive.key)


async def test_a_custodian_comes_by_consent_only_and_never_for_critical_meetings(
    world: World, city: Acting, prefecture: Acting
) -> None:
    custodian = recipient_of(generate_identity(entropy))
    await city.add_key(custodian, RecipientKind.CUSTODIAN)
    for agency in (city, prefecture):
        await agency.add_approver()
    meeting = await agreed(city, prefecture, ProfileName.CRITICAL)
    draft = await city.circulate(await city.write(meeting))
    first = (await only(city)).state.chain[0].policy.leaf
    assert custodian not in {each.recipient for each in first.recipients}
    proposal = await waiting(city)
    for agency in (city, prefecture):
        await agency.consent(proposal, number=1)
    with pytest.raises(Conflict, match="custodian"):
        await city.circulate(draft)
    await world.must_be_sound()


async def test_where_keys_are_named_consents_are_signed_by_those_of_the_list_in_force(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    await city.add_approver()
    await city.circulate(await city.write(settled))
    await city.add_approver(2)
    proposal = await waiting(city)
    await prefecture.consent(proposal)
    with pytest.raises(Invalid, match="meetcoord approver consent"):
        await city.consent(proposal)
    with pytest.raises(Invalid, match="none of those named"):
        await city.consent(proposal, number=2)
    with pytest.raises(Invalid, match="No key that signs for your agency"):
        await prefecture.consent(proposal, ConsentVerdict.REJECT, number=1)
    assert force(await city.consent(proposal, number=1)) == proposal.policy.index
    await world.must_be_sound()


async def test_the_key_of_an_approver_is_of_the_right_kind_and_of_one_person(
    world: World, city: Acting, prefecture: Acting
) -> None:
    made = await city.new_approver()
    await world.use.add_approver(city.console, made)
    log_key = world.service.keyring.signer.vkey
    with pytest.raises(Conflict, match="key of the log"):
        await add(city, log_key)
    for number, bad in enumerate(
        ("nonsense", made.key[:-4] + "AAA=", recipient_of(generate_identity(entropy)))
    ):
        with pytest.raises(Invalid):
            await add(city, bad, f"Holder {number}")
    with pytest.raises(Conflict, match="registered already"):
        await add(prefecture, made.key)
    with pytest.raises(Conflict, match="has a key already"):
        await world.use.add_approver(
            city.console, NewApprover(person=made.person, key=approver_of("city", 9).vkey)
        )


async def add(agency: Acting, key: str, holder: str = "Holder") -> None:
    person = await agency.person(holder)
    await agency.use.add_approver(agency.console, NewApprover(person=person.id, key=key))


async def test_a_check_of_the_log_names_what_nobody_consented_to(
    world: World, city: Acting, prefecture: Acting, circulated: Meeting
) -> None:
    """As somebody would find who could write into the log behind everybody's back."""
    known = await only(city)
    first = known.state.chain[0].policy
    async with world.service.storage.transaction() as tx:
        rogue = policy_leaf(("city", "prefecture"), recipients=first.leaf.recipients)
        again = await place_now(tx, known.circle.name, rogue)
        unasked = await place_now(tx, known.circle.name, consent_leaf(target=first.index))
    await world.use.publish_checkpoint()
    damages = (await world.use.check_log()).damages
    assert any(f"entry {again}: " in each and "two first policies" in each for each in damages)
    assert any(
        f"entry {unasked}: " in each and "no policy that waits for consent" in each for each in damages
    )
    assert force(await only(city)) == first.index


async def test_a_second_circulation_takes_the_list_in_force(
    city: Acting, prefecture: Acting, circulated: Meeting
) -> None:
    other = await agreed(city, prefecture, ProfileName.STANDARD)
    await prefecture.add_key(a_key())
    minutes = await city.circulate(await city.write(other))
    assert (minutes.policy, minutes.state) == (force(await only(city)), MinutesState.CIRCULATED)
