"""What proves one sealed entry without the server, and what checking it can say."""

from enum import Enum

from msgspec import Struct


class ProvenLeaf(Struct, frozen=True):
    """The bytes of a leaf, and the tlog-proof (with its checkpoint note) that places it in the log."""

    leaf: bytes
    proof: str


class Evidence(Struct, frozen=True, kw_only=True):
    """The members of an evidence file.

    Proofs should all lead to one checkpoint. Those of other sizes are accepted when the same key signed them,
    but nothing in the file then shows that the one log grew out of the other.
    """

    log_key: str
    entry: ProvenLeaf
    sealed: bytes
    policy: ProvenLeaf
    approvals: tuple[ProvenLeaf, ...]


class StepName(Enum):
    """What is checked, in this order."""

    LEAF = "leaf"
    INCLUSION = "inclusion"
    LOG_KEY = "log key"
    SIGNATURE = "signature"
    POLICY = "policy"
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
    """One sentence for the reader, and every step with what it found; all nine steps are always listed."""

    outcome: Outcome
    sentence: str
    steps: tuple[Step, ...]
