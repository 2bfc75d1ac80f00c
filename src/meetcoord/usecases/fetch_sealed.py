"""Hand out what is sealed, and prove it: each time is a reading that every convened agency can see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice

from meetcoord.domain import leaves, merkle
from meetcoord.domain.access import Action, Actor
from meetcoord.domain.checkpoints import LogProof
from meetcoord.domain.errors import Conflict, Damaged, Unavailable
from meetcoord.domain.evidence import Evidence, ProvenLeaf, ProvenPolicy
from meetcoord.domain.leaves import ActKind, ApprovalLeaf, ConsentVerdict, RewrapLeaf
from meetcoord.domain.minutes import Minutes
from meetcoord.domain.policies import Circle, Effective, chain_to
from meetcoord.domain.sealing import SealedFile
from meetcoord.domain.values import MeetingId
from meetcoord.ports.signing import CheckpointSigner
from meetcoord.ports.storage import PlacedLeaf, Storage, StoredCheckpoint, Transaction
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.erasures import KnownErasures
from meetcoord.usecases.minutes_texts import minutes_for
from meetcoord.usecases.policies import Policies, policy_at
from meetcoord.usecases.read_meeting import meeting_for
from meetcoord.usecases.witnessed import ReadWitnessed


class Header(Enum):
    """The one made last, or the one that it is to replace, for whoever cannot open the newest."""

    NEWEST = "newest"
    FORMER = "former"


@dataclass(frozen=True, slots=True)
class FetchSealed:
    storage: Storage
    erasures: KnownErasures
    acts: Acts

    async def __call__(
        self, actor: Actor, meeting: MeetingId, seq: int, header: Header = Header.NEWEST
    ) -> SealedFile:
        """The age file. Raises Forbidden, NotFound, Conflict while not sealed, Erased."""
        actor.must(Action.FETCH_SEALED)
        async with self.storage.transaction() as tx:
            _, index = await sealed_minutes(tx, actor, meeting, seq)
            await self.erasures.must_not_be_erased(tx, meeting, index)
            await _read(tx, self.acts, actor, meeting, seq)
            return await sealed_file(tx, meeting, seq, header)


@dataclass(frozen=True, slots=True)
class GatherEvidence:
    storage: Storage
    signer: CheckpointSigner
    policies: Policies
    acts: Acts
    witnessed: ReadWitnessed

    async def __call__(
        self, actor: Actor, meeting: MeetingId, seq: int, header: Header = Header.NEWEST
    ) -> Evidence:
        """All that proves the entry offline. Raises Forbidden, NotFound, Conflict while not sealed, Erased."""
        actor.must(Action.FETCH_SEALED)
        async with self.storage.transaction() as tx:
            minutes, index = await sealed_minutes(tx, actor, meeting, seq)
            await _read(tx, self.acts, actor, meeting, seq)
            return await self.evidence_of(tx, minutes, index, header)

    async def evidence_of(
        self, tx: Transaction, minutes: Minutes, index: int, header: Header = Header.NEWEST
    ) -> Evidence:
        """Raises Erased, Unavailable until a checkpoint covers it, NotFound and Damaged where the log is not whole."""
        await KnownErasures(self.policies).must_not_be_erased(tx, minutes.meeting, index)
        entry, about = await tx.log.leaf(index), await tx.log.about(minutes.meeting)
        approvals = [p for p in about if _approves(p, minutes)]
        sealed = await sealed_file(tx, minutes.meeting, minutes.seq, header)
        # Only the one that this header needs: however many others were made, the evidence stays small.
        rewraps = [p for p in about if _rewraps(p, index, leaves.digest(sealed.header))][:1]
        chain = await self._chain(tx, minutes, rewraps)
        checkpoint = await self.witnessed.best_over(tx, max([index, *(p.index for p in rewraps)]))
        if checkpoint is None:
            raise Unavailable(
                "The entry is in the log, its checkpoint is being signed: try again in a few seconds."
            )
        named = [await tx.log.leaf(index) for each in chain for index in _indices(each)]
        proven = iter(await prove(tx, checkpoint, [entry, *named, *approvals, *rewraps]))
        return Evidence(
            log_key=self.signer.vkey,
            entry=next(proven),
            sealed=sealed.file,
            policies=tuple(_taken(proven, each) for each in chain),
            approvals=tuple(islice(proven, len(approvals))),
            rewraps=tuple(proven),
            witnesses=self.witnessed.rule_for(self.signer.vkey),
        )

    async def _chain(
        self, tx: Transaction, minutes: Minutes, rewraps: Sequence[PlacedLeaf]
    ) -> Sequence[Effective]:
        """As far as the entry, or a header made for it since, names a policy."""
        policy = await policy_at(tx, minutes.frozen_policy)
        newest = max([policy.index, *(_policy_of(each) for each in rewraps)])
        chain = chain_to((await self.policies.of(tx, Circle(policy.leaf.agencies))).chain, newest)
        if not chain:
            raise Damaged(f"entry {policy.index}", "this policy was never in force")
        return chain


def _indices(taken: Effective) -> Sequence[int]:
    """Where the policy stands in the log, and the consents that put it in force."""
    consents = (each.index for each in taken.consents if each.leaf.verdict is ConsentVerdict.APPROVE)
    return [taken.policy.index, *consents]


def _taken(proven: Iterator[ProvenLeaf], taken: Effective) -> ProvenPolicy:
    policy, *consents = (next(proven) for _ in _indices(taken))
    return ProvenPolicy(policy, tuple(consents))


async def prove(
    tx: Transaction, checkpoint: StoredCheckpoint, placed: Sequence[PlacedLeaf]
) -> list[ProvenLeaf]:
    """Each leaf with its inclusion proof in the tree of the checkpoint; one read for all the nodes."""
    places = {place for p in placed for place in merkle.proof_places(p.index, checkpoint.size)}
    hashes = {(node.level, node.index): node.hash for node in await tx.log.nodes(sorted(places))}
    if len(hashes) < len(places):
        raise Damaged("log", "a stored hash over its entries is missing")
    proofs = [
        merkle.inclusion_proof(p.index, checkpoint.size, lambda level, index: hashes[level, index])
        for p in placed
    ]
    return [
        ProvenLeaf(p.entry, LogProof(p.index, tuple(proof), checkpoint.note).encode())
        for p, proof in zip(placed, proofs, strict=True)
    ]


async def sealed_minutes(tx: Transaction, actor: Actor, meeting: MeetingId, seq: int) -> tuple[Minutes, int]:
    """With the index of their entry. Raises NotFound, Conflict while not sealed."""
    minutes = await minutes_for(tx, actor, await meeting_for(tx, actor, meeting), seq)
    if minutes.leaf is None:
        raise Conflict("These minutes are not sealed yet: there is nothing to hand out.")
    return minutes, minutes.leaf


async def sealed_file(
    tx: Transaction, meeting: MeetingId, seq: int, header: Header = Header.NEWEST
) -> SealedFile:
    """Raises NotFound."""
    sealed = await tx.minutes.sealed(meeting, seq)
    fresh = await tx.sealed_files.new_headers(meeting, seq)
    if not fresh or header is Header.FORMER:
        return sealed
    return SealedFile(fresh[-1].header, sealed.payload)


async def _read(tx: Transaction, acts: Acts, actor: Actor, meeting: MeetingId, seq: int) -> None:
    await acts.record(tx, ActKind.MINUTES_READ, actor, what=f"{meeting}/{seq}", about=meeting)


def _approves(placed: PlacedLeaf, minutes: Minutes) -> bool:
    leaf = leaves.parse(placed.entry)
    return isinstance(leaf, ApprovalLeaf) and (leaf.seq, leaf.content, leaf.policy) == (
        minutes.seq,
        minutes.content,
        minutes.policy,
    )


def _rewraps(placed: PlacedLeaf, index: int, header: str) -> bool:
    leaf = leaves.parse(placed.entry)
    return isinstance(leaf, RewrapLeaf) and (leaf.target, leaf.header) == (index, header)


def _policy_of(placed: PlacedLeaf) -> int:
    leaf = leaves.parse(placed.entry)
    return leaf.policy if isinstance(leaf, RewrapLeaf) else leaves.NO_POLICY
