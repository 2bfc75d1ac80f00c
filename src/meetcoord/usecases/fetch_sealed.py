"""Hand out what is sealed, and prove it: each time is a reading that every convened agency can see."""

from collections.abc import Sequence
from dataclasses import dataclass

from meetcoord.domain import leaves, merkle
from meetcoord.domain.access import Action, Actor
from meetcoord.domain.checkpoints import LogProof
from meetcoord.domain.errors import Conflict, Unavailable
from meetcoord.domain.evidence import Evidence, ProvenLeaf
from meetcoord.domain.leaves import ActKind, ApprovalLeaf
from meetcoord.domain.minutes import Minutes
from meetcoord.domain.sealing import SealedFile
from meetcoord.domain.values import MeetingId
from meetcoord.ports.signing import CheckpointSigner
from meetcoord.ports.storage import PlacedLeaf, Storage, StoredCheckpoint, Transaction
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.read_meeting import meeting_for
from meetcoord.usecases.write_minutes import minutes_for


@dataclass(frozen=True, slots=True)
class FetchSealed:
    storage: Storage
    acts: Acts

    async def __call__(self, actor: Actor, meeting: MeetingId, seq: int) -> SealedFile:
        """The age file. Raises Forbidden, NotFound, Conflict while not sealed."""
        actor.must(Action.FETCH_SEALED)
        async with self.storage.transaction() as tx:
            await _sealed_minutes(tx, actor, meeting, seq)
            await _read(tx, self.acts, actor, meeting, seq)
            return await tx.minutes.sealed(meeting, seq)


@dataclass(frozen=True, slots=True)
class GatherEvidence:
    storage: Storage
    signer: CheckpointSigner
    acts: Acts

    async def __call__(self, actor: Actor, meeting: MeetingId, seq: int) -> Evidence:
        """All that proves the entry offline. Raises Forbidden, NotFound, Conflict while not sealed."""
        actor.must(Action.FETCH_SEALED)
        async with self.storage.transaction() as tx:
            minutes, index = await _sealed_minutes(tx, actor, meeting, seq)
            await _read(tx, self.acts, actor, meeting, seq)
            return await self._evidence(tx, minutes, index)

    async def _evidence(self, tx: Transaction, minutes: Minutes, index: int) -> Evidence:
        entry = await tx.log.leaf(index)
        policy = await tx.log.leaf(minutes.frozen_policy)
        approvals = [p for p in await tx.log.about(minutes.meeting) if _approves(p, minutes)]
        checkpoint = await tx.log.checkpoint_covering(index)
        if checkpoint is None:
            raise Unavailable(
                "The entry is in the log, its checkpoint is being signed: try again in a few seconds."
            )
        proven = await prove(tx, checkpoint, [entry, policy, *approvals])
        return Evidence(
            log_key=self.signer.vkey,
            entry=proven[0],
            sealed=(await tx.minutes.sealed(minutes.meeting, minutes.seq)).file,
            policy=proven[1],
            approvals=tuple(proven[2:]),
        )


async def prove(
    tx: Transaction, checkpoint: StoredCheckpoint, placed: Sequence[PlacedLeaf]
) -> list[ProvenLeaf]:
    """Each leaf with its inclusion proof in the tree of the checkpoint; one read for all the nodes."""
    places = {place for p in placed for place in merkle.proof_places(p.index, checkpoint.size)}
    hashes = {(node.level, node.index): node.hash for node in await tx.log.nodes(sorted(places))}
    proofs = [
        merkle.inclusion_proof(p.index, checkpoint.size, lambda level, index: hashes[level, index])
        for p in placed
    ]
    return [
        ProvenLeaf(p.entry, LogProof(p.index, tuple(proof), checkpoint.note).encode())
        for p, proof in zip(placed, proofs, strict=True)
    ]


async def _sealed_minutes(tx: Transaction, actor: Actor, meeting: MeetingId, seq: int) -> tuple[Minutes, int]:
    minutes = await minutes_for(tx, actor, await meeting_for(tx, actor, meeting), seq)
    if minutes.leaf is None:
        raise Conflict("These minutes are not sealed yet: there is nothing to hand out.")
    return minutes, minutes.leaf


async def _read(tx: Transaction, acts: Acts, actor: Actor, meeting: MeetingId, seq: int) -> None:
    await acts.record(tx, ActKind.MINUTES_READ, actor, what=f"{meeting}/{seq}", about=meeting)


def _approves(placed: PlacedLeaf, minutes: Minutes) -> bool:
    leaf = leaves.parse(placed.entry)
    return isinstance(leaf, ApprovalLeaf) and leaf.seq == minutes.seq and leaf.content == minutes.content
