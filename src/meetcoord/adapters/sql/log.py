"""The log: promised leaves, placed leaves, the hashes above them, the head and the checkpoints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Executable, bindparam, delete, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert  # compiled alike for SQLite

from meetcoord.adapters.sql.block import Block
from meetcoord.adapters.sql.rows import columns, restored
from meetcoord.adapters.sql.schema_log import checkpoints, log_head, log_leaves, log_nodes, log_pending
from meetcoord.domain.errors import Damaged, NotFound
from meetcoord.domain.merkle import Node
from meetcoord.ports.storage import LogHead, PendingLeaf, PlacedLeaf, StoredCheckpoint

HASH_BYTES = 32

_TAKEN = "This index of the log is taken: read the head again."
_PROMISE = log_pending.insert()
_PROMISED = select(log_pending).order_by(log_pending.c.id).limit(bindparam("most"))
_FORGET = delete(log_pending).where(log_pending.c.id.in_(bindparam("kept", expanding=True)))
_HEAD = select(log_head.c.size, log_head.c.frontier).where(log_head.c.id == 1)
_HOLD = _HEAD.with_for_update()
_MOVE_HEAD = update(log_head).where(log_head.c.id == 1)
_LEAF = select(log_leaves).where(log_leaves.c.index == bindparam("wanted"))
_LEAVES = (
    select(log_leaves)
    .where(log_leaves.c.index >= bindparam("start"))
    .order_by(log_leaves.c.index)
    .limit(bindparam("most"))
)
_ABOUT = select(log_leaves).where(log_leaves.c.about == bindparam("wanted")).order_by(log_leaves.c.index)
_wanted: BindParameter[Any] = bindparam("wanted", expanding=True)
# SQLite finds pairs by the key only when they are joined: by the list of pairs it would read every node.
_NODES: Mapping[str, Executable] = {
    "postgresql": select(log_nodes).where(tuple_(log_nodes.c.level, log_nodes.c.index).in_(_wanted)),
    "sqlite": text(
        'WITH wanted(level, "index") AS :wanted SELECT node.level, node."index", node.hash FROM wanted'
        ' CROSS JOIN log_nodes AS node ON node.level = wanted.level AND node."index" = wanted."index"'
    ).bindparams(_wanted),
}
PAIRS = 499
"""Pairs in one statement: older builds of SQLite take 999 values."""
_KEEP_CHECKPOINT = insert(checkpoints).on_conflict_do_nothing(index_elements=["size"])
_BEYOND = (
    select(checkpoints)
    .where(checkpoints.c.size > bindparam("beyond"))
    .order_by(checkpoints.c.size)
    .limit(bindparam("most"))
)
_NEWEST = select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)
_COVERING = (
    select(checkpoints).where(checkpoints.c.size > bindparam("wanted")).order_by(checkpoints.c.size).limit(1)
)


@dataclass(frozen=True, slots=True)
class SqlLog:
    block: Block

    async def promise(self, about: str, entry: bytes) -> None:
        await self.block.change(_PROMISE, {"about": about, "entry": entry})

    async def promise_all(self, about: str, entries: Sequence[bytes]) -> None:
        if entries:
            await self.block.change(_PROMISE, [{"about": about, "entry": entry} for entry in entries])

    async def promised(self, limit: int) -> Sequence[PendingLeaf]:
        return [restored(PendingLeaf, row) for row in await self.block.rows(_PROMISED, {"most": limit})]

    async def hold(self) -> LogHead:
        self.block.must_write()
        return await self._head(_HOLD)

    async def head(self) -> LogHead:
        return await self._head(_HEAD)

    async def place(
        self, leaves: Sequence[PlacedLeaf], nodes: Sequence[Node], head: LogHead, kept: Sequence[int]
    ) -> None:
        await self.block.insert_all(log_leaves, [columns(leaf) for leaf in leaves], _TAKEN)
        await self.block.insert_all(log_nodes, [columns(node) for node in nodes], _TAKEN)
        await self.block.change(_MOVE_HEAD, {"size": head.size, "frontier": b"".join(head.frontier)})
        if kept:
            await self.block.change(_FORGET, {"kept": list(kept)})

    async def leaf(self, index: int) -> PlacedLeaf:
        row = await self.block.row(_LEAF, {"wanted": index})
        if row is None:
            raise NotFound("The log has no such leaf.")
        return restored(PlacedLeaf, row)

    async def leaves(self, start: int, limit: int) -> Sequence[PlacedLeaf]:
        rows = await self.block.rows(_LEAVES, {"start": start, "most": limit})
        return [restored(PlacedLeaf, row) for row in rows]

    async def about(self, about: str) -> Sequence[PlacedLeaf]:
        return [restored(PlacedLeaf, row) for row in await self.block.rows(_ABOUT, {"wanted": about})]

    async def nodes(self, wanted: Sequence[tuple[int, int]]) -> Sequence[Node]:
        statement, found = _NODES[self.block.line.dialect], list[Node]()
        for start in range(0, len(wanted), PAIRS):
            rows = await self.block.rows(statement, {"wanted": list(wanted[start : start + PAIRS])})
            found += [restored(Node, row) for row in rows]
        return found

    async def keep_checkpoint(self, checkpoint: StoredCheckpoint) -> None:
        await self.block.change(_KEEP_CHECKPOINT, columns(checkpoint))

    async def checkpoints(self, beyond: int, limit: int) -> Sequence[StoredCheckpoint]:
        rows = await self.block.rows(_BEYOND, {"beyond": beyond, "most": limit})
        return [restored(StoredCheckpoint, row) for row in rows]

    async def newest_checkpoint(self) -> StoredCheckpoint | None:
        row = await self.block.row(_NEWEST)
        return restored(StoredCheckpoint, row) if row else None

    async def checkpoint_covering(self, index: int) -> StoredCheckpoint | None:
        row = await self.block.row(_COVERING, {"wanted": index})
        return restored(StoredCheckpoint, row) if row else None

    async def _head(self, statement: Executable) -> LogHead:
        row = await self.block.row(statement)
        if row is None:
            raise Damaged("the log", "its head is missing")
        blob = bytes(row.frontier)
        starts = range(0, len(blob), HASH_BYTES)
        return LogHead(size=row.size, frontier=tuple(blob[at : at + HASH_BYTES] for at in starts))
