"""A small log in memory, and minutes sealed into it, all with the real parts."""

import os
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from meetcoord.adapters.sealing.age import AgeOpener, AgeSealer, generate_identity, recipient_of
from meetcoord.adapters.sealing.notes import Ed25519Signer, Ed25519Verifier
from meetcoord.domain import leaves, merkle
from meetcoord.domain.agencies import RecipientKind
from meetcoord.domain.checkpoints import Checkpoint, LogProof
from meetcoord.domain.evidence import Evidence, ProvenLeaf
from meetcoord.domain.frames import Frame
from meetcoord.domain.leaves import (
    ApprovalLeaf,
    Leaf,
    MinutesLeaf,
    PolicyLeaf,
    PolicyRecipient,
)
from meetcoord.domain.sealing import SealedFile
from meetcoord.usecases.verify_evidence import VerifyEvidence

ORIGIN = "log.meet.example.org/2026"
MEETING = "m4xk2q7gqzv5rjw3n6bt7ycuaa"
AUTHOR = "city/p3k2q7gqzv5rjw3n6bt7ycuaab"
BODY = "Décision : la cellule de crise se réunit chaque matin à huit heures.\n"

verify = VerifyEvidence(Ed25519Verifier(), AgeOpener())


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
    return MinutesLeaf(**(facts | changed))  # type: ignore[arg-type]


def policy_leaf(agencies: Sequence[str] = ("city",), previous: int = -1) -> PolicyLeaf:
    return PolicyLeaf(
        agencies=tuple(agencies),
        at=1_780_000_000,
        previous=previous,
        recipients=tuple(auditor(agency) for agency in agencies),
    )


def auditor(agency: str) -> PolicyRecipient:
    key = recipient_of(identities()[agency])
    return PolicyRecipient(agency=agency, kind=RecipientKind.AUDITOR, recipient=key)


def approval_leaf(agency: str = "city", content: str = "", **changed: object) -> ApprovalLeaf:
    facts: dict[str, object] = {
        "agency": agency,
        "at": 1_785_000_000,
        "by": "p5k2q7gqzv5rjw3n6bt7ycuaac",
        "content": content or leaves.digest(b"something"),
        "meeting": MEETING,
        "seq": 0,
    }
    return ApprovalLeaf(**(facts | changed))  # type: ignore[arg-type]


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
    return Frame(**(facts | changed))  # type: ignore[arg-type]


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
    policy: int
    approvals: list[int]
    entry: int
    sealed: SealedFile

    @property
    def key(self) -> str:
        return self.log.signer.vkey

    def evidence(self) -> Evidence:
        return Evidence(
            log_key=self.key,
            entry=self.log.proven(self.entry),
            sealed=self.sealed.file,
            policy=self.log.proven(self.policy),
            approvals=tuple(self.log.proven(index) for index in self.approvals),
        )


def written(
    agencies: Sequence[str] = ("city",),
    approving: Sequence[str] = ("city",),
    inside: Frame | None = None,
    **leaf: object,
) -> Written:
    """Minutes through the whole chain; `inside` is what is really sealed, `leaf` what the entry says instead."""
    log = log_of(2)
    policy = policy_leaf(agencies)
    named = log.write(policy)
    text = frame()
    content = leaves.content_hash(text.encode())
    approvals = [log.write(approval_leaf(agency, content)) for agency in approving]
    sealed = seal(inside or text, policy)
    entry = log.write(leaf_for(text, sealed, **({"policy": named} | leaf)))
    log.append(b"a later entry")
    return Written(log, named, approvals, entry, sealed)


def b64(data: bytes) -> str:
    return b64encode(data).decode()
