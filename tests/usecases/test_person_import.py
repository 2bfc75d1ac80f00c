"""Hundreds of agents enrolled in one command: shown first, then done exactly as shown."""

import asyncio

import pytest

from meetcoord.domain.access import Actor, Scope
from meetcoord.domain.agencies import Person, Role
from meetcoord.domain.errors import Forbidden, Invalid
from meetcoord.domain.leaves import ActKind
from meetcoord.domain.person_imports import ImportPreview, OutcomeChanged, RowCounts, RowState
from meetcoord.usecases.import_persons import PersonsFile, ShownFile
from meetcoord.usecases.register_person import NewPerson
from tests.agencies import Acting, World
from tests.worlds import on_every_database

HEAD = "Nom;Fonction;Courriel;Rôle\n"


def agents(number: int, function: str = "Agent") -> bytes:
    rows = "".join(f"Agent {n:03};{function};agent.{n:03}@city.example.org;operator\n" for n in range(number))
    return (HEAD + rows).encode()


async def preview(agency: Acting, file: bytes) -> ImportPreview:
    return await agency.use.preview_persons(agency.console, PersonsFile(file=file))


async def commit(agency: Acting, file: bytes, shown: ImportPreview, *, skip: bool = False) -> RowCounts:
    asked = ShownFile(file=file, digest=shown.digest, skip_refused=skip)
    return await agency.use.import_persons(agency.console, asked)


async def known(agency: Acting) -> dict[str, Person]:
    """By address, but for the secretary who was there before."""
    found = await agency.use.list_persons(agency.console)
    return {each.address: each for each in found if each.id != agency.secretary.person}


async def acts(world: World, agency: Acting) -> list[str]:
    await world.use.publish_checkpoint()
    async with world.service.storage.snapshot() as tx:
        placed = await tx.log.about(agency.id)
    return [kind.value for leaf in placed for kind in ActKind if f'"{kind.value}"'.encode() in leaf.entry]


@on_every_database
async def test_five_hundred_agents_are_enrolled_at_once_and_nobody_gets_a_role(
    world: World, city: Acting
) -> None:
    file = agents(500)
    shown = await preview(city, file)
    assert (shown.counts.new, shown.ignored_columns) == (500, ("Rôle",))
    assert await known(city) == {}, "a preview changes nothing"
    before = len(await acts(world, city))
    assert (await commit(city, file, shown)).new == 500
    persons = await known(city)
    assert len(persons) == 500
    assert {each.roles for each in persons.values()} == {frozenset()}
    assert (await acts(world, city))[before:] == ["person.registered"] * 500
    await world.must_be_sound()


@on_every_database
async def test_an_import_said_twice_is_done_once(world: World, city: Acting) -> None:
    file = agents(3)
    shown = await preview(city, file)
    await commit(city, file, shown)
    persons, told = await known(city), await acts(world, city)
    assert (await commit(city, file, shown)).known == 3
    assert (await known(city), await acts(world, city)) == (persons, told)


@on_every_database
async def test_two_imports_at_the_same_moment_enrol_everybody_once(city: Acting) -> None:
    file = agents(50)
    shown = await preview(city, file)
    done = await asyncio.gather(*(commit(city, file, shown) for _ in range(4)))
    assert sorted(counts.new for counts in done) == [0, 0, 0, 50]
    assert len(await known(city)) == 50


@on_every_database
async def test_names_and_functions_are_changed_and_each_change_is_an_act(world: World, city: Acting) -> None:
    await commit(city, agents(3), await preview(city, agents(3)))
    before = await known(city)
    file = agents(2, "Chef de pôle")
    assert (await commit(city, file, await preview(city, file))).changed == 2
    after = await known(city)
    assert [each.function for each in after.values()] == ["Chef de pôle", "Chef de pôle", "Agent"]
    assert [each.version for each in after.values()] == [2, 2, 1]
    assert [each.id for each in after.values()] == [each.id for each in before.values()]
    assert (await acts(world, city))[-2:] == ["person.changed"] * 2


