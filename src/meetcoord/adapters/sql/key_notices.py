"""What administrators and auditors are owed about keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update

from meetcoord.adapters.sql.block import Block
from meetcoord.adapters.sql.outbox import due_at
from meetcoord.adapters.sql.rows import changes, columns, restored
from meetcoord.adapters.sql.schema import key_notices
from meetcoord.domain.errors import Stale
from meetcoord.domain.key_notices import KeyNotice
from meetcoord.domain.outbox import HELD, Delivery

_FIELDS = [column for column in key_notices.c if column.name != "due_at"]
_DUE = (
    select(*_FIELDS)
    .where(key_notices.c.due_at <= bindparam("now"))
    .order_by(key_notices.c.due_at, key_notices.c.id)
    .limit(bindparam("most"))
)
_TAKE_DUE = _DUE.with_for_update(key_share=True, skip_locked=True)
_HELD = (
    select(*_FIELDS)
    .where(key_notices.c.delivery == Delivery.GIVEN_UP, key_notices.c.reply == HELD)
    .order_by(key_notices.c.id)
    .limit(bindparam("most"))
)
_SAVE = update(key_notices).where(
    key_notices.c.id == bindparam("wanted"), key_notices.c.version == bindparam("former")
)


@dataclass(frozen=True, slots=True)
class SqlKeyNotices:
    block: Block

    async def add(self, notices: Sequence[KeyNotice]) -> None:
        rows = [columns(notice, due_at=due_at(notice)) for notice in notices]
        await self.block.insert_all(key_notices, rows, "This person is told of this change already.")

    async def due(self, now: datetime, limit: int) -> Sequence[KeyNotice]:
        statement = _TAKE_DUE if self.block.writes else _DUE
        rows = await self.block.rows(statement, {"now": now, "most": limit})
        return [restored(KeyNotice, row) for row in rows]

    async def save(self, notice: KeyNotice) -> None:
        values = changes(notice, "id", due_at=due_at(notice), wanted=notice.id, former=notice.version - 1)
        if not await self.block.change(_SAVE, values):
            raise Stale("The message has changed since you read it: read it again, nothing was saved.")

    async def held(self, limit: int) -> Sequence[KeyNotice]:
        return [restored(KeyNotice, row) for row in await self.block.rows(_HELD, {"most": limit})]
