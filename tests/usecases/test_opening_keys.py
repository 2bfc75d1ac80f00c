"""The agencies' opening keys: few enough for one leaf, and sealed to as they are when the last agency approves."""

import pytest

from meetcoord.adapters.sealing.age import AgeOpener, generate_identity, recipient_of
from meetcoord.adapters.system import entropy
from meetcoord.domain import leaves
from meetcoord.domain.agencies import RecipientKind
from meetcoord.domain.errors import Conflict, Forbidden
from meetcoord.domain.frames import Frame
from meetcoord.domain.leaves import PolicyLeaf
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.minutes import MinutesState
from meetcoord.domain.policies import fingerprint
from meetcoord.domain.profiles import ProfileName
from meetcoord.usecases.add_recipient import KEYS_MAX
from meetcoord.usecases.policies import RECIPIENTS_MAX
from tests.agencies import BODY, YES, Acting, World, agreed, identity_of
from tests.worlds import on_every_database


def a_key() -> str:
    """The public half of a key pair that nobody needs again."""
    return recipient_of(generate_identity(entropy))


async def with_keys(world: World, name: str, keys: int) -> Acting:
    """An agency with so many opening keys."""
    agency = await world.agency(name, with_key=False)
    for number in range(keys):
        kind = RecipientKind.AUDITOR if number else RecipientKind.ARCHIVE
        await agency.add_key(a_key(), kind)
    return agency


async def test_who_has_no_key_is_named_and_nothing_is_circulated(
    world: World, city: Acting, settled: Meeting
) -> None:
    keyless = await world.agency("keyless", with_key=False)
    meeting = await agreed(city, keyless, ProfileName.STANDARD)
    draft = await city.write(meeting)
    with pytest.raises(Conflict, match="keyless"):
        await city.circulate(draft)
    await keyless.add_key(a_key())
    with pytest.raises(Conflict, match="No archive could open these minutes for keyless"):
        await city.circulate(draft)
    await keyless.add_key(recipient_of(identity_of("keyless")), RecipientKind.ARCHIVE)
    assert (await city.circulate(draft)).state is MinutesState.CIRCULATED


async def policies_of(world: World) -> list[PolicyLeaf]:
    async with world.service.storage.snapshot() as tx:
        found = [leaves.parse(placed.entry) for placed in await tx.log.leaves(0, 1000)]
    return [leaf for leaf in found if isinstance(leaf, PolicyLeaf)]


async def test_the_policy_in_force_is_written_once_for_the_same_agencies_and_keys(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    other = await agreed(city, prefecture, ProfileName.STANDARD)
    first = await city.circulate(await city.write(settled))
    second = await city.circulate(await city.write(other))
    assert first.policy == second.policy
    assert len(await policies_of(world)) == 1


@on_every_database
async def test_keys_that_changed_by_consent_ask_for_circulating_anew_and_void_the_approvals(
    world: World, city: Acting, prefecture: Acting
) -> None:
    meeting = await agreed(city, prefecture, ProfileName.SENSITIVE)
    circulated = await city.circulate(await city.write(meeting))
    approved = await city.approve(circulated)
    late = generate_identity(entropy)
    await prefecture.add_key(recipient_of(late))
    (known,) = await city.circles()
    for agency in (city, prefecture):
        await agency.consent(known.state.proposals[0])
    with pytest.raises(Conflict, match="circulate them again"):
        await prefecture.approve(approved)
    again = await city.circulate(approved)
    assert (again.state, again.approvals) == (MinutesState.CIRCULATED, ())
    assert (again.content, again.policy) != (circulated.content, circulated.policy)
    await city.approve(again)
    sealed = await prefecture.approve(again)
    for identity in (late, identity_of("city")):
        file = (await prefecture.fetch(sealed)).file
        assert Frame.parse(AgeOpener().open(file, identity, 3)).body == BODY
    await world.must_be_sound()


async def test_without_consent_a_new_key_opens_nothing_and_a_withdrawn_one_still_does(
    world: World, city: Acting, prefecture: Acting
) -> None:
    old, late = generate_identity(entropy), generate_identity(entropy)
    await prefecture.add_key(recipient_of(old))
    meeting = await agreed(city, prefecture, ProfileName.STANDARD)
    draft = await city.circulate(await city.write(meeting))
    await prefecture.add_key(recipient_of(late))
    await world.use.withdraw_recipient(prefecture.console, fingerprint(recipient_of(old)))
    sealed = await city.approve(draft)
    file = (await city.fetch(sealed)).file
    with pytest.raises(Forbidden):
        AgeOpener().open(file, late, 3)
    assert Frame.parse(AgeOpener().open(file, old, 3)).body == BODY
    await world.must_be_sound()


async def test_a_removed_auditor_opens_nothing_new_once_all_have_consented(
    world: World, city: Acting, prefecture: Acting
) -> None:
    old = generate_identity(entropy)
    await prefecture.add_key(recipient_of(old))
    meeting = await agreed(city, prefecture, ProfileName.STANDARD)
    former = await city.approve(await city.circulate(await city.write(meeting)))
    await world.use.withdraw_recipient(prefecture.console, fingerprint(recipient_of(old)))
    (known,) = await city.circles()
    for agency in (city, prefecture):
        await agency.consent(known.state.proposals[0])
    again = await agreed(city, prefecture, ProfileName.STANDARD)
    later = await city.approve(await city.circulate(await city.write(again)))
    with pytest.raises(Forbidden):
        AgeOpener().open((await city.fetch(later)).file, old, 2)
    assert Frame.parse(AgeOpener().open((await city.fetch(former)).file, old, 3)).body == BODY
    await world.must_be_sound()


@on_every_database
async def test_a_ninth_opening_key_is_refused(world: World, city: Acting) -> None:
    for _ in range(KEYS_MAX - 1):
        await city.add_key(a_key())
    with pytest.raises(Conflict, match="has 8 opening keys already"):
        await city.add_key(a_key())
    assert len(await world.use.list_recipients(city.secretary)) == KEYS_MAX == 8


async def test_more_keys_in_one_circle_than_a_leaf_can_name_are_refused_and_counted(world: World) -> None:
    city = await with_keys(world, "city", KEYS_MAX)
    others = [await with_keys(world, name, KEYS_MAX) for name in ("health", "prefecture")]
    others.append(await with_keys(world, "university", KEYS_MAX - 2))
    full, crowded = (
        await settled_with(city, others),
        await settled_with(city, [*others, await with_keys(world, "school", 1)]),
    )
    assert (await city.circulate(await city.write(full))).state is MinutesState.CIRCULATED
    (policy,) = await policies_of(world)
    assert len(policy.recipients) == RECIPIENTS_MAX == 30
    draft = await city.write(crowded)
    with pytest.raises(Conflict, match="hold 31 opening keys together, and one policy names at most 30"):
        await city.circulate(draft)
    assert (await city.read(draft)).minutes.state is MinutesState.DRAFT
    await world.must_be_sound()


async def settled_with(city: Acting, others: list[Acting]) -> Meeting:
    meeting = await city.propose(*others)
    for other in others:
        await other.answer(meeting, YES)
    return await city.settle(meeting)
