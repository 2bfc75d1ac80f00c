"""/v1/agencies: who takes part in meetings, and which keys open what is sealed for them."""

from typing import Self

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from meetcoord.adapters.web.parts import Asker, Cases, Instant, raises
from meetcoord.domain.agencies import Agency, Recipient, RecipientKind
from meetcoord.domain.errors import Conflict, NotFound
from meetcoord.domain.values import AgencyId, Language, PersonId
from meetcoord.usecases.add_recipient import NewRecipient
from meetcoord.usecases.register_agency import NewAgency


class AgencyView(msgspec.Struct, frozen=True, kw_only=True):
    id: AgencyId
    name: str
    language: Language

    @classmethod
    def of(cls, agency: Agency) -> Self:
        return cls(id=agency.id, name=agency.name, language=agency.language)


class AgencyList(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[AgencyView, ...]


class RecipientView(msgspec.Struct, frozen=True, kw_only=True):
    agency: AgencyId
    kind: RecipientKind
    key: str
    label: str
    added_at: Instant
    added_by: PersonId

    @classmethod
    def of(cls, recipient: Recipient) -> Self:
        return cls(
            agency=recipient.agency,
            kind=recipient.kind,
            key=recipient.key,
            label=recipient.label,
            added_at=recipient.added_at,
            added_by=recipient.added_by,
        )


class RecipientList(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[RecipientView, ...]


@post("/agencies", opt=raises(Conflict))
async def register_agency(actor: Asker, cases: Cases, data: JSONBody[NewAgency]) -> AgencyView:
    """Make an agency known to this service."""
    return AgencyView.of(await cases.register_agency(actor, data))


@get("/agencies")
async def list_agencies(actor: Asker, cases: Cases) -> AgencyList:
    """Every agency that can be convened."""
    return AgencyList(items=tuple(AgencyView.of(each) for each in await cases.list_agencies(actor)))


@get("/agencies/{agency_id:str}")
async def read_agency(actor: Asker, cases: Cases, agency_id: FromPath[AgencyId]) -> AgencyView:
    """One agency."""
    return AgencyView.of(await cases.read_agency(actor, agency_id))


@post("/agencies/{agency_id:str}/recipients", opt=raises(Conflict))
async def add_recipient(
    actor: Asker, cases: Cases, agency_id: FromPath[AgencyId], data: JSONBody[NewRecipient]
) -> RecipientView:
    """Register a public key able to open what is sealed for your own agency."""
    _must_be_own(actor, agency_id)
    return RecipientView.of(await cases.add_recipient(actor, data))


@get("/agencies/{agency_id:str}/recipients")
async def list_recipients(actor: Asker, cases: Cases, agency_id: FromPath[AgencyId]) -> RecipientList:
    """The public keys of your own agency."""
    _must_be_own(actor, agency_id)
    found = await cases.list_recipients(actor)
    return RecipientList(items=tuple(RecipientView.of(each) for each in found))


def _must_be_own(actor: Asker, agency: AgencyId) -> None:
    if agency != actor.agency:
        raise NotFound("An agency's keys are shown to that agency only.")


ROUTES = (register_agency, list_agencies, read_agency, add_recipient, list_recipients)
