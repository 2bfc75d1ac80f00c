"""What a witness remembers, in a small SQLite file of its own."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from meetcoord.adapters.lockfile import sole_use
from meetcoord.domain.errors import Conflict, Damaged, Misconfigured, Stale, StorageUnavailable
from meetcoord.domain.witnessing import Cosigned

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS cosigned (
    origin TEXT PRIMARY KEY,
    size INTEGER NOT NULL CHECK (size >= 0),
    at INTEGER NOT NULL CHECK (at > 0),
    note TEXT NOT NULL
) STRICT
"""
_WAIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class SqliteWitnessStore:
    """A WitnessStore. Statements run in a thread, one at a time: each change waits for the disk."""

    connection: sqlite3.Connection
    turn: threading.Lock = field(default_factory=threading.Lock)

    async def latest(self, origin: str) -> Cosigned | None:
        return await self._in_thread(lambda: _latest(self.connection, origin))

    async def every(self) -> Sequence[Cosigned]:
        return await self._in_thread(lambda: _every(self.connection))

    async def replace(self, held: Cosigned | None, fresh: Cosigned) -> None:
        _must_not_go_back(held, fresh)
        await self._in_thread(lambda: _replace(self.connection, held, fresh))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        # Whoever is cancelled leaves the thread to end its transaction: it is kept whole, or not at all.
        return await asyncio.to_thread(self._alone, work)

    def _alone(self, work: Callable[[], T]) -> T:
        with self.turn:
            try:
                return work()
            except (sqlite3.Error, Damaged) as error:
                raise StorageUnavailable(f"The witness' memory cannot be used ({error}).") from error


@contextmanager
def opened(file: Path) -> Iterator[SqliteWitnessStore]:
    """The store in `file`, made when missing, for this process alone. Raises Misconfigured."""
    with sole_use(file), closing(_connected(file, "rwc")) as connection:
        with _usable(file):
            # In this mode the journal is deleted at each commit; only EXTRA waits until that, too, is on the disk.
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.execute(_SCHEMA)
        yield SqliteWitnessStore(connection)


def remembered(file: Path) -> Sequence[Cosigned]:
    """What stands in `file`, also while a witness uses it. Raises Misconfigured."""
    with _usable(file), closing(_connected(file, "ro")) as connection:
        return _every(connection)


def _connected(file: Path, mode: str) -> sqlite3.Connection:
    with _usable(file):
        return sqlite3.connect(
            f"{file.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=_WAIT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )


def _every(connection: sqlite3.Connection) -> tuple[Cosigned, ...]:
    return tuple(_read(row) for row in connection.execute("SELECT * FROM cosigned ORDER BY origin"))


def _latest(connection: sqlite3.Connection, origin: str) -> Cosigned | None:
    row = connection.execute("SELECT * FROM cosigned WHERE origin = ?", (origin,)).fetchone()
    return _read(row) if row else None


def _read(row: tuple[str, int, int, str]) -> Cosigned:
    origin, size, at, note = row
    found = Cosigned(note, at)
    if (found.checkpoint.origin, found.checkpoint.size) != (origin, size):
        raise Damaged(f"witness' memory of {origin}", "its columns do not say what its note says")
    return found


def _replace(connection: sqlite3.Connection, held: Cosigned | None, fresh: Cosigned) -> None:
    checkpoint = fresh.checkpoint
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _latest(connection, checkpoint.origin) != held:
            raise Stale("Another checkpoint of this log was cosigned meanwhile.")
        connection.execute(
            "INSERT OR REPLACE INTO cosigned (origin, size, at, note) VALUES (?, ?, ?, ?)",
            (checkpoint.origin, checkpoint.size, fresh.at, fresh.note),
        )
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _must_not_go_back(held: Cosigned | None, fresh: Cosigned) -> None:
    if held is None:
        return
    before, after = held.checkpoint, fresh.checkpoint
    if before.origin != after.origin or before.size > after.size or held.at > fresh.at:
        raise Conflict("A witness never goes back to a smaller or an older checkpoint, nor to another log's.")


@contextmanager
def _usable(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise Misconfigured(
            f"{file} cannot be used as a witness' memory ({error}): name its folder."
        ) from error
