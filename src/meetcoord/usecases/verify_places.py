"""Where the leaves of evidence stand in the log, and which checkpoints its key has signed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from msgspec import Struct

from meetcoord.domain.approvals import SignedNote
from meetcoord.domain.checkpoints import Checkpoint, VerifierKey, parse_checkpoint, parse_note, parse_proof
from meetcoord.domain.errors import Damaged
from meetcoord.domain.evidence import ProvenLeaf
from meetcoord.domain.merkle import leaf_hash, verify_inclusion
from meetcoord.ports.signing import NoteVerifier


class Placed(Struct, frozen=True):
    """A leaf found under the root of a checkpoint; who signed that checkpoint is another question."""

    index: int
    checkpoint: Checkpoint
    note: str


@contextmanager
def told_of(what: str) -> Iterator[None]:
    """A fault inside is told of the member that the reader of evidence knows."""
    try:
        yield
    except Damaged as fault:
        raise Damaged(what, fault.detail) from fault


def placed(what: str, proven: ProvenLeaf) -> Placed:
    """Raises Damaged."""
    proof = parse_proof(proven.proof)
    if proof.extra is not None:
        raise Damaged(what, "its proof carries extra data, which evidence never does")
    checkpoint = parse_checkpoint(parse_note(proof.note).text)
    with told_of(what):
        verify_inclusion(leaf_hash(proven.leaf), proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    return Placed(proof.index, checkpoint, proof.note)


@dataclass(frozen=True, slots=True)
class LogSeen:
    """What one log key has signed, as far as this evidence shows; `roots` grows with each checkpoint, by size."""

    verifier: NoteVerifier
    key: VerifierKey
    roots: dict[int, bytes] = field(default_factory=dict)
    signed: set[str] = field(default_factory=set)

    def find(self, what: str, proven: ProvenLeaf) -> int:
        """The index at which the log holds this leaf. Raises Damaged as `placed` and `take` do."""
        found = placed(what, proven)
        self.take(what, found)
        return found.index

    def take(self, what: str, found: Placed) -> None:
        """Raises Damaged: not signed by the key, of another log, or a second history of the same length."""
        if found.note not in self.signed:
            self.verifier.verify(found.note, self.key.encode())
            self.signed.add(found.note)
        checkpoint, what = found.checkpoint, f"checkpoint of the {what}"
        if checkpoint.origin != self.key.name:
            raise Damaged(what, f"it is of the log {checkpoint.origin}, not {self.key.name}")
        if self.roots.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
            raise Damaged(
                what,
                "the log signed two different roots for the same size: keep this file and warn every agency",
            )

    def must_be_signed(self, what: str, signed: SignedNote | None) -> bool:
        """Whether there is a signature, once it is found to be valid. Raises Damaged."""
        if signed is None:
            return False
        try:
            self.verifier.verify(signed.note, signed.vkey)
        except Damaged as fault:
            raise Damaged(what, "it is not signed for this place, this text and these keys") from fault
        return True
