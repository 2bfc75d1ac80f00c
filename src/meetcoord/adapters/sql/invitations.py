"""Invitations, and the recorded acts of letting their holders in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert  # compiled alike for SQLite

from meetcoord.adapters.sql.block import Block
from meetcoord.adapters.sql.rows import changes, columns, restored
from meetcoord.adapters.sql.schema import admissions, meetings
from meetcoord.adapters.sql.schema import invitations as seats
from meetcoord.domain.errors import NotFound, Stale
from meetcoord.domain.invitations import Admission, Invitation
from meetcoord.domain.meetings import Meeting, MeetingState
from meetcoord.domain.values import InvitationId, MeetingId

_SAVE = update(seats).where(seats.c.id == bindparam("wanted"), seats.c.version == bindparam("former"))
_OF_MEETING = (
    select(seats)
    .where(seats.c.meeting == bindparam("wanted"))
    .order_by(seats.c.agency, seats.c.name, seats.c.id)
)
_STANDING = select(func.count().label("found")).where(seats.c.meeting == bindparam("wanted"), seats.c.active)
_WITH_MEETING = (
    select(seats, meetings.c.body).join_from(seats, meetings).where(seats.c.id == bindparam("wanted"))
)
# Shared: many may enter one meeting at once, while whoever holds the meeting to change it waits, and is waited for.
_HOLD_MEETING = (
    select(meetings.c.id)
    .where(
        meetings.c.id == select(seats.c.meeting).where(seats.c.id == bindparam("wanted")).scalar_subquery()
    )
    .with_for_update(read=True)
)
_REVOKED = (
    select(seats)
    .join_from(seats, meetings)
    .where(
        seats.c.id.in_(
            select(admissions.c.invitation).where(
                admissions.c.at >= bindparam("since", type_=admissions.c.at.type)
            )
        ),
        or_(seats.c.active.is_(False), meetings.c.state == MeetingState.CANCELLED),
    )
    .order_by(seats.c.meeting, seats.c.id)
)

_ADMIT = insert(admissions).on_conflict_do_nothing(index_elements=["invitation", "click"])
_SAME_CLICK = select(admissions).where(
    admissions.c.invitation == bindparam("invitation"), admissions.c.click == bindparam("click")
)
_ADMISSIONS = (
    select(admissions)
    .where(admissions.c.meeting == bindparam("wanted"))
    .order_by(admissions.c.at, admissions.c.id)
)


@dataclass(frozen=True, slots=True)
class SqlInvitations:
    block: Block

    async def add(self, invitations: Sequence[Invitation]) -> None:
        await self.block.insert_all(
            seats,
            [columns(invitation) for invitation in invitations],
            "Somebody is invited to this meeting already: read its invitations again.",
        )

    async def save(self, invitation: Invitation) -> None:
        values = changes(invitation, "id", wanted=invitation.id, former=invitation.version - 1)
        if not await self.block.change(_SAVE, values):
            raise Stale("The invitation has changed since you read it: read it again, nothing was saved.")

    async def of_meeting(self, meeting: MeetingId) -> Sequence[Invitation]:
        return [restored(Invitation, row) for row in await self.block.rows(_OF_MEETING, {"wanted": meeting})]

    async def standing(self, meeting: MeetingId) -> int:
        row = await self.block.row(_STANDING, {"wanted": meeting})
        return 0 if row is None else int(row.found)

    async def revoked(self, admitted_since: datetime) -> Sequence[Invitation]:
        rows = await self.block.rows(_REVOKED, {"since": admitted_since})
        return [restored(Invitation, row) for row in rows]

    async def with_meeting(self, invitation: InvitationId) -> tuple[Invitation, Meeting]:
        if self.block.locks:
            # First the lock, then the reading: what waited for a rival must see what the rival did.
            await self.block.row(_HOLD_MEETING, {"wanted": invitation})
        row = await self.block.row(_WITH_MEETING, {"wanted": invitation})
        if row is None:
            raise NotFound("There is no such invitation.")
        fields = dict(row._mapping)
        meeting: Meeting = fields.pop("body")
        return restored(Invitation, fields), meeting


@dataclass(frozen=True, slots=True)
class SqlAdmissions:
    block: Block

    async def add(self, admission: Admission) -> Admission:
        if await self.block.change(_ADMIT, columns(admission)):
            return admission
        row = await self.block.row(
            _SAME_CLICK, {"invitation": admission.invitation, "click": admission.click}
        )
        if row is None:
            raise NotFound("There is no such admission.")
        return restored(Admission, row)

    async def of_meeting(self, meeting: MeetingId) -> Sequence[Admission]:
        return [restored(Admission, row) for row in await self.block.rows(_ADMISSIONS, {"wanted": meeting})]
