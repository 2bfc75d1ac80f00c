"""The tree of RFC 9162, against its own definition."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetcoord.domain import merkle
from meetcoord.domain.errors import Damaged, Invalid
from meetcoord.domain.merkle import Node
from tests.log.builders import SmallLog, log_of, naive_root

LARGEST = 300
LOG = log_of(LARGEST)
ROOTS = [LOG.root(size) for size in range(LARGEST + 1)]

sizes = st.integers(1, LARGEST)
hashes = st.binary(min_size=32, max_size=32)


@st.composite
def leaf_places(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(sizes)
    return draw(st.integers(0, size - 1)), size


@st.composite
def size_pairs(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(sizes)
    return draw(st.integers(1, size)), size


def included(index: int, size: int) -> list[bytes]:
    return merkle.inclusion_proof(index, size, LOG.node)


def consistent(old: int, size: int) -> list[bytes]:
    return merkle.consistency_proof(old, size, LOG.node)


def test_the_root_of_every_size_is_the_one_of_the_definition() -> None:
    assert all(merkle.root(LOG.hashes[:size]) == ROOTS[size] for size in range(LARGEST + 1))


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert merkle.root([]) == merkle.root_from_frontier(()) == merkle.EMPTY_ROOT
    assert merkle.EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_frontier_gives_the_root_of_every_size_and_is_found_among_the_stored_nodes() -> None:
    for size in range(LARGEST + 1):
        frontier = [LOG.node(level, index) for level, index in merkle.frontier_places(size)]
        assert merkle.root_from_frontier(frontier) == ROOTS[size]


def test_appending_completes_each_subtree_once_and_two_nodes_a_leaf_at_most() -> None:
    log = SmallLog()
    for number in range(LARGEST):
        log.append(b"%d" % number)
    assert len(log.nodes) == sum(log.size >> level for level in range(log.size.bit_length()))
    assert len(log.nodes) < 2 * log.size
    assert all(
        stored == naive_root(log.hashes[index << level : (index + 1) << level])
        for (level, index), stored in log.nodes.items()
    )


def test_a_frontier_of_another_size_is_refused() -> None:
    with pytest.raises(Invalid):
        merkle.append(5, (b"\0" * 32,), b"\1" * 32)
    with pytest.raises(Invalid, match="complete subtrees"):
        merkle.extend(5, (b"\0" * 32,), [b"\1" * 32])


def test_appending_many_at_once_is_appending_one_after_the_other() -> None:
    fresh = [merkle.leaf_hash(b"%d" % number) for number in range(70)]
    nodes: list[Node] = []
    frontier: tuple[bytes, ...] = ()
    for size, leaf in enumerate(fresh):
        completed, frontier = merkle.append(size, frontier, leaf)
        nodes += completed
    for cut in range(len(fresh) + 1):
        first, between = merkle.extend(0, (), fresh[:cut])
        second, last = merkle.extend(cut, between, fresh[cut:])
        assert ([*first, *second], last) == (nodes, frontier)


def test_every_leaf_of_every_size_is_proven_from_the_stored_nodes_alone() -> None:
    for size in [*range(1, 70), 127, 128, 129, 255, 256, 257, LARGEST]:
        for index in range(size):
            merkle.verify_inclusion(LOG.hashes[index], index, size, included(index, size), ROOTS[size])


def test_every_pair_of_sizes_is_proven_consistent() -> None:
    for size in [*range(1, 70), 127, 128, 129, 255, 256, 257, LARGEST]:
        for old in range(1, size + 1):
            merkle.verify_consistency(old, size, consistent(old, size), ROOTS[old], ROOTS[size])


@given(leaf_places())
def test_a_proof_reads_exactly_the_places_it_announces_and_few_of_them(place: tuple[int, int]) -> None:
    index, size = place
    read: list[tuple[int, int]] = []

    def node(level: int, number: int) -> bytes:
        read.append((level, number))
        return LOG.node(level, number)

    merkle.inclusion_proof(index, size, node)
    assert read == merkle.proof_places(index, size)
    assert len(read) <= 2 * size.bit_length()


@given(size_pairs())
def test_a_consistency_proof_reads_exactly_the_places_it_announces(pair: tuple[int, int]) -> None:
    read: list[tuple[int, int]] = []

    def node(level: int, number: int) -> bytes:
        read.append((level, number))
        return LOG.node(level, number)

    merkle.consistency_proof(*pair, node)
    assert read == merkle.consistency_places(*pair)
    assert len(read) <= 2 * pair[1].bit_length()


def spoiled(proof: list[bytes]) -> Iterator[list[bytes]]:
    """One hash dropped, doubled, swapped with the next, changed by a bit, cut or lengthened; or one too many."""
    for at in range(len(proof)):
        before, here, after = proof[:at], proof[at], proof[at + 1 :]
        yield before + after
        yield [*before, here, here, *after]
        yield [*before, bytes([here[0] ^ 1]) + here[1:], *after]
        yield [*before, here[:31], *after]
        yield [*before, here + b"\0", *after]
        if after and after[0] != here:
            yield [*before, after[0], here, *after[1:]]
    yield [*proof, b"\0" * 32]
    yield [b"\0" * 32, *proof]
    yield [*proof, b""]


@given(leaf_places())
def test_a_spoiled_inclusion_proof_is_refused(place: tuple[int, int]) -> None:
    index, size = place
    for proof in spoiled(included(index, size)):
        with pytest.raises(Damaged):
            merkle.verify_inclusion(LOG.hashes[index], index, size, proof, ROOTS[size])


@given(leaf_places(), st.integers(-1, LARGEST + 1))
def test_a_proof_of_one_index_is_not_a_proof_of_another(place: tuple[int, int], other: int) -> None:
    index, size = place
    if other != index:
        with pytest.raises(Damaged):
            merkle.verify_inclusion(LOG.hashes[index], other, size, included(index, size), ROOTS[size])


@given(leaf_places(), leaf_places(), hashes)
def test_another_leaf_another_root_or_another_tree_is_refused(
    place: tuple[int, int], other: tuple[int, int], chance: bytes
) -> None:
    index, size = place
    proof = included(index, size)
    for leaf, root in [
        (LOG.hashes[other[0]], ROOTS[size]),
        (LOG.hashes[index], ROOTS[other[1]]),
        (chance, ROOTS[size]),
        (LOG.hashes[index], chance),
    ]:
        if (leaf, root) != (LOG.hashes[index], ROOTS[size]):
            with pytest.raises(Damaged):
                merkle.verify_inclusion(leaf, index, size, proof, root)


def test_an_interior_node_does_not_pass_for_a_leaf() -> None:
    """Without the two prefixes, the tree over the parents would have the same root as the tree over the leaves."""
    parents = [LOG.node(1, index) for index in range(4)]
    proof = [parents[0], LOG.node(2, 1)]
    assert naive_root(parents) == ROOTS[8]
    entry = LOG.hashes[2] + LOG.hashes[3]
    with pytest.raises(Damaged):
        merkle.verify_inclusion(merkle.leaf_hash(entry), 1, 4, proof, ROOTS[8])
    with pytest.raises(Damaged):
        merkle.verify_inclusion(parents[1], 1, 8, proof, ROOTS[8])
    with pytest.raises(Damaged):
        merkle.verify_inclusion(parents[1], 2, 8, included(2, 8)[1:], ROOTS[8])


@given(size_pairs())
def test_a_spoiled_consistency_proof_is_refused(pair: tuple[int, int]) -> None:
    old, size = pair
    for proof in spoiled(consistent(old, size)):
        with pytest.raises(Damaged):
            merkle.verify_consistency(old, size, proof, ROOTS[old], ROOTS[size])


@given(size_pairs(), sizes)
def test_a_consistency_proof_serves_only_its_own_sizes_and_roots(pair: tuple[int, int], other: int) -> None:
    old, size = pair
    proof = consistent(old, size)
    for old_root, root in [
        (ROOTS[other], ROOTS[size]),
        (ROOTS[old], ROOTS[other]),
        (ROOTS[size], ROOTS[old]),
    ]:
        if (old_root, root) != (ROOTS[old], ROOTS[size]):
            with pytest.raises(Damaged):
                merkle.verify_consistency(old, size, proof, old_root, root)


@pytest.mark.parametrize(("old", "size"), [(0, 0), (0, 1), (2, 1), (-1, 1), (1, 2**63)])
def test_sizes_that_cannot_be_compared_are_refused(old: int, size: int) -> None:
    with pytest.raises(Damaged):
        merkle.verify_consistency(old, size, [], ROOTS[1], ROOTS[1])
    with pytest.raises(Invalid):
        merkle.consistency_proof(old, size, LOG.node)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 1), (5, 3), (0, 2**63)])
def test_a_leaf_outside_the_tree_is_refused(index: int, size: int) -> None:
    with pytest.raises(Damaged):
        merkle.verify_inclusion(ROOTS[1], index, size, [], ROOTS[1])
    with pytest.raises(Invalid):
        merkle.proof_places(index, size)


def test_one_size_is_consistent_with_itself_only_with_an_empty_proof_and_one_root() -> None:
    merkle.verify_consistency(6, 6, [], ROOTS[6], ROOTS[6])
    with pytest.raises(Damaged):
        merkle.verify_consistency(6, 6, [], ROOTS[6], ROOTS[7])


def test_an_index_behind_the_end_is_refused_even_with_a_path_that_fits() -> None:
    with pytest.raises(Damaged):
        merkle.verify_inclusion(LOG.hashes[1], 1, 1, [LOG.hashes[0]], ROOTS[2])


def test_hashes_of_other_lengths_that_hash_alike_are_refused() -> None:
    """A byte moved from one hash to its neighbour leaves what is hashed together the same."""
    left, right = LOG.hashes[:2]
    with pytest.raises(Damaged):
        merkle.verify_inclusion(left + right[:1], 0, 2, [right[1:]], ROOTS[2])
    left, right = LOG.node(1, 0), LOG.node(1, 1)
    with pytest.raises(Damaged):
        merkle.verify_consistency(2, 4, [right[1:]], left + right[:1], ROOTS[4])
