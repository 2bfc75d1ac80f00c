"""Who will be able to open the minutes of a circle of agencies, as the log names them."""

from dataclasses import dataclass

from meetcoord.domain import leaves
from meetcoord.domain.agencies import RecipientKind
from meetcoord.domain.errors import Conflict, Damaged, Invalid
from meetcoord.domain.leaves import (
    NO_POLICY,
    ConsentLeaf,
    ConsentVerdict,
    Leaf,
    PolicyApprover,
    PolicyLeaf,
    PolicyRecipient,
)
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.policies import Circle, CirclePolicies, PlacedConsent, PlacedPolicy, same_keys
from meetcoord.domain.values import AgencyId
from meetcoord.ports.signing import NoteVerifier
from meetcoord.ports.storage import PlacedLeaf, Transaction
from meetcoord.ports.system import Clock
from meetcoord.usecases.sequencing import place_now
from meetcoord.usecases.signatures import verified

RECIPIENTS_MAX = 30  # of 1,959 characters each, all of them in one leaf, and room for those who approve


def taken_in(
    state: CirclePolicies, index: int, entry: bytes, leaf: Leaf, origin: str, verifier: NoteVerifier
) -> CirclePolicies:
    """The policies of a circle after one more leaf about them. Raises Damaged for one that must not count."""
    if isinstance(leaf, PolicyLeaf):
        return state.with_policy(PlacedPolicy(index, entry, leaf))
    if isinstance(leaf, ConsentLeaf):
        verified(verifier, state.note_behind(origin, leaf))
        return state.with_consent(PlacedConsent(index, leaf))
    return state


@dataclass(frozen=True, slots=True)
class Policies:
    """`origin` is the name of the log."""

    now: Clock
    verifier: NoteVerifier
    origin: str

    async def of(self, tx: Transaction, circle: Circle) -> CirclePolicies:
        """Replayed from the log; what must not count is passed over here and named by a check of the log."""
        state = CirclePolicies()
        for placed in await tx.log.about(circle.name):
            try:
                leaf = leaves.parse(placed.entry)
                state = taken_in(state, placed.index, placed.entry, leaf, self.origin, self.verifier)
            except Damaged:
                continue
        return state

    async def in_force(self, tx: Transaction, meeting: Meeting) -> PlacedPolicy:
        """The policy of the meeting's agencies; their first is placed where they have none.

        Keys that were added or withdrawn since change nothing before every agency has consented. The head of the log
        is held until the transaction ends. Raises Conflict when an agency has no archive's recipient.
        """
        await tx.log.hold()
        circle = Circle.of(meeting.agencies)
        found = (await self.of(tx, circle)).in_force
        return found.policy if found else await self._first(tx, circle)

    async def begin(self, tx: Transaction, meeting: Meeting) -> PlacedPolicy | None:
        """Place the first policy of the meeting's agencies; None where they have one. See `in_force`."""
        await tx.log.hold()
        circle = Circle.of(meeting.agencies)
        return None if (await self.of(tx, circle)).in_force else await self._first(tx, circle)

    async def must_be_in_force(self, tx: Transaction, meeting: Meeting, policy: int | None) -> PlacedPolicy:
        """The policy at this index; the head is held, so that it stays in force. Raises Conflict for another one."""
        await tx.log.hold()
        found = (await self.of(tx, Circle.of(meeting.agencies))).in_force
        if found is None or found.policy.index != policy:
            raise Conflict(
                "The agencies have changed the keys able to open these minutes since they were circulated: "
                "circulate them again."
            )
        return found.policy

    async def propose(self, tx: Transaction, agency: AgencyId) -> None:
        """Propose the keys as they are now to every circle of the agency, where they differ from those in force.

        Raises Conflict where an agency would be left without an archive's recipient, or the list would be too long.
        """
        await tx.log.hold()
        for circle in await tx.circles.of(agency):
            await self.propose_to(tx, circle)

    async def propose_to(self, tx: Transaction, circle: Circle) -> None:
        """As `propose`, for one circle, under a held head; a list that was rejected can be proposed anew."""
        state = await self.of(tx, circle)
        if state.in_force is None:
            return
        wanted = await self.wanted(tx, circle, state.in_force.policy.index)
        open_ones = (each for each in state.proposals if not each.having(ConsentVerdict.REJECT))
        known = [state.in_force.policy, *(each.policy for each in open_ones)]
        if not any(same_keys(wanted, each.leaf) for each in known):
            await self._place(tx, circle, wanted)

    async def wanted(
        self, tx: Transaction, circle: Circle, previous: int, *, custodians: bool = True
    ) -> PolicyLeaf:
        """The policy that would name the keys as they are now. Raises Conflict."""
        agencies = [AgencyId(agency) for agency in circle.agencies]
        recipients = tuple(
            PolicyRecipient(agency=r.agency, kind=r.kind, recipient=r.key)
            for r in await tx.recipients.of(agencies)
            if r.in_use and (custodians or r.kind is not RecipientKind.CUSTODIAN)
        )
        if len(recipients) > RECIPIENTS_MAX:
            raise Conflict(
                f"The agencies {', '.join(agencies)} hold {len(recipients)} opening keys together, and one policy "
                f"names at most {RECIPIENTS_MAX}: convene fewer agencies, or withdraw keys."
            )
        approvers = (each for each in await tx.approvers.of(agencies) if each.in_use)
        try:
            return PolicyLeaf(
                agencies=circle.agencies,
                approvers=tuple(PolicyApprover(agency=each.agency, key=each.key) for each in approvers),
                at=int(self.now().timestamp()),
                erasure=len(agencies),
                previous=previous,
                recipients=recipients,
            )
        except Invalid as fault:
            raise Conflict(f"{fault.detail} An administrator of that agency registers its keys.") from fault

    async def _first(self, tx: Transaction, circle: Circle) -> PlacedPolicy:
        # Nobody has consented to a first policy, so it never names a key that is the service's to keep.
        first = await self._place(tx, circle, await self.wanted(tx, circle, NO_POLICY, custodians=False))
        await tx.circles.add(circle)
        await self.propose_to(tx, circle)
        return first

    async def _place(self, tx: Transaction, circle: Circle, leaf: PolicyLeaf) -> PlacedPolicy:
        try:
            index = await place_now(tx, circle.name, leaf)
        except Invalid as fault:
            raise Conflict(fault.detail) from fault
        return PlacedPolicy(index, leaves.encode(leaf), leaf)


async def policy_at(tx: Transaction, index: int) -> PlacedPolicy:
    """The policy leaf at this index, in force or not. Raises NotFound, Damaged when it is something else."""
    return as_policy(await tx.log.leaf(index))


def as_policy(placed: PlacedLeaf) -> PlacedPolicy:
    leaf = leaves.parse(placed.entry)
    if not isinstance(leaf, PolicyLeaf):
        raise Damaged(f"entry {placed.index}", "it is said to be a policy and is not")
    return PlacedPolicy(placed.index, placed.entry, leaf)
