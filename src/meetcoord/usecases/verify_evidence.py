"""Check one sealed entry from its evidence alone: no server, nothing believed that can be recomputed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from meetcoord.domain import leaves
from meetcoord.domain.checkpoints import VerifierKey, parse_proof, parse_vkey
from meetcoord.domain.errors import CannotTell, Damaged, Forbidden, Invalid
from meetcoord.domain.evidence import Evidence, Outcome, ProvenLeaf, Step, StepName, StepState, Verdict
from meetcoord.domain.frames import Frame
from meetcoord.domain.leaves import MinutesLeaf, PolicyLeaf, RewrapLeaf
from meetcoord.domain.policies import Effective, in_force_before
from meetcoord.domain.sealing import split_sealed
from meetcoord.ports.sealing import Opener
from meetcoord.ports.signing import NoteVerifier
from meetcoord.ports.witnesses import CosignatureVerifier
from meetcoord.usecases.verify_approvals import CheckApprovals
from meetcoord.usecases.verify_places import LogSeen, placed
from meetcoord.usecases.verify_policies import ON_ITS_WORD, chain_of, first_step, named_by, told
from meetcoord.usecases.verify_witnesses import CheckWitnesses


@dataclass(frozen=True, slots=True)
class VerifyEvidence:
    verifier: NoteVerifier
    opener: Opener
    cosignatures: CosignatureVerifier

    def __call__(
        self,
        evidence: Evidence,
        identity: str | None = None,
        log_key: str | None = None,
        genesis: str | None = None,
        witnesses: str | None = None,
    ) -> Verdict:
        """Check everything that can be checked, stopping at the first fault.

        `log_key` is the verifier key that the agency holds; without it the key in the evidence is used, and the
        verdict says so; likewise `genesis`, the fingerprint of the first policy of the circle, and `witnesses`, the
        text of the policy of its witnesses: one that is held has to be met. `identity` is an age identity; without it
        the content is not checked. Raises nothing of ours.
        """
        steps: list[Step] = []
        try:
            for step in self._examine(evidence, identity, log_key, genesis, witnesses):
                steps.append(step)  # noqa: PERF402 - what was found before a fault must not be lost
        except Damaged as fault:
            return _stopped(Outcome.ALTERED, steps, StepState.FAILED, str(fault))
        except (CannotTell, Forbidden, Invalid) as fault:
            return _stopped(Outcome.CANNOT_TELL, steps, StepState.NOT_RUN, fault.detail)
        return _intact(evidence, steps)

    def _examine(
        self,
        evidence: Evidence,
        identity: str | None,
        log_key: str | None,
        genesis: str | None,
        witnesses: str | None,
    ) -> Iterator[Step]:
        leaf = _minutes_leaf(evidence.entry.leaf)
        yield _passed(StepName.LEAF, f"Document {leaf.seq} of meeting {leaf.meeting}, written canonically.")
        entry = placed("entry", evidence.entry)
        yield _passed(StepName.INCLUSION, f"It is entry {entry.index} of {entry.checkpoint.size} in the log.")
        key = _own_key(evidence.log_key)
        yield _trusted(key, log_key)
        log = LogSeen(self.verifier, key)
        log.take("entry", entry)
        yield _passed(
            StepName.SIGNATURE,
            f"The log {key.name} signed the checkpoint of {entry.checkpoint.size} entries.",
        )
        check = CheckWitnesses(self.cosignatures, key, witnesses, evidence.witnesses)
        yield check(entry.note, leaf.at, _notes(evidence))
        chain = chain_of(evidence.policies, log)
        policy = named_by(leaf, entry.index, chain)
        yield _passed(StepName.POLICY, told(policy, chain))
        yield first_step(chain, genesis)
        approvals = CheckApprovals(leaf, entry.index, policy, chain, log)
        yield _passed(StepName.APPROVALS, approvals(evidence.approvals))
        headers = {leaf.header: policy.policy.leaf, **_rewraps(evidence.rewraps, entry.index, chain, log)}
        readers = self._header(evidence.sealed, headers)
        yield _passed(StepName.HEADER, "It is sealed to as many keys as named, all post-quantum.")
        _check_payload(evidence.sealed, leaf)
        yield _passed(StepName.PAYLOAD, f"The {leaf.size} sealed bytes are those the entry names.")
        yield self._content(evidence.sealed, identity, leaf, readers, key.name)

    def _header(self, sealed: bytes, headers: Mapping[str, PolicyLeaf]) -> PolicyLeaf:
        """The policy that the file's header is for, of those named by the entry and by rewraps. Raises Damaged."""
        policy = headers.get(leaves.digest(split_sealed(sealed).header))
        if policy is None:
            raise Damaged("header of the sealed file", "it is not the one the entry names")
        found, announced = self.opener.stanzas(sealed), len(policy.recipients)
        if found != announced:
            raise Damaged(
                "header of the sealed file", f"it is for {found} keys, the policy names {announced}"
            )
        return policy

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


def _rewraps(
    proven: Sequence[ProvenLeaf], entry: int, chain: tuple[Effective, ...], log: LogSeen
) -> Mapping[str, PolicyLeaf]:
    """The headers that were made anew for this entry, each with the policy of the circle it is for. Raises Damaged."""
    headers = {}
    for number, each in enumerate(proven):
        what, leaf = f"rewrap {number}", leaves.parse(each.leaf)
        if not isinstance(leaf, RewrapLeaf) or leaf.target != entry:
            raise Damaged(what, "this leaf is not of a new header of the entry")
        index = log.find(what, each)
        named = in_force_before(chain, index)
        if index <= entry or named is None or named.policy.index != leaf.policy:
            raise Damaged(what, f"entry {leaf.policy}, which it names, was not in force where it stands")
        headers[leaf.header] = named.policy.leaf
    return headers


def _notes(evidence: Evidence) -> Iterator[str]:
    """Each checkpoint of the leaves beside the entry once: what they prove has to be witnessed as well."""
    beside = [*evidence.approvals, *evidence.rewraps]
    for each in evidence.policies:
        beside += [each.policy, *each.consents]
    yield from dict.fromkeys(parse_proof(each.proof).note for each in beside)


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
    approvals = next(step for step in steps if step.name is StepName.APPROVALS)
    sentence = f"Intact: these sealed bytes are in the log {key.name}. {approvals.sentence}"
    if StepName.LOG_KEY in not_run:
        sentence += " This holds only if the log key in this file is the one your agency holds: compare them."
    if StepName.GENESIS in not_run:
        sentence += " The first list of keys came from this file, too: compare its fingerprint."
    policy = next(step for step in steps if step.name is StepName.POLICY)
    if ON_ITS_WORD in policy.sentence:
        sentence += f" {policy.sentence}"
    witnesses = next(step for step in steps if step.name is StepName.WITNESSES)
    if witnesses.state is StepState.NOT_RUN:
        sentence += f" Witnesses: {witnesses.sentence}"
    if StepName.CONTENT in not_run:
        sentence += " Content not checked."
    return Verdict(Outcome.INTACT, sentence, tuple(steps))
