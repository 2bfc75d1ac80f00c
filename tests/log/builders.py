"""A small log in memory, and minutes sealed into it, all with the real parts."""

import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from meetcoord.adapters.sealing.age import AgeOpener, AgeSealer, generate_identity, recipient_of
from meetcoord.adapters.sealing.cosignatures import Ed25519CosignatureVerifier
from meetcoord.adapters.sealing.notes import Ed25519Signer, Ed25519Verifier
from meetcoord.domain import leaves, merkle
from meetcoord.domain.agencies import RecipientKind
from meetcoord.domain.approvals import approval_text, consent_text, kept_signature, named_hash
from meetcoord.domain.checkpoints import Checkpoint, LogProof
from meetcoord.domain.evidence import Evidence, ProvenLeaf, ProvenPolicy
from meetcoord.domain.frames import Frame
from meetcoord.domain.leaves import (
    ApprovalLeaf,
    ConsentLeaf,
    ConsentVerdict,
    ErasureLeaf,
    ErasureReason,
    Leaf,
    MinutesLeaf,
    PolicyApprover,
    PolicyLeaf,
    PolicyRecipient,
    RewrapLeaf,
)
from meetcoord.domain.sealing import SealedFile
from meetcoord.usecases.verify_evidence import VerifyEvidence

ORIGIN = "log.meet.example.org/2026"
MEETING = "m4xk2q7gqzv5rjw3n6bt7ycuaa"
AUTHOR = "city/p3k2q7gqzv5rjw3n6bt7ycuaab"
BODY = "Décision : la cellule de crise se réunit chaque matin à huit heures.\n"

verify = VerifyEvidence(Ed25519Verifier(), AgeOpener(), Ed25519CosignatureVerifier())


def naive_root(hashes: Sequence[bytes]) -> bytes:
    """The definition of RFC 9162, 2.1.1, word by word."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return sha256(b"\x01" + naive_root(hashes[:half]) + naive_root(hashes[half:])).digest()


def new_signer(name: str = ORIGIN) -> Ed25519Signer:
    return Ed25519Signer(name, Ed25519PrivateKey.generate())


@dataclass(slots=True)
class SmallLog:
    """An append-only log whose nodes are kept as storage keeps them."""

    signer: Ed25519Signer = field(default_factory=new_signer)
    hashes: list[bytes] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=list)
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)
    frontier: tuple[bytes, ...] = ()

    @property
    def size(self) -> int:
        return len(self.entries)

    def append(self, entry: bytes) -> int:
        made, self.frontier = merkle.append(self.size, self.frontier, merkle.leaf_hash(entry))
        for node in made:
            assert (node.level, node.index) not in self.nodes
            self.nodes[node.level, node.index] = node.hash
        self.entries.append(entry)
        self.hashes.append(merkle.leaf_hash(entry))
        return self.size - 1

    def write(self, leaf: Leaf) -> int:
        return self.append(leaves.encode(leaf))

    def node(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]

    def root(self, size: int | None = None) -> bytes:
        return naive_root(self.hashes[:size])

    def checkpoint(self, size: int | None = None) -> str:
        size = self.size if size is None else size
        return self.signer.sign(Checkpoint(self.signer.name, size, self.root(size)).encode())

    def proven(self, index: int, size: int | None = None) -> ProvenLeaf:
        size = self.size if size is None else size
        hashes = tuple(merkle.inclusion_proof(index, size, self.node))
        return ProvenLeaf(self.entries[index], LogProof(index, hashes, self.checkpoint(size)).encode())


def log_of(size: int) -> SmallLog:
    log = SmallLog()
    for number in range(size):
        log.append(b"entry %d" % number)
    return log


@cache
def identities() -> dict[str, str]:
    return {agency: generate_identity(os.urandom) for agency in ("city", "health", "stranger")}


def minutes_leaf(**changed: object) -> MinutesLeaf:
    some = leaves.digest(b"something")
    facts: dict[str, object] = {
        "at": 1_790_000_000,
        "author": AUTHOR,
        "content": some,
        "header": some,
        "kind": "minutes",
        "meeting": MEETING,
        "payload": some,
        "policy": 1,
        "seq": 0,
        "size": 100,
    }
    return MinutesLeaf(**(facts | changed))  # type: ignore[arg-type]  # a test changes what it likes


def policy_leaf(
    agencies: Sequence[str] = ("city",),
    previous: int = -1,
    approvers: Sequence[PolicyApprover] = (),
    **changed: object,
) -> PolicyLeaf:
    facts: dict[str, object] = {
        "agencies": tuple(agencies),
        "approvers": tuple(sorted(approvers, key=lambda each: (each.agency, each.key))),
        "at": 1_780_000_000,
        "erasure": len(agencies) or 1,
        "previous": previous,
    }
    if "recipients" not in changed:
        facts["recipients"] = tuple(archive(agency) for agency in agencies)
    return PolicyLeaf(**(facts | changed))  # type: ignore[arg-type]  # a test changes what it likes


def archive(agency: str) -> PolicyRecipient:
    return replace(auditor(agency), kind=RecipientKind.ARCHIVE)


def auditor(agency: str) -> PolicyRecipient:
    key = recipient_of(identities()[agency])
    return PolicyRecipient(agency=agency, kind=RecipientKind.AUDITOR, recipient=key)


def approver_of(agency: str, number: int = 1) -> Ed25519Signer:
    """Whoever signs for the agency, with a key that the service never has."""
    return _approver_named(f"{agency}/approver-{number}")


@cache
def _approver_named(name: str) -> Ed25519Signer:
    return new_signer(name)


def approver(agency: str, number: int = 1) -> PolicyApprover:
    return PolicyApprover(agency=agency, key=approver_of(agency, number).vkey)


def approval_leaf(agency: str = "city", content: str = "", **changed: object) -> ApprovalLeaf:
    facts: dict[str, object] = {
        "agency": agency,
        "at": 1_785_000_000,
        "by": "p5k2q7gqzv5rjw3n6bt7ycuaac",
        "content": content or leaves.digest(b"something"),
        "meeting": MEETING,
        "policy": 2,
        "seq": 0,
    }
    return ApprovalLeaf(**(facts | changed))  # type: ignore[arg-type]  # a test changes what it likes


def signed_approval(
    policy: PolicyLeaf,
    /,
    agency: str = "city",
    signer: Ed25519Signer | None = None,
    origin: str = ORIGIN,
    **changed: object,
) -> ApprovalLeaf:
    """As the agency's first approver signs it; `changed` is what the leaf says, signed or not."""
    leaf = approval_leaf(agency, **changed)  # type: ignore[arg-type]  # a test changes what it likes
    hashed = named_hash(leaves.encode(policy))
    text = approval_text(origin, leaf.meeting, leaf.seq, leaf.content, leaf.policy, hashed)
    note = (signer or approver_of(agency)).sign(text)
    return replace(leaf, signature=kept_signature(note))


