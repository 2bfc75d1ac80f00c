"""The log as static files: paths and bytes of C2SP tlog-tiles v0.1.0."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from meetcoord.domain.errors import Damaged, Invalid
from meetcoord.domain.merkle import HASH_BYTES, ReadNode

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
MAX_ENTRY = 0xFFFF

_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


class Tile(Struct, frozen=True):
    """One file: `width` hashes at tree level 8 * `level`, or with no level the entries themselves."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if not 0 < self.width <= TILE_WIDTH or self.index < 0 or not 0 <= (self.level or 0) < 64:
            raise Invalid("a tile has a level from 0 to 63, an index and 1 to 256 hashes")

    @property
    def path(self) -> str:
        kind = "entries" if self.level is None else str(self.level)
        part = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{kind}/{_groups(self.index)}{part}"


def parse_path(path: str) -> Tile:
    """The tile at this path; raises Damaged for every other spelling."""
    found = _PATH.fullmatch(path)
    if not found:
        raise Damaged(path, "this is not the path of a tile")
    kind, groups, part = found.groups()
    index = int(groups.replace("x", "").replace("/", ""))
    width = int(part or TILE_WIDTH)
    if width > TILE_WIDTH or int(kind.replace("entries", "0")) >= 64:
        raise Damaged(path, "this is not the path of a tile")
    tile = Tile(None if kind == "entries" else int(kind), index, width)
    if tile.path != path:
        raise Damaged(path, f"this tile is written {tile.path}")
    return tile


def tiles_of(size: int) -> Iterator[Tile]:
    """Every file of a log of this size: entries, then hashes level by level; partial tiles last."""
    yield from _row(None, size)
    level = 0
    while size:
        yield from _row(level, size)
        level, size = level + 1, size >> TILE_HEIGHT


def hash_tile(tile: Tile, node: ReadNode) -> bytes:
    """The bytes of a hash tile, from the stored complete-subtree hashes."""
    if tile.level is None:
        raise Invalid("an entry bundle holds entries, not hashes")
    first = tile.index * TILE_WIDTH
    return b"".join(node(TILE_HEIGHT * tile.level, first + each) for each in range(tile.width))


def parse_hash_tile(tile: Tile, data: bytes) -> tuple[bytes, ...]:
    if len(data) != tile.width * HASH_BYTES:
        raise Damaged(tile.path, f"it has {len(data)} bytes instead of {tile.width * HASH_BYTES}")
    return tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES))


def entry_bundle(entries: Sequence[bytes]) -> bytes:
    """Each entry with its length before it, as a big-endian 16-bit number."""
    if not 0 < len(entries) <= TILE_WIDTH or any(len(entry) > MAX_ENTRY for entry in entries):
        raise Invalid(f"a bundle holds 1 to {TILE_WIDTH} entries of at most {MAX_ENTRY} bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_entry_bundle(tile: Tile, data: bytes) -> tuple[bytes, ...]:
    entries = []
    at = 0
    while at < len(data):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        entries.append(data[start:at])
    if at != len(data) or len(entries) != tile.width:
        raise Damaged(tile.path, f"it does not hold exactly {tile.width} entries")
    return tuple(entries)


def _groups(index: int) -> str:
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*("x" + group for group in groups[:-1]), groups[-1]])


def _row(level: int | None, size: int) -> Iterator[Tile]:
    full, rest = divmod(size, TILE_WIDTH)
    for index in range(full):
        yield Tile(level, index)
    if rest:
        yield Tile(level, full, rest)
