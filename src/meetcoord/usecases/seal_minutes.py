"""Approved minutes become a sealed file and an entry of the log; the readable text is destroyed."""

from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from meetcoord.domain import leaves
from meetcoord.domain.errors import MeetcoordError
from meetcoord.domain.leaves import MinutesLeaf
from meetcoord.domain.minutes import Minutes, MinutesKind, MinutesState
from meetcoord.domain.sealing import SealedFile
from meetcoord.domain.values import MeetingId
from meetcoord.ports.sealing import DraftVault, Sealer
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock
from meetcoord.usecases.minutes_texts import open_frame
from meetcoord.usecases.policies import policy_at
from meetcoord.usecases.sequencing import PublishCheckpoint, place_now


@dataclass(frozen=True, slots=True)
class SealMinutes:
    storage: Storage
    vault: DraftVault
    sealer: Sealer
    publish: PublishCheckpoint
    now: Clock

    async def __call__(self, meeting: MeetingId, seq: int) -> Minutes:
        """The minutes, sealed and covered by a checkpoint. What is sealed already stays as it is.

        Raises NotFound, Conflict unless approved, Damaged if the kept text is not the one that was approved.
        """
        async with self.storage.transaction() as tx:
            minutes = await tx.minutes.get(meeting, seq)
            if minutes.state is not MinutesState.SEALED:
                minutes = await self._sealed(tx, minutes)
        await self.publish()
        return minutes

    async def _sealed(self, tx: Transaction, minutes: Minutes) -> Minutes:
        minutes.must_be_approved()
        frame = open_frame(self.vault, minutes, await tx.minutes.text(minutes.meeting, minutes.seq))
        policy = (await policy_at(tx, minutes.frozen_policy)).leaf
        sealed = self.sealer.seal(frame, [each.recipient for each in policy.recipients])
        leaf = await self._leaf(tx, minutes, sealed)
        index = await place_now(tx, minutes.meeting, leaf)
        await tx.minutes.keep_sealed(minutes.meeting, minutes.seq, sealed)
        await tx.minutes.destroy_text(minutes.meeting, minutes.seq)
        done = minutes.sealed(index, self.now())
        await tx.minutes.save(done)
        return done

    async def _leaf(self, tx: Transaction, minutes: Minutes, sealed: SealedFile) -> MinutesLeaf:
        return MinutesLeaf(
            at=int(self.now().timestamp()),
            author=minutes.writer,
            content=minutes.content or "",
            header=leaves.digest(sealed.header),
            kind=minutes.kind.value,
            meeting=minutes.meeting,
            payload=leaves.digest(sealed.payload),
            policy=minutes.frozen_policy,
            seq=minutes.seq,
            size=len(sealed.payload),
            amends=await self._amended(tx, minutes),
        )

    async def _amended(self, tx: Transaction, minutes: Minutes) -> int | UnsetType:
        if minutes.kind is not MinutesKind.ADDENDUM:
            return UNSET
        original = (await tx.minutes.get(minutes.meeting, 0)).leaf
        return UNSET if original is None else original


@dataclass(frozen=True, slots=True)
class SealApproved:
    """Finishes what a crash left between approval and seal."""

    storage: Storage
    seal: SealMinutes

    async def __call__(self) -> int:
        """Seal whatever is approved; returns how many. What cannot be sealed keeps none of the others waiting."""
        async with self.storage.snapshot() as tx:
            waiting = await tx.minutes.approved(100)
        failures = []
        for minutes in waiting:
            try:
                await self.seal(minutes.meeting, minutes.seq)
            except MeetcoordError as failure:
                failures.append(failure)
        if failures:
            raise failures[0]
        return len(waiting)
