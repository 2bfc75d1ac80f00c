"""Which checkpoints enough witnesses have cosigned, as a policy counts, and notes that show it."""

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from meetcoord.domain.collected import WitnessAnswer
from meetcoord.domain.errors import NotFound
from meetcoord.domain.quorum import KnownWitness, Policy
from meetcoord.ports.storage import Storage, StoredCheckpoint, Transaction

FORKED = "A fork of this log is on record: type `meetcoord log forks`, and show it to every agency."


class WitnessSeen(msgspec.Struct, frozen=True, kw_only=True):
    """`name` as in the policy; `counted`: its cosignature counts towards the quorum."""

    name: str
    counted: bool
    answer: WitnessAnswer


class CosignedNow(msgspec.Struct, frozen=True, kw_only=True):
    """How far the log reaches and how far it is cosigned; `at` is when the last needed witness cosigned that."""

    entries: int
    quorum: str
    cosigned: int | None = None
    at: datetime | None = None
    by: tuple[str, ...] = ()
    witnesses: tuple[WitnessSeen, ...] = ()
    forks: int = 0

    @property
    def sentence(self) -> str:
        """For a person, in one line per thing worth knowing."""
        if not self.witnesses:
            return "This log is not cosigned: no witnesses are configured."
        if self.cosigned is None or self.at is None:
            said = f"Not yet cosigned by enough witnesses (quorum `{self.quorum}`)."
        else:
            reach = f"up to entry {self.cosigned - 1} of {self.entries - 1}"
            said = f"Cosigned by {', '.join(self.by)} {reach} at {self.at:%Y-%m-%d %H:%M:%S}Z."
        forked = [FORKED] if self.forks else []
        return "\n".join([said, *forked, *(silence(each) for each in self.witnesses if each.answer.failures)])


def silence(seen: WitnessSeen) -> str:
    """A sentence on a witness that fails."""
    since = f"{seen.answer.answered_at:%Y-%m-%d %H:%M:%S}Z" if seen.answer.answered_at else "it was named"
    return f"{seen.name} has not answered as a witness since {since}: {seen.answer.fault}"


async def mark_if_met(storage: Storage, policy: Policy, size: int) -> None:
    """Remember that this checkpoint meets the quorum, if it does."""
    async with storage.snapshot() as tx:
        names = [each.name for each, _ in await _lines(tx, policy, size)]
    if policy.met_by(names):
        async with storage.transaction() as tx:
            await tx.witnesses.mark_witnessed(policy.digest, size)


async def checkpoint_of(tx: Transaction, size: int) -> StoredCheckpoint:
    """Raises NotFound."""
    for found in await tx.log.checkpoints(size - 1, 1):
        if found.size == size:
            return found
    raise NotFound("No checkpoint of this size was signed.")


async def _lines(tx: Transaction, policy: Policy, size: int) -> list[tuple[KnownWitness, str]]:
    kept = {each.witness: each.line for each in await tx.witnesses.cosignatures(size)}
    return [(each, kept[each.key.encode()]) for each in policy.witnesses if each.key.encode() in kept]


@dataclass(frozen=True, slots=True)
class ReadWitnessed:
    """`policy` is None where no witnesses are configured."""

    storage: Storage
    policy: Policy | None

    async def newest(self) -> StoredCheckpoint:
        """The newest checkpoint, with the cosignatures it has so far. Raises NotFound for an empty log."""
        async with self.storage.snapshot() as tx:
            newest = await tx.log.newest_checkpoint()
            if newest is None:
                raise NotFound("The log has no entry yet.")
            return await self.cosigned(tx, newest)

    async def newest_witnessed(self) -> StoredCheckpoint:
        """The newest checkpoint that meets the quorum, with its cosignatures. Raises NotFound when there is none."""
        async with self.storage.snapshot() as tx:
            size = await tx.witnesses.newest_witnessed(self.policy.digest) if self.policy else None
            if size is None:
                raise NotFound("No checkpoint meets the quorum of the witnesses yet.")
            return await self.cosigned(tx, await checkpoint_of(tx, size))

    async def best_over(self, tx: Transaction, index: int) -> StoredCheckpoint | None:
        """The checkpoint that proves most of leaf `index`, its note cosigned: the earliest that meets the quorum.

        Without one it is the newest that anybody cosigned, else the earliest; None while none covers the leaf.
        """
        found = await tx.log.checkpoint_covering(index)
        if self.policy is None or found is None:
            return found
        size = await tx.witnesses.first_witnessed(self.policy.digest, index)
        size = size or await tx.witnesses.newest_cosigned()
        return await self.cosigned(tx, await checkpoint_of(tx, size) if size > index else found)

    def rule_for(self, log_key: str) -> str:
        """The policy as readers of this log need it, in the form of C2SP tlog-policy; empty where there is none."""
        return self.policy.for_readers(log_key).encode() if self.policy else ""

    async def mark_newest(self) -> None:
        """Count the newest checkpoint again: the policy may have changed since it was cosigned."""
        async with self.storage.snapshot() as tx:
            newest = await tx.log.newest_checkpoint()
        if self.policy and newest:
            await mark_if_met(self.storage, self.policy, newest.size)

    async def now(self) -> CosignedNow:
        async with self.storage.snapshot() as tx:
            newest = await tx.log.newest_checkpoint()
            entries = newest.size if newest else 0
            if self.policy is None:
                return CosignedNow(entries=entries, quorum="")
            seen, counted = [], self.policy.counted()
            for each in self.policy.witnesses:
                answer = await tx.witnesses.answer(each.key.encode())
                seen.append(WitnessSeen(name=each.name, counted=each.name in counted, answer=answer))
            forks = len(await tx.witnesses.forks())
            plain = CosignedNow(
                entries=entries, quorum=self.policy.quorum, witnesses=tuple(seen), forks=forks
            )
            size = await tx.witnesses.newest_witnessed(self.policy.digest)
            return plain if size is None else await self._reached(tx, self.policy, plain, size)

    async def cosigned(self, tx: Transaction, checkpoint: StoredCheckpoint) -> StoredCheckpoint:
        """The checkpoint, its note with the cosignatures it has, in the order of the policy."""
        lines = await _lines(tx, self.policy, checkpoint.size) if self.policy else []
        note = checkpoint.note + "".join(line for _, line in lines)
        return msgspec.structs.replace(checkpoint, note=note)

    async def _reached(self, tx: Transaction, policy: Policy, plain: CosignedNow, size: int) -> CosignedNow:
        kept = {each.witness: each.at for each in await tx.witnesses.cosignatures(size)}
        by = [each for each in policy.witnesses if each.key.encode() in kept]
        times = [kept[each.key.encode()] for each in by if each.name in policy.counted()]
        return msgspec.structs.replace(
            plain,
            cosigned=size,
            at=datetime.fromtimestamp(max(times), UTC) if times else None,
            by=tuple(each.name for each in by),
        )
