"""A witness that is only a table: the real rule over a memory that no disk keeps. It can be told to fail."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from meetcoord.adapters.sealing.cosignatures import Ed25519Cosigner
from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.domain.cosignatures import Cosignature
from meetcoord.domain.errors import Conflict, Stale, Unavailable
from meetcoord.domain.witnessing import Cosigned
from meetcoord.ports.witnesses import Cosigner, Witness
from meetcoord.usecases.cosign_checkpoint import CosignCheckpoint

MORNING = datetime(2026, 3, 4, 8, tzinfo=UTC)


@dataclass(slots=True)
class Hands:
    """A clock that stands still until it is moved."""

    at: datetime = MORNING

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass(slots=True)
class WitnessMemory:
    """A WitnessStore; others have their turn at each call, as with a real one."""

    kept: dict[str, Cosigned] = field(default_factory=dict)

    async def latest(self, origin: str) -> Cosigned | None:
        await asyncio.sleep(0)
        return self.kept.get(origin)

    async def every(self) -> Sequence[Cosigned]:
        await asyncio.sleep(0)
        return tuple(self.kept[origin] for origin in sorted(self.kept))

    async def replace(self, held: Cosigned | None, fresh: Cosigned) -> None:
        await asyncio.sleep(0)
        new = fresh.checkpoint
        if held and (held.checkpoint.origin != new.origin or held.checkpoint.size > new.size):
            raise Conflict("A witness never goes back.")
        if held and held.at > fresh.at:
            raise Conflict("A witness never goes back in time.")
        if self.kept.get(new.origin) != held:
            raise Stale("Another checkpoint of this log was cosigned meanwhile.")
        self.kept[new.origin] = fresh


def new_cosigner(name: str = "city.example.org/w1") -> Ed25519Cosigner:
    return Ed25519Cosigner(name, Ed25519PrivateKey.generate())


def origin_of(vkey: str) -> str:
    return vkey.partition("+")[0]


def cosigning(*vkeys: str, cosigner: Cosigner | None = None, **parts: object) -> CosignCheckpoint:
    """The real machine for these log keys; `parts` replaces its store, clock or verifier."""
    logs: dict[str, list[str]] = {}
    for vkey in vkeys:
        logs.setdefault(origin_of(vkey), []).append(vkey)
    chosen = {"store": WitnessMemory(), "verifier": Ed25519Verifier(), "now": Hands()} | parts
    return CosignCheckpoint(logs=logs, cosigner=cosigner or new_cosigner(), **chosen)  # type: ignore[arg-type]  # a test changes what it likes


@dataclass(slots=True)
class FakeWitness:
    """A Witness, and its own far side. `asked` holds the old sizes of the requests that reached it, in their order."""

    logs: tuple[str, ...]
    cosigner: Ed25519Cosigner = field(default_factory=new_cosigner)
    memory: WitnessMemory = field(default_factory=WitnessMemory)
    clock: Hands = field(default_factory=Hands)
    asked: list[int] = field(default_factory=list)
    _silent: bool = False
    _forgetful: bool = False

    @property
    def witness(self) -> Witness:
        return self

    @property
    def vkey(self) -> str:
        return self.cosigner.vkey

    def be_silent(self) -> None:
        """From now on nothing reaches it."""
        self._silent = True

    def recover(self) -> None:
        self._silent = False

    def lose_the_reply(self) -> None:
        """The next checkpoint is cosigned and remembered, yet reported as failed."""
        self._forgetful = True

    def forget(self) -> None:
        """As a witness that was put up anew over an empty folder."""
        self.memory.kept.clear()

    async def add_checkpoint(self, old: int, proof: Sequence[bytes], note: str) -> Cosignature:
        self._must_be_reached()
        self.asked.append(old)
        cosignature = await self._machine().add_checkpoint(old, proof, note)
        forgotten, self._forgetful = self._forgetful, False
        if forgotten:
            raise Unavailable("The witness does not answer (ReadTimeout): ask again later.")
        return cosignature

    async def latest(self, origin: str) -> str | None:
        self._must_be_reached()
        return await self._machine().latest(origin)

    def _must_be_reached(self) -> None:
        if self._silent:
            raise Unavailable("The witness does not answer (ConnectTimeout): ask again later.")

    def _machine(self) -> CosignCheckpoint:
        return cosigning(*self.logs, cosigner=self.cosigner, store=self.memory, now=self.clock)
