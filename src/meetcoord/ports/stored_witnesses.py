"""The door to what was heard from witnesses, and to what was brought back from outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from meetcoord.domain.collected import KeptCosignature, KeptFork, WitnessAnswer


class LogImport(msgspec.Struct, frozen=True):
    """The entries from `first` up to `beyond` (not included) were brought back from an export of the log."""

    first: int
    beyond: int
    at: datetime


class WitnessRecords(Protocol):
    """Witnesses are named by their verifier keys, quorums by the digest of their policy."""

    async def keep(self, cosignature: KeptCosignature) -> None:
        """Keep the first of each witness and size; a later one is ignored."""
        ...

    async def cosignatures(self, size: int) -> Sequence[KeptCosignature]:
        """Of the checkpoint of this size, by witness."""
        ...

    async def newest_cosigned(self) -> int:
        """The largest size that any witness has cosigned, or 0."""
        ...

    async def first_seen(self, beyond: int, limit: int) -> Sequence[tuple[int, int]]:
        """Sizes above `beyond` that were cosigned, the smallest first, each with its first time (POSIX seconds)."""
        ...

    async def mark_witnessed(self, policy: str, size: int) -> None:
        """The checkpoint of this size meets the quorum of this policy; saying so twice is harmless."""
        ...

    async def newest_witnessed(self, policy: str) -> int | None:
        """The largest size that meets the quorum."""
        ...

    async def first_witnessed(self, policy: str, index: int) -> int | None:
        """The smallest size that meets the quorum and whose tree contains the leaf `index`."""
        ...

    async def answer(self, witness: str) -> WitnessAnswer:
        """What it said last; one that says nothing where it was never asked."""
        ...

    async def save_answer(self, answer: WitnessAnswer) -> None: ...

    async def keep_fork(self, fork: KeptFork) -> None:
        """For ever; the same two notes are kept once."""
        ...

    async def forks(self) -> Sequence[KeptFork]:
        """The oldest first."""
        ...

    async def note_import(self, brought: LogImport) -> None:
        """Raises Conflict when one with the same first entry is known."""
        ...

    async def imports(self) -> Sequence[LogImport]:
        """In order of the entries."""
        ...