@on_every_database
async def test_what_changed_since_the_preview_is_shown_before_anything_is_done(city: Acting) -> None:
    file = agents(3)
    shown = await preview(city, file)
    between = NewPerson(name="Another", address="agent.001@city.example.org", function="Agent")
    await city.use.register_person(city.console, between)
    with pytest.raises(OutcomeChanged) as stale:
        await commit(city, file, shown)
    now = stale.value.preview
    assert [row.state for row in now.rows] == [RowState.NEW, RowState.CHANGED, RowState.NEW]
    assert len(await known(city)) == 1, "and nothing was done"
    assert (await commit(city, file, now)).changed == 1


@on_every_database
async def test_of_two_who_change_the_same_persons_at_the_same_moment_one_is_shown_it_first(
    city: Acting,
) -> None:
    await commit(city, agents(5), await preview(city, agents(5)))
    files = [agents(5, "Chef"), agents(5, "Adjoint")]
    shown = [await preview(city, file) for file in files]
    done = await asyncio.gather(*map(commit, [city] * 2, files, shown), return_exceptions=True)
    assert [isinstance(each, OutcomeChanged) for each in done].count(True) == 1
    assert [isinstance(each, RowCounts) for each in done].count(True) == 1
    assert len({each.function for each in (await known(city)).values()}) == 1
    assert {each.version for each in (await known(city)).values()} == {2}


async def test_another_file_than_the_one_shown_is_not_imported(city: Acting) -> None:
    shown = await preview(city, agents(3))
    with pytest.raises(OutcomeChanged):
        await commit(city, agents(4), shown)


async def test_while_a_row_is_refused_nothing_is_imported_unless_it_is_to_be_skipped(city: Acting) -> None:
    file = agents(2) + b"=cmd();Agent;agent.x@city.example.org\n"
    shown = await preview(city, file)
    with pytest.raises(Invalid, match=r"line 4") as refused:
        await commit(city, file, shown)
    assert refused.value.pointer == "/file"
    assert await known(city) == {}
    assert (await commit(city, file, shown, skip=True)).refused == 1
    assert len(await known(city)) == 2
    assert (await commit(city, file, shown, skip=True)).new == 0


async def test_a_file_never_changes_a_role_nor_tells_of_one(city: Acting) -> None:
    secretary = (await city.use.read_person(city.console, city.secretary.person)).address
    file = f"{HEAD}Renamed;Agent;{secretary};operator\n".encode()
    await commit(city, file, await preview(city, file))
    after = await city.use.read_person(city.console, city.secretary.person)
    assert (after.name, after.roles) == ("Renamed", frozenset({Role.SECRETARY}))


async def test_the_persons_of_another_agency_are_neither_told_nor_touched(
    city: Acting, prefecture: Acting
) -> None:
    await commit(city, agents(1), await preview(city, agents(1)))
    shown = await preview(prefecture, agents(1, "Other"))
    assert [(row.state, row.changes) for row in shown.rows] == [(RowState.NEW, ())]
    await commit(prefecture, agents(1, "Other"), shown)
    assert [each.function for each in (await known(city)).values()] == ["Agent"]


@pytest.mark.parametrize("scope", [Scope.PERSONS_READ, Scope.PERSONS_WRITE])
async def test_who_may_only_read_or_only_write_is_shown_nothing(city: Acting, scope: Scope) -> None:
    half = Actor(
        person=city.console.person, agency=city.id, roles=city.console.roles, scopes=frozenset({scope})
    )
    with pytest.raises(Forbidden):
        await city.use.preview_persons(half, PersonsFile(file=agents(1)))
    with pytest.raises(Forbidden):
        await city.use.import_persons(half, ShownFile(file=agents(1), digest=""))


async def test_a_secretary_enrols_nobody(city: Acting) -> None:
    with pytest.raises(Forbidden, match="administrator"):
        await city.use.preview_persons(city.secretary, PersonsFile(file=agents(1)))
