"""Minutes, their encrypted texts and the sealed files they become."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Table, and_, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert  # compiled alike for SQLite
from sqlalchemy.sql.elements import ColumnElement

from meetcoord.adapters.sql.block import Block
from meetcoord.adapters.sql.rows import changes, columns, restored
from meetcoord.adapters.sql.schema import minutes, minutes_texts, sealed_files
from meetcoord.adapters.sql.sealed_search import sealed_for
from meetcoord.domain.errors import NotFound, Stale
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.minutes import Minutes, MinutesState
from meetcoord.domain.sealing import SealedFile
from meetcoord.domain.values import AgencyId, MeetingId
from meetcoord.ports.storage import Sought


def _named(table: Table) -> ColumnElement[bool]:
    return and_(table.c.meeting == bindparam("wanted"), table.c.seq == bindparam("number"))


_ADD = insert(minutes).on_conflict_do_nothing()
_GET = select(minutes).where(_named(minutes))
_HOLD = _GET.with_for_update(key_share=True)
_SAVE = update(minutes).where(_named(minutes), minutes.c.version == bindparam("former"))
_OF_MEETING = select(minutes).where(minutes.c.meeting == bindparam("wanted")).order_by(minutes.c.seq)
_APPROVED = (
    select(minutes)
    .where(minutes.c.state == MinutesState.APPROVED)
    .order_by(minutes.c.changed_at, minutes.c.meeting, minutes.c.seq)
    .limit(bindparam("most"))
)

_new_text = insert(minutes_texts)
_KEEP_TEXT = _new_text.on_conflict_do_update(
    index_elements=["meeting", "seq"], set_={"locked": _new_text.excluded.locked}
)
_TEXT = select(minutes_texts.c.locked).where(_named(minutes_texts))
_DESTROY_TEXT = delete(minutes_texts).where(_named(minutes_texts))

_KEEP_SEALED = insert(sealed_files).on_conflict_do_nothing()
_SEALED = select(sealed_files.c.header, sealed_files.c.payload).where(_named(sealed_files))


@dataclass(frozen=True, slots=True)
class SqlMinutes:
    block: Block

    async def add(self, minutes: Minutes) -> None:
        await self.block.insert_once(
            _ADD, columns(minutes), f"This meeting has minutes number {minutes.seq} already."
        )

    async def get(self, meeting: MeetingId, seq: int) -> Minutes:
        row = await self.block.row(_HOLD if self.block.writes else _GET, _name(meeting, seq))
        if row is None:
            raise NotFound("There are no such minutes.")
        return restored(Minutes, row)

    async def save(self, minutes: Minutes) -> None:
        name = _name(minutes.meeting, minutes.seq)
        values = changes(minutes, "meeting", "seq", **name, former=minutes.version - 1)
        if not await self.block.change(_SAVE, values):
            raise Stale("The minutes have changed since you read them: read them again, nothing was saved.")

    async def of_meeting(self, meeting: MeetingId) -> Sequence[Minutes]:
        return [restored(Minutes, row) for row in await self.block.rows(_OF_MEETING, {"wanted": meeting})]

    async def approved(self, limit: int) -> Sequence[Minutes]:
        return [restored(Minutes, row) for row in await self.block.rows(_APPROVED, {"most": limit})]

    async def sealed_for(
        self, agency: AgencyId, sought: Sought, before: int | None, limit: int
    ) -> Sequence[tuple[Minutes, Meeting]]:
        rows = await self.block.found(sealed_for(agency, sought, before, limit))
        return [(restored(Minutes, _of_minutes(row)), row.body) for row in rows]

    async def keep_text(self, meeting: MeetingId, seq: int, locked: bytes) -> None:
        await self.block.change(_KEEP_TEXT, {"meeting": meeting, "seq": seq, "locked": locked})

    async def text(self, meeting: MeetingId, seq: int) -> bytes:
        row = await self.block.row(_TEXT, _name(meeting, seq))
        if row is None:
            raise NotFound("The text of these minutes is not kept here, or no longer.")
        return bytes(row.locked)

    async def destroy_text(self, meeting: MeetingId, seq: int) -> None:
        await self.block.change(_DESTROY_TEXT, _name(meeting, seq))

    async def keep_sealed(self, meeting: MeetingId, seq: int, sealed: SealedFile) -> None:
        await self.block.insert_once(
            _KEEP_SEALED,
            {"meeting": meeting, "seq": seq, "header": sealed.header, "payload": sealed.payload},
            "These minutes are sealed already: a sealed file is never replaced.",
        )

    async def sealed(self, meeting: MeetingId, seq: int) -> SealedFile:
        row = await self.block.row(_SEALED, _name(meeting, seq))
        if row is None:
            raise NotFound("There is no sealed file of these minutes.")
        return SealedFile(header=row.header, payload=row.payload)


def _of_minutes(row: Row[Any]) -> dict[str, Any]:
    """Without the body of the meeting beside it."""
    return {name: value for name, value in row._mapping.items() if name != "body"}


def _name(meeting: MeetingId, seq: int) -> dict[str, Any]:
    return {"wanted": meeting, "number": seq}
