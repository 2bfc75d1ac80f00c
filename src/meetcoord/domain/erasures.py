"""Which sealed files are to be destroyed: a request, the consents to it, and from which entry of the log on.

State is a replay of leaves in their order. The agency that wrote an entry asks; the agencies of its circle consent,
each with a key that the policy in force at that place names for it; the erasure takes effect with the consent that
makes them as many as that policy asks for. A newer request about an entry takes the place of the former.
"""

from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from meetcoord.domain.approvals import SignedNote, consent_text, named_hash, note_to_verify
from meetcoord.domain.errors import Damaged
from meetcoord.domain.leaves import (
    ConsentLeaf,
    ConsentVerdict,
    ErasureLeaf,
    MinutesLeaf,
    PolicyLeaf,
    author_agency,
)
from meetcoord.domain.policies import PlacedConsent, agencies_saying, last_words


class PlacedErasure(Struct, frozen=True):
    """A request at its place in the log; `entry` is its leaf, byte by byte."""

    index: int
    entry: bytes
    leaf: ErasureLeaf

    @property
    def hash(self) -> str:
        return named_hash(self.entry)


class Erasure(Struct, frozen=True):
    """`consents` holds each agency's last word, a no being final; `since` is the index of what put it in effect."""

    request: PlacedErasure
    consents: tuple[PlacedConsent, ...] = ()
    since: int | None = None

    @property
    def target(self) -> int:
        return self.request.leaf.target

    def having(self, verdict: ConsentVerdict) -> frozenset[str]:
        return agencies_saying(verdict, self.consents)

    def heard(self, consent: PlacedConsent) -> Self:
        """Raises Damaged for a yes behind a no."""
        return replace(self, consents=last_words(self.consents, consent))


class Erasures(Struct, frozen=True):
    """The newest request about each entry."""

    requests: tuple[Erasure, ...] = ()

    @property
    def effective(self) -> tuple[Erasure, ...]:
        return tuple(each for each in self.requests if each.since is not None)

    def of(self, target: int) -> Erasure | None:
        """The newest request to erase the entry `target`, in effect or not."""
        return next((each for each in self.requests if each.target == target), None)

    def erased(self, target: int) -> Erasure | None:
        return next((each for each in self.effective if each.target == target), None)

    def asked(self, index: int) -> Erasure | None:
        """The request that stands at this index of the log, unless a newer one took its place."""
        return next((each for each in self.requests if each.request.index == index), None)

    def with_request(self, request: PlacedErasure, entry: bytes, leaf: MinutesLeaf) -> Self:
        """`leaf` is what it is about, and `entry` the same byte by byte.

        Raises Damaged: names another leaf, an erased one or one behind it, or is not by the author's agency.
        """
        target = request.leaf.target
        if request.leaf.leaf != named_hash(entry):
            raise Damaged("erasure", f"it is about another document than entry {target}")
        if self.erased(target):
            raise Damaged("erasure", f"entry {target} is erased already")
        if request.index <= target:
            raise Damaged("erasure", f"it stands before entry {target}, which it is about")
        if request.leaf.agency != author_agency(leaf.author):
            raise Damaged("erasure", f"{request.leaf.agency} is not the agency that wrote entry {target}")
        others = (each for each in self.requests if each.target != target)
        return replace(self, requests=(*others, Erasure(request)))

    def with_consent(self, consent: PlacedConsent, policy: PolicyLeaf) -> Self:
        """One agency has spoken while `policy` was in force. Its signature is not looked at here. Raises Damaged."""
        erasure = self._waiting(consent.leaf, policy).heard(consent)
        if consent.index <= erasure.request.index:
            raise Damaged("consent", f"it stands before entry {erasure.request.index}, which it is about")
        if len(erasure.having(ConsentVerdict.APPROVE)) >= policy.erasure:
            erasure = replace(erasure, since=consent.index)
        others = (each for each in self.requests if each.target != erasure.target)
        return replace(self, requests=(*others, erasure))

    def note_behind(self, origin: str, consent: ConsentLeaf, policy: PolicyLeaf) -> SignedNote | None:
        """What must be verified before it is taken in, if `policy` names keys for its agency. Raises Damaged."""
        self._waiting(consent, policy)
        text = consent_text(origin, consent.target, consent.leaf, consent.verdict)
        return note_to_verify(text, consent.signature, policy.approver_keys(consent.agency))

    def _waiting(self, consent: ConsentLeaf, policy: PolicyLeaf) -> Erasure:
        erasure = self.asked(consent.target)
        if erasure is None or erasure.since is not None:
            raise Damaged("consent", f"entry {consent.target} is no erasure that waits for consent")
        if consent.leaf != erasure.request.hash:
            raise Damaged("consent", f"it is to another erasure than entry {consent.target}")
        if consent.agency not in policy.agencies:
            raise Damaged("consent", f"{consent.agency} is not an agency of the policy")
        return erasure
