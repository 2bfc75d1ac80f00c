"""Every agency of a circle consents before anybody else becomes able to read, and each can see who may."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.approvals import consent_text
from meetcoord.domain.errors import Conflict, Damaged, NotFound, Stale
from meetcoord.domain.key_notices import ChangedKeys, KeyChange
from meetcoord.domain.leaves import LARGEST, ConsentLeaf, ConsentVerdict
from meetcoord.domain.policies import Circle, CirclePolicies, Proposal, same_keys
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock
from meetcoord.usecases.policies import Policies, policy_at
from meetcoord.usecases.sequencing import place_now
from meetcoord.usecases.signatures import Signatures, given
from meetcoord.usecases.tell_of_keys import TellOfKeys

COMMAND = "meetcoord approver consent policies.json --key FILE"
_UNKNOWN = "No such list of keys waits for the consent of your agency."
_FINAL = "Your agency has rejected this list of keys, and a no is final: have a new one proposed."


class GivenConsent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`leaf` is the hash of the proposed list, as GET shows it; `signature` is an approver's, where keys are named."""

    verdict: ConsentVerdict
    leaf: str
    signature: str | None = None


class KnownPolicies(msgspec.Struct, frozen=True):
    """The policies of one circle; `origin` is the name of the log that signed texts repeat."""

    circle: Circle
    origin: str
    state: CirclePolicies


@dataclass(frozen=True, slots=True)
class ReadPolicies:
    storage: Storage
    policies: Policies

    async def __call__(self, actor: Actor) -> Sequence[KnownPolicies]:
        """Those of every circle of the actor's agency. Raises Forbidden."""
        actor.must(Action.READ_POLICIES)
        async with self.storage.snapshot() as tx:
            circles = await tx.circles.of(actor.agency)
            return [
                KnownPolicies(each, self.policies.origin, await self.policies.of(tx, each))
                for each in circles
            ]


@dataclass(frozen=True, slots=True)
class ConsentToPolicy:
    storage: Storage
    policies: Policies
    signatures: Signatures
    now: Clock
    tell: TellOfKeys

    async def __call__(self, actor: Actor, target: int, asked: GivenConsent) -> KnownPolicies:
        """The policies of the circle after the actor's agency has spoken; the last approval puts the new one in force.

        Raises Forbidden; NotFound: no proposal of a circle of that agency, or overtaken; Stale: the keys have changed
        since; Conflict: a yes after a no; Invalid: not signed as it must be. The same word twice is once.
        """
        actor.must(Action.CONSENT_TO_POLICY)
        async with self.storage.transaction() as tx:
            await tx.log.hold()
            circle = await self._circle(tx, actor, target)
            state = await self.policies.of(tx, circle)
            proposal = state.proposal(target)
            if proposal is None:
                raise NotFound(_UNKNOWN)
            if actor.agency not in proposal.having(asked.verdict):
                leaf = await self._leaf(tx, actor, circle, proposal, asked)
                self._must_be_signed(state, leaf, asked)
                await place_now(tx, circle.name, leaf)
                if asked.verdict is ConsentVerdict.APPROVE:
                    await self.policies.propose_to(tx, circle)
                state = await self.policies.of(tx, circle)
                await self._announce(tx, actor, state, target)
        return KnownPolicies(circle, self.policies.origin, state)

    async def _announce(self, tx: Transaction, actor: Actor, state: CirclePolicies, target: int) -> None:
        if state.in_force and state.in_force.policy.index == target:
            changed = ChangedKeys(
                change=KeyChange.POLICY_IN_FORCE, agency=actor.agency, object=str(target), by=actor.person
            )
            await self.tell.agencies(tx, changed, state.in_force.policy.leaf.agencies)

    async def _circle(self, tx: Transaction, actor: Actor, target: int) -> Circle:
        """Raises NotFound: no policy at this index, or one of other agencies."""
        try:
            found = await policy_at(tx, target) if 0 <= target <= LARGEST else None
        except (NotFound, Damaged):
            found = None
        if found is None or actor.agency not in found.leaf.agencies:
            raise NotFound(_UNKNOWN)
        return Circle(found.leaf.agencies)

    async def _leaf(
        self, tx: Transaction, actor: Actor, circle: Circle, proposal: Proposal, asked: GivenConsent
    ) -> ConsentLeaf:
        policy = proposal.policy
        wanted = await self.policies.wanted(tx, circle, policy.leaf.previous)
        overtaken = asked.verdict is ConsentVerdict.APPROVE and not same_keys(wanted, policy.leaf)
        if overtaken or asked.leaf != policy.hash:
            raise Stale("The keys have changed since this list was proposed: read the lists again.")
        rejected = proposal.having(ConsentVerdict.REJECT)
        if asked.verdict is ConsentVerdict.APPROVE and actor.agency in rejected:
            raise Conflict(_FINAL)
        return ConsentLeaf(
            agency=actor.agency,
            at=int(self.now().timestamp()),
            by=actor.person,
            leaf=policy.hash,
            target=policy.index,
            verdict=asked.verdict,
            signature=given(asked.signature),
        )

    def _must_be_signed(self, state: CirclePolicies, leaf: ConsentLeaf, asked: GivenConsent) -> None:
        former = state.chain[-1].policy.leaf
        text = consent_text(self.policies.origin, leaf.target, leaf.leaf, leaf.verdict)
        self.signatures.check(text, asked.signature, former.approver_keys(leaf.agency), COMMAND)
