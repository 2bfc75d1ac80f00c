"""Cosignatures of checkpoints with Ed25519 (C2SP tlog-cosignature v1.0.1, type 0x04); nothing here signs."""

from msgspec import Struct

from meetcoord.domain.checkpoints import parse_checkpoint
from meetcoord.domain.errors import Damaged, Invalid

HEADER = "cosignature/v1"
SIGNATURE_BYTES = 64
TIME_BYTES = 8
MAX_TIME = 2**63 - 1


class Cosignature(Struct, frozen=True):
    """That the witness `name` saw a checkpoint at `at` (POSIX seconds); `line` is its signature line in a note."""

    name: str
    at: int
    line: str


class TimedSignature(Struct, frozen=True):
    """The bytes behind the key id: when it was signed (POSIX seconds), and the Ed25519 signature."""

    at: int
    signature: bytes

    def __post_init__(self) -> None:
        _check_time(self.at)
        if len(self.signature) != SIGNATURE_BYTES:
            raise Invalid(f"A cosignature has {SIGNATURE_BYTES} bytes behind its time.", "/signature")

    def encode(self) -> bytes:
        return self.at.to_bytes(TIME_BYTES, "big") + self.signature


def parse_timed_signature(data: bytes) -> TimedSignature:
    """Read a `timestamped_signature`. Raises Damaged."""
    try:
        return TimedSignature(int.from_bytes(data[:TIME_BYTES], "big"), data[TIME_BYTES:])
    except Invalid as fault:
        raise Damaged("cosignature", fault.detail) from fault


def cosigned_message(text: str, at: int) -> bytes:
    """What is signed for the checkpoint `text`. Raises Damaged: no checkpoint; Invalid: no such time."""
    parse_checkpoint(text)
    _check_time(at)
    return f"{HEADER}\ntime {at}\n{text}".encode()


def _check_time(at: int) -> None:
    # The standard's zero says "at no particular time", which proves nothing of what is asked of witnesses here.
    if not 0 < at <= MAX_TIME:
        raise Invalid("The time of a cosignature is a positive number of seconds below 2^63.", "/at")
