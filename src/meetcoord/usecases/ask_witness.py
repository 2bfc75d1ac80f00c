"""Asking one witness to cosign, and holding what it has seen against our own history."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from meetcoord.domain import merkle
from meetcoord.domain.checkpoints import Checkpoint, parse_checkpoint, parse_vkey
from meetcoord.domain.collected import KeptCosignature, KeptFork, WitnessAnswer
from meetcoord.domain.cosignatures import Cosignature
from meetcoord.domain.errors import Damaged, Forked, MeetcoordError, OtherSize, Unavailable
from meetcoord.domain.quorum import KnownWitness, Policy
from meetcoord.ports.signing import NoteVerifier
from meetcoord.ports.storage import LogHead, Storage, StoredCheckpoint, Transaction
from meetcoord.ports.system import Clock
from meetcoord.ports.witnesses import Witness
from meetcoord.usecases.standing import Standing
from meetcoord.usecases.witnessed import mark_if_met

TRIES = 3
"""How often in a row a witness that names another size is asked again."""

AHEAD_SECONDS = 24 * 3600
"""How far a witness' clock may be ahead of ours: later times, up to those of no calendar, are not kept."""


class _Question(msgspec.Struct, frozen=True):
    """What the witness is asked next: `proof` leads from `old` to `checkpoint`."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: StoredCheckpoint


@dataclass(frozen=True, slots=True)
class AskWitness:
    """One witness and all that concerns it, so that none waits for another. It is asked outside any transaction.

    `storage` is written also while the service may not write otherwise. `log_key` is our own verifier key.
    """

    storage: Storage
    witness: Witness
    known: KnownWitness
    policy: Policy
    log_key: str
    verifier: NoteVerifier
    standing: Standing
    now: Clock

    @property
    def name(self) -> str:
        return self.known.name

    @property
    def key(self) -> str:
        return self.known.key.encode()

    async def __call__(self) -> None:
        """Have cosigned what is not yet, else look now and then whether the two still agree.

        Run it every second. A witness that fails is asked ever more seldom; what failed is kept for people to read.
        Raises Forked, with both notes kept.
        """
        for _ in range(TRIES):
            async with self.storage.snapshot() as tx:
                answer = await tx.witnesses.answer(self.key)
                question = await self._question(tx, answer)
            if not answer.is_due(self.now()):
                return
            if question is None:
                if answer.is_old(self.now()) or self.name in self.standing.ahead:
                    await self.compare()
                return
            if await self._asked(question):
                return

    async def compare(self) -> None:
        """Hold what the witness cosigned last against what is here. Raises Forked, with both notes kept.

        Only a checkpoint that our own key signed counts: no witness can stop the service by claiming something.
        """
        try:
            note = await self.witness.latest(parse_vkey(self.log_key).name)
            seen = self._signed_by_us(note) if note else None
        except MeetcoordError as fault:
            await self._failed(fault.detail)
            return
        # Read after the answer: what was published meanwhile by another process of ours is here by now.
        head, root = await self._here(seen.size if seen else 0)
        if note and seen and root is not None and root != seen.root:
            raise await self._fork(note, seen)
        if seen and root is None:
            self.standing.is_behind(self.name, seen.size, head.size)
        else:
            self.standing.agrees_with(self.name)
        await self._heard(seen.size if seen else 0)

    async def seen(self) -> Checkpoint | None:
        """What it has cosigned last of our log, nothing being written down. Raises Unavailable, Damaged."""
        note = await self.witness.latest(parse_vkey(self.log_key).name)
        return self._signed_by_us(note) if note else None

    async def _question(self, tx: Transaction, answer: WitnessAnswer) -> _Question | None:
        newest, old = await tx.log.newest_checkpoint(), answer.held or 0
        if newest is None or old > newest.size:
            return None
        # One that lags goes along with what another has cosigned, so that they meet even while the log keeps growing.
        others = await tx.witnesses.newest_cosigned()
        target = newest
        if old < others < newest.size:
            target = next(iter(await tx.log.checkpoints(others - 1, 1)), newest)
        if answer.held == target.size and self.key in {
            each.witness for each in await tx.witnesses.cosignatures(target.size)
        }:
            return None
        return _Question(old, await _proof(tx, old, target.size), target)

    async def _asked(self, question: _Question) -> bool:
        """Whether there is nothing more to ask at once."""
        size = question.checkpoint.size
        try:
            given = await self.witness.add_checkpoint(question.old, question.proof, question.checkpoint.note)
            self._must_be_of_our_time(given)
        except OtherSize as other:
            await self._heard(other.size)
            if other.size > size:
                await self.compare()
            return other.size > size
        except Damaged as fault:
            # Forked, or a proof that leads nowhere: what it holds is not what is here.
            await self._failed(fault.detail)
            await self.compare()
        except MeetcoordError as fault:
            await self._failed(fault.detail)
        else:
            await self._cosigned(size, given)
        return True

    async def _cosigned(self, size: int, given: Cosignature) -> None:
        async with self.storage.transaction() as tx:
            await tx.witnesses.keep(KeptCosignature.of(size, self.key, given))
            answer = await tx.witnesses.answer(self.key)
            await tx.witnesses.save_answer(answer.heard(max(size, answer.held or 0), self.now()))
        # Counted once it is kept: two that come at the same moment would not see each other before.
        await mark_if_met(self.storage, self.policy, size)
        self.standing.agrees_with(self.name)

    async def _heard(self, held: int) -> None:
        async with self.storage.transaction() as tx:
            answer = await tx.witnesses.answer(self.key)
            await tx.witnesses.save_answer(answer.heard(held, self.now()))

    async def _failed(self, fault: str) -> None:
        async with self.storage.transaction() as tx:
            answer = await tx.witnesses.answer(self.key)
            await tx.witnesses.save_answer(answer.failed(fault, self.now()))

    def _must_be_of_our_time(self, given: Cosignature) -> None:
        ahead = given.at - int(self.now().timestamp())
        if ahead > AHEAD_SECONDS:
            raise Unavailable(
                f"The witness dates its cosignature {ahead} s ahead of this service's clock: set the clocks right."
            )

    def _signed_by_us(self, note: str) -> Checkpoint:
        return parse_checkpoint(self.verifier.verify(note, self.log_key))

    async def _here(self, size: int) -> tuple[LogHead, bytes | None]:
        """The head, and the root that the first `size` entries lead to; None when there are fewer."""
        async with self.storage.snapshot() as tx:
            head = await tx.log.head()
            return head, await root_at(tx, size) if size <= head.size else None

    async def _fork(self, note: str, seen: Checkpoint) -> Forked:
        async with self.storage.transaction() as tx:
            after = await tx.log.checkpoints(seen.size - 1, 1)
            newest = await tx.log.newest_checkpoint()
            ours = (*after, newest)[0]
            kept = KeptFork(self.now(), self.key, ours.note if ours else "", note)
            await tx.witnesses.keep_fork(kept)
        fork = Forked(
            f"checkpoint of {seen.size} entries",
            f"the witness {self.name} has cosigned another history of this log than the one here. The service stands "
            "still. Both notes are kept as proof (`meetcoord log forks`): show them to every agency.",
        )
        self.standing.forks.append(fork)
        return fork


async def root_at(tx: Transaction, size: int) -> bytes:
    """The root over the first `size` entries, from stored hashes. Raises Damaged where one is missing."""
    places = merkle.frontier_places(size)
    hashes = {(node.level, node.index): node.hash for node in await tx.log.nodes(places)}
    if len(hashes) < len(places):
        raise Damaged("log", "a stored hash over its entries is missing")
    return merkle.root_from_frontier([hashes[place] for place in places])


async def _proof(tx: Transaction, old: int, size: int) -> tuple[bytes, ...]:
    if not 0 < old < size:
        return ()
    places: Sequence[merkle.Place] = merkle.consistency_places(old, size)
    hashes = {(node.level, node.index): node.hash for node in await tx.log.nodes(places)}
    if len(hashes) < len(set(places)):
        raise Damaged("log", "a stored hash over its entries is missing")
    return tuple(merkle.consistency_proof(old, size, lambda level, index: hashes[level, index]))
