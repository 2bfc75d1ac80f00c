"""What an approver's own tool is given to sign, recomputed: the service cannot have her sign another text."""

from base64 import b64decode
from collections.abc import Iterable
from typing import TypeVar

import msgspec
from msgspec import Struct

from meetcoord.domain import leaves
from meetcoord.domain.approvals import approval_text, consent_text, named_hash
from meetcoord.domain.erasures import PlacedErasure
from meetcoord.domain.errors import CannotTell, Conflict, Damaged, Invalid
from meetcoord.domain.frames import Frame
from meetcoord.domain.leaves import ConsentVerdict, ErasureLeaf, MinutesLeaf, PolicyLeaf, content_hash
from meetcoord.domain.policies import PlacedPolicy

D = TypeVar("D")


class _Policy(Struct, frozen=True):
    index: int
    hash: str
    leaf: str


class _Circulated(Struct, frozen=True):
    meeting: str
    seq: int
    content: str
    body: str
    frame: str
    policy: _Policy


class _Circle(Struct, frozen=True):
    origin: str
    in_force: _Policy
    proposals: tuple[_Policy, ...]


class _Circles(Struct, frozen=True):
    items: tuple[_Circle, ...]


class _Entry(Struct, frozen=True):
    index: int
    leaf: str


class _Erasure(Struct, frozen=True):
    origin: str
    index: int
    hash: str
    leaf: str
    entry: _Entry
    in_force: _Policy


class Circulated(Struct, frozen=True):
    """Minutes to approve: what they say, and who will be able to read them."""

    frame: Frame
    content: str
    policy: PlacedPolicy

    @property
    def text(self) -> str:
        """What is signed."""
        frame, policy = self.frame, self.policy
        return approval_text(frame.log, frame.meeting, frame.seq, self.content, policy.index, policy.hash)


class Proposed(Struct, frozen=True):
    """A list of keys to consent to, and the one it is to replace."""

    origin: str
    former: PlacedPolicy
    policy: PlacedPolicy

    def text(self, verdict: ConsentVerdict) -> str:
        """What is signed."""
        return consent_text(self.origin, self.policy.index, self.policy.hash, verdict)


class AskedErasure(Struct, frozen=True):
    """A sealed file to be destroyed: the request, the entry it is about, and whose signatures count."""

    origin: str
    request: PlacedErasure
    entry: MinutesLeaf
    in_force: PlacedPolicy

    def text(self, verdict: ConsentVerdict) -> str:
        """What is signed."""
        return consent_text(self.origin, self.request.index, self.request.hash, verdict)


def read_circulated(data: bytes) -> Circulated:
    """From the service's answer about circulated minutes.

    Raises CannotTell when it is something else, Damaged when its parts contradict each other.
    """
    said = _decoded(data, _Circulated, "circulated minutes, as GET /v1/meetings/…/minutes/… answers them")
    frozen = _bytes(said.frame, "frame")
    frame, content = Frame.parse(frozen), content_hash(frozen)
    if content != said.content:
        raise Damaged("minutes", "the hash to be approved is not that of the text to be sealed")
    if frame.body != said.body:
        raise Damaged("minutes", "the text that is shown is not the text to be sealed")
    if (frame.meeting, frame.seq) != (said.meeting, said.seq):
        raise Damaged("minutes", "the text to be sealed is that of another meeting or document")
    return Circulated(frame, content, _policy(said.policy))


def read_proposed(data: bytes, index: int | None = None) -> Proposed:
    """The proposal at `index`, or the only one, from the service's answer about policies. Raises as above."""
    said = _decoded(data, _Circles, "lists of keys, as GET /v1/policies answers them")
    found = [
        (circle, each) for circle in said.items for each in circle.proposals if index in {None, each.index}
    ]
    if len(found) != 1:
        known = ", ".join(str(each.index) for circle in said.items for each in circle.proposals) or "none"
        raise CannotTell(f"Name one proposal with --index; these wait for consent: {known}.")
    ((circle, proposal),) = found
    policy, former = _policy(proposal), _policy(circle.in_force)
    if (policy.leaf.previous, policy.leaf.agencies) != (former.index, former.leaf.agencies):
        raise Damaged("proposal", "it does not replace the list that is said to be in force")
    return Proposed(_origin(circle.origin), former, policy)


