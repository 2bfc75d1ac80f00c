"""Whoever answers for opening keys is told when they change, and how to tell whether that is as it should be."""

from datetime import timedelta

import pytest

from meetcoord.adapters.sealing.age import recipient_of
from meetcoord.domain.access import Actor, Scope
from meetcoord.domain.agencies import Person, RecipientKind, Role
from meetcoord.domain.checkpoints import parse_vkey
from meetcoord.domain.key_letters import KeyLetter
from meetcoord.domain.key_notices import KeyChange
from meetcoord.domain.leaves import ConsentVerdict
from meetcoord.domain.policies import fingerprint, grouped
from meetcoord.usecases.add_recipient import NewRecipient
from meetcoord.usecases.hold_mail import HoldMail, ResumeMail
from meetcoord.usecases.register_person import NewPerson
from tests.agencies import YES, Acting, World, identity_of
from tests.worlds import on_every_database

ADMINISTRATOR, AUDITOR = frozenset({Role.ADMINISTRATOR}), frozenset({Role.AUDITOR})


async def told(world: World, person: Person) -> list[KeyLetter]:
    """Once every message that is due has left."""
    await world.deliver()
    return [each for each in world.post.about_keys if each.to_address == person.address]


async def met(city: Acting, *others: Acting) -> None:
    """A first meeting of these agencies whose minutes circulate: they have a list of keys from now on."""
    meeting = await city.propose(*others)
    for each in others:
        await each.answer(meeting, YES)
    await city.settle(meeting)
    city.world.clock.pass_by(timedelta(days=7))
    await city.circulate(await city.write(meeting))
    await city.world.deliver()
    city.world.post.about_keys.clear()


def another(agency: Acting) -> str:
    return recipient_of(identity_of(f"another of {agency.id}"))


@on_every_database
async def test_a_new_key_is_told_to_owner_and_circle_and_to_nobody_else(
    world: World, city: Acting, prefecture: Acting
) -> None:
    health = await world.agency("health-agency")
    await met(city, prefecture)
    owner = await prefecture.person("Owner", ADMINISTRATOR)
    circle = [await city.person("Keys", ADMINISTRATOR), await city.person("Reader", AUDITOR)]
    strangers = [
        await health.person("Stranger", ADMINISTRATOR),
        await city.person("Planner", frozenset({Role.SECRETARY})),
        await city.person("Guest"),
    ]
    key = another(prefecture)
    await prefecture.add_key(key)
    assert [len(await told(world, each)) for each in (owner, *circle)] == [1, 1, 1]
    assert [await told(world, each) for each in strangers] == [[], [], []]
    (letter,) = await told(world, owner)
    assert letter.change is KeyChange.RECIPIENT_ADDED
    (named,) = letter.keys
    assert (named.agency, named.kind, named.label) == ("Agency prefecture", RecipientKind.AUDITOR, "Auditors")
    assert named.fingerprint == grouped(fingerprint(key))
    assert (letter.by_console, letter.by_agency) == (True, "Agency prefecture")


async def test_who_did_it_is_told_by_function_and_never_by_name(
    world: World, city: Acting, prefecture: Acting
) -> None:
    await met(city, prefecture)
    reader = await city.person("Reader", AUDITOR)
    person = await prefecture.person("Somebody Particular", ADMINISTRATOR)
    actor = Actor(person=person.id, agency=prefecture.id, roles=person.roles, scopes=frozenset(Scope))
    asked = NewRecipient(kind=RecipientKind.AUDITOR, key=another(prefecture), label="New auditors")
    await world.use.add_recipient(actor, asked)
    (letter,) = await told(world, reader)
    assert (letter.by_function, letter.by_agency) == ("Head of unit", "Agency prefecture")
    assert "Particular" not in repr(letter)


@on_every_database
async def test_each_change_is_told_once_however_often_it_is_said(
    world: World, city: Acting, prefecture: Acting
) -> None:
    await met(city, prefecture)
    reader = await city.person("Reader", AUDITOR)
    key = another(prefecture)
    await prefecture.add_key(key)
    for _ in range(2):
        await world.use.withdraw_recipient(prefecture.console, fingerprint(key))
    approver = await prefecture.add_approver()
    for _ in range(2):
        await world.use.withdraw_approver(prefecture.console, parse_vkey(approver).fingerprint)
    changes = [each.change for each in await told(world, reader)]
    assert sorted(changes, key=lambda each: each.value) == [
        KeyChange.APPROVER_ADDED,
        KeyChange.APPROVER_WITHDRAWN,
        KeyChange.RECIPIENT_ADDED,
        KeyChange.RECIPIENT_WITHDRAWN,
    ]


async def test_one_mailbox_gets_one_letter_though_it_serves_several_agencies(
    world: World, city: Acting, prefecture: Acting
) -> None:
    await met(city, prefecture)
    shared = NewPerson(name="Shared", address="shared@keys.example.org", function="Records", roles=AUDITOR)
    readers = [await world.use.register_person(each.console, shared) for each in (city, prefecture)]
    await prefecture.add_key(another(prefecture))
    assert len(await told(world, readers[0])) == 1


@on_every_database
async def test_a_list_that_takes_effect_is_told_with_all_its_keys(
    world: World, city: Acting, prefecture: Acting
) -> None:
    await met(city, prefecture)
    readers = [await city.person("Reader", AUDITOR), await prefecture.person("Reader", AUDITOR)]
    await prefecture.add_key(another(prefecture))
    (known,) = await city.circles()
    (proposal,) = known.state.proposals
    await city.consent(proposal)
    assert KeyChange.POLICY_IN_FORCE not in [each.change for each in await told(world, readers[0])]
    await prefecture.consent(proposal, ConsentVerdict.APPROVE)
    for reader in readers:
        (letter,) = [each for each in await told(world, reader) if each.entry is not None]
        assert letter.entry == proposal.policy.index
        assert {each.agency for each in letter.keys} == {"Agency city", "Agency prefecture"}
        assert len(letter.keys) == 3


async def test_a_first_list_is_told_when_first_minutes_circulate(
    world: World, city: Acting, prefecture: Acting
) -> None:
    reader = await prefecture.person("Reader", AUDITOR)
    meeting = await city.propose(prefecture)
    await prefecture.answer(meeting, YES)
    await city.settle(meeting)
    world.clock.pass_by(timedelta(days=7))
    draft = await city.write(meeting)
    await city.circulate(draft)
    (letter,) = await told(world, reader)
    assert (letter.change, letter.by_function) == (KeyChange.POLICY_IN_FORCE, "")
    assert len(letter.keys) == 2


async def test_a_key_that_is_refused_is_told_to_nobody(world: World, city: Acting) -> None:
    reader = await city.person("Reader", AUDITOR)
    with pytest.raises(Exception, match="key"):
        await city.add_key("age1notakey")
    assert await told(world, reader) == []


async def test_a_letter_about_keys_is_tried_again_and_held_after_a_restore(
    world: World, city: Acting
) -> None:
    reader = await city.person("Reader", AUDITOR)
    world.post.be_busy(reader.address)
    await city.add_key(another(city))
    assert await told(world, reader) == []
    assert await HoldMail(world.service.storage)() == 1
    world.clock.pass_by(timedelta(minutes=5))
    assert await told(world, reader) == []
    assert await ResumeMail(world.service.storage, world.clock)() == 1
    assert len(await told(world, reader)) == 1
    world.clock.pass_by(timedelta(days=1))
    assert len(await told(world, reader)) == 1
