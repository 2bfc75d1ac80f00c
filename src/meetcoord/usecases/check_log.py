"""Recompute the whole log from its leaves and name everything that is not as it was signed."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from meetcoord.domain import leaves, merkle
from meetcoord.domain.checkpoints import parse_checkpoint, parse_vkey
from meetcoord.domain.errors import Damaged
from meetcoord.domain.leaves import MinutesLeaf
from meetcoord.domain.merkle import Node
from meetcoord.ports.signing import NoteVerifier
from meetcoord.ports.storage import LogHead, PlacedLeaf, Storage, StoredCheckpoint, Transaction
from meetcoord.ports.stored_witnesses import LogImport
from meetcoord.usecases.check_meaning import Meanings
from meetcoord.usecases.check_sealed import SealedFound
from meetcoord.usecases.verify_witnesses import LATE_SECONDS

BATCH = 1_000


class LogReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`damages` names each damaged thing in a sentence; none means that the log is as it was signed.

    `flags` are sentences on entries whose time no witness bears out; they are as they were signed all the same.
    `absent` are entries of sealed minutes that were brought back by `meetcoord log import` without their sealed files.
    `erased` had theirs destroyed with consent; those of `unerased` are still there nevertheless.
    """

    size: int
    checkpoints: int
    damages: tuple[str, ...]
    flags: tuple[str, ...] = ()
    absent: tuple[int, ...] = ()
    erased: tuple[int, ...] = ()
    unerased: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Findings:
    meanings: Meanings
    damages: list[str] = field(default_factory=list)
    imports: list[LogImport] = field(default_factory=list)
    sealed: SealedFound = field(default_factory=SealedFound)
    flags: list[str] = field(default_factory=list)
    seen: list[tuple[int, int]] = field(default_factory=list)
    """Sizes that were cosigned and when first, of the batch at hand, the smallest first."""

    def date(self, index: int, at: int) -> None:
        """Point at an entry that is dated later than a witness had seen it."""
        covering = bisect_right(self.seen, (index + 1, 0))
        if covering < len(self.seen) and at > self.seen[covering][1] + LATE_SECONDS:
            late = at - self.seen[covering][1]
            self.flags.append(f"entry {index}: it is dated {late} s after a witness had seen it")

    def brought_back(self, index: int) -> bool:
        return any(each.first <= index < each.beyond for each in self.imports)

    def add(self, what: str, sentence: str) -> None:
        self.damages.append(f"{what}: {sentence}")


@dataclass(frozen=True, slots=True)
class CheckLog:
    """`vkey` is the verifier key of the log; it should come from outside the storage that is checked."""

    storage: Storage
    verifier: NoteVerifier
    vkey: str

    async def __call__(self) -> LogReport:
        """Reads every leaf, node, checkpoint and sealed file once. Stored hashes are never trusted, only compared."""
        found = _Findings(Meanings(parse_vkey(self.vkey).name, self.verifier))
        grown, sound, checked = LogHead(0, ()), 0, 0
        async with self.storage.snapshot() as tx:
            head = await tx.log.head()
            found.imports.extend(await tx.witnesses.imports())
            while grown.size < head.size:
                end = min(grown.size + BATCH, head.size)
                due = {c.size: c for c in await tx.log.checkpoints(grown.size, BATCH) if c.size <= end}
                found.seen[:] = await tx.witnesses.first_seen(grown.size, BATCH + 1)
                roots = await _grow(tx, found, grown, end)
                for size, checkpoint in sorted(due.items()):
                    sound = self._checkpoint(found, checkpoint, roots[size - grown.size - 1], sound)
                    checked += 1
                grown = roots[-1]
            await _check_head(tx, found, head, grown)
        standing = found.sealed.against(found.meanings.afterwards, found.brought_back)
        return LogReport(
            size=grown.size,
            checkpoints=checked,
            damages=(*found.damages, *standing.faults),
            flags=tuple(found.flags),
            absent=tuple(standing.absent),
            erased=tuple(standing.erased),
            unerased=tuple(standing.unerased),
        )

    def _checkpoint(self, found: _Findings, checkpoint: StoredCheckpoint, grown: LogHead, sound: int) -> int:
        what = f"checkpoint of {checkpoint.size} entries"
        try:
            signed = parse_checkpoint(self.verifier.verify(checkpoint.note, self.vkey))
        except Damaged as damage:
            found.add(what, damage.detail)
            return sound
        if (signed.size, signed.root) == (checkpoint.size, merkle.root_from_frontier(grown.frontier)):
            return checkpoint.size
        found.add(
            what, f"entries {sound} to {checkpoint.size - 1} no longer lead to the root that was signed"
        )
        return sound


