"""The tree again, against another implementation of RFC 9162 (pymerkle)."""

import pytest
from pymerkle import InmemoryTree

from meetcoord.domain import merkle
from tests.log.builders import log_of

LARGEST = 130
LOG = log_of(LARGEST)


@pytest.fixture(scope="module")
def other() -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for entry in LOG.entries:
        tree.append_entry(entry)
    return tree


def test_the_roots_are_the_same(other: InmemoryTree) -> None:
    for size in range(1, LARGEST + 1):
        assert merkle.root(LOG.hashes[:size]) == other.get_root(size)


def test_the_audit_paths_are_the_same(other: InmemoryTree) -> None:
    for size in (1, 2, 3, 7, 8, 9, 64, 65, 127, LARGEST):
        for index in range(size):
            leaf, *path = other.prove_inclusion(index + 1, size).path
            assert leaf == LOG.hashes[index]
            assert path == merkle.inclusion_proof(index, size, LOG.node)
            merkle.verify_inclusion(leaf, index, size, path, other.get_root(size))


def test_its_states_are_consistent_for_us(other: InmemoryTree) -> None:
    for size in (1, 2, 3, 7, 8, 9, 64, 65, 127, LARGEST):
        for old in range(1, size + 1):
            proof = merkle.consistency_proof(old, size, LOG.node)
            merkle.verify_consistency(old, size, proof, other.get_root(old), other.get_root(size))
