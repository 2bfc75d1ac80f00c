"""The request of a log to a witness (C2SP tlog-witness v1.0.0), as text."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetcoord.domain.errors import Damaged, Invalid
from meetcoord.domain.witnessing import AddCheckpoint, address_of, parse_add_checkpoint
from tests.log.builders import b64, log_of

LOG = log_of(9)
NOTE = LOG.checkpoint(9)


def test_a_request_is_the_old_size_the_proof_an_empty_line_and_the_checkpoint() -> None:
    first, second = bytes(32), bytes(range(32))
    asked = AddCheckpoint(7, (first, second), NOTE)
    assert asked.encode() == f"old 7\n{b64(first)}\n{b64(second)}\n\n{NOTE}"
    assert parse_add_checkpoint(asked.encode()) == asked
    assert asked.checkpoint.size == 9


@given(st.integers(0, 2**63 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_any_request_is_read_back(old: int, proof: list[bytes]) -> None:
    asked = AddCheckpoint(old, tuple(proof), NOTE)
    assert parse_add_checkpoint(asked.encode()) == asked


@given(st.integers(0, 200), st.text(max_size=3))
def test_a_damaged_request_is_never_taken_for_another(at: int, change: str) -> None:
    body = AddCheckpoint(7, (bytes(32),), NOTE).encode()
    changed = body[:at] + change + body[at + 1 :]
    with suppress(Damaged):
        assert parse_add_checkpoint(changed).encode() == changed


@pytest.mark.parametrize(("old", "proof"), [(-1, ()), (2**63, ()), (1, (bytes(31),)), (1, (bytes(32),) * 64)])
def test_a_request_that_cannot_be_is_refused(old: int, proof: tuple[bytes, ...]) -> None:
    with pytest.raises(Invalid):
        AddCheckpoint(old, proof, NOTE)


def test_the_newest_checkpoint_stands_under_the_hash_of_its_origin() -> None:
    assert address_of("go.sum database tree") == (
        "46613be2987d5d316f5ad065e4aa2eee26ccdd3de17a3735cd0da18156a22bdd/checkpoint"
    )
