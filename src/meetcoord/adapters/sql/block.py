"""One block: a connection between begin and end, its errors said in the domain's words."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Executable, Row, Table, exc
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from meetcoord.domain.errors import Conflict, Invalid, StorageUnavailable

T = TypeVar("T")
Values = Mapping[str, Any]

PATIENCE = 10.0
"""Seconds a block waits for its turn."""

UNSTORABLE = "A text contains a character, or a number a value, that cannot be stored."


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
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
    except exc.IntegrityError as error:
        raise Conflict("This exists already, or refers to something that does not exist.") from error
    except (exc.DataError, UnicodeEncodeError) as error:
        raise Invalid(UNSTORABLE) from error
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError, TimeoutError) as error:
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


@dataclass(frozen=True, slots=True)
class Block:
    """What repositories speak to. Statements are constants, so that each is compiled once."""

    connection: AsyncConnection
    unbroken: bool
    writes: bool

    @property
    def locks(self) -> bool:
        """Whether rivals may be writing at the same time, so that what is read to be changed must be locked."""
        return self.writes and not self.unbroken

    async def rows(self, statement: Executable, values: Values | None = None) -> Sequence[Row[Any]]:
        with plainly():
            return (await self._execute(statement, values)).all()

    async def row(self, statement: Executable, values: Values | None = None) -> Row[Any] | None:
        with plainly():
            return (await self._execute(statement, values)).first()

    async def change(self, statement: Executable, values: Values | Sequence[Values] | None = None) -> int:
        """How many rows were changed."""
        self.must_write()
        with plainly():
            return (await self._execute(statement, values)).rowcount

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
            part = await self._run(_begun(self.connection))
            try:
                await self._execute(table.insert(), values)
            except exc.IntegrityError as error:
                await self._run(part.rollback())
                raise Conflict(conflict) from error
            await self._run(part.commit())

    def must_write(self) -> None:
        if not self.writes:
            raise RuntimeError("a snapshot is for reading only: open a transaction to change something")

    async def _execute(
        self, statement: Executable, values: Values | Sequence[Values] | None
    ) -> CursorResult[Any]:
        return await self._run(self.connection.execute(statement, values))

    async def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return await (to_the_end(work) if self.unbroken else work)


async def _begun(connection: AsyncConnection) -> Any:
    return await connection.begin_nested()


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets so many blocks at once through to a database, in the order in which they came.

    `unbroken`: statements are short and run in a thread that cannot be called back (SQLite), so a cancelled caller
    waits for the one under way. Otherwise the driver breaks off the statement, and the connection is thrown away.
    """

    engine: AsyncEngine
    places: asyncio.Semaphore
    writes: bool
    unbroken: bool

    @asynccontextmanager
    async def block(self) -> AsyncIterator[Block]:
        await self._wait_for_turn()
        try:
            connection = self.engine.connect()
            try:
                with plainly():
                    await to_the_end(connection.start())
                yield Block(connection, self.unbroken, self.writes)
                with plainly():
                    await to_the_end(connection.commit())
            finally:
                if connection.sync_connection is not None:
                    await to_the_end(_left(connection))
        finally:
            self.places.release()

    async def _wait_for_turn(self) -> None:
        if not self.places.locked():
            await self.places.acquire()
            return
        with plainly():
            async with asyncio.timeout(PATIENCE):
                await self.places.acquire()


async def _left(connection: AsyncConnection) -> None:
    """Undo what was not committed and give the connection back, or throw it away if that fails."""
    with suppress(exc.SQLAlchemyError):
        try:
            await connection.rollback()
        except exc.SQLAlchemyError:
            await connection.invalidate()
    with suppress(exc.SQLAlchemyError):
        await connection.close()
