"""Promised acts placed in the tree in batches, beside the hashes and bare INSERTs they cannot do without."""

import sqlite3
import time
from hashlib import sha256
from pathlib import Path

from bench.logs import BATCH, MEETING, act, new_database
from bench.results import Row, row, wanted_per_second
from bench.rounds import Effort, Timed, interleaved
from meetcoord.adapters.sql.storage import SqlStorage
from meetcoord.usecases.sequencing import place_promised

WANTED = 20_000
"""Acts per second of CPU."""

_PARENT = bytes(65)
_TABLES = (
    "CREATE TABLE leaves (number INTEGER PRIMARY KEY, about TEXT NOT NULL, entry BLOB NOT NULL)",
    "CREATE TABLE nodes (number INTEGER PRIMARY KEY, hash BLOB NOT NULL)",
)


async def measure(effort: Effort, folder: Path) -> list[Row]:
    base = sqlite3.connect(folder / "bare.db", isolation_level=None)
    try:
        async with SqlStorage.open(new_database(folder / "acts.db")) as storage:
            figures = await interleaved(effort.few(), _placed(storage), _inserted(base), multiple=BATCH)
    finally:
        base.close()
    against = "2 SHA-256 + 3 INSERTs, committed"
    return [
        wanted_per_second(row("placing", f"acts placed, {BATCH:,} at once, CPU", against, figures), WANTED)
    ]


def _placed(storage: SqlStorage) -> Timed:
    """The promises belong to the deeds and are measured as durable acts; here only what follows them counts."""
    entries = [act(number) for number in range(BATCH)]

    async def batch() -> float:
        async with storage.transaction() as tx:
            for entry in entries:
                await tx.log.promise(MEETING, entry)
        start = time.process_time()
        async with storage.transaction() as tx:
            await place_promised(tx)
        return time.process_time() - start

    async def timed(count: int) -> float:
        return sum([await batch() for _ in range(count // BATCH)])

    return timed


def _inserted(base: sqlite3.Connection) -> Timed:
    for words in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", *_TABLES):
        base.execute(words)
    entries = [act(number) for number in range(BATCH)]

    def batch() -> None:
        hashes = [(each(part).digest(),) for part in entries for each in (sha256, lambda _: sha256(_PARENT))]
        base.execute("BEGIN")
        base.executemany(
            "INSERT INTO leaves (about, entry) VALUES (?, ?)", [(MEETING, entry) for entry in entries]
        )
        base.executemany("INSERT INTO nodes (hash) VALUES (?)", hashes)
        base.execute("COMMIT")

    async def timed(count: int) -> float:
        start = time.process_time()
        for _ in range(count // BATCH):
            batch()
        return time.process_time() - start

    return timed
