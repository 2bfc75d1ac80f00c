"""Persons, and the keys through which programs act for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert  # compiled alike for SQLite

from meetcoord.adapters.sql.block import Block
from meetcoord.adapters.sql.rows import changes, columns, restored
from meetcoord.adapters.sql.schema import api_keys, persons
from meetcoord.domain.access import ApiKey
from meetcoord.domain.agencies import Person
from meetcoord.domain.errors import NotFound, Stale
from meetcoord.domain.values import AgencyId, PersonId

_PERSONS = persons  # the methods below take persons of that name
_ADD = insert(persons).on_conflict_do_nothing()
_TAKEN = "This agency has a person with that address already."
_SAVE = (
    update(persons)
    .where(persons.c.id == bindparam("wanted"), persons.c.version == bindparam("before"))
    .values(
        name=bindparam("name"),
        function=bindparam("function"),
        language=bindparam("language"),
        version=bindparam("before") + 1,
    )
)
_GET = select(persons).where(persons.c.id == bindparam("wanted"))
_SEVERAL = select(persons).where(persons.c.id.in_(bindparam("wanted", expanding=True)))
_OF_AGENCY = (
    select(persons).where(persons.c.agency == bindparam("wanted")).order_by(persons.c.name, persons.c.id)
)

_ADD_KEY = api_keys.insert()
_HOLDER = (
    select(*(column.label(f"person_{column.name}") for column in persons.c), *api_keys.c)
    .join_from(api_keys, persons)
    .where(api_keys.c.id == bindparam("wanted"))
)
_KEYS_OF_AGENCY = (
    select(api_keys)
    .join_from(api_keys, persons)
    .where(persons.c.agency == bindparam("wanted"))
    .order_by(api_keys.c.created_at, api_keys.c.id)
)
_SAVE_KEY = update(api_keys).where(api_keys.c.id == bindparam("wanted"))


@dataclass(frozen=True, slots=True)
class SqlPersons:
    block: Block

    async def add(self, person: Person) -> None:
        await self.block.insert_once(_ADD, columns(person), _TAKEN)

    async def add_all(self, persons: Sequence[Person]) -> None:
        # Always in one order, so that two who add the same persons wait for each other in turn.
        ordered = sorted(persons, key=lambda person: (person.agency, person.address))
        await self.block.insert_all(_PERSONS, [columns(person) for person in ordered], _TAKEN)

    async def save_all(self, persons: Sequence[Person]) -> None:
        ordered = sorted(persons, key=lambda person: person.id)
        if ordered and await self.block.change(_SAVE, [_new_words(each) for each in ordered]) < len(ordered):
            raise Stale("One of these persons has been changed meanwhile: read them again.")

    async def get(self, person: PersonId) -> Person:
        row = await self.block.row(_GET, {"wanted": person})
        if row is None:
            raise NotFound("There is no such person.")
        return restored(Person, row)

    async def several(self, persons: Sequence[PersonId]) -> Sequence[Person]:
        return [restored(Person, row) for row in await self.block.rows(_SEVERAL, {"wanted": list(persons)})]

    async def of_agency(self, agency: AgencyId) -> Sequence[Person]:
        return [restored(Person, row) for row in await self.block.rows(_OF_AGENCY, {"wanted": agency})]


def _new_words(person: Person) -> dict[str, Any]:
    return {
        "wanted": person.id,
        "before": person.version - 1,
        "name": person.name,
        "function": person.function,
        "language": person.language,
    }


@dataclass(frozen=True, slots=True)
class SqlApiKeys:
    block: Block

    async def add(self, key: ApiKey) -> None:
        await self.block.change(_ADD_KEY, columns(key))

    async def holder(self, key_id: str) -> tuple[ApiKey, Person]:
        row = await self.block.row(_HOLDER, {"wanted": key_id})
        if row is None:
            raise NotFound("There is no such key.")
        fields = row._mapping
        key = {name: fields[name] for name in ApiKey.__struct_fields__}
        person = {name: fields[f"person_{name}"] for name in Person.__struct_fields__}
        return restored(ApiKey, key), restored(Person, person)

    async def of_agency(self, agency: AgencyId) -> Sequence[ApiKey]:
        return [restored(ApiKey, row) for row in await self.block.rows(_KEYS_OF_AGENCY, {"wanted": agency})]

    async def save(self, key: ApiKey) -> None:
        if not await self.block.change(_SAVE_KEY, changes(key, "id", wanted=key.id)):
            raise NotFound("There is no such key.")
