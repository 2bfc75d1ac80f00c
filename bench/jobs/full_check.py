"""The whole log recomputed: the pure part beside raw hashing, then the check of a real database beside bare reads."""

import sqlite3
from hashlib import sha256
from pathlib import Path

from bench.logs import BATCH, act, fill, new_database, new_signer
from bench.results import Row, row
from bench.rounds import Effort, Figures, Measure, awaited, interleaved, repeated
from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.adapters.sql.storage import SqlStorage
from meetcoord.domain import merkle
from meetcoord.usecases.check_log import CheckLog

_PAIR = bytes(65)
_READ = ("SELECT * FROM log_leaves", "SELECT * FROM log_nodes")


async def measure(effort: Effort, folder: Path) -> list[Row]:
    pure = await _pure(effort if effort.leaves < 100_000 else effort.few(3))
    return [*pure, *await _stored(effort.few(3), folder)]


def hashed(entries: list[bytes]) -> None:
    """Two SHA-256 per leaf, and nothing else: the least any Merkle tree can cost."""
    for entry in entries:
        sha256(entry).digest()
        sha256(_PAIR).digest()


async def _pure(effort: Effort) -> list[Row]:
    entries = [act(number) for number in range(effort.leaves)]
    raw = repeated(lambda: hashed(entries))

    def appended() -> None:
        """As the sequencer does it, in batches."""
        frontier: tuple[bytes, ...] = ()
        for size in range(0, len(entries), BATCH):
            hashes = [merkle.leaf_hash(entry) for entry in entries[size : size + BATCH]]
            _, frontier = merkle.extend(size, frontier, hashes)

    root = await interleaved(effort, repeated(lambda: merkle.root([*map(merkle.leaf_hash, entries)])), raw)
    append = await interleaved(effort, repeated(appended), raw)
    return [_row(effort, "root", root, 1.6), _row(effort, "append", append, 2)]


async def _stored(effort: Effort, folder: Path) -> list[Row]:
    file, signer = folder / "log.db", new_signer()
    async with SqlStorage.open(new_database(file)) as storage:
        await fill(storage, effort.leaves, signer)
        check = CheckLog(storage, Ed25519Verifier(), signer.vkey)
        figures = await interleaved(effort, awaited(check), repeated(lambda: _bare(file)))
    return [_row(effort, "check in SQLite", figures, against="bare SELECTs + 2 SHA-256")]


def _row(
    effort: Effort,
    what: str,
    figures: Figures,
    goal: float | None = None,
    against: str = "2 SHA-256 per leaf",
) -> Row:
    """Both sides as leaves per second."""
    what = f"{what}, per leaf of {effort.leaves:,}"
    return row("full-check", what, against, figures.each(effort.leaves), Measure.COST, goal)


def _bare(file: Path) -> None:
    """Every leaf and node read once with the driver alone, every leaf hashed."""
    connection = sqlite3.connect(file)
    entries: list[bytes] = [found[2] for found in connection.execute(_READ[0])]
    for _ in connection.execute(_READ[1]):
        pass
    connection.close()
    hashed(entries)