def read_erasure(data: bytes) -> AskedErasure:
    """From the service's answer about an erasure. Raises as above."""
    said = _decoded(data, _Erasure, "an erasure, as GET /v1/meetings/…/minutes/…/erasure answers it")
    request = _leaf(said.leaf, "erasure", ErasureLeaf)
    entry = _leaf(said.entry.leaf, "entry", MinutesLeaf)
    asked = PlacedErasure(said.index, _bytes(said.leaf, "erasure"), request)
    if (asked.hash, request.target) != (said.hash, said.entry.index):
        raise Damaged("erasure", "it is about another entry, or has another hash, than is said beside it")
    if request.leaf != named_hash(_bytes(said.entry.leaf, "entry")):
        raise Damaged("erasure", "it is about another document than the one that is shown with it")
    return AskedErasure(_origin(said.origin), asked, entry, _policy(said.in_force))


def read_in_force(data: bytes, index: int | None = None) -> PlacedPolicy:
    """The list of keys in force at `index`, or the only one, from the service's answer about policies."""
    said = _decoded(data, _Circles, "lists of keys, as GET /v1/policies answers them")
    found = [each.in_force for each in said.items if index in {None, each.in_force.index}]
    if len(found) != 1:
        known = ", ".join(str(each.in_force.index) for each in said.items) or "none"
        raise CannotTell(f"Name one list of keys with --index; these are in force: {known}.")
    return _policy(found[0])


def asks_for_erasure(data: bytes) -> bool:
    """Whether this is an answer about an erasure, rather than one about lists of keys."""
    try:
        msgspec.json.decode(data, type=_Erasure)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
    return True


def signs_for(policy: PlacedPolicy, vkey: str) -> str:
    """The agency for which this key is named. Raises Conflict when it is named for none."""
    for each in policy.leaf.approvers:
        if each.key == vkey:
            return each.agency
    raise Conflict(
        f"Your key is not named in entry {policy.index}, the list of keys in force: ask your administrator."
    )


def gone_and_new(former: PolicyLeaf, policy: PolicyLeaf) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys of `former` that the policy leaves out, and those that it adds."""
    before, after = set(_keys(former)), set(_keys(policy))
    return tuple(sorted(before - after)), tuple(sorted(after - before))


def _keys(policy: PolicyLeaf) -> Iterable[str]:
    yield from (each.recipient for each in policy.recipients)
    yield from (each.key for each in policy.approvers)


def _origin(said: str) -> str:
    """The name of a log, which can hold no line that would be shown, or signed, as another."""
    try:
        leaves.check_ids(origin=said)
    except Invalid as fault:
        raise Damaged("origin", fault.detail) from fault
    return said


def _policy(said: _Policy) -> PlacedPolicy:
    leaf = _leaf(said.leaf, "policy", PolicyLeaf)
    policy = PlacedPolicy(said.index, _bytes(said.leaf, "policy"), leaf)
    if policy.hash != said.hash:
        raise Damaged("policy", "its hash is not that of the list of keys shown with it")
    return policy


def _leaf(text: str, what: str, kind: type[D]) -> D:
    leaf = leaves.parse(_bytes(text, what))
    if not isinstance(leaf, kind):
        raise Damaged(what, "it is another kind of entry")
    return leaf


def _decoded(data: bytes, kind: type[D], wanted: str) -> D:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise CannotTell(f"This file does not hold {wanted}.") from fault


def _bytes(text: str, what: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError as fault:
        raise Damaged(what, "it is not base64") from fault