async def _grow(tx: Transaction, found: _Findings, grown: LogHead, end: int) -> list[LogHead]:
    """The heads of the tree after each of the leaves from `grown.size` up to `end`."""
    placed = {p.index: p for p in await tx.log.leaves(grown.size, end - grown.size)}
    stored = {n.index: n.hash for n in await tx.log.nodes([(0, index) for index in range(grown.size, end)])}
    heads, completed = [], []
    for index in range(grown.size, end):
        leaf_hash = await _leaf_hash(tx, found, index, placed.get(index), stored.get(index))
        nodes, frontier = merkle.append(index, grown.frontier, leaf_hash)
        completed += nodes[1:]
        grown = LogHead(index + 1, frontier)
        heads.append(grown)
    await _check_nodes(tx, found, completed)
    return heads


async def _leaf_hash(
    tx: Transaction, found: _Findings, index: int, placed: PlacedLeaf | None, stored: bytes | None
) -> bytes:
    """The hash to go on with: the stored one where the leaf is damaged, so that the damage is named once."""
    what = f"entry {index}"
    if placed is None:
        found.meanings.lost.add(index)
        found.add(what, "it is missing")
        return stored or merkle.EMPTY_ROOT
    computed = merkle.leaf_hash(placed.entry)
    if stored is None:
        found.add(what, "its stored hash is missing")
    elif computed != stored:
        found.meanings.lost.add(index)
        found.add(what, "its bytes are not those that were logged")
        return stored
    await _check_meaning(tx, found, what, placed)
    return computed


async def _check_meaning(tx: Transaction, found: _Findings, what: str, placed: PlacedLeaf) -> None:
    try:
        leaf = leaves.parse(placed.entry)
    except Damaged as damage:
        found.meanings.lost.add(placed.index)
        found.add(what, damage.detail)
        return
    found.date(placed.index, leaf.at)
    for fault in found.meanings.faults(placed.index, placed.entry, leaf):
        found.add(what, fault)
    if isinstance(leaf, MinutesLeaf):
        await found.sealed.look(tx, placed.index, leaf)


async def _check_nodes(tx: Transaction, found: _Findings, completed: Sequence[Node]) -> None:
    stored = {(n.level, n.index): n.hash for n in await tx.log.nodes([(n.level, n.index) for n in completed])}
    for node in completed:
        if stored.get((node.level, node.index)) != node.hash:
            first, last = node.index << node.level, ((node.index + 1) << node.level) - 1
            found.add(
                f"stored hash over entries {first} to {last}", "it is not the one these entries lead to"
            )


async def _check_head(tx: Transaction, found: _Findings, head: LogHead, grown: LogHead) -> None:
    if head.frontier != grown.frontier:
        found.add("head of the log", "it is not the one the entries lead to")
    if await tx.log.leaves(head.size, 1):
        found.add(f"entry {head.size}", "it stands behind the head of the log")
    for checkpoint in await tx.log.checkpoints(head.size, 1):
        found.add(
            f"entries {head.size} to {checkpoint.size - 1}",
            f"they are missing; a checkpoint was signed for {checkpoint.size} entries",
        )
