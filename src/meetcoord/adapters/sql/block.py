"""One block: what repositories speak to between begin and end, its errors said in the domain's words."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeVar

from sqlalchemy import CursorResult, Executable, Insert, Row, Table, exc

from meetcoord.domain.errors import Conflict, Invalid, StorageUnavailable

T = TypeVar("T")
Values = Mapping[str, Any]

PATIENCE = 10.0
"""Seconds a block waits for its turn."""

_UNAVAILABLE = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError, sqlite3.Error, MemoryError)

UNSTORABLE = "A text contains a character, or a number a value, that cannot be stored."


async def to_the_end(work: Awaitable[T]) -> T:
    """The result of `work`, which is not broken off when its caller is cancelled; the cancellation follows it."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not report it as forgotten
        raise


@contextmanager
def plainly() -> Iterator[None]:
    """Say what the database says in the words of domain/errors.py."""
    try:
        yield
    except (exc.IntegrityError, sqlite3.IntegrityError) as error:
        raise Conflict("This exists already, or refers to something that does not exist.") from error
    except (exc.DataError, UnicodeEncodeError) as error:
        raise Invalid(UNSTORABLE) from error
    except (*_UNAVAILABLE, TimeoutError) as error:
        raise StorageUnavailable("The database does not answer now: try again in a moment.") from error
    except exc.StatementError as error:
        if isinstance(error.orig, UnicodeEncodeError):
            raise Invalid(UNSTORABLE) from error
        # A statement of ours that is wrong stays what it is; a damaged file is nothing the caller did.
        if isinstance(error, exc.DBAPIError) and (
            error.connection_invalidated or type(error) is exc.DatabaseError
        ):
            raise StorageUnavailable("The database does not answer as it should.") from error
        raise


async def place_in(places: asyncio.Semaphore) -> None:
    """One of `places`, given in the order in which they were asked for. Raises StorageUnavailable."""
    if not places.locked():
        await places.acquire()
        return
    with plainly():
        async with asyncio.timeout(PATIENCE):
            await places.acquire()


class Answer(Protocol):
    """What the database says to a statement. To be asked one thing, once."""

    @property
    def rowcount(self) -> int: ...

    def all(self) -> Sequence[Row[Any]]: ...

    def first(self) -> Row[Any] | None: ...


class Line(Protocol):
    """How the statements of one block reach their database. Errors are those of SQLAlchemy."""

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`, where one wording is not quick on both."""
        ...

    async def execute(
        self, statement: Executable, values: Values | Sequence[Values] | None = None
    ) -> CursorResult[Any]: ...

    async def say(self, statement: Executable, values: Values | Sequence[Values] | None = None) -> Answer:
        """As `execute`, for a statement that is a constant: what it means to the database is remembered."""
        ...

    def part(self) -> AbstractAsyncContextManager[object]:
        """A part of the block that is undone alone when it raises."""
        ...


class Gate(Protocol):
    """Lets blocks through to a database."""

    def block(self) -> AbstractAsyncContextManager["Block"]: ...


@cache
def _into(table: Table) -> Insert:
    return table.insert()


@dataclass(frozen=True, slots=True)
class Block:
    """What repositories speak to. Statements are constants, so that each is compiled once.

    `locks`: rivals may be writing at the same time, so that what is read to be changed must be locked.
    """

    line: Line
    writes: bool
    locks: bool

    async def rows(self, statement: Executable, values: Values | None = None) -> Sequence[Row[Any]]:
        with plainly():
            return (await self.line.say(statement, values)).all()

    async def found(self, statement: Executable) -> Sequence[Row[Any]]:
        """As `rows`, for a statement that was put together for this question."""
        with plainly():
            return (await self.line.execute(statement)).all()

    async def row(self, statement: Executable, values: Values | None = None) -> Row[Any] | None:
        with plainly():
            return (await self.line.say(statement, values)).first()

    async def change(self, statement: Executable, values: Values | Sequence[Values] | None = None) -> int:
        """How many rows were changed."""
        self.must_write()
        with plainly():
            return (await self.line.say(statement, values)).rowcount

    async def insert_once(self, statement: Executable, values: Values, conflict: str) -> None:
        """Insert with ON CONFLICT DO NOTHING; raises Conflict with this sentence, and the block stays usable."""
        if not await self.change(statement, values):
            raise Conflict(conflict)

    async def insert_all(self, table: Table, values: Sequence[Values], conflict: str) -> None:
        """All of `values` or none of them; raises Conflict with this sentence."""
        self.must_write()
        if not values:
            return
        with plainly():
            try:
                async with self.line.part():
                    await self.line.say(_into(table), values)
            except exc.IntegrityError as error:
                raise Conflict(conflict) from error

    def must_write(self) -> None:
        if not self.writes:
            raise RuntimeError("a snapshot is for reading only: open a transaction to change something")
