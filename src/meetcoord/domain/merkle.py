"""The log's Merkle tree, RFC 9162 section 2.1 (the tree of RFC 6962) over SHA-256.

What is stored are the hashes of complete subtrees: node (level, index) covers the leaves
index * 2**level up to (index + 1) * 2**level, and never changes once it is complete.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from hashlib import sha256

from msgspec import Struct

from meetcoord.domain.errors import Damaged, Invalid

HASH_BYTES = 32
MAX_SIZE = 2**63
EMPTY_ROOT = sha256(b"").digest()

Place = tuple[int, int]
"""(level, index) of a complete subtree; level 0 are the leaves."""

ReadNode = Callable[[int, int], bytes]
"""Gives the stored hash of the complete subtree at (level, index)."""


class Node(Struct, frozen=True):
    """The hash of one complete subtree."""

    level: int
    index: int
    hash: bytes


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Root over these leaf hashes, in O(n); the root of no leaves is SHA-256 of nothing."""
    level = list(leaf_hashes)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [sha256(b"\x01" + left + right).digest() for left, right in pairs] + odd
    return level[0] if level else EMPTY_ROOT


def frontier_places(size: int) -> list[Place]:
    """The complete subtrees that make up a tree of this size, largest (leftmost) first."""
    return list(_complete(0, size))


def root_from_frontier(frontier: Sequence[bytes]) -> bytes:
    """Root of the tree whose complete subtrees have these hashes, largest first."""
    return _join(frontier) if frontier else EMPTY_ROOT


def append(size: int, frontier: Sequence[bytes], leaf: bytes) -> tuple[list[Node], tuple[bytes, ...]]:
    """Add one leaf hash to a tree of `size`: the nodes it completes, and the new frontier.

    Two nodes on average: the leaf, and one parent for every trailing one bit of `size`.
    """
    return extend(size, frontier, [leaf])


def extend(
    size: int, frontier: Sequence[bytes], leaves: Sequence[bytes]
) -> tuple[list[Node], tuple[bytes, ...]]:
    """`append` of many leaf hashes, one after the other."""
    if len(frontier) != size.bit_count():
        raise Invalid(
            f"a tree of {size} leaves has {size.bit_count()} complete subtrees, not {len(frontier)}"
        )
    nodes, rest = list[Node](), list(frontier)
    for index, leaf in enumerate(leaves, size):
        _add(nodes, rest, index, leaf)
    return nodes, tuple(rest)


def _add(nodes: list[Node], frontier: list[bytes], index: int, found: bytes) -> None:
    """Put what leaf `index` completes behind `nodes`, and what it leaves open into `frontier`."""
    level = 0
    nodes.append(Node(level, index, found))
    while index & 1:
        level, index = level + 1, index >> 1
        found = sha256(b"\x01" + frontier.pop() + found).digest()
        nodes.append(Node(level, index, found))
    frontier.append(found)


def proof_places(index: int, size: int) -> list[Place]:
    """Every stored node that `inclusion_proof` will read, so that they can be fetched at once."""
    return [place for begin, end in _siblings(index, size) for place in _complete(begin, end)]


def inclusion_proof(index: int, size: int, node: ReadNode) -> list[bytes]:
    """Audit path of leaf `index` in the tree of `size`, nearest sibling first (RFC 9162, 2.1.3)."""
    return [_subtree(begin, end, node) for begin, end in _siblings(index, size)]


def consistency_places(old: int, size: int) -> list[Place]:
    """Every stored node that `consistency_proof` will read."""
    return [place for begin, end in _between(old, size) for place in _complete(begin, end)]


