"""What the service has heard from its witnesses: cosignatures, how far each went along, and proofs of a fork."""

from datetime import datetime, timedelta
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from meetcoord.domain.cosignatures import Cosignature

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=5)
LOOK_AGAIN = timedelta(minutes=1)
"""How often a witness that has nothing to cosign is still asked what it holds."""


class KeptCosignature(Struct, frozen=True):
    """That `witness` (its verifier key) cosigned our checkpoint of `size` entries at `at` (POSIX seconds)."""

    size: int
    witness: str
    at: int
    line: str

    @classmethod
    def of(cls, size: int, witness: str, cosignature: Cosignature) -> Self:
        return cls(size, witness, cosignature.at, cosignature.line)


class WitnessAnswer(Struct, frozen=True, kw_only=True):
    """What `witness` (its verifier key) said last: the size it holds, None while it never answered.

    `failures` counts the questions since then that came to nothing; `fault` says why the last one did.
    """

    witness: str
    held: int | None = None
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    failures: int = 0
    fault: str = ""

    def heard(self, held: int, at: datetime) -> Self:
        return replace(self, held=held, asked_at=at, answered_at=at, failures=0, fault="")

    def failed(self, fault: str, at: datetime) -> Self:
        return replace(self, asked_at=at, failures=self.failures + 1, fault=fault)

    def is_due(self, now: datetime) -> bool:
        """Whether it may be asked: at once after an answer, ever later while there is none."""
        if not self.failures or self.asked_at is None:
            return True
        pause = min(FIRST_PAUSE * 2 ** min(self.failures - 1, 10), LONGEST_PAUSE)
        # A clock that was set back must not silence a witness for long.
        return not self.asked_at <= now < self.asked_at + pause

    def is_old(self, now: datetime) -> bool:
        return self.asked_at is None or not self.asked_at <= now < self.asked_at + LOOK_AGAIN


class KeptFork(Struct, frozen=True):
    """Two notes that our log key signed and that exclude each other; the witness `witness` showed `theirs`.

    Together they are the proof, so they are kept for ever.
    """

    found_at: datetime
    witness: str
    ours: str
    theirs: str