def consent_leaf(agency: str = "city", **changed: object) -> ConsentLeaf:
    facts: dict[str, object] = {
        "agency": agency,
        "at": 1_786_000_000,
        "by": "p5k2q7gqzv5rjw3n6bt7ycuaac",
        "leaf": leaves.digest(b"something"),
        "target": 5,
        "verdict": ConsentVerdict.APPROVE,
    }
    return ConsentLeaf(**(facts | changed))  # type: ignore[arg-type]  # a test changes what it likes


def signed_consent(
    leaf: ConsentLeaf, signer: Ed25519Signer | None = None, origin: str = ORIGIN
) -> ConsentLeaf:
    text = consent_text(origin, leaf.target, leaf.leaf, leaf.verdict)
    return replace(leaf, signature=kept_signature((signer or approver_of(leaf.agency)).sign(text)))


def rewrap_leaf(**changed: object) -> RewrapLeaf:
    facts: dict[str, object] = {
        "agency": "city",
        "at": 1_795_000_000,
        "by": "p5k2q7gqzv5rjw3n6bt7ycuaac",
        "header": leaves.digest(b"header"),
        "policy": 7,
        "target": 4,
    }
    return RewrapLeaf(**(facts | changed))  # type: ignore[arg-type]  # a test changes what it likes


def erasure_leaf(**changed: object) -> ErasureLeaf:
    facts: dict[str, object] = {
        "agency": "city",
        "at": 1_799_000_000,
        "by": "p5k2q7gqzv5rjw3n6bt7ycuaac",
        "leaf": named_hash(leaves.encode(minutes_leaf())),
        "reason": ErasureReason.RETENTION,
        "target": 4,
    }
    return ErasureLeaf(**(facts | changed))  # type: ignore[arg-type]  # a test changes what it likes


def frame(**changed: object) -> Frame:
    facts: dict[str, object] = {
        "log": ORIGIN,
        "meeting": MEETING,
        "seq": 0,
        "kind": "minutes",
        "author": AUTHOR,
        "salt": bytes(range(32)),
        "body": BODY,
    }
    return Frame(**(facts | changed))  # type: ignore[arg-type]  # a test changes what it likes


