"""Blocks on a server: each has a connection of a pool to itself, and locks what it reads to change it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CursorResult, Executable, exc
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from meetcoord.adapters.sql.block import Block, Values, place_in, plainly, to_the_end


@dataclass(frozen=True, slots=True)
class Remote:
    """A line to a server. A cancelled caller breaks off the statement, and the connection is thrown away."""

    connection: AsyncConnection

    @property
    def dialect(self) -> str:
        return self.connection.dialect.name

    async def execute(
        self, statement: Executable, values: Values | Sequence[Values] | None = None
    ) -> CursorResult[Any]:
        return await self.connection.execute(statement, values)

    say = execute

    def part(self) -> AbstractAsyncContextManager[object]:
        return self.connection.begin_nested()


@dataclass(frozen=True, slots=True)
class Pool:
    """Lets so many blocks at once through to a server, in the order in which they came."""

    engine: AsyncEngine
    places: asyncio.Semaphore
    writes: bool

    @asynccontextmanager
    async def block(self) -> AsyncIterator[Block]:
        await place_in(self.places)
        try:
            connection = self.engine.connect()
            try:
                with plainly():
                    await to_the_end(connection.start())
                yield Block(Remote(connection), self.writes, locks=self.writes)
                with plainly():
                    await to_the_end(connection.commit())
            finally:
                if connection.sync_connection is not None:
                    await to_the_end(_left(connection))
        finally:
            self.places.release()


async def _left(connection: AsyncConnection) -> None:
    """Undo what was not committed and give the connection back, or throw it away if that fails."""
    with suppress(exc.SQLAlchemyError):
        try:
            await connection.rollback()
        except exc.SQLAlchemyError:
            await connection.invalidate()
    with suppress(exc.SQLAlchemyError):
        await connection.close()
