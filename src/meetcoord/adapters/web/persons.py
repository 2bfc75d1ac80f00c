"""/v1/persons and /v1/me: the people of one's own agency."""

from typing import Self

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from meetcoord.adapters.web.parts import Asker, Cases, raises
from meetcoord.domain.access import Actor, Scope
from meetcoord.domain.agencies import Person, Role
from meetcoord.domain.errors import Conflict
from meetcoord.domain.values import AgencyId, Language, PersonId
from meetcoord.usecases.register_person import NewPerson


class PersonView(msgspec.Struct, frozen=True, kw_only=True):
    id: PersonId
    agency: AgencyId
    name: str
    function: str
    address: str
    language: Language
    roles: tuple[Role, ...]
    active: bool

    @classmethod
    def of(cls, person: Person) -> Self:
        return cls(
            id=person.id,
            agency=person.agency,
            name=person.name,
            function=person.function,
            address=person.address,
            language=person.language,
            roles=tuple(sorted(person.roles, key=lambda role: role.value)),
            active=person.active,
        )


class PersonList(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[PersonView, ...]


class MeView(msgspec.Struct, frozen=True, kw_only=True):
    """Whom this key acts for, and what it may do."""

    person: PersonId
    agency: AgencyId
    roles: tuple[Role, ...]
    scopes: tuple[Scope, ...]

    @classmethod
    def of(cls, actor: Actor) -> Self:
        return cls(
            person=actor.person,
            agency=actor.agency,
            roles=tuple(sorted(actor.roles, key=lambda role: role.value)),
            scopes=tuple(sorted(actor.scopes, key=lambda scope: scope.value)),
        )


@post("/persons", opt=raises(Conflict))
async def register_person(actor: Asker, cases: Cases, data: JSONBody[NewPerson]) -> PersonView:
    """Make a person of your agency known."""
    return PersonView.of(await cases.register_person(actor, data))


@get("/persons")
async def list_persons(actor: Asker, cases: Cases) -> PersonList:
    """The persons of your agency."""
    return PersonList(items=tuple(PersonView.of(each) for each in await cases.list_persons(actor)))


@get("/persons/{person_id:str}")
async def read_person(actor: Asker, cases: Cases, person_id: FromPath[PersonId]) -> PersonView:
    """One person of your agency."""
    return PersonView.of(await cases.read_person(actor, person_id))


@get("/me")
async def read_me(actor: Asker) -> MeView:
    """Whom this key acts for, and what it may do."""
    return MeView.of(actor)


ROUTES = (register_person, list_persons, read_person, read_me)
