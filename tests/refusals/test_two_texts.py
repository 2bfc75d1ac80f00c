"""A payload that opens as two texts, each under a header of its own, and the second header even logged."""

from msgspec.structs import replace

from meetcoord.adapters.sealing import stanzas
from meetcoord.adapters.sealing.age import AgeOpener
from meetcoord.adapters.sealing.hybrid import wrap
from meetcoord.adapters.system import entropy
from meetcoord.domain import leaves
from meetcoord.domain.evidence import Outcome, StepName
from meetcoord.domain.frames import Frame
from meetcoord.domain.sealing import SealedFile
from tests.log.builders import (
    BOTH,
    Written,
    approval_leaf,
    frame,
    identities,
    leaf_for,
    log_of,
    policy_leaf,
    rewrap_leaf,
    verify,
)
from tests.log.test_evidence import refused_at
from tests.sealing.two_texts import BLOCK, payload_for

POLICY = policy_leaf(BOTH)


def header(file_key: bytes) -> bytes:
    return stanzas.serialise([wrap(file_key, each.recipient) for each in POLICY.recipients], file_key)


def sealed_twice() -> tuple[Frame, SealedFile, SealedFile]:
    """The text that was approved, its file, and another file with the same payload."""
    first, second = entropy(16), entropy(16)
    start = frame(body="Décidé : la salle ouvre lundi. ").encode()
    head = start + b"." * (-len(start) % BLOCK)
    text, payload = payload_for(head, first, second)
    return Frame.parse(text), SealedFile(header(first), payload), SealedFile(header(second), payload)


def logged(text: Frame, sealed: SealedFile) -> Written:
    log = log_of(2)
    named = log.write(POLICY)
    approval = log.write(approval_leaf("city", leaves.content_hash(text.encode()), policy=named))
    entry = log.write(leaf_for(text, sealed, policy=named))
    return Written(log, [[named]], [approval], entry, sealed)


def test_one_payload_that_opens_as_two_texts_is_found_at_the_content() -> None:
    text, sealed, other = sealed_twice()
    assert sealed.payload == other.payload
    assert AgeOpener().open(sealed.file, identities()["city"]) == text.encode()
    assert AgeOpener().open(other.file, identities()["health"]) != text.encode()
    here = logged(text, sealed)
    assert verify(here.evidence(), identities()["city"], here.key).outcome is Outcome.INTACT
    new = here.log.write(
        rewrap_leaf(target=here.entry, policy=here.policy, header=leaves.digest(other.header))
    )
    evidence = replace(here.evidence(), sealed=other.file, rewraps=(here.log.proven(new),))
    verdict = verify(evidence, identities()["health"], here.key)
    assert verdict.outcome is Outcome.ALTERED
    assert refused_at(verdict) is StepName.CONTENT
