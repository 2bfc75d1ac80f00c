"""Acts promised to the log, each durable before its caller goes on, beside a bare write and fdatasync on this disk."""

import asyncio
import os
import sqlite3
import time
from pathlib import Path

from msgspec.structs import replace

from bench.logs import MEETING, act, new_database
from bench.results import Row, row
from bench.rounds import Effort, Timed, interleaved, repeated
from meetcoord.adapters.sql.storage import SqlStorage

CALLERS = 32
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND
# A data sync where there is one; elsewhere the whole file's.
_sync = getattr(os, "fdatasync", os.fsync)


async def measure(effort: Effort, folder: Path) -> list[Row]:
    plain = os.open(folder / "plain", _FLAGS, 0o600)
    base = sqlite3.connect(folder / "bare.db", isolation_level=None)
    try:
        async with SqlStorage.open(new_database(folder / "acts.db")) as storage:
            return await _measured(effort, storage, plain, base)
    finally:
        base.close()
        os.close(plain)


async def _measured(effort: Effort, storage: SqlStorage, plain: int, base: sqlite3.Connection) -> list[Row]:
    written, inserted = _written(plain), _inserted(base)
    # A shared disk is quick and slow by turns: many short ones beside each other are fairer than a few long ones.
    effort = replace(effort, rounds=4 * effort.rounds, turn=effort.turn / 2)
    alone = await interleaved(effort, promised(storage, 1), written)
    together = await interleaved(effort, promised(storage, CALLERS), written, multiple=CALLERS)
    driver = await interleaved(effort, inserted, written)
    ours, beside = "durable act", "write + fdatasync"
    return [
        row("durable-appends", f"{ours}, 1 caller", beside, alone, goal=0.8),
        row("durable-appends", f"{ours}, {CALLERS} callers", beside, together, goal=8),
        row("durable-appends", "(bare sqlite3 INSERT, WAL, FULL)", beside, driver),
    ]


def promised(storage: SqlStorage, callers: int) -> Timed:
    """Each caller waits for its own act; the seconds are those of the wall, since the disk is meant."""
    entry = act(0)

    async def caller(count: int) -> None:
        for _ in range(count):
            async with storage.transaction() as tx:
                await tx.log.promise(MEETING, entry)

    async def timed(count: int) -> float:
        start = time.perf_counter()
        await asyncio.gather(*(caller(count // callers) for _ in range(callers)))
        return time.perf_counter() - start

    return timed


def _written(file: int) -> Timed:
    entry = act(0)

    def once() -> None:
        os.write(file, entry)
        _sync(file)

    return repeated(once, time.perf_counter)


def _inserted(base: sqlite3.Connection) -> Timed:
    entry = act(0)
    for words in ("journal_mode=WAL", "synchronous=FULL"):
        base.execute(f"PRAGMA {words}")
    base.execute("CREATE TABLE acts (id INTEGER PRIMARY KEY, about TEXT NOT NULL, entry BLOB NOT NULL)")
    statement = "INSERT INTO acts (about, entry) VALUES (?, ?)"
    return repeated(lambda: base.execute(statement, (MEETING, entry)), time.perf_counter)
