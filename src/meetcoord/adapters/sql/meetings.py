"""Meetings: each is one value in one row, and one line per agency to list it by."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert  # compiled alike for SQLite

from meetcoord.adapters.sql.block import Block
from meetcoord.adapters.sql.schema import meeting_agencies, meetings
from meetcoord.domain.errors import NotFound, Stale
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.values import AgencyId, MeetingId
from meetcoord.ports.storage import PageMark

_ADD = meetings.insert()
_LIST = insert(meeting_agencies).on_conflict_do_nothing()
_UNLIST = delete(meeting_agencies).where(
    meeting_agencies.c.meeting == bindparam("wanted"),
    meeting_agencies.c.agency.not_in(bindparam("kept", expanding=True)),
)
_GET = select(meetings.c.body).where(meetings.c.id == bindparam("wanted"))
_IN_ROOM = select(meetings.c.body).where(meetings.c.room == bindparam("wanted"))
# NO KEY UPDATE: rivals for the meeting wait, those who only refer to it do not.
_HOLD = _GET.with_for_update(key_share=True)
_SAVE = update(meetings).where(
    meetings.c.id == bindparam("wanted"), meetings.c.version == bindparam("former")
)
_SAVE_SAME_AGENCIES = _SAVE.where(meetings.c.agencies == bindparam("same"))

_place = tuple_(meeting_agencies.c.created_at, meeting_agencies.c.meeting)
_FIRST_PAGE = (
    select(meetings.c.body)
    .join_from(meeting_agencies, meetings)
    .where(meeting_agencies.c.agency == bindparam("wanted"))
    .order_by(meeting_agencies.c.created_at.desc(), meeting_agencies.c.meeting.desc())
    .limit(bindparam("most"))
)
_mark = tuple_(
    bindparam("created_at", type_=meeting_agencies.c.created_at.type),
    bindparam("id", type_=meeting_agencies.c.meeting.type),
)
_NEXT_PAGE = _FIRST_PAGE.where(_place < _mark)


@dataclass(frozen=True, slots=True)
class SqlMeetings:
    block: Block

    async def add(self, meeting: Meeting) -> None:
        await self.block.change(_ADD, {**_columns(meeting), "id": meeting.id})
        await self.block.change(_LIST, _lines(meeting))

    async def get(self, meeting: MeetingId) -> Meeting:
        row = await self.block.row(_HOLD if self.block.writes else _GET, {"wanted": meeting})
        if row is None:
            raise NotFound("There is no such meeting.")
        found: Meeting = row.body
        return found

    async def in_room(self, room: str) -> Meeting:
        row = await self.block.row(_IN_ROOM, {"wanted": room})
        if row is None:
            raise NotFound("There is no such room.")
        found: Meeting = row.body
        return found

    async def save(self, meeting: Meeting) -> None:
        values = {**_columns(meeting), "wanted": meeting.id, "former": meeting.version - 1}
        if await self.block.change(_SAVE_SAME_AGENCIES, {**values, "same": values["agencies"]}):
            return
        if not await self.block.change(_SAVE, values):
            raise Stale("The meeting has changed since you read it: read it again, nothing was saved.")
        await self.block.change(_UNLIST, {"wanted": meeting.id, "kept": list(meeting.agencies)})
        await self.block.change(_LIST, _lines(meeting))

    async def page(self, agency: AgencyId, after: PageMark | None, limit: int) -> Sequence[Meeting]:
        values: dict[str, Any] = {"wanted": agency, "most": limit}
        if after is None:
            rows = await self.block.rows(_FIRST_PAGE, values)
        else:
            rows = await self.block.rows(
                _NEXT_PAGE, {**values, "created_at": after.created_at, "id": after.id}
            )
        return [row.body for row in rows]


def _columns(meeting: Meeting) -> dict[str, Any]:
    return {
        "version": meeting.version,
        "organiser": meeting.organiser,
        "agencies": ",".join(sorted(meeting.agencies)),
        "state": meeting.state,
        "created_at": meeting.created_at,
        "body": meeting,
        "room": meeting.room,
    }


def _lines(meeting: Meeting) -> list[dict[str, Any]]:
    return [
        {"agency": agency, "created_at": meeting.created_at, "meeting": meeting.id}
        for agency in meeting.agencies
    ]
