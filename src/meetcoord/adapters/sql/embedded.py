"""Lines to a SQLite file: statements run on the event loop, as handing one to a thread costs more than it takes."""

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, Engine, Executable, Insert

from meetcoord.adapters.sql.block import Block, Values, place_in, plainly
from meetcoord.adapters.sql.schema import CHECKED_LATE
from meetcoord.domain.errors import StorageUnavailable

SLICE = 0.005
"""Seconds a block may keep the event loop to itself before others have a turn on it."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A connection that is kept as long as the storage is open.

    SQLAlchemy sees one transaction that never ends: the real ones are the driver's, whose own words cost a tenth.
    `since`: when the block began or last let others in. `late`: where it inserted what only the commit checks.
    """

    connection: Connection
    driver: sqlite3.Connection
    since: deque[float] = field(default_factory=lambda: deque([0.0], maxlen=1))
    late: set[object] = field(default_factory=set)

    @staticmethod
    def to(engine: Engine) -> "Embedded":
        connection = engine.connect()
        return Embedded(connection, cast(sqlite3.Connection, connection.connection.dbapi_connection))

    @property
    def dialect(self) -> str:
        return "sqlite"

    async def execute(
        self, statement: Executable, values: Values | Sequence[Values] | None = None
    ) -> CursorResult[Any]:
        self._must_be_open()
        if time.monotonic() - self.since[0] > SLICE:
            await asyncio.sleep(0)
            self.since.append(time.monotonic())
        if isinstance(statement, Insert) and statement.table in CHECKED_LATE:
            self.late.add(statement.table)
        return self.connection.execute(statement, values)

    @asynccontextmanager
    async def part(self) -> AsyncIterator[None]:
        self._must_be_open()
        self.driver.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self.undo("part")
            raise
        self.driver.execute("RELEASE part")

    def begin(self, words: str) -> None:
        self.driver.execute(words)
        self.since.append(time.monotonic())
        self.late.clear()

    def undo(self, savepoint: str) -> None:
        """Back to `savepoint`; all of the transaction when even that fails, or SQLite has already done so."""
        try:
            self.driver.execute(f"ROLLBACK TO {savepoint}")
            self.driver.execute(f"RELEASE {savepoint}")
        except sqlite3.Error:
            self.abandon()

    def abandon(self) -> None:
        with suppress(sqlite3.Error):
            self.driver.rollback()

    def close(self) -> None:
        self.connection.close()

    def _must_be_open(self) -> None:
        # A full disk can make SQLite undo all of the transaction by itself: what followed would stand alone.
        if not self.driver.in_transaction:
            raise StorageUnavailable("The database has given this transaction up: try again in a moment.")


@dataclass(frozen=True, slots=True)
class Readers:
    """A few connections for reading: a snapshot has one of them to itself from begin to end."""

    engine: Engine
    places: asyncio.Semaphore
    free: list[Embedded] = field(default_factory=list)

    @asynccontextmanager
    async def block(self) -> AsyncIterator[Block]:
        await place_in(self.places)
        try:
            with self._line() as line:
                yield Block(line, writes=False, locks=False)
        finally:
            self.places.release()

    def close(self) -> None:
        while self.free:
            self.free.pop().close()
        self.engine.dispose()

    @contextmanager
    def _line(self) -> Iterator[Embedded]:
        with plainly():
            line = self.free.pop() if self.free else Embedded.to(self.engine)
        try:
            with plainly():
                line.begin("BEGIN")
            yield line
        finally:
            line.abandon()
            if line.driver.in_transaction:
                line.connection.invalidate()
            else:
                self.free.append(line)
