"""/v1/persons and /v1/me: the people of one's own agency."""

from typing import Self

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from meetcoord.adapters.web.parts import Asker, Cases, raises
from meetcoord.domain.access import Actor, Scope
from meetcoord.domain.agencies import Person, Role
from meetcoord.domain.csv_files import FILE_MAX
from meetcoord.domain.errors import Conflict
from meetcoord.domain.person_imports import ImportPreview, OutcomeChanged, RowCounts
from meetcoord.domain.values import AgencyId, Language, PersonId
from meetcoord.usecases.import_persons import PersonsFile, ShownFile
from meetcoord.usecases.register_person import NewPerson

# A file travels as base64 in JSON: its very bytes, as its encoding is ours to find, past the guards of every body.
FILE_BODY_MAX = 4 * FILE_MAX // 3 + 4 * 1024


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


@post("/persons/import-preview", status_code=200, request_max_body_size=FILE_BODY_MAX)
async def preview_persons(actor: Asker, cases: Cases, data: JSONBody[PersonsFile]) -> ImportPreview:
    """What importing this CSV file would do to the persons of your agency, row by row. Nothing is changed."""
    return await cases.preview_persons(actor, data)


@post("/persons/import", status_code=200, request_max_body_size=FILE_BODY_MAX, opt=raises(OutcomeChanged))
async def import_persons(actor: Asker, cases: Cases, data: JSONBody[ShownFile]) -> RowCounts:
    """Do what the preview with this digest has shown, all at once. Repeated, it finds nothing left to do."""
    return await cases.import_persons(actor, data)


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


ROUTES = (register_person, preview_persons, import_persons, list_persons, read_person, read_me)
