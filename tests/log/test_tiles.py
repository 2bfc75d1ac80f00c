"""The log as files (C2SP tlog-tiles)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetcoord.domain import merkle
from meetcoord.domain.errors import Damaged, Invalid
from meetcoord.domain.tiles import (
    Tile,
    entry_bundle,
    hash_tile,
    parse_entry_bundle,
    parse_hash_tile,
    parse_path,
    tiles_of,
)
from tests.log.builders import log_of

tiles = st.builds(Tile, st.none() | st.integers(0, 63), st.integers(0, 2**55), st.integers(1, 256))


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 5, 17), "tile/0/005.p/17"),
        (Tile(1, 1234067), "tile/1/x001/x234/067"),
        (Tile(None, 999), "tile/entries/999"),
        (Tile(None, 1000, 1), "tile/entries/x001/000.p/1"),
    ],
)
def test_paths_are_written_in_groups_of_three_digits(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_path(path) == tile


@given(tiles)
def test_every_path_is_read_back(tile: Tile) -> None:
    assert parse_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/000",
        "tile/0/001/002",
        "tile/0/x001/x002",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/01",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/entry/000",
        "tile/-1/000",
        "tile/0/../000",
        "tile/0/٠٠٠",
    ],
)
def test_another_spelling_of_a_path_is_refused(path: str) -> None:
    with pytest.raises(Damaged):
        parse_path(path)


@pytest.mark.parametrize("facts", [(0, 0, 0), (0, 0, 257), (64, 0, 1), (-1, 0, 1), (0, -1, 1)])
def test_a_tile_that_cannot_be_is_refused(facts: tuple[int, int, int]) -> None:
    with pytest.raises(Invalid):
        Tile(*facts)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600])
def test_a_log_of_any_size_is_rebuilt_from_its_files(size: int) -> None:
    log = log_of(size)
    entries: list[bytes] = []
    hashes: list[bytes] = []
    for tile in tiles_of(size):
        if tile.level is None:
            first = tile.index * 256
            data = entry_bundle(log.entries[first : first + tile.width])
            entries += parse_entry_bundle(tile, data)
        elif tile.level == 0:
            hashes += parse_hash_tile(tile, hash_tile(tile, log.node))
    assert entries == log.entries
    assert merkle.root(hashes) == log.root()


def test_a_higher_tile_holds_the_roots_of_the_full_ones_below() -> None:
    log = log_of(600)
    assert [tile.path for tile in tiles_of(600) if tile.level == 1] == ["tile/1/000.p/2"]
    upper = parse_hash_tile(Tile(1, 0, 2), hash_tile(Tile(1, 0, 2), log.node))
    assert upper == (log.root(256), merkle.root(log.hashes[256:512]))


def test_an_entry_has_its_length_before_it() -> None:
    assert entry_bundle([b"ab", b""]) == b"\0\2ab\0\0"


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\2a", b"\0\1a\0", b"\0\1a", b"\0\1a\0\1b\0\1c"])
def test_a_bundle_that_is_cut_short_or_too_full_is_refused(data: bytes) -> None:
    with pytest.raises(Damaged):
        parse_entry_bundle(Tile(None, 0, 2), data)


def test_a_hash_tile_of_another_length_is_refused() -> None:
    with pytest.raises(Damaged):
        parse_hash_tile(Tile(0, 0, 2), b"\0" * 65)


@pytest.mark.parametrize("entries", [[], [b""] * 257, [b"x" * 65536]])
def test_what_no_bundle_can_hold_is_refused(entries: list[bytes]) -> None:
    with pytest.raises(Invalid):
        entry_bundle(entries)


def test_entries_are_not_hashes() -> None:
    with pytest.raises(Invalid):
        hash_tile(Tile(None, 0), log_of(1).node)
