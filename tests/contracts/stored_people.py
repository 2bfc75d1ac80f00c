"""What every storage must do with agencies, persons, keys and recipients."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from meetcoord.domain.agencies import RecipientKind, Role
from meetcoord.domain.errors import Conflict, NotFound, Stale
from meetcoord.domain.policies import Circle
from meetcoord.domain.values import AgencyId, Language, PersonId
from meetcoord.ports.storage import Storage
from tests.builders import CITY, HEALTH, NOW, agency, api_key, approver, person, random_id, recipient
from tests.contracts.stored_notices import NoticesContract


async def with_agencies(storage: Storage, *ids: str) -> None:
    async with storage.transaction() as tx:
        for id_ in ids:
            await tx.agencies.add(agency(id_))


class PeopleContract(NoticesContract):
    async def test_an_agency_comes_back_as_it_was(self, storage: Storage) -> None:
        city = agency("city", name="Città, 市役所 – “Mairie” d’ici 😀", language=Language.GERMAN)
        async with storage.transaction() as tx:
            await tx.agencies.add(city)
        async with storage.snapshot() as tx:
            assert await tx.agencies.get(CITY) == city

    async def test_an_id_of_an_agency_is_taken_once(self, storage: Storage) -> None:
        await with_agencies(storage, "city")
        async with storage.transaction() as tx:
            with pytest.raises(Conflict, match="city"):
                await tx.agencies.add(agency("city", name="Another"))
            assert (await tx.agencies.get(CITY)).name == "Agency city", "and the block goes on"

    async def test_an_unknown_agency_is_not_found(self, storage: Storage) -> None:
        async with storage.snapshot() as tx:
            with pytest.raises(NotFound):
                await tx.agencies.get(CITY)

    async def test_all_agencies_are_listed_by_id(self, storage: Storage) -> None:
        await with_agencies(storage, "prefecture", "a-b", "city", "a0")
        async with storage.snapshot() as tx:
            assert [a.id for a in await tx.agencies.every()] == ["a-b", "a0", "city", "prefecture"]

    async def test_a_person_comes_back_as_she_was(self, storage: Storage) -> None:
        await with_agencies(storage, "city")
        many = person("Auditor", roles=frozenset(Role))
        none = person("Delegate", roles=frozenset(), active=False)
        async with storage.transaction() as tx:
            await tx.persons.add(many)
            await tx.persons.add(none)
            assert await tx.persons.get(many.id) == many
            assert await tx.persons.get(none.id) == none

    async def test_an_agency_has_one_person_per_address(self, storage: Storage) -> None:
        await with_agencies(storage, "city", "prefecture")
        async with storage.transaction() as tx:
            await tx.persons.add(person("First", address="desk@example.org"))
            await tx.persons.add(person("First", agency="prefecture", address="desk@example.org"))
            with pytest.raises(Conflict):
                await tx.persons.add(person("Second", address="desk@example.org"))
            assert len(await tx.persons.of_agency(CITY)) == 1

    async def test_many_persons_come_at_once_or_none_of_them(self, storage: Storage) -> None:
        await with_agencies(storage, "city")
        many = [person(f"Agent {n}", address=f"agent.{n}@example.org") for n in range(1_000)]
        async with storage.transaction() as tx:
            await tx.persons.add_all([])
            await tx.persons.add_all(many[1:])
            with pytest.raises(Conflict):
                await tx.persons.add_all([many[0], replace(many[5], id=PersonId(random_id("another")))])
            assert len(await tx.persons.of_agency(CITY)) == 999, "and the block goes on"
        async with storage.snapshot() as tx:
            assert set(await tx.persons.of_agency(CITY)) == set(many[1:])

    async def test_new_words_about_persons_change_nothing_else_of_them(self, storage: Storage) -> None:
        await with_agencies(storage, "city")
        one, other = person("One", roles=frozenset({Role.AUDITOR})), person("Other")
        words = {"name": "Renamed", "function": "Deputy", "language": Language.GERMAN, "version": 2}
        async with storage.transaction() as tx:
            await tx.persons.add_all([one, other])
        async with storage.transaction() as tx:
            await tx.persons.save_all([])
            await tx.persons.save_all([replace(one, **words, roles=frozenset(Role), active=False)])
        async with storage.snapshot() as tx:
            assert await tx.persons.get(one.id) == replace(one, **words)
            assert await tx.persons.get(other.id) == other

    async def test_a_person_whom_somebody_has_changed_is_not_changed_again(self, storage: Storage) -> None:
        await with_agencies(storage, "city")
        one, other = person("One"), person("Other")
        async with storage.transaction() as tx:
            await tx.persons.add_all([one, other])
        with pytest.raises(Stale):
            async with storage.transaction() as tx:
                await tx.persons.save_all([replace(one, name="First", version=2), replace(other, version=3)])
        async with storage.snapshot() as tx:
            assert await tx.persons.get(one.id) == one

    async def test_an_unknown_person_is_not_found(self, storage: Storage) -> None:
        async with storage.snapshot() as tx:
            with pytest.raises(NotFound):
                await tx.persons.get(PersonId(random_id("nobody")))

    async def test_several_persons_are_those_that_exist(self, storage: Storage) -> None:
        await with_agencies(storage, "city")
        known = [person(f"Delegate {n}") for n in range(3)]
        async with storage.transaction() as tx:
            for one in known:
                await tx.persons.add(one)
            wanted = [known[0].id, known[2].id, PersonId(random_id("nobody"))]
            found = await tx.persons.several(wanted)
            assert {p.id for p in found} == {known[0].id, known[2].id}
            assert list(await tx.persons.several([])) == []

    async def test_persons_of_an_agency_are_listed_by_name_then_id(self, storage: Storage) -> None:
        await with_agencies(storage, "city", "prefecture")
        same = [
            replace(person("Same"), id=PersonId(random_id(f"same {n}")), address=f"{n}@example.org")
            for n in range(4)
        ]
        others = [person("alpha"), person("Zoé"), person("Élu"), person("Delegate", agency="prefecture")]
        async with storage.transaction() as tx:
            for one in [*same, *others]:
                await tx.persons.add(one)
            found = await tx.persons.of_agency(CITY)
        expected = sorted([*same, *others[:3]], key=lambda p: (p.name, p.id))
        assert list(found) == expected

    async def test_a_key_comes_back_with_the_person_it_acts_for(self, storage: Storage) -> None:
        await with_agencies(storage, "city")
        holder, key = person(), api_key(person())
        async with storage.transaction() as tx:
            await tx.persons.add(holder)
            await tx.api_keys.add(key)
        async with storage.snapshot() as tx:
            assert await tx.api_keys.holder(key.id) == (key, holder)
            with pytest.raises(NotFound):
                await tx.api_keys.holder("unknown")

    async def test_a_revoked_key_is_revoked_for_whoever_asks_next(self, storage: Storage) -> None:
        await with_agencies(storage, "city")
        key = api_key(person())
        async with storage.transaction() as tx:
            await tx.persons.add(person())
            await tx.api_keys.add(key)
        async with storage.transaction() as tx:
            await tx.api_keys.save(replace(key, revoked_at=NOW))
        async with storage.snapshot() as tx:
            found, _ = await tx.api_keys.holder(key.id)
            assert found.revoked_at == NOW
            assert not found.usable(NOW)

    async def test_an_unknown_key_cannot_be_saved(self, storage: Storage) -> None:
        async with storage.transaction() as tx:
            with pytest.raises(NotFound):
                await tx.api_keys.save(api_key(person()))

    async def test_keys_of_an_agency_are_listed_by_creation_then_id(self, storage: Storage) -> None:
        await with_agencies(storage, "city", "prefecture")
        other = person("Secretary", agency="prefecture")
        keys = [api_key(person(), f"key {n}", NOW - timedelta(hours=n // 2)) for n in range(4)]
        async with storage.transaction() as tx:
            await tx.persons.add(person())
            await tx.persons.add(other)
            for key in [*keys, api_key(other, "theirs")]:
                await tx.api_keys.add(key)
            found = await tx.api_keys.of_agency(CITY)
        assert list(found) == sorted(keys, key=lambda k: (k.created_at, k.id))

    async def test_a_recipients_key_is_registered_once_for_whichever_agency(self, storage: Storage) -> None:
        await with_agencies(storage, "city", "prefecture")
        async with storage.transaction() as tx:
            await tx.recipients.add(recipient("city"))
            with pytest.raises(Conflict):
                await tx.recipients.add(recipient("prefecture"))
            with pytest.raises(Conflict):
                await tx.recipients.add(recipient("city", kind=RecipientKind.ARCHIVE))
            assert len(await tx.recipients.of([CITY, AgencyId("prefecture")])) == 1

    async def test_recipients_come_by_agency_kind_time_and_key(self, storage: Storage) -> None:
        await with_agencies(storage, "city", "health-agency", "prefecture")
        everything = [
            recipient(agency_, kind, f"{agency_} {kind} {n}", NOW + timedelta(minutes=n // 2))
            for agency_ in ("prefecture", "health-agency", "city")
            for kind in RecipientKind
            for n in range(3)
        ]
        async with storage.transaction() as tx:
            for one in everything:
                await tx.recipients.add(one)
            found = await tx.recipients.of([HEALTH, CITY])
            assert list(await tx.recipients.of([])) == []
        expected = [r for r in everything if r.agency != "prefecture"]
        assert list(found) == sorted(expected, key=lambda r: (r.agency, r.kind.value, r.added_at, r.key))

    async def test_a_withdrawn_recipient_is_still_listed_and_its_key_never_taken_again(
        self, storage: Storage
    ) -> None:
        await with_agencies(storage, "city")
        one = recipient("city")
        async with storage.transaction() as tx:
            await tx.recipients.add(one)
            await tx.recipients.withdraw(one.key, NOW)
            assert list(await tx.recipients.of([CITY])) == [replace(one, withdrawn_at=NOW)]
            for missing in (one.key, "age1pq1nobody"):
                with pytest.raises(NotFound):
                    await tx.recipients.withdraw(missing, NOW)
            with pytest.raises(Conflict):
                await tx.recipients.add(one)

    async def test_an_approvers_key_is_registered_once_under_whichever_name(self, storage: Storage) -> None:
        await with_agencies(storage, "city", "prefecture")
        public = bytes(range(32))
        async with storage.transaction() as tx:
            await tx.persons.add(person())
            one = approver("city/approver-1", public)
            await tx.approvers.add(one)
            for other in (one, approver("prefecture/approver-1", public, "prefecture")):
                with pytest.raises(Conflict):
                    await tx.approvers.add(other)
            assert list(await tx.approvers.of([CITY, HEALTH])) == [one]
            await tx.approvers.withdraw(one.key, NOW)
            assert list(await tx.approvers.of([CITY])) == [replace(one, withdrawn_at=NOW)]
            with pytest.raises(NotFound):
                await tx.approvers.withdraw(one.key, NOW)

    async def test_an_agency_finds_the_circles_it_is_part_of(self, storage: Storage) -> None:
        await with_agencies(storage, "city", "health-agency", "prefecture")
        circles = [Circle.of(names) for names in (["city"], ["city", "prefecture"], ["health-agency"])]
        async with storage.transaction() as tx:
            for circle in circles:
                await tx.circles.add(circle)
            with pytest.raises(Conflict):
                await tx.circles.add(circles[1])
            found = await tx.circles.of(CITY)
        assert list(found) == sorted(circles[:2], key=lambda circle: circle.name)
