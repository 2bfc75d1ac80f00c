"""Whether the keys that an entry is sealed to were in force, by the consent of every agency since their first list."""

from collections.abc import Sequence

from msgspec import UNSET

from meetcoord.domain import leaves
from meetcoord.domain.errors import CannotTell, Damaged
from meetcoord.domain.evidence import ProvenPolicy, Step, StepName, StepState
from meetcoord.domain.leaves import ConsentLeaf, MinutesLeaf, PolicyLeaf
from meetcoord.domain.policies import CirclePolicies, Effective, PlacedConsent, PlacedPolicy, chain_to
from meetcoord.usecases.verify_places import LogSeen, told_of

ON_ITS_WORD = "on the word of the service alone"

_DIGITS = 64


def chain_of(proven: Sequence[ProvenPolicy], log: LogSeen) -> tuple[Effective, ...]:
    """The policies of one circle that took effect one after the other. Raises Damaged for a link that does not hold."""
    state = CirclePolicies()
    for number, each in enumerate(proven):
        what = f"policy {number}"
        policy = _policy(what, each, log)
        with told_of(what):
            state = state.with_policy(policy)
        state = _consented(what, state, each, log)
        if state.in_force is None or state.in_force.policy.index != policy.index:
            lacking = sorted(set(policy.leaf.agencies) - _approving(state, policy))
            raise Damaged(what, f"it was not in force: no consent of {', '.join(lacking)} is proven")
    if not state.chain:
        raise Damaged("policy", "none is in the file")
    return state.chain


def named_by(leaf: MinutesLeaf, entry: int, chain: tuple[Effective, ...]) -> Effective:
    """The policy that the entry at index `entry` names, in force before it. Raises Damaged."""
    named = chain_to(chain, leaf.policy)
    if not named or named[-1].since >= entry:
        raise Damaged("policy", f"the entry names leaf {leaf.policy}, which was not in force before it")
    if leaves.author_agency(leaf.author) not in named[-1].policy.leaf.agencies:
        raise Damaged("policy", "the author's agency is not one of its agencies")
    return named[-1]


def told(named: Effective, chain: tuple[Effective, ...]) -> str:
    """What was found, as a sentence."""
    leaf = named.policy.leaf
    agencies = ", ".join(leaf.agencies)
    who = f"Entry {named.policy.index} names the {len(leaf.recipients)} keys of {agencies} that can open it"
    if named is chain[0]:
        return f"{who}; it is the first list of these agencies."
    unsigned = sorted({c.leaf.agency for each in chain for c in each.consents if c.leaf.signature is UNSET})
    doubt = (
        f"; consents of {', '.join(unsigned)} bear no signature and count {ON_ITS_WORD}" if unsigned else ""
    )
    return f"{who}; each of these agencies consented to every change since their first list{doubt}."


def first_step(chain: tuple[Effective, ...], held: str | None) -> Step:
    """The circle's first policy, compared with the fingerprint that the agency holds. Raises Damaged, CannotTell."""
    first = chain[0].policy
    if held is None:
        return Step(
            StepName.GENESIS,
            StepState.NOT_RUN,
            f"The first list of keys of these agencies (entry {first.index}) came from this very file: compare its "
            f"fingerprint with the one your agency holds: {first.fingerprint}",
        )
    digits = "".join(held.split()).lower()
    if len(digits) != _DIGITS or set(digits) - set("0123456789abcdef"):
        raise CannotTell(
            "What you gave as the fingerprint of the first policy is not one: it has 64 digits, 0-9 a-f."
        )
    if digits != "".join(first.fingerprint.split()):
        raise Damaged("first policy", "the chain of lists begins with another one than the one you trust")
    return Step(StepName.GENESIS, StepState.PASSED, f"It is the first list you hold: {first.fingerprint}")


def _policy(what: str, proven: ProvenPolicy, log: LogSeen) -> PlacedPolicy:
    leaf = leaves.parse(proven.policy.leaf)
    if not isinstance(leaf, PolicyLeaf):
        raise Damaged(what, "this leaf is not a policy")
    return PlacedPolicy(log.find(what, proven.policy), proven.policy.leaf, leaf)


def _consented(what: str, state: CirclePolicies, proven: ProvenPolicy, log: LogSeen) -> CirclePolicies:
    before = -1
    for number, each in enumerate(proven.consents):
        which = f"consent {number} to {what}"
        leaf = leaves.parse(each.leaf)
        if not isinstance(leaf, ConsentLeaf):
            raise Damaged(which, "this leaf is not a consent")
        index = log.find(which, each)
        if index <= before:
            raise Damaged(which, "it is shown twice, or out of order")
        before = index
        with told_of(which):
            note = state.note_behind(log.key.name, leaf)
            state = state.with_consent(PlacedConsent(index, leaf))
        log.must_be_signed(which, note)
    return state


def _approving(state: CirclePolicies, policy: PlacedPolicy) -> frozenset[str]:
    proposal = state.proposal(policy.index)
    return proposal.having(leaves.ConsentVerdict.APPROVE) if proposal else frozenset()
