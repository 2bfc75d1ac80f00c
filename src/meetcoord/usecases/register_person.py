"""Make a person known to her agency."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.agencies import Person, Role
from meetcoord.domain.errors import Forbidden, NotFound
from meetcoord.domain.leaves import ActKind
from meetcoord.domain.values import Language, PersonId, mail_address, one_line
from meetcoord.ports.storage import Storage
from meetcoord.ports.system import NewId
from meetcoord.usecases.acts import Acts


class NewPerson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    address: str
    function: str
    language: Language = Language.FRENCH
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class RegisterPerson:
    storage: Storage
    new_id: NewId
    acts: Acts

    async def __call__(self, actor: Actor, asked: NewPerson) -> Person:
        """A person of the actor's own agency. Raises Forbidden, Invalid, Conflict when the address is known there."""
        actor.must(Action.REGISTER_PERSON)
        if Role.OPERATOR in asked.roles and Role.OPERATOR not in actor.roles:
            raise Forbidden("Only an operator names another operator.")
        person = Person(
            id=PersonId(self.new_id()),
            agency=actor.agency,
            name=one_line(asked.name, "The name", "/name"),
            function=one_line(asked.function, "The function", "/function"),
            address=mail_address(asked.address, "/address"),
            language=asked.language,
            roles=asked.roles,
        )
        async with self.storage.transaction() as tx:
            await tx.agencies.get(actor.agency)
            await tx.persons.add(person)
            await self.acts.record(tx, ActKind.PERSON_REGISTERED, actor, what=person.id, about=actor.agency)
        return person


@dataclass(frozen=True, slots=True)
class ListPersons:
    storage: Storage

    async def __call__(self, actor: Actor) -> Sequence[Person]:
        """The persons of the actor's own agency, and of no other."""
        actor.must(Action.LIST_PERSONS)
        async with self.storage.snapshot() as tx:
            return await tx.persons.of_agency(actor.agency)


@dataclass(frozen=True, slots=True)
class ReadPerson:
    storage: Storage

    async def __call__(self, actor: Actor, person: PersonId) -> Person:
        """Raises NotFound, also for a person of another agency."""
        actor.must(Action.LIST_PERSONS)
        async with self.storage.snapshot() as tx:
            found = await tx.persons.get(person)
        if found.agency != actor.agency:
            raise NotFound("There is no such person in your agency.")
        return found
