"""Who approved exactly the text that an entry holds, for exactly the readers it names, and how each agency said so."""

from collections.abc import Sequence
from dataclasses import dataclass

from meetcoord.domain import leaves
from meetcoord.domain.approvals import SignedNote, approval_text, note_to_verify
from meetcoord.domain.errors import Damaged
from meetcoord.domain.evidence import ProvenLeaf
from meetcoord.domain.leaves import ApprovalLeaf, MinutesLeaf
from meetcoord.domain.policies import Effective, in_force_before
from meetcoord.usecases.verify_places import LogSeen, told_of

DECLARED = "declared by the service: no signing key was named for it"


def note_behind_approval(origin: str, approval: ApprovalLeaf, policy: Effective) -> SignedNote | None:
    """What must be verified: signed by a key that the policy names for the agency, if it names one. Raises Damaged."""
    text = approval_text(
        origin,
        approval.meeting,
        approval.seq,
        approval.content,
        policy.policy.index,
        policy.policy.hash,
    )
    return note_to_verify(text, approval.signature, policy.policy.leaf.approver_keys(approval.agency))


@dataclass(frozen=True, slots=True)
class CheckApprovals:
    """Of one entry, the policy that it names, those that are known of its circle, and the log it is in."""

    leaf: MinutesLeaf
    entry: int
    policy: Effective
    chain: Sequence[Effective]
    log: LogSeen

    def __call__(self, proven: Sequence[ProvenLeaf]) -> str:
        """Who approved, as a sentence; the author's agency must be among them. Raises Damaged."""
        signed: dict[str, bool] = {}
        seen = set()
        for number, each in enumerate(proven):
            what = f"approval {number}"
            approval = self._approval(what, each.leaf)
            seen.add(self._place(what, each))
            signed[approval.agency] = self._signed(what, approval)
        if len(seen) != len(proven):
            raise Damaged("approvals", "the same approval is shown twice")
        author = leaves.author_agency(self.leaf.author)
        if author not in signed:
            raise Damaged("approvals", f"the author's agency {author} has not approved this text")
        told = (f"{agency} ({'signed' if signed[agency] else DECLARED})" for agency in sorted(signed))
        return f"This exact text, for exactly these readers, was approved by: {', '.join(told)}."

    def _approval(self, what: str, data: bytes) -> ApprovalLeaf:
        approval, leaf = leaves.parse(data), self.leaf
        if not isinstance(approval, ApprovalLeaf):
            raise Damaged(what, "this leaf is not an approval")
        if (approval.meeting, approval.seq, approval.content) != (leaf.meeting, leaf.seq, leaf.content):
            raise Damaged(what, "it approves another text")
        if approval.policy != leaf.policy:
            raise Damaged(what, f"it approves the readers of entry {approval.policy}, not of {leaf.policy}")
        if approval.agency not in self.policy.policy.leaf.agencies:
            raise Damaged(what, f"{approval.agency} is not an agency of the policy")
        return approval

    def _place(self, what: str, proven: ProvenLeaf) -> int:
        index = self.log.find(what, proven)
        if index >= self.entry or in_force_before(self.chain, index) != self.policy:
            raise Damaged(
                what, "it does not stand before the entry and where the policy it names was in force"
            )
        return index

    def _signed(self, what: str, approval: ApprovalLeaf) -> bool:
        with told_of(what):
            note = note_behind_approval(self.log.key.name, approval, self.policy)
        return self.log.must_be_signed(what, note)
