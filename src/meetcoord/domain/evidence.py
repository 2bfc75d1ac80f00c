"""What proves one sealed entry without the server, and what checking it can say."""

from enum import Enum

from msgspec import Struct


class ProvenLeaf(Struct, frozen=True):
    """The bytes of a leaf, and the tlog-proof (with its checkpoint note) that places it in the log."""

    leaf: bytes
    proof: str


class ProvenPolicy(Struct, frozen=True):
    """A policy, and the consents that put it in force in the order of the log; a first policy needs none."""

    policy: ProvenLeaf
    consents: tuple[ProvenLeaf, ...] = ()


class Evidence(Struct, frozen=True, kw_only=True):
    """The members of an evidence file.

    `policies` are those that were in force one after the other, from the first of the circle to the one the entry
    names, or to the last that a rewrap names.

    `witnesses` is the policy (C2SP tlog-policy) by which the service counts cosignatures, empty where nobody cosigns.

    Proofs should all lead to one checkpoint. Those of other sizes are accepted when the same key signed them,
    but nothing in the file then shows that the one log grew out of the other.
    """

    log_key: str
    entry: ProvenLeaf
    sealed: bytes
    policies: tuple[ProvenPolicy, ...]
    approvals: tuple[ProvenLeaf, ...]
    witnesses: str = ""
    rewraps: tuple[ProvenLeaf, ...] = ()


class StepName(Enum):
    """What is checked, in this order."""

    LEAF = "leaf"
    INCLUSION = "inclusion"
    LOG_KEY = "log key"
    SIGNATURE = "signature"
    WITNESSES = "witnesses"
    POLICY = "policy"
    GENESIS = "first policy"
    APPROVALS = "approvals"
    HEADER = "header"
    PAYLOAD = "payload"
    CONTENT = "content"


class StepState(Enum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"


class Step(Struct, frozen=True):
    name: StepName
    state: StepState
    sentence: str


class Outcome(Enum):
    INTACT = "intact"
    ALTERED = "altered"
    CANNOT_TELL = "cannot be checked"


class Verdict(Struct, frozen=True):
    """One sentence for the reader, and every step with what it found; all the steps are always listed."""

    outcome: Outcome
    sentence: str
    steps: tuple[Step, ...]
