"""What the log says of sealed entries after they were sealed: headers made anew, and erasures."""

from dataclasses import dataclass, field

from meetcoord.domain.erasures import Erasure, Erasures, PlacedErasure
from meetcoord.domain.errors import Damaged
from meetcoord.domain.leaves import ConsentLeaf, ErasureLeaf, MinutesLeaf, RewrapLeaf
from meetcoord.domain.policies import Effective, PlacedConsent
from meetcoord.ports.signing import NoteVerifier
from meetcoord.usecases.erasures import erasure_asked, erasure_consented


@dataclass(frozen=True, slots=True)
class Afterwards:
    """Grows with each leaf, in the order of the log: `entries`, also as `written`, and what was said about them."""

    entries: dict[int, MinutesLeaf] = field(default_factory=dict)
    written: dict[int, bytes] = field(default_factory=dict)
    headers: dict[int, dict[int, str]] = field(default_factory=dict)
    erasures: dict[int, Erasures] = field(default_factory=dict)
    requests: dict[int, int] = field(default_factory=dict)

    def sealed(self, index: int, entry: bytes, leaf: MinutesLeaf) -> None:
        self.entries[index], self.written[index] = leaf, entry

    def asked(self, index: int) -> bool:
        """Whether the entry at this index asks for an erasure."""
        return index in self.requests

    def about(self, leaf: ConsentLeaf | ErasureLeaf | RewrapLeaf) -> MinutesLeaf | None:
        return self.entries.get(self._target(leaf))

    def erased(self, entry: int) -> Erasure | None:
        return self.erasures.get(entry, Erasures()).erased(entry)

    def take_in(
        self,
        index: int,
        entry: bytes,
        leaf: ConsentLeaf | ErasureLeaf | RewrapLeaf,
        policy: Effective | None,
        origin: str,
        verifier: NoteVerifier,
    ) -> None:
        """`policy` is the one in force of the circle that `leaf` is about. Raises Damaged for what must not count."""
        target = self._target(leaf)
        state = self.erasures.get(target, Erasures())
        match leaf:
            case RewrapLeaf():
                self._rewrapped(index, leaf, policy)
            case ErasureLeaf():
                self.requests[index] = target
                request = PlacedErasure(index, entry, leaf)
                about = (self.written[target], self.entries[target]) if target in self.entries else None
                self.erasures[target] = erasure_asked(state, request, about)
            case ConsentLeaf():
                consent = PlacedConsent(index, leaf)
                self.erasures[target] = erasure_consented(state, consent, policy, origin, verifier)

    def _target(self, leaf: ConsentLeaf | ErasureLeaf | RewrapLeaf) -> int:
        return self.requests.get(leaf.target, leaf.target) if isinstance(leaf, ConsentLeaf) else leaf.target

    def _rewrapped(self, index: int, leaf: RewrapLeaf, policy: Effective | None) -> None:
        if leaf.target not in self.entries:
            raise Damaged("rewrap", f"entry {leaf.target} is no sealed document before it")
        if policy is None or policy.policy.index != leaf.policy:
            raise Damaged("rewrap", f"it is for the readers of entry {leaf.policy}, which was not in force")
        if leaf.agency not in policy.policy.leaf.agencies:
            raise Damaged("rewrap", f"{leaf.agency} is not an agency of the policy it names")
        if self.erased(leaf.target):
            raise Damaged("rewrap", f"entry {leaf.target} is erased already")
        self.headers.setdefault(leaf.target, {})[index] = leaf.header
