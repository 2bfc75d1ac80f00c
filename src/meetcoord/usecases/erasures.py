"""Erasures as the log tells them, and the one place where a sealed file is destroyed."""

from dataclasses import dataclass

from msgspec import Struct

from meetcoord.domain import leaves
from meetcoord.domain.erasures import Erasure, Erasures, PlacedErasure
from meetcoord.domain.errors import Damaged, Erased, NotFound
from meetcoord.domain.leaves import ConsentLeaf, ErasureLeaf, Leaf, MinutesLeaf
from meetcoord.domain.policies import Circle, Effective, PlacedConsent, PlacedPolicy, in_force_before
from meetcoord.domain.values import MeetingId
from meetcoord.ports.signing import NoteVerifier
from meetcoord.ports.storage import PlacedLeaf, Transaction
from meetcoord.usecases.policies import Policies, policy_at
from meetcoord.usecases.signatures import verified


class SealedEntry(Struct, frozen=True):
    """Sealed minutes at their place in the log, and the policies that their circle has had."""

    index: int
    entry: bytes
    leaf: MinutesLeaf
    chain: tuple[Effective, ...]

    @property
    def in_force(self) -> PlacedPolicy:
        return self.chain[-1].policy


def erasure_asked(
    state: Erasures, request: PlacedErasure, about: tuple[bytes, MinutesLeaf] | None
) -> Erasures:
    """`about` is the entry that it names, byte by byte and read. Raises Damaged for a request that must not count."""
    if about is None:
        raise Damaged("erasure", f"entry {request.leaf.target} is no sealed document before it")
    return state.with_request(request, *about)


def erasure_consented(
    state: Erasures, consent: PlacedConsent, policy: Effective | None, origin: str, verifier: NoteVerifier
) -> Erasures:
    """`policy` is the one in force at this place of the log. Raises Damaged for a consent that must not count."""
    if policy is None:
        raise Damaged("consent", "no policy of these agencies was in force")
    verified(verifier, state.note_behind(origin, consent.leaf, policy.policy.leaf))
    return state.with_consent(consent, policy.policy.leaf)


@dataclass(frozen=True, slots=True)
class KnownErasures:
    policies: Policies

    async def of(self, tx: Transaction, meeting: str) -> Erasures:
        """Of all entries of a meeting; what must not count is passed over here and named by a check of the log."""
        placed = await tx.log.about(meeting)
        read = [(each, _leaf(each)) for each in placed]
        if not any(isinstance(leaf, ErasureLeaf) for _, leaf in read):
            return Erasures()
        state, entries = Erasures(), dict[int, SealedEntry]()
        for each, leaf in read:
            try:
                if isinstance(leaf, MinutesLeaf):
                    entries[each.index] = await self._entry(tx, each, leaf)
                else:
                    state = self._taken_in(state, each, leaf, entries)
            except Damaged:
                continue
        return state

    async def must_not_be_erased(self, tx: Transaction, meeting: str, target: int) -> None:
        """Raises Erased."""
        if found := (await self.of(tx, meeting)).erased(target):
            raise Erased(found.request.index)

    async def entry(self, tx: Transaction, index: int) -> SealedEntry:
        """Raises NotFound, Damaged when it is something else."""
        placed = await tx.log.leaf(index)
        leaf = leaves.parse(placed.entry)
        if not isinstance(leaf, MinutesLeaf):
            raise Damaged(f"entry {index}", "it is said to be sealed minutes and is not")
        return await self._entry(tx, placed, leaf)

    async def honour(self, tx: Transaction, meeting: str) -> int:
        """Destroy every file of the meeting whose erasure is in effect; returns how many there were.

        Whatever else could still be read of them here, such as a draft out of a restored backup, goes with it.
        """
        return sum([await self._destroy(tx, each) for each in (await self.of(tx, meeting)).effective])

    async def _destroy(self, tx: Transaction, erasure: Erasure) -> bool:
        leaf = (await self.entry(tx, erasure.target)).leaf
        await tx.minutes.destroy_text(MeetingId(leaf.meeting), leaf.seq)
        return await tx.sealed_files.erase(MeetingId(leaf.meeting), leaf.seq)

    async def _entry(self, tx: Transaction, placed: PlacedLeaf, leaf: MinutesLeaf) -> SealedEntry:
        try:
            policy = await policy_at(tx, leaf.policy)
        except NotFound as gap:
            raise Damaged(f"entry {leaf.policy}", "it is said to be a policy and is missing") from gap
        chain = (await self.policies.of(tx, Circle(policy.leaf.agencies))).chain
        if not chain:
            raise Damaged(f"entry {placed.index}", "no policy of its agencies was ever in force")
        return SealedEntry(placed.index, placed.entry, leaf, chain)

    def _taken_in(
        self, state: Erasures, placed: PlacedLeaf, leaf: Leaf | None, entries: dict[int, SealedEntry]
    ) -> Erasures:
        match leaf:
            case ErasureLeaf():
                about = entries.get(leaf.target)
                request = PlacedErasure(placed.index, placed.entry, leaf)
                return erasure_asked(state, request, (about.entry, about.leaf) if about else None)
            case ConsentLeaf() if asked := state.asked(leaf.target):
                policy = in_force_before(entries[asked.target].chain, placed.index)
                consent = PlacedConsent(placed.index, leaf)
                return erasure_consented(state, consent, policy, self.policies.origin, self.policies.verifier)
        return state


def _leaf(placed: PlacedLeaf) -> Leaf | None:
    try:
        return leaves.parse(placed.entry)
    except Damaged:
        return None
