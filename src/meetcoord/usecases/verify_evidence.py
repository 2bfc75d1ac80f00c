"""Check one sealed entry from its evidence alone: no server, nothing believed that can be recomputed."""

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import Struct

from meetcoord.domain import leaves
from meetcoord.domain.checkpoints import (
    Checkpoint,
    VerifierKey,
    parse_checkpoint,
    parse_note,
    parse_proof,
    parse_vkey,
)
from meetcoord.domain.errors import CannotTell, Damaged, Forbidden, Invalid
from meetcoord.domain.evidence import Evidence, Outcome, ProvenLeaf, Step, StepName, StepState, Verdict
from meetcoord.domain.frames import Frame
from meetcoord.domain.leaves import ApprovalLeaf, MinutesLeaf, PolicyLeaf
from meetcoord.domain.merkle import leaf_hash, verify_inclusion
from meetcoord.domain.sealing import split_sealed
from meetcoord.ports.sealing import Opener
from meetcoord.ports.signing import NoteVerifier


class _Placed(Struct, frozen=True):
    """A leaf found under the root of a checkpoint; who signed that checkpoint is another question."""

    index: int
    checkpoint: Checkpoint
    note: str


@dataclass(frozen=True, slots=True)
class _LogSeen:
    """What one log key has signed, as far as this evidence shows; `roots` grows with each checkpoint, by size."""

    verifier: NoteVerifier
    key: VerifierKey
    roots: dict[int, bytes]

    def take(self, what: str, placed: _Placed) -> None:
        """Raises Damaged: not signed by the key, of another log, or a second history of the same length."""
        self.verifier.verify(placed.note, self.key.encode())
        checkpoint, what = placed.checkpoint, f"checkpoint of the {what}"
        if checkpoint.origin != self.key.name:
            raise Damaged(what, f"it is of the log {checkpoint.origin}, not {self.key.name}")
        if self.roots.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
            raise Damaged(
                what,
                "the log signed two different roots for the same size: keep this file and warn every agency",
            )


@dataclass(frozen=True, slots=True)
class VerifyEvidence:
    verifier: NoteVerifier
    opener: Opener

    def __call__(
        self, evidence: Evidence, identity: str | None = None, log_key: str | None = None
    ) -> Verdict:
        """Check everything that can be checked, stopping at the first fault.

        `log_key` is the verifier key that the agency holds; without it the key in the evidence is used, and the
        verdict says so. `identity` is an age identity; without it the content is not checked. Raises nothing of ours.
        """
        steps: list[Step] = []
        try:
            for step in self._examine(evidence, identity, log_key):
                steps.append(step)  # noqa: PERF402 - what was found before a fault must not be lost
        except Damaged as fault:
            return _stopped(Outcome.ALTERED, steps, StepState.FAILED, str(fault))
        except (CannotTell, Forbidden, Invalid) as fault:
            return _stopped(Outcome.CANNOT_TELL, steps, StepState.NOT_RUN, fault.detail)
        return _intact(evidence, steps)

    def _examine(self, evidence: Evidence, identity: str | None, log_key: str | None) -> Iterator[Step]:
        leaf = _minutes_leaf(evidence.entry.leaf)
        yield _passed(StepName.LEAF, f"Document {leaf.seq} of meeting {leaf.meeting}, written canonically.")
        entry = _placed("entry", evidence.entry)
        yield _passed(StepName.INCLUSION, f"It is entry {entry.index} of {entry.checkpoint.size} in the log.")
        key = _own_key(evidence.log_key)
        yield _trusted(key, log_key)
        log = _LogSeen(self.verifier, key, {})
        log.take("entry", entry)
        yield _passed(
            StepName.SIGNATURE,
            f"The log {key.name} signed the checkpoint of {entry.checkpoint.size} entries.",
        )
        policy = _policy(evidence.policy, leaf, entry, log)
        yield _passed(
            StepName.POLICY, f"Entry {leaf.policy} names the {len(policy.recipients)} keys that can open it."
        )
        yield _passed(StepName.APPROVALS, _approvals(evidence.approvals, leaf, policy, log))
        self._check_header(evidence.sealed, leaf, policy)
        yield _passed(StepName.HEADER, "It is sealed to as many keys as named, all post-quantum.")
        _check_payload(evidence.sealed, leaf)
        yield _passed(StepName.PAYLOAD, f"The {leaf.size} sealed bytes are those the entry names.")
        yield self._content(evidence.sealed, identity, leaf, policy, key.name)

    def _check_header(self, sealed: bytes, leaf: MinutesLeaf, policy: PolicyLeaf) -> None:
        if leaves.digest(split_sealed(sealed).header) != leaf.header:
            raise Damaged("header of the sealed file", "it is not the one the entry names")
        found, announced = self.opener.stanzas(sealed), len(policy.recipients)
        if found != announced:
            raise Damaged(
                "header of the sealed file", f"it is for {found} keys, the policy names {announced}"
            )

    def _content(
        self, sealed: bytes, identity: str | None, leaf: MinutesLeaf, policy: PolicyLeaf, log: str
    ) -> Step:
        if identity is None:
            return Step(
                StepName.CONTENT, StepState.NOT_RUN, "Content not checked: no identity was given to open it."
            )
        plaintext = self.opener.open(sealed, identity, len(policy.recipients))
        if leaves.content_hash(plaintext) != leaf.content:
            raise Damaged("content", "the text inside is not the one that was approved")
        frame = Frame.parse(plaintext)
        inside = (frame.log, frame.meeting, frame.seq, frame.kind, frame.author)
        if inside != (log, leaf.meeting, leaf.seq, leaf.kind, leaf.author):
            raise Damaged("content", "the text inside was written for another place in a log")
        return _passed(
            StepName.CONTENT, "The text inside is the approved one, written for this place in this log."
        )


