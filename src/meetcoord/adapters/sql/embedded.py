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

from meetcoord.adapters.sql.block import Answer, Block, Values, place_in, plainly
from meetcoord.adapters.sql.compiled import Phrases
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
    phrases: Phrases
    since: deque[float] = field(default_factory=lambda: deque([0.0], maxlen=1))
    late: set[object] = field(default_factory=set)

    @staticmethod
    def to(engine: Engine) -> "Embedded":
        connection = engine.connect()
        driver = cast(sqlite3.Connection, connection.connection.dbapi_connection)
        return Embedded(connection, driver, Phrases(connection))

    @property
    def dialect(self) -> str:
        return "sqlite"

    @property
    def open(self) -> bool:
        """Whether the transaction that was begun still stands."""
        try:
            return self.driver.in_transaction
        except sqlite3.Error:  # a connection that was closed refuses even to tell
            return False

    async def execute(
        self, statement: Executable, values: Values | Sequence[Values] | None = None
    ) -> CursorResult[Any]:
        await self._turn(statement)
        return self.connection.execute(statement, values)

    async def say(self, statement: Executable, values: Values | Sequence[Values] | None = None) -> Answer:
        await self._turn(statement)
        if phrase := self.phrases.of(statement, values):
            return self.phrases.say(self.driver, phrase, values)
        return self.connection.execute(statement, values)

    async def _turn(self, statement: Executable) -> None:
        if time.monotonic() - self.since[0] > SLICE:
            await asyncio.sleep(0)
            self.since.append(time.monotonic())
        self._must_be_open()  # not before: while others had their turn, the storage may have been closed
        if isinstance(statement, Insert) and statement.table in CHECKED_LATE:
            self.late.add(statement.table)

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
        if not self.open:
            raise StorageUnavailable("The database has given this transaction up: try again in a moment.")


@dataclass(frozen=True, slots=True)
class Readers:
    """A few connections for reading: a snapshot has one of them to itself from begin to end.

    Closing ends those `at_work` too: a reader that stayed behind would keep the writer from tidying its journal up.
    """

    engine: Engine
    places: asyncio.Semaphore
    free: list[Embedded] = field(default_factory=list)
    at_work: list[Embedded] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def block(self) -> AsyncIterator[Block]:
        await place_in(self.places)
        try:
            with self._line() as line:
                yield Block(line, writes=False, locks=False)
        finally:
            self.places.release()

    def close(self) -> None:
        self.closed.set()
        for line in (*self.free, *self.at_work):
            line.close()
        self.engine.dispose()

    @contextmanager
    def _line(self) -> Iterator[Embedded]:
        if self.closed.is_set():
            raise StorageUnavailable("The database was closed.")
        with plainly():
            line = self.free.pop() if self.free else Embedded.to(self.engine)
        self.at_work.append(line)
        try:
            with plainly():
                line.begin("BEGIN")
            yield line
        finally:
            self.at_work.remove(line)
            self._back(line)

    def _back(self, line: Embedded) -> None:
        line.abandon()
        if line.open:
            line.connection.invalidate()
        elif not self.closed.is_set():
            self.free.append(line)
