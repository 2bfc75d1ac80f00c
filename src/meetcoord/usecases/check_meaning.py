"""What the leaves of a log say together: documents in order, keys changed by consent, approvals signed."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from meetcoord.domain import leaves
from meetcoord.domain.errors import Damaged
from meetcoord.domain.leaves import (
    ApprovalLeaf,
    ConsentLeaf,
    ErasureLeaf,
    Leaf,
    MinutesLeaf,
    PolicyLeaf,
    RewrapLeaf,
)
from meetcoord.domain.policies import CirclePolicies, Effective
from meetcoord.ports.signing import NoteVerifier
from meetcoord.usecases.check_afterwards import Afterwards
from meetcoord.usecases.policies import taken_in
from meetcoord.usecases.signatures import verified
from meetcoord.usecases.verify_approvals import note_behind_approval

Approved = tuple[str, int, str, int]


@dataclass(frozen=True, slots=True)
class Meanings:
    """Grows with each leaf, in the order of the log; `origin` is its name.

    After a leaf that could not be read (`lost`), faults that may come from its absence alone are no longer told.
    """

    origin: str
    verifier: NoteVerifier
    circles: dict[tuple[str, ...], CirclePolicies] = field(default_factory=dict)
    taken: dict[int, Effective] = field(default_factory=dict)
    approved: dict[Approved, set[str]] = field(default_factory=dict)
    next_seq: dict[str, int] = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)
    afterwards: Afterwards = field(default_factory=Afterwards)

    def faults(self, index: int, entry: bytes, leaf: Leaf) -> Iterator[str]:
        """Sentences on what this leaf contradicts, of itself or of those before it."""
        match leaf:
            case ConsentLeaf() if self.afterwards.asked(leaf.target):
                yield from self._afterwards(index, entry, leaf)
            case ErasureLeaf() | RewrapLeaf():
                yield from self._afterwards(index, entry, leaf)
            case PolicyLeaf() | ConsentLeaf():
                yield from self._about_policies(index, entry, leaf)
            case ApprovalLeaf():
                yield from self._approval(leaf)
            case MinutesLeaf():
                yield from self._minutes(leaf)
                self.afterwards.sealed(index, entry, leaf)
            case _:
                pass

    def _about_policies(self, index: int, entry: bytes, leaf: PolicyLeaf | ConsentLeaf) -> Iterator[str]:
        agencies = leaf.agencies if isinstance(leaf, PolicyLeaf) else self._asked(leaf.target)
        former = self.circles.get(agencies, CirclePolicies())
        try:
            state = taken_in(former, index, entry, leaf, self.origin, self.verifier)
        except Damaged as fault:
            yield from self._unless_lost(fault.detail)
            return
        self.circles[agencies] = state
        if state.in_force and state.in_force is not former.in_force:
            self.taken[state.in_force.policy.index] = state.in_force

    def _afterwards(
        self, index: int, entry: bytes, leaf: ConsentLeaf | ErasureLeaf | RewrapLeaf
    ) -> Iterator[str]:
        about = self.afterwards.about(leaf)
        named = self.taken.get(about.policy) if about else None
        policy = self.circles[named.policy.leaf.agencies].in_force if named else None
        try:
            self.afterwards.take_in(index, entry, leaf, policy, self.origin, self.verifier)
        except Damaged as fault:
            yield from self._unless_lost(fault.detail)

    def _asked(self, target: int) -> tuple[str, ...]:
        """The agencies to whose proposal at this index a consent says something; none when there is none."""
        found = (agencies for agencies, state in self.circles.items() if state.proposal(target))
        return next(found, ())

    def _approval(self, leaf: ApprovalLeaf) -> Iterator[str]:
        policy = self.taken.get(leaf.policy)
        if policy is None or self.circles[policy.policy.leaf.agencies].in_force != policy:
            yield from self._unless_lost(
                f"it approves the readers of entry {leaf.policy}, which was not in force"
            )
            return
        if leaf.agency not in policy.policy.leaf.agencies:
            yield f"{leaf.agency} is not an agency of the policy it names"
            return
        try:
            verified(self.verifier, note_behind_approval(self.origin, leaf, policy))
        except Damaged as fault:
            yield f"this approval does not count: {fault.detail}"
            return
        self.approved.setdefault(_text(leaf), set()).add(leaf.agency)

    def _minutes(self, leaf: MinutesLeaf) -> Iterator[str]:
        expected = self.next_seq.get(leaf.meeting, 0)
        if leaf.seq != expected:
            yield f"it is document {leaf.seq} of its meeting, document {expected} was to come"
        self.next_seq[leaf.meeting] = leaf.seq + 1
        if leaf.policy not in self.taken:
            yield f"entry {leaf.policy} is said to be its policy and is not one that every agency has consented to"
            return
        if leaves.author_agency(leaf.author) not in self.approved.pop(_text(leaf), set()):
            yield from self._unless_lost(
                "no approval of it by the author's agency that counts stands before it"
            )

    def _unless_lost(self, fault: str) -> Iterator[str]:
        if not self.lost:
            yield fault


def _text(leaf: ApprovalLeaf | MinutesLeaf) -> Approved:
    return leaf.meeting, leaf.seq, leaf.content, leaf.policy
