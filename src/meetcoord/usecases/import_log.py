"""Entries that a restored backup does not have any more, brought back from an export of the same log."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from meetcoord.domain import leaves, merkle, tiles
from meetcoord.domain.checkpoints import Checkpoint, Note, parse_checkpoint, parse_note, parse_vkey
from meetcoord.domain.collected import KeptFork
from meetcoord.domain.errors import Conflict, Damaged, Forked, NotFound
from meetcoord.domain.leaves import (
    ActLeaf,
    ApprovalLeaf,
    ConsentLeaf,
    ErasureLeaf,
    Leaf,
    MinutesLeaf,
    PolicyLeaf,
    RewrapLeaf,
)
from meetcoord.domain.minutes import MinutesState
from meetcoord.domain.policies import Circle
from meetcoord.domain.values import AgencyId, InvitationId, MeetingId
from meetcoord.ports.signing import NoteVerifier
from meetcoord.ports.storage import LogHead, PlacedLeaf, Storage, StoredCheckpoint, Transaction
from meetcoord.ports.stored_witnesses import LogImport
from meetcoord.ports.system import Clock
from meetcoord.usecases.ask_witness import root_at
from meetcoord.usecases.erasures import KnownErasures
from meetcoord.usecases.policies import Policies

PROMISES = 1_000_000

ReadFile = Callable[[str], bytes]
"""Gives the bytes of a file of the export by its path; raises what cannot be told as CannotTell."""


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """The log had `before` entries and has `size` now; `sealed` of the new ones came without their sealed files."""

    before: int
    size: int
    sealed: int


@dataclass(frozen=True, slots=True)
class ImportLog:
    """`log_key` is our own verifier key: what it did not sign is not taken in."""

    storage: Storage
    verifier: NoteVerifier
    log_key: str
    now: Clock

    async def __call__(self, read: ReadFile) -> Imported:
        """Bring back what is missing here, in one transaction, once it is shown to continue what is here.

        Raises Damaged: not signed by our key, or not the entries that were signed. Forked: they are, and what is here
        is another history; both notes are kept.
        """
        note = self._own_lines(read("checkpoint").decode("utf-8", "replace"))
        signed = parse_checkpoint(parse_note(note).text)
        async with self.storage.transaction() as tx:
            head = await tx.log.hold()
            if signed.size > head.size:
                placed = await _Taking(tx).placed(_entries(read, head.size, signed.size), head.size)
                same = await self._placed(tx, head, placed, note, signed)
            else:
                placed, same = [], await root_at(tx, signed.size) == signed.root
        if not same:
            raise await self._not_ours(read, note, signed)
        sealed = sum(isinstance(leaves.parse(each.entry), MinutesLeaf) for each in placed)
        return Imported(before=head.size, size=max(head.size, signed.size), sealed=sealed)

    async def _placed(
        self, tx: Transaction, head: LogHead, placed: Sequence[PlacedLeaf], note: str, signed: Checkpoint
    ) -> bool:
        """Whether these entries behind ours lead to the root that was signed; if so they are taken in."""
        hashes = [merkle.leaf_hash(each.entry) for each in placed]
        nodes, frontier = merkle.extend(head.size, head.frontier, hashes)
        if merkle.root_from_frontier(frontier) != signed.root:
            return False
        kept = await _kept_promises(tx, placed)
        await tx.log.place(placed, nodes, LogHead(signed.size, frontier), kept)
        await tx.log.keep_checkpoint(StoredCheckpoint(signed.size, note, self.now()))
        await tx.witnesses.note_import(LogImport(head.size, signed.size, self.now()))
        await self._catch_up(tx, placed)
        return True

    def _own_lines(self, note: str) -> str:
        """The note with our own signature alone. Raises Damaged."""
        self.verifier.verify(note, self.log_key)
        opened, key = parse_note(note), parse_vkey(self.log_key)
        own = [each for each in opened.signatures if (each.name, each.key_id) == (key.name, key.key_id)]
        return Note(opened.text, tuple(own[:1])).encode()

    async def _not_ours(self, read: ReadFile, note: str, signed: Checkpoint) -> Damaged:
        """A true fork only if the export itself leads to what was signed; else somebody altered the export."""
        whole = [merkle.leaf_hash(entry) for entry in _entries(read, 0, signed.size)]
        if merkle.root(whole) != signed.root:
            return Damaged("export", "its entries do not lead to the root that was signed: take another copy")
        async with self.storage.transaction() as tx:
            ours = (*await tx.log.checkpoints(signed.size - 1, 1), await tx.log.newest_checkpoint())[0]
            await tx.witnesses.keep_fork(KeptFork(self.now(), "export", ours.note if ours else "", note))
        return Forked(
            f"checkpoint of {signed.size} entries",
            "the export is another history of this log than the one here. Nothing was changed; both notes are kept as "
            "proof (`meetcoord log forks`): show them to every agency.",
        )

    async def _catch_up(self, tx: Transaction, placed: Sequence[PlacedLeaf]) -> None:
        """What the entries say that has rows of its own here as well; the rest is read from the entries."""
        for each in placed:
            match leaves.parse(each.entry):
                case PolicyLeaf() as leaf:
                    await _know_circle(tx, Circle(leaf.agencies))
                case MinutesLeaf() as leaf:
                    await self._sealed_elsewhere(tx, each.index, leaf)
                case ConsentLeaf():
                    # The last consent of an erasure: what the restored backup still has goes again.
                    await self._erasures.honour(tx, each.about)
                case _:
                    pass

    @property
    def _erasures(self) -> KnownErasures:
        return KnownErasures(Policies(self.now, self.verifier, parse_vkey(self.log_key).name))

    async def _sealed_elsewhere(self, tx: Transaction, index: int, leaf: MinutesLeaf) -> None:
        """Minutes that are not sealed here must not be sealed a second time."""
        try:
            found = await tx.minutes.get(MeetingId(leaf.meeting), leaf.seq)
        except NotFound:
            return
        done = msgspec.structs.replace(
            found,
            state=MinutesState.SEALED,
            version=found.version + 1,
            content=leaf.content,
            policy=leaf.policy,
            leaf=index,
            changed_at=self.now(),
        )
        await tx.minutes.save(done)


@dataclass(frozen=True, slots=True)
class _Taking:
    """Finds out again in whose history each entry stands: that is kept beside the entries, not in them."""

    tx: Transaction
    known: dict[int, str] = field(default_factory=dict)

    async def placed(self, entries: Sequence[bytes], first: int) -> list[PlacedLeaf]:
        found = []
        for index, entry in enumerate(entries, first):
            self.known[index] = await self._about(leaves.parse(entry))
            found.append(PlacedLeaf(index, self.known[index], entry))
        return found

    async def _about(self, leaf: Leaf) -> str:
        match leaf:
            case PolicyLeaf():
                return Circle(leaf.agencies).name
            case MinutesLeaf() | ApprovalLeaf():
                return leaf.meeting
            case ConsentLeaf() | RewrapLeaf() | ErasureLeaf():
                return self.known.get(leaf.target) or (await self.tx.log.leaf(leaf.target)).about
            case ActLeaf():
                return await self._about_act(leaf)

    async def _about_act(self, leaf: ActLeaf) -> str:
        """The meeting where one is known here, else the agency that acted."""
        named = leaf.object.partition("/")[0]
        try:
            return (await self.tx.meetings.get(MeetingId(named))).id
        except NotFound:
            pass
        try:
            return (await self.tx.invitations.with_meeting(InvitationId(named)))[1].id
        except NotFound:
            return leaf.agency


async def _kept_promises(tx: Transaction, placed: Sequence[PlacedLeaf]) -> list[int]:
    """Promises of the backup that were kept after it was made: they must not be placed once more."""
    came, kept = Counter(each.entry for each in placed), []
    for promise in await tx.log.promised(PROMISES):
        if came[promise.entry]:
            came[promise.entry] -= 1
            kept.append(promise.id)
    return kept


async def _know_circle(tx: Transaction, circle: Circle) -> None:
    known = await tx.circles.of(AgencyId(circle.agencies[0]))
    if circle in known:
        return
    try:
        for agency in circle.agencies:
            await tx.agencies.get(AgencyId(agency))
        await tx.circles.add(circle)
    except (NotFound, Conflict):
        # An agency that was registered after the backup: it has to be registered again before it can meet.
        return


def _entries(read: ReadFile, first: int, size: int) -> list[bytes]:
    """The entries from `first` up to `size`, from the bundles of an export. Raises Damaged."""
    found, start = list[bytes](), first - first % tiles.TILE_WIDTH
    for tile in tiles.tiles_of(size):
        if tile.level is None and tile.index * tiles.TILE_WIDTH >= start:
            found += tiles.parse_entry_bundle(tile, read(tile.path))
    return found[first - start :]
