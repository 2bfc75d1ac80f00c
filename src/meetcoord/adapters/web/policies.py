"""/v1/policies: who can open the minutes of your circles, who approves them, and what is proposed to change in that."""

from typing import Any, Self

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from meetcoord.adapters.web.parts import Asker, Cases, raises
from meetcoord.domain.agencies import RecipientKind
from meetcoord.domain.checkpoints import b64, parse_vkey
from meetcoord.domain.errors import Conflict, NotFound, Stale
from meetcoord.domain.leaves import ConsentVerdict
from meetcoord.domain.policies import PlacedPolicy, Proposal, fingerprint, grouped
from meetcoord.usecases.consent_to_policy import GivenConsent, KnownPolicies


class ReaderView(msgspec.Struct, frozen=True, kw_only=True):
    agency: str
    kind: RecipientKind
    fingerprint: str


class SignerView(msgspec.Struct, frozen=True, kw_only=True):
    agency: str
    key: str
    fingerprint: str


class PolicyView(msgspec.Struct, frozen=True, kw_only=True):
    """`leaf` is the entry of the log in base64, `hash` its leaf hash: the two that signatures are about.

    `fingerprint` is SHA-256 of the entry, for pinning the first policy of a circle.
    """

    index: int
    hash: str
    fingerprint: str
    leaf: str
    previous: int
    erasure: int
    recipients: tuple[ReaderView, ...]
    approvers: tuple[SignerView, ...]

    @classmethod
    def of(cls, policy: PlacedPolicy) -> Self:
        return cls(**facts(policy))


class ProposalView(PolicyView, frozen=True, kw_only=True):
    """A policy takes effect once every agency has approved it; an agency's rejection is final."""

    approved: tuple[str, ...]
    rejected: tuple[str, ...]
    waiting_for: tuple[str, ...]

    @classmethod
    def made(cls, proposal: Proposal) -> Self:
        approved = proposal.having(ConsentVerdict.APPROVE)
        rejected = proposal.having(ConsentVerdict.REJECT)
        return cls(
            **facts(proposal.policy),
            approved=tuple(sorted(approved)),
            rejected=tuple(sorted(rejected)),
            waiting_for=tuple(a for a in proposal.policy.leaf.agencies if a not in approved | rejected),
        )


class CircleView(msgspec.Struct, frozen=True, kw_only=True):
    """`origin` is the name of the log, which signed texts repeat."""

    agencies: tuple[str, ...]
    origin: str
    first: str | None
    in_force: PolicyView | None
    proposals: tuple[ProposalView, ...]

    @classmethod
    def of(cls, known: KnownPolicies) -> Self:
        state = known.state
        return cls(
            agencies=known.circle.agencies,
            origin=known.origin,
            first=state.chain[0].policy.fingerprint if state.chain else None,
            in_force=PolicyView.of(state.in_force.policy) if state.in_force else None,
            proposals=tuple(ProposalView.made(each) for each in state.proposals),
        )


class CircleList(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[CircleView, ...]


def facts(policy: PlacedPolicy) -> dict[str, Any]:
    leaf = policy.leaf
    return {
        "index": policy.index,
        "hash": policy.hash,
        "fingerprint": policy.fingerprint,
        "leaf": b64(policy.entry),
        "previous": leaf.previous,
        "erasure": leaf.erasure,
        "recipients": tuple(
            ReaderView(agency=r.agency, kind=r.kind, fingerprint=grouped(fingerprint(r.recipient)))
            for r in leaf.recipients
        ),
        "approvers": tuple(
            SignerView(agency=a.agency, key=a.key, fingerprint=parse_vkey(a.key).fingerprint)
            for a in leaf.approvers
        ),
    }


@get("/policies")
async def read_policies(actor: Asker, cases: Cases) -> CircleList:
    """Who can open and approve the minutes of each circle of your agency, and who has not yet consented to a change."""
    return CircleList(items=tuple(CircleView.of(each) for each in await cases.read_policies(actor)))


@post("/policies/{index:str}/consents", status_code=200, opt=raises(NotFound, Conflict, Stale))
async def consent_to_policy(
    actor: Asker, cases: Cases, index: FromPath[int], data: JSONBody[GivenConsent]
) -> CircleView:
    """Your agency's word on a proposed change of keys. With the last approval it is in force."""
    return CircleView.of(await cases.consent_to_policy(actor, index, data))


ROUTES = (read_policies, consent_to_policy)