def consistency_proof(old: int, size: int, node: ReadNode) -> list[bytes]:
    """Proof that the tree of `size` only adds to the tree of `old` leaves (RFC 9162, 2.1.4)."""
    return [_subtree(begin, end, node) for begin, end in _between(old, size)]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root_hash: bytes) -> None:
    """Check that this leaf hash is leaf `index` of the tree of `size`; raises Damaged otherwise."""
    what = f"inclusion proof of leaf {index}"
    if not 0 <= index < size < MAX_SIZE:
        raise Damaged(what, f"there is no such leaf in a tree of {size}")
    _check_hashes(what, [leaf, *proof, root_hash])
    # Below `inner` the path turns either way; above it follows the right edge, with every sibling on the left.
    inner = (index ^ (size - 1)).bit_length()
    if len(proof) != inner + (index >> inner).bit_count():
        raise Damaged(what, f"it holds {len(proof)} hashes, not the number that a tree of {size} asks for")
    found = leaf
    for height, sibling in enumerate(proof):
        leads_right = height >= inner or index >> height & 1
        found = node_hash(sibling, found) if leads_right else node_hash(found, sibling)
    if found != root_hash:
        raise Damaged(what, "it does not lead to the root")


def verify_consistency(
    old: int, size: int, proof: Sequence[bytes], old_root: bytes, root_hash: bytes
) -> None:
    """Check that the tree of `size` begins with the tree of `old` leaves; raises Damaged otherwise.

    `old` is at least 1: everything is consistent with the empty tree, so there is nothing to verify.
    """
    what = f"consistency proof from {old} to {size}"
    if not 0 < old <= size < MAX_SIZE:
        raise Damaged(what, "these two sizes cannot be compared")
    _check_hashes(what, [old_root, *proof, root_hash])
    if len(proof) != len(_between(old, size)):
        raise Damaged(what, f"it holds {len(proof)} hashes, not the number these sizes ask for")
    found_old, found_new = _roots_shown(old, size, proof, old_root)
    if (found_old, found_new) != (old_root, root_hash):
        raise Damaged(what, "it does not lead from the one root to the other")


def _roots_shown(old: int, size: int, proof: Sequence[bytes], old_root: bytes) -> tuple[bytes, bytes]:
    """The two roots a proof of the right length leads to (RFC 9162, 2.1.4.2)."""
    if old == size:
        return old_root, old_root
    whole = old & (old - 1) == 0
    start, *path = (old_root, *proof) if whole else proof
    index, last = old - 1, size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    found_old = found_new = start
    for sibling in path:
        if index & 1 or index == last:
            found_old, found_new = node_hash(sibling, found_old), node_hash(sibling, found_new)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            found_new = node_hash(found_new, sibling)
        index, last = index >> 1, last >> 1
    return found_old, found_new


def _check_hashes(what: str, hashes: Sequence[bytes]) -> None:
    if any(len(each) != HASH_BYTES for each in hashes):
        raise Damaged(what, f"every hash has {HASH_BYTES} bytes")


def _split(width: int) -> int:
    """The largest power of two smaller than `width` (RFC 9162, 2.1.1)."""
    return 1 << (width - 1).bit_length() - 1


def _siblings(index: int, size: int) -> list[Place]:
    """Leaf ranges [begin, end) beside the path from leaf `index` up to the root, nearest first."""
    if not 0 <= index < size < MAX_SIZE:
        raise Invalid(f"there is no leaf {index} in a tree of {size}")
    ranges = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((begin, middle))
            begin = middle
    return ranges[::-1]


def _between(old: int, size: int) -> list[Place]:
    """Leaf ranges [begin, end) whose hashes lead from the root of `old` to the root of `size`."""
    if not 0 < old <= size < MAX_SIZE:
        raise Invalid(f"there is no proof from size {old} to size {size}")
    ranges = []
    begin, end = 0, size
    while old != end:
        middle = begin + _split(end - begin)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((begin, middle))
            begin = middle
    # The whole old tree is known to whoever checks; a part of it is not.
    return ([(begin, end)] if begin else []) + ranges[::-1]


def _complete(begin: int, end: int) -> Iterator[Place]:
    """Cut a range that starts where a subtree of its width may start into complete subtrees."""
    while begin < end:
        level = (end - begin).bit_length() - 1
        yield level, begin >> level
        begin += 1 << level


def _subtree(begin: int, end: int, node: ReadNode) -> bytes:
    return _join([node(level, index) for level, index in _complete(begin, end)])


def _join(hashes: Sequence[bytes]) -> bytes:
    """Hash of neighbouring complete subtrees, largest first, under their common root."""
    return reduce(lambda right, left: node_hash(left, right), reversed(hashes))
