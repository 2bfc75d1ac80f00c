"""Who can open the minutes of a circle of agencies: first lists, proposals, consents, and which list is in force.

State is a replay of leaves in the order of the log. A first policy is in force at once. Any other is a proposal to
replace the one in force, and takes effect with the last consent of the agencies of the former.
"""

from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from meetcoord.domain.agencies import RecipientKind
from meetcoord.domain.approvals import SignedNote, consent_text, named_hash, note_to_verify
from meetcoord.domain.errors import Conflict, Damaged
from meetcoord.domain.leaves import NO_POLICY, ConsentLeaf, ConsentVerdict, PolicyLeaf
from meetcoord.domain.profiles import Profile

_GROUP = 8


def grouped(digits: str) -> str:
    """A fingerprint in groups, for comparing by eye or by telephone."""
    return " ".join(digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))


def fingerprint(recipient: str) -> str:
    """SHA-256 of a recipient's string, as 64 hexadecimal digits."""
    return sha256(recipient.encode()).hexdigest()


class Circle(Struct, frozen=True):
    """The agencies, sorted, that meet with each other and nobody else: they have one policy."""

    agencies: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.agencies or list(self.agencies) != sorted(set(self.agencies)):
            raise ValueError("the agencies of a circle are sorted, and each is named once")

    @classmethod
    def of(cls, agencies: Iterable[str]) -> Self:
        return cls(tuple(sorted(set(agencies))))

    @property
    def name(self) -> str:
        """One name for a set of agencies, of a length that does not depend on how many they are."""
        return f"policy/{sha256(' '.join(self.agencies).encode()).hexdigest()[:32]}"


