"""Headers made anew for sealed files, and the destruction of these files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, and_, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert  # compiled alike for SQLite
from sqlalchemy.sql.elements import ColumnElement

from meetcoord.adapters.sql.block import Block
from meetcoord.adapters.sql.schema import new_headers, sealed_files
from meetcoord.domain.values import MeetingId
from meetcoord.ports.stored_minutes import NewHeader


def _named(table: Table) -> ColumnElement[bool]:
    return and_(table.c.meeting == bindparam("wanted"), table.c.seq == bindparam("number"))


_ADD = insert(new_headers).on_conflict_do_nothing()
_OF_FILE = (
    select(new_headers.c.leaf, new_headers.c.header).where(_named(new_headers)).order_by(new_headers.c.leaf)
)
_FORGET = delete(new_headers).where(_named(new_headers), new_headers.c.leaf <= bindparam("newest"))
_FORGET_ALL = delete(new_headers).where(_named(new_headers))
_REPLACE = update(sealed_files).where(_named(sealed_files)).values(header=bindparam("fresh"))
_ERASE = delete(sealed_files).where(_named(sealed_files))


@dataclass(frozen=True, slots=True)
class SqlSealedFiles:
    block: Block

    async def add_header(self, meeting: MeetingId, seq: int, new: NewHeader) -> None:
        values = {"meeting": meeting, "seq": seq, "leaf": new.leaf, "header": new.header}
        await self.block.insert_once(_ADD, values, "This header is kept already.")

    async def new_headers(self, meeting: MeetingId, seq: int) -> Sequence[NewHeader]:
        rows = await self.block.rows(_OF_FILE, _name(meeting, seq))
        return [NewHeader(row.leaf, bytes(row.header)) for row in rows]

    async def confirm_header(self, meeting: MeetingId, seq: int, new: NewHeader) -> None:
        name = _name(meeting, seq)
        await self.block.change(_REPLACE, {**name, "fresh": new.header})
        await self.block.change(_FORGET, {**name, "newest": new.leaf})

    async def erase(self, meeting: MeetingId, seq: int) -> bool:
        await self.block.change(_FORGET_ALL, _name(meeting, seq))
        return bool(await self.block.change(_ERASE, _name(meeting, seq)))


def _name(meeting: MeetingId, seq: int) -> dict[str, Any]:
    return {"wanted": meeting, "number": seq}
