"""Words of SQL told to the database of a block, past the repositories."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, text

from meetcoord.adapters.sql.embedded import Embedded
from meetcoord.adapters.sql.pooled import Remote
from meetcoord.adapters.sql.storage import SqlTransaction

T = TypeVar("T")


async def said(tx: SqlTransaction, words: str, **values: object) -> CursorResult[Any]:
    return await tx.block.line.execute(text(words), values)


async def looked_at(tx: SqlTransaction, look: Callable[[Connection], T]) -> T:
    line = tx.block.line
    if isinstance(line, Embedded):
        return look(line.connection)
    assert isinstance(line, Remote)
    return await line.connection.run_sync(look)
