"""Codes that were asked for, and the devices on which seats were proven."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert  # compiled alike for SQLite

from meetcoord.adapters.sql.block import Block
from meetcoord.adapters.sql.rows import columns, restored
from meetcoord.adapters.sql.schema import challenges, invitations, proofs
from meetcoord.domain.challenges import Challenge, SeatDevice
from meetcoord.domain.errors import NotFound
from meetcoord.domain.values import ChallengeId, InvitationId, MeetingId

_ADD = insert(challenges).on_conflict_do_nothing()
_GET = select(challenges).where(challenges.c.id == bindparam("wanted"))
_OF = (
    select(challenges)
    .where(challenges.c.invitation == bindparam("wanted"))
    .order_by(challenges.c.issued_at, challenges.c.id)
)
_SAVE = update(challenges).where(challenges.c.id == bindparam("wanted"))
# The seat stands for all its codes, also for those that a rival is about to add. NO KEY UPDATE: to refer to it is free.
_HOLD_SEAT = (
    select(invitations.c.id).where(invitations.c.id == bindparam("wanted")).with_for_update(key_share=True)
)

_ADD_PROOF = insert(proofs).on_conflict_do_nothing()
_PROOFS_OF = (
    select(proofs)
    .where(proofs.c.invitation == bindparam("wanted"))
    .order_by(proofs.c.revision, proofs.c.number)
)
_PROOFS_OF_MEETING = (
    select(proofs)
    .join_from(proofs, invitations)
    .where(invitations.c.meeting == bindparam("wanted"))
    .order_by(proofs.c.invitation, proofs.c.revision, proofs.c.number)
)


@dataclass(frozen=True, slots=True)
class SqlChallenges:
    block: Block

    async def add(self, challenge: Challenge) -> None:
        await self.block.insert_once(_ADD, columns(challenge), "There is such a code already.")

    async def get(self, challenge: ChallengeId) -> Challenge:
        row = await self.block.row(_GET, {"wanted": challenge})
        if row is None:
            raise NotFound("There is no such code.")
        return restored(Challenge, row)

    async def of(self, invitation: InvitationId) -> Sequence[Challenge]:
        if self.block.locks:
            # First the lock, then the reading: what waited for a rival must see what the rival did.
            await self.block.row(_HOLD_SEAT, {"wanted": invitation})
        return [restored(Challenge, row) for row in await self.block.rows(_OF, {"wanted": invitation})]

    async def save(self, challenge: Challenge) -> None:
        if not await self.block.change(_SAVE, columns(challenge, wanted=challenge.id)):
            raise NotFound("There is no such code.")


@dataclass(frozen=True, slots=True)
class SqlProofs:
    block: Block

    async def add(self, device: SeatDevice) -> None:
        await self.block.insert_once(_ADD_PROOF, columns(device), "That number is taken already.")

    async def of(self, invitation: InvitationId) -> Sequence[SeatDevice]:
        rows = await self.block.rows(_PROOFS_OF, {"wanted": invitation})
        return [restored(SeatDevice, row) for row in rows]

    async def of_meeting(self, meeting: MeetingId) -> Sequence[SeatDevice]:
        rows = await self.block.rows(_PROOFS_OF_MEETING, {"wanted": meeting})
        return [restored(SeatDevice, row) for row in rows]