def _minutes_leaf(data: bytes) -> MinutesLeaf:
    leaf = leaves.parse(data)
    if not isinstance(leaf, MinutesLeaf):
        raise Damaged("entry", "this leaf is not of sealed minutes")
    return leaf


def _placed(what: str, proven: ProvenLeaf) -> _Placed:
    proof = parse_proof(proven.proof)
    if proof.extra is not None:
        raise Damaged(what, "its proof carries extra data, which evidence never does")
    checkpoint = parse_checkpoint(parse_note(proof.note).text)
    try:
        verify_inclusion(leaf_hash(proven.leaf), proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    except Damaged as fault:
        raise Damaged(what, str(fault)) from fault
    return _Placed(proof.index, checkpoint, proof.note)


def _own_key(log_key: str) -> VerifierKey:
    return parse_vkey(log_key.removesuffix("\n"))


def _trusted(own: VerifierKey, held: str | None) -> Step:
    if held is None:
        return Step(
            StepName.LOG_KEY,
            StepState.NOT_RUN,
            f"The log key {own.name} came from this very file: compare its fingerprint with that of the key "
            f"your agency holds: {own.fingerprint}",
        )
    if own != _held_key(held):
        raise Damaged("log key", "it is signed by another log than the one you trust")
    return _passed(StepName.LOG_KEY, f"It is the key you hold: {own.name}, fingerprint {own.fingerprint}")


def _held_key(held: str) -> VerifierKey:
    try:
        return parse_vkey(held.strip())
    except Damaged as fault:
        raise CannotTell(f"What you gave as the log key is not a verifier key ({fault}).") from fault


def _policy(proven: ProvenLeaf, leaf: MinutesLeaf, entry: _Placed, log: _LogSeen) -> PolicyLeaf:
    policy = leaves.parse(proven.leaf)
    if not isinstance(policy, PolicyLeaf):
        raise Damaged("policy", "this leaf is not a policy")
    placed = _placed("policy", proven)
    log.take("policy", placed)
    if placed.index != leaf.policy or placed.index >= entry.index:
        raise Damaged(
            "policy", f"the entry names the earlier leaf {leaf.policy}, this is leaf {placed.index}"
        )
    if leaves.author_agency(leaf.author) not in policy.agencies:
        raise Damaged("policy", "the author's agency is not one of its agencies")
    return policy


def _approvals(proven: tuple[ProvenLeaf, ...], leaf: MinutesLeaf, policy: PolicyLeaf, log: _LogSeen) -> str:
    """Who approved, as a sentence; the author's agency must be among them."""
    approved = set()
    seen = set()
    for number, each in enumerate(proven):
        what = f"approval {number}"
        approved.add(_approval(what, each.leaf, leaf, policy).agency)
        placed = _placed(what, each)
        log.take(what, placed)
        seen.add(placed.index)
    if len(seen) != len(proven):
        raise Damaged("approvals", "the same approval is shown twice")
    author = leaves.author_agency(leaf.author)
    if author not in approved:
        raise Damaged("approvals", f"the author's agency {author} has not approved this text")
    return _who_approved(approved, policy)


def _approval(what: str, data: bytes, leaf: MinutesLeaf, policy: PolicyLeaf) -> ApprovalLeaf:
    approval = leaves.parse(data)
    if not isinstance(approval, ApprovalLeaf):
        raise Damaged(what, "this leaf is not an approval")
    if (approval.meeting, approval.seq, approval.content) != (leaf.meeting, leaf.seq, leaf.content):
        raise Damaged(what, "it approves another text")
    if approval.agency not in policy.agencies:
        raise Damaged(what, f"{approval.agency} is not an agency of the policy")
    return approval


def _who_approved(approved: set[str], policy: PolicyLeaf) -> str:
    missing = [agency for agency in policy.agencies if agency not in approved]
    lacking = f" No approval in this file: {', '.join(missing)}." if missing else ""
    return f"The log records that this exact text was approved by: {', '.join(sorted(approved))}.{lacking}"


def _check_payload(sealed: bytes, leaf: MinutesLeaf) -> None:
    payload = split_sealed(sealed).payload
    if len(payload) != leaf.size or leaves.digest(payload) != leaf.payload:
        raise Damaged("payload of the sealed file", "it is not the one the entry names")


def _passed(name: StepName, sentence: str) -> Step:
    return Step(name, StepState.PASSED, sentence)


def _stopped(outcome: Outcome, done: list[Step], state: StepState, why: str) -> Verdict:
    """The step after those `done` is where it stopped; the ones behind it did not run."""
    at, *behind = list(StepName)[len(done) :]
    rest = (Step(name, StepState.NOT_RUN, "Not run.") for name in behind)
    sentence = f"{outcome.value.capitalize()}: {why}"
    return Verdict(outcome, sentence, (*done, Step(at, state, why), *rest))


def _intact(evidence: Evidence, steps: list[Step]) -> Verdict:
    not_run = {step.name for step in steps if step.state is StepState.NOT_RUN}
    key = _own_key(evidence.log_key)
    sentence = f"Intact: these sealed bytes are in the log {key.name}."
    if StepName.LOG_KEY in not_run:
        sentence += " This holds only if the log key in this file is the one your agency holds: compare them."
    if StepName.CONTENT in not_run:
        sentence += " Content not checked."
    return Verdict(Outcome.INTACT, sentence, tuple(steps))
