"""The log as everyone may read it: checkpoints, tiles, and the history of one meeting."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from meetcoord.domain import tiles
from meetcoord.domain.access import Action, Actor
from meetcoord.domain.errors import Damaged, NotFound
from meetcoord.domain.merkle import MAX_SIZE
from meetcoord.domain.tiles import TILE_HEIGHT, TILE_WIDTH, Tile
from meetcoord.domain.values import MeetingId
from meetcoord.ports.signing import CheckpointSigner
from meetcoord.ports.storage import PlacedLeaf, Storage, StoredCheckpoint, Transaction
from meetcoord.usecases.read_meeting import meeting_for
from meetcoord.usecases.witnessed import ReadWitnessed


async def read_tile(tx: Transaction, tile: Tile) -> bytes:
    """The bytes of a tile whose leaves are all placed. Raises NotFound."""
    first = tile.index * TILE_WIDTH
    if tile.level is None:
        entries = [p.entry for p in await tx.log.leaves(first, tile.width)]
        if len(entries) != tile.width:
            raise NotFound("The log has not grown to this tile yet.")
        return tiles.entry_bundle(entries)
    wanted = [(TILE_HEIGHT * tile.level, first + each) for each in range(tile.width)]
    hashes = {(node.level, node.index): node.hash for node in await tx.log.nodes(wanted)}
    if len(hashes) != tile.width:
        raise NotFound("The log has not grown to this tile yet.")
    return tiles.hash_tile(tile, lambda level, index: hashes[level, index])


@dataclass(frozen=True, slots=True)
class ReadLog:
    storage: Storage
    signer: CheckpointSigner

    @property
    def vkey(self) -> str:
        """The key with which anyone checks this log's checkpoints."""
        return self.signer.vkey

    async def newest_checkpoint(self) -> StoredCheckpoint:
        """Raises NotFound for an empty log."""
        async with self.storage.snapshot() as tx:
            newest = await tx.log.newest_checkpoint()
        if newest is None:
            raise NotFound("The log has no entry yet.")
        return newest

    async def tile(self, path: str) -> bytes:
        """The file of the log at this path. Raises NotFound, also for what is no path of a tile."""
        try:
            tile = tiles.parse_path(path)
        except Damaged:
            raise NotFound("This is not the path of a tile.") from None
        if (tile.index + 1) * TILE_WIDTH > MAX_SIZE:
            raise NotFound("The log has not grown to this tile yet.")
        async with self.storage.snapshot() as tx:
            return await read_tile(tx, tile)

    async def history(self, actor: Actor, meeting: MeetingId) -> Sequence[PlacedLeaf]:
        """Every entry about the meeting, oldest first. Raises Forbidden, NotFound."""
        actor.must(Action.READ_LOG)
        async with self.storage.snapshot() as tx:
            await meeting_for(tx, actor, meeting)
            return await tx.log.about(meeting)


@dataclass(frozen=True, slots=True)
class ExportLog:
    """With `witnessed` the checkpoint bears the cosignatures it has."""

    storage: Storage
    witnessed: ReadWitnessed | None = None

    async def __call__(self) -> AsyncGenerator[tuple[str, bytes], None]:
        """Path and bytes of every file of the log up to its newest checkpoint, the checkpoint itself last."""
        async with self.storage.snapshot() as tx:
            newest = await tx.log.newest_checkpoint()
            if newest is None:
                return
            for tile in tiles.tiles_of(newest.size):
                yield tile.path, await read_tile(tx, tile)
            shown = await self.witnessed.cosigned(tx, newest) if self.witnessed else newest
            yield "checkpoint", shown.note.encode()
