"""/v1/agencies: who takes part in meetings, which keys open what is sealed for them, and which approve it."""

from typing import Self

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from meetcoord.adapters.web.parts import Asker, Cases, Instant, raises
from meetcoord.domain.agencies import Agency, Approver, Recipient, RecipientKind
from meetcoord.domain.checkpoints import parse_vkey
from meetcoord.domain.errors import Conflict, NotFound
from meetcoord.domain.policies import fingerprint, grouped
from meetcoord.domain.values import AgencyId, Language, PersonId
from meetcoord.usecases.add_approver import NewApprover
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
    """`fingerprint` is SHA-256 of the key; blanks in it do not matter."""

    agency: AgencyId
    kind: RecipientKind
    key: str
    fingerprint: str
    label: str
    added_at: Instant
    added_by: PersonId
    withdrawn_at: Instant | None

    @classmethod
    def of(cls, recipient: Recipient) -> Self:
        return cls(
            agency=recipient.agency,
            kind=recipient.kind,
            key=recipient.key,
            fingerprint=grouped(fingerprint(recipient.key)),
            label=recipient.label,
            added_at=recipient.added_at,
            added_by=recipient.added_by,
            withdrawn_at=recipient.withdrawn_at,
        )


class RecipientList(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[RecipientView, ...]


class ApproverView(msgspec.Struct, frozen=True, kw_only=True):
    """`key` is the verifier key of a person who approves for the agency."""

    agency: AgencyId
    person: PersonId
    key: str
    fingerprint: str
    added_at: Instant
    added_by: PersonId
    withdrawn_at: Instant | None

    @classmethod
    def of(cls, approver: Approver) -> Self:
        return cls(
            agency=approver.agency,
            person=approver.person,
            key=approver.key,
            fingerprint=parse_vkey(approver.key).fingerprint,
            added_at=approver.added_at,
            added_by=approver.added_by,
            withdrawn_at=approver.withdrawn_at,
        )


class ApproverList(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[ApproverView, ...]


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
    """The public keys of your own agency, withdrawn ones included."""
    _must_be_own(actor, agency_id)
    found = await cases.list_recipients(actor)
    return RecipientList(items=tuple(RecipientView.of(each) for each in found))


@delete("/agencies/{agency_id:str}/recipients/{key_fingerprint:str}", opt=raises(Conflict))
async def withdraw_recipient(
    actor: Asker, cases: Cases, agency_id: FromPath[AgencyId], key_fingerprint: FromPath[str]
) -> None:
    """Withdraw a key. Minutes to come are sealed without it once every agency of a circle has consented."""
    _must_be_own(actor, agency_id)
    await cases.withdraw_recipient(actor, key_fingerprint)


@post("/agencies/{agency_id:str}/approvers", opt=raises(Conflict))
async def add_approver(
    actor: Asker, cases: Cases, agency_id: FromPath[AgencyId], data: JSONBody[NewApprover]
) -> ApproverView:
    """Register the verifier key of a person who approves for your own agency."""
    _must_be_own(actor, agency_id)
    return ApproverView.of(await cases.add_approver(actor, data))


@get("/agencies/{agency_id:str}/approvers")
async def list_approvers(actor: Asker, cases: Cases, agency_id: FromPath[AgencyId]) -> ApproverList:
    """Who signs for your own agency, withdrawn keys included."""
    _must_be_own(actor, agency_id)
    found = await cases.list_approvers(actor)
    return ApproverList(items=tuple(ApproverView.of(each) for each in found))


@delete("/agencies/{agency_id:str}/approvers/{key_fingerprint:str}", opt=raises(Conflict))
async def withdraw_approver(
    actor: Asker, cases: Cases, agency_id: FromPath[AgencyId], key_fingerprint: FromPath[str]
) -> None:
    """Withdraw a signing key. Its signatures stop counting once every agency of a circle has consented."""
    _must_be_own(actor, agency_id)
    await cases.withdraw_approver(actor, key_fingerprint)


def _must_be_own(actor: Asker, agency: AgencyId) -> None:
    if agency != actor.agency:
        raise NotFound("An agency's keys are shown to that agency only.")


ROUTES = (
    register_agency,
    list_agencies,
    read_agency,
    add_recipient,
    list_recipients,
    withdraw_recipient,
    add_approver,
    list_approvers,
    withdraw_approver,
)
