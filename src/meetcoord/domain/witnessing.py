"""What a witness is asked, and when it may cosign (C2SP tlog-witness v1.0.0, section add-checkpoint)."""

from hashlib import sha256

from msgspec import Struct

from meetcoord.domain.checkpoints import (
    MAX_PROOF,
    Checkpoint,
    b64,
    number,
    parse_checkpoint,
    parse_note,
    unb64,
)
from meetcoord.domain.errors import Damaged, Forked, Invalid, OtherSize, Unavailable
from meetcoord.domain.merkle import EMPTY_ROOT, HASH_BYTES, MAX_SIZE, verify_consistency

OLD = "old "


class AddCheckpoint(Struct, frozen=True):
    """A signed checkpoint, and the proof that it continues the one of size `old` which the witness holds."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    def __post_init__(self) -> None:
        if not 0 <= self.old < MAX_SIZE:
            raise Invalid("The old size is at least 0 and below 2^63.", "/old")
        if len(self.proof) > MAX_PROOF or any(len(each) != HASH_BYTES for each in self.proof):
            raise Invalid(f"A proof has at most {MAX_PROOF} hashes of {HASH_BYTES} bytes.", "/proof")
        try:
            parse_checkpoint(parse_note(self.note).text)
        except Damaged as fault:
            raise Invalid(fault.detail, "/note") from fault

    @property
    def checkpoint(self) -> Checkpoint:
        """What the note says, whoever signed it."""
        return parse_checkpoint(parse_note(self.note).text)

    def encode(self) -> str:
        return "\n".join([f"{OLD}{self.old}", *map(b64, self.proof)]) + "\n\n" + self.note


def parse_add_checkpoint(body: str) -> AddCheckpoint:
    """Read the body of a request; signatures and proof are not verified. Raises Damaged."""
    # The note has an empty line of its own: the first one ends the proof.
    head, separator, note = body.partition("\n\n")
    old, *proof = head.split("\n")
    if not separator or not old.startswith(OLD):
        raise Damaged(
            "request", "it is a line `old` with a size, the proof, an empty line, then the checkpoint"
        )
    try:
        return AddCheckpoint(number(old.removeprefix(OLD)), tuple(unb64(line) for line in proof), note)
    except (Invalid, ValueError) as fault:
        raise Damaged("request", str(fault)) from fault


class Cosigned(Struct, frozen=True):
    """The newest checkpoint a witness cosigned of one log, as the log signed it; `at` in POSIX seconds."""

    note: str
    at: int

    @property
    def text(self) -> str:
        return parse_note(self.note).text

    @property
    def checkpoint(self) -> Checkpoint:
        return parse_checkpoint(self.text)


def assert_continues(asked: AddCheckpoint, held: Cosigned | None) -> None:
    """Whether the checkpoint asked for is the one held or continues it; whose signature it bears is another matter.

    Raises Invalid: older than what it is said to continue. OtherSize: not what is held. Forked: of the size held, with
    another root. Damaged: the proof does not lead from the one to the other.
    """
    new = asked.checkpoint
    size, root = (held.checkpoint.size, held.checkpoint.root) if held else (0, EMPTY_ROOT)
    if asked.old > new.size:
        raise Invalid(f"The checkpoint of size {new.size} cannot continue one of size {asked.old}.", "/old")
    if asked.old != size:
        raise OtherSize(f"The newest checkpoint cosigned here has size {size}, not {asked.old}.", size)
    if new.size == size and new.root != root:
        raise Forked(
            f"checkpoint of size {size}", "it has another root than the one cosigned before: keep both"
        )
    if size in {0, new.size}:
        _must_be_empty(asked.proof)
    else:
        verify_consistency(size, new.size, asked.proof, root, new.root)


def assert_clock_goes_on(at: int, last: int) -> None:
    """A witness never dates a cosignature before its last one. Raises Unavailable."""
    if at < last:
        raise Unavailable(
            f"This witness' clock is {last - at} s behind its last cosignature: it signs nothing until it is set right."
        )


def address_of(origin: str) -> str:
    """Where a log's newest checkpoint stands below the monitoring prefix of a witness, without a slash before it."""
    return f"{sha256(origin.encode()).hexdigest()}/checkpoint"


def _must_be_empty(proof: tuple[bytes, ...]) -> None:
    if proof:
        raise Damaged(
            "consistency proof", "between these two sizes there is nothing to prove: send no hashes"
        )