def seal(text: Frame, policy: PolicyLeaf) -> SealedFile:
    return AgeSealer(os.urandom).seal(text.encode(), [each.recipient for each in policy.recipients])


def leaf_for(text: Frame, sealed: SealedFile, **changed: object) -> MinutesLeaf:
    facts: dict[str, object] = {
        "content": leaves.content_hash(text.encode()),
        "header": leaves.digest(sealed.header),
        "payload": leaves.digest(sealed.payload),
        "size": len(sealed.payload),
        "seq": text.seq,
    }
    return minutes_leaf(**(facts | changed))


@dataclass(slots=True)
class Written:
    """A log in which minutes were approved and sealed; `evidence()` is what leaves it."""

    log: SmallLog
    policies: list[list[int]]
    approvals: list[int]
    entry: int
    sealed: SealedFile

    @property
    def key(self) -> str:
        return self.log.signer.vkey

    @property
    def policy(self) -> int:
        """The one that the minutes are sealed under."""
        return self.policies[-1][0]

    @property
    def genesis(self) -> str:
        return sha256(self.log.entries[self.policies[0][0]]).hexdigest()

    def proven_policy(self, number: int = -1) -> ProvenPolicy:
        policy, *consents = self.policies[number]
        return ProvenPolicy(self.log.proven(policy), tuple(map(self.log.proven, consents)))

    def evidence(self) -> Evidence:
        return Evidence(
            log_key=self.key,
            entry=self.log.proven(self.entry),
            sealed=self.sealed.file,
            policies=tuple(map(self.proven_policy, range(len(self.policies)))),
            approvals=tuple(self.log.proven(index) for index in self.approvals),
        )


def written(
    agencies: Sequence[str] = ("city",),
    approving: Sequence[str] = ("city",),
    inside: Frame | None = None,
    approved: str = "",
    **leaf: object,
) -> Written:
    """Minutes through the whole chain; `inside` is what is really sealed, `leaf` what the entry says instead."""
    log = log_of(2)
    policy = policy_leaf(agencies)
    named = log.write(policy)
    text = frame()
    content = approved or leaves.content_hash(text.encode())
    approvals = [log.write(approval_leaf(agency, content, policy=named)) for agency in approving]
    sealed = seal(inside or text, policy)
    entry = log.write(leaf_for(text, sealed, **({"policy": named} | leaf)))
    log.append(b"a later entry")
    return Written(log, [[named]], approvals, entry, sealed)


BOTH = ("city", "health")
FIRST = 1
"""Where the first policy of `written_under_change` stands; the second follows it."""
CONTENT = leaves.content_hash(frame().encode())
CHANGED = policy_leaf(BOTH, previous=FIRST, approvers=[approver("city"), approver("city", 2)])


def good_approval(signer: Ed25519Signer | None = None, **changed: object) -> ApprovalLeaf:
    """What the city signs for the text of `written_under_change`."""
    return signed_approval(CHANGED, signer=signer, **({"content": CONTENT, "policy": FIRST + 1} | changed))  # type: ignore[arg-type]  # a test changes what it likes


def consents_to(
    log: SmallLog, target: int, agencies: Sequence[str], signing: Mapping[str, Ed25519Signer]
) -> list[int]:
    """Each of `agencies` consents, those of `signing` with a signature; the indices of their leaves."""
    hashed, made = named_hash(log.entries[target]), []
    for agency in agencies:
        leaf = consent_leaf(agency, target=target, leaf=hashed)
        made.append(log.write(signed_consent(leaf, signing.get(agency)) if agency in signing else leaf))
    return made


def written_under_change(
    consenting: Sequence[str] = ("city", "health"), approvals: Sequence[ApprovalLeaf] | None = None
) -> Written:
    """The first policy names one approver of the city, the second another two, and both agencies consent to it.

    Minutes are then signed by the city's first approver, and approved by the health agency, which has named no key.
    """
    log = log_of(FIRST)
    first = log.write(policy_leaf(BOTH, approvers=[approver("city", 3)]))
    named = log.write(CHANGED)
    consents = consents_to(log, named, consenting, {"city": approver_of("city", 3)})
    text = frame()
    given = approvals or [good_approval(), approval_leaf("health", CONTENT, policy=named)]
    approving = [log.write(each) for each in given]
    policy = CHANGED
    sealed = seal(text, policy)
    entry = log.write(leaf_for(text, sealed, policy=named))
    log.append(b"a later entry")
    return Written(log, [[first], [named, *consents]], approving, entry, sealed)


def b64(data: bytes) -> str:
    return b64encode(data).decode()
