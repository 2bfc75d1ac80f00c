"""Placing leaves in the tree, in batches, and telling the world how large it has grown."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from meetcoord.domain import leaves, merkle
from meetcoord.domain.checkpoints import Checkpoint
from meetcoord.domain.leaves import Leaf
from meetcoord.ports.signing import CheckpointSigner
from meetcoord.ports.storage import LogHead, PlacedLeaf, Storage, StoredCheckpoint, Transaction
from meetcoord.ports.system import Clock

BATCH = 1_000


class NewLeaf(msgspec.Struct, frozen=True):
    about: str
    entry: bytes


async def place_promised(tx: Transaction) -> LogHead:
    """Place every promised leaf, in the order of the promises; the head is held until the transaction ends."""
    head = await tx.log.hold()
    while promised := await tx.log.promised(BATCH):
        fresh = [NewLeaf(p.about, p.entry) for p in promised]
        head = await _place(tx, head, fresh, [p.id for p in promised])
    return head


async def place_now(tx: Transaction, about: str, leaf: Leaf) -> int:
    """Place `leaf` behind everything promised before it; returns its index."""
    head = await place_promised(tx)
    await _place(tx, head, [NewLeaf(about, leaves.encode(leaf))], [])
    return head.size


async def _place(tx: Transaction, head: LogHead, fresh: Sequence[NewLeaf], kept: Sequence[int]) -> LogHead:
    hashes = [merkle.leaf_hash(leaf.entry) for leaf in fresh]
    nodes, frontier = merkle.extend(head.size, head.frontier, hashes)
    placed = [PlacedLeaf(index, leaf.about, leaf.entry) for index, leaf in enumerate(fresh, head.size)]
    grown = LogHead(head.size + len(fresh), frontier)
    await tx.log.place(placed, nodes, grown, kept)
    return grown


@dataclass(frozen=True, slots=True)
class PublishCheckpoint:
    """The sequencer: run it after each sealing and every few seconds. Two at once are harmless."""

    storage: Storage
    signer: CheckpointSigner
    now: Clock

    async def __call__(self) -> StoredCheckpoint | None:
        """The newest checkpoint, which covers everything committed before the call; None for an empty log."""
        async with self.storage.snapshot() as tx:
            waiting = await tx.log.promised(1)
        if waiting:
            async with self.storage.transaction() as tx:
                await place_promised(tx)
        return await self._signed()

    async def _signed(self) -> StoredCheckpoint | None:
        # Only what is committed is signed: two histories of one size could otherwise bear the same signature.
        async with self.storage.snapshot() as tx:
            head = await tx.log.head()
            newest = await tx.log.newest_checkpoint()
        if head.size == (newest.size if newest else 0):
            return newest
        checkpoint = Checkpoint(self.signer.name, head.size, merkle.root_from_frontier(head.frontier))
        fresh = StoredCheckpoint(size=head.size, note=self.signer.sign(checkpoint.encode()), at=self.now())
        async with self.storage.transaction() as tx:
            await tx.log.keep_checkpoint(fresh)
        return fresh