class PlacedPolicy(Struct, frozen=True):
    """A policy at its place in the log; `entry` is its leaf, byte by byte."""

    index: int
    entry: bytes
    leaf: PolicyLeaf

    @property
    def hash(self) -> str:
        return named_hash(self.entry)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the entry in groups: how a first policy is pinned."""
        return grouped(sha256(self.entry).hexdigest())


class PlacedConsent(Struct, frozen=True):
    index: int
    leaf: ConsentLeaf


def agencies_saying(verdict: ConsentVerdict, consents: Iterable[PlacedConsent]) -> frozenset[str]:
    return frozenset(each.leaf.agency for each in consents if each.leaf.verdict is verdict)


def last_words(former: tuple[PlacedConsent, ...], consent: PlacedConsent) -> tuple[PlacedConsent, ...]:
    """The last word of each agency about one leaf, `consent` being the newest.

    A no is final, so that a signed yes from before it is worth nothing. Raises Damaged for a yes behind it.
    """
    agency, verdict = consent.leaf.agency, consent.leaf.verdict
    if verdict is ConsentVerdict.APPROVE and agency in agencies_saying(ConsentVerdict.REJECT, former):
        raise Damaged(
            "consent", f"{agency} has rejected entry {consent.leaf.target} before, and a no is final"
        )
    return (*(each for each in former if each.leaf.agency != agency), consent)


class Proposal(Struct, frozen=True):
    """`consents` holds the last word of each agency, in the order in which they spoke; a no is final."""

    policy: PlacedPolicy
    consents: tuple[PlacedConsent, ...] = ()

    def having(self, verdict: ConsentVerdict) -> frozenset[str]:
        return agencies_saying(verdict, self.consents)

    def heard(self, consent: PlacedConsent) -> Self:
        """Raises Damaged for a yes behind a no."""
        return replace(self, consents=last_words(self.consents, consent))


class Effective(Struct, frozen=True):
    """A policy that was in force from the index `since` on: its own, or that of the last of `consents`."""

    policy: PlacedPolicy
    since: int
    consents: tuple[PlacedConsent, ...] = ()


class CirclePolicies(Struct, frozen=True):
    """What has become of the policies of one circle; `chain` holds those that took effect, the one in force last."""

    chain: tuple[Effective, ...] = ()
    proposals: tuple[Proposal, ...] = ()

    @property
    def in_force(self) -> Effective | None:
        return self.chain[-1] if self.chain else None

    def proposal(self, target: int) -> Proposal | None:
        return next((each for each in self.proposals if each.policy.index == target), None)

    def with_policy(self, policy: PlacedPolicy) -> Self:
        """The first policy is in force at once, any other is proposed.

        Raises Damaged for a second first policy, and for a proposal to replace another policy than the one in force.
        """
        if self.in_force is None:
            if policy.leaf.previous != NO_POLICY:
                raise Damaged("policy", "it replaces a policy that these agencies do not have")
            return replace(self, chain=(Effective(policy, policy.index),))
        if policy.leaf.previous == NO_POLICY:
            raise Damaged(
                "policy",
                f"these agencies have two first policies: entry {self.chain[0].policy.index} and this one",
            )
        former = self.in_force.policy
        if policy.index <= self.in_force.since:
            raise Damaged(
                "policy", f"it stands before entry {self.in_force.since}, from which its former was in force"
            )
        if policy.leaf.previous != former.index:
            raise Damaged(
                "policy", f"it replaces entry {policy.leaf.previous}; entry {former.index} is in force"
            )
        if policy.leaf.agencies != former.leaf.agencies:
            raise Damaged("policy", "it replaces the policy of other agencies")
        return replace(self, proposals=(*self.proposals, Proposal(policy)))

    def with_consent(self, consent: PlacedConsent) -> Self:
        """One agency has spoken; the last agency to approve puts the proposal in force and voids all others.

        Its signature is not looked at here. Raises Damaged: about no proposal that stands, by a
        stranger, or a yes behind a no.
        """
        proposal = self._proposed(consent.leaf).heard(consent)
        if consent.index <= proposal.policy.index:
            raise Damaged("consent", f"it stands before entry {proposal.policy.index}, which it consents to")
        agencies = set(proposal.policy.leaf.agencies)
        if agencies <= proposal.having(ConsentVerdict.APPROVE):
            taken = Effective(proposal.policy, consent.index, proposal.consents)
            return replace(self, chain=(*self.chain, taken), proposals=())
        others = (p if p.policy.index != proposal.policy.index else proposal for p in self.proposals)
        return replace(self, proposals=tuple(others))

    def note_behind(self, origin: str, consent: ConsentLeaf) -> SignedNote | None:
        """What must be verified before the consent is taken in: the keys are those of the policy in force.

        Raises Damaged: about no proposal that stands, by a stranger, or not signed as that policy asks.
        """
        self._proposed(consent)
        former = self.chain[-1].policy.leaf
        return note_behind_consent(origin, consent, former)

    def _proposed(self, consent: ConsentLeaf) -> Proposal:
        proposal = self.proposal(consent.target)
        if proposal is None:
            raise Damaged("consent", f"entry {consent.target} is no policy that waits for consent")
        must_be_about(consent, proposal.policy)
        return proposal


def must_be_about(consent: ConsentLeaf, target: PlacedPolicy) -> None:
    """Raises Damaged unless the consent names this very leaf, for one of its agencies."""
    if (consent.target, consent.leaf) != (target.index, target.hash):
        raise Damaged("consent", f"it is to another policy than entry {target.index}")
    if consent.agency not in target.leaf.agencies:
        raise Damaged("consent", f"{consent.agency} is not an agency of the policy")


def note_behind_consent(origin: str, consent: ConsentLeaf, former: PolicyLeaf) -> SignedNote | None:
    """What must be verified: signed by an approver whom the `former` policy names, if it names one. Raises Damaged."""
    text = consent_text(origin, consent.target, consent.leaf, consent.verdict)
    return note_to_verify(text, consent.signature, former.approver_keys(consent.agency))


def must_suit(policy: PolicyLeaf, profile: Profile, needed: Collection[str]) -> None:
    """Raises Conflict, before minutes circulate, where the profile asks for more than the policy gives."""
    if not profile.custodian_allowed and any(r.kind is RecipientKind.CUSTODIAN for r in policy.recipients):
        raise Conflict(
            f"A custodian could read these minutes, which the profile {profile.name.value} never allows: an agency "
            "withdraws that key, and the others consent."
        )
    unsigned = sorted(agency for agency in needed if not policy.approver_keys(agency))
    if profile.signed_approvals and unsigned:
        raise Conflict(
            f"The profile {profile.name.value} asks for signed approvals, and no signing key is in force for "
            f"{', '.join(unsigned)}: its administrator adds one (`meetcoord agency approver add`), and every agency "
            "consents."
        )


def same_keys(one: PolicyLeaf, other: PolicyLeaf) -> bool:
    """Whether nobody's rights differ between the two."""
    facts = (one.recipients, one.approvers, one.erasure)
    return facts == (other.recipients, other.approvers, other.erasure)


def chain_to(chain: Sequence[Effective], index: int) -> tuple[Effective, ...]:
    """The policies that took effect from the first to the one at `index`; empty if that one never did."""
    for number, each in enumerate(chain, 1):
        if each.policy.index == index:
            return tuple(chain[:number])
    return ()


def in_force_before(chain: Sequence[Effective], index: int) -> Effective | None:
    """The policy in force where the entry of this index was placed."""
    return next((each for each in reversed(chain) if each.since < index), None)
