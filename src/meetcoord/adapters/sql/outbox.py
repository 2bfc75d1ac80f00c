"""Messages owed to people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update

from meetcoord.adapters.sql.block import Block
from meetcoord.adapters.sql.rows import changes, columns, restored
from meetcoord.adapters.sql.schema import outbox
from meetcoord.domain.errors import NotFound, Stale
from meetcoord.domain.outbox import HELD, Delivery, Message, Owed
from meetcoord.domain.values import InvitationId, MeetingId, MessageId

_OWED = frozenset({Delivery.QUEUED, Delivery.LEAVING})
_FIELDS = [column for column in outbox.c if column.name != "due_at"]
_GET = select(*_FIELDS).where(outbox.c.id == bindparam("wanted"))
_DUE = (
    select(*_FIELDS)
    .where(outbox.c.due_at <= bindparam("now"))
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(bindparam("most"))
)
_TAKE_DUE = _DUE.with_for_update(key_share=True, skip_locked=True)
_OF_MEETING = (
    select(*_FIELDS).where(outbox.c.meeting == bindparam("wanted")).order_by(outbox.c.created_at, outbox.c.id)
)
# By the meeting first, which has an index.
_OF_SEAT = _OF_MEETING.where(outbox.c.invitation == bindparam("seat"))
_HELD = (
    select(*_FIELDS)
    .where(outbox.c.delivery == Delivery.GIVEN_UP, outbox.c.reply == HELD)
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
)
_SAVE = update(outbox).where(outbox.c.id == bindparam("wanted"), outbox.c.version == bindparam("former"))


@dataclass(frozen=True, slots=True)
class SqlOutbox:
    block: Block

    async def add(self, messages: Sequence[Message]) -> None:
        await self.block.insert_all(
            outbox,
            [columns(message, due_at=due_at(message)) for message in messages],
            "There is such a message already.",
        )

    async def due(self, now: datetime, limit: int) -> Sequence[Message]:
        statement = _TAKE_DUE if self.block.writes else _DUE
        rows = await self.block.rows(statement, {"now": now, "most": limit})
        return [restored(Message, row) for row in rows]

    async def get(self, message: MessageId) -> Message:
        row = await self.block.row(_GET, {"wanted": message})
        if row is None:
            raise NotFound("There is no such message.")
        return restored(Message, row)

    async def save(self, message: Message) -> None:
        values = changes(message, "id", due_at=due_at(message), wanted=message.id, former=message.version - 1)
        if not await self.block.change(_SAVE, values):
            raise Stale("The message has changed since you read it: read it again, nothing was saved.")

    async def of_meeting(self, meeting: MeetingId) -> Sequence[Message]:
        return [restored(Message, row) for row in await self.block.rows(_OF_MEETING, {"wanted": meeting})]

    async def of_seat(self, invitation: InvitationId, meeting: MeetingId) -> Sequence[Message]:
        rows = await self.block.rows(_OF_SEAT, {"wanted": meeting, "seat": invitation})
        return [restored(Message, row) for row in rows]

    async def held(self, limit: int) -> Sequence[Message]:
        return [restored(Message, row) for row in await self.block.rows(_HELD, {"most": limit})]


def due_at(message: Owed) -> datetime | None:
    return message.next_attempt_at if message.delivery in _OWED else None
