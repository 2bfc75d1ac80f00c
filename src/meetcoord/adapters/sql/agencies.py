"""Agencies, the public keys of those who open or approve for them, and the circles they meet in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import groupby

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert  # compiled alike for SQLite

from meetcoord.adapters.sql.block import Block
from meetcoord.adapters.sql.rows import columns, restored
from meetcoord.adapters.sql.schema import agencies, approvers, circles, recipients
from meetcoord.domain.agencies import Agency, Approver, Recipient
from meetcoord.domain.checkpoints import parse_vkey
from meetcoord.domain.errors import NotFound
from meetcoord.domain.policies import Circle
from meetcoord.domain.values import AgencyId

_ADD = insert(agencies).on_conflict_do_nothing()
_EVERY = select(agencies).order_by(agencies.c.id)
_GET = select(agencies).where(agencies.c.id == bindparam("wanted"))

_ADD_RECIPIENT = insert(recipients).on_conflict_do_nothing()
_RECIPIENTS = (
    select(*(column for column in recipients.c if column.name != "key_digest"))
    .where(recipients.c.agency.in_(bindparam("wanted", expanding=True)))
    .order_by(recipients.c.agency, recipients.c.kind, recipients.c.added_at, recipients.c.key)
)
_WITHDRAW_RECIPIENT = (
    update(recipients)
    .where(recipients.c.key_digest == bindparam("wanted"), recipients.c.withdrawn_at.is_(None))
    .values(withdrawn_at=bindparam("at"))
)

_ADD_APPROVER = insert(approvers).on_conflict_do_nothing()
_APPROVERS = (
    select(*(column for column in approvers.c if column.name != "public"))
    .where(approvers.c.agency.in_(bindparam("wanted", expanding=True)))
    .order_by(approvers.c.agency, approvers.c.key)
)
_WITHDRAW_APPROVER = (
    update(approvers)
    .where(approvers.c.public == bindparam("wanted"), approvers.c.withdrawn_at.is_(None))
    .values(withdrawn_at=bindparam("at"))
)

_CIRCLES = (
    select(circles)
    .where(circles.c.circle.in_(select(circles.c.circle).where(circles.c.agency == bindparam("wanted"))))
    .order_by(circles.c.circle, circles.c.agency)
)
_NO_SUCH_KEY = "There is no such key in use."


@dataclass(frozen=True, slots=True)
class SqlAgencies:
    block: Block

    async def add(self, agency: Agency) -> None:
        await self.block.insert_once(
            _ADD, columns(agency), f"There is an agency `{agency.id}` already: choose another id."
        )

    async def get(self, agency: AgencyId) -> Agency:
        row = await self.block.row(_GET, {"wanted": agency})
        if row is None:
            raise NotFound("There is no such agency.")
        return restored(Agency, row)

    async def every(self) -> Sequence[Agency]:
        return [restored(Agency, row) for row in await self.block.rows(_EVERY)]


@dataclass(frozen=True, slots=True)
class SqlRecipients:
    block: Block

    async def add(self, recipient: Recipient) -> None:
        await self.block.insert_once(
            _ADD_RECIPIENT,
            columns(recipient, key_digest=_digest(recipient.key)),
            "This key is registered already: each recipient has a key of its own.",
        )

    async def of(self, agencies: Sequence[AgencyId]) -> Sequence[Recipient]:
        rows = await self.block.rows(_RECIPIENTS, {"wanted": list(agencies)})
        return [restored(Recipient, row) for row in rows]

    async def withdraw(self, key: str, at: datetime) -> None:
        if not await self.block.change(_WITHDRAW_RECIPIENT, {"wanted": _digest(key), "at": at}):
            raise NotFound(_NO_SUCH_KEY)


@dataclass(frozen=True, slots=True)
class SqlApprovers:
    block: Block

    async def add(self, approver: Approver) -> None:
        await self.block.insert_once(
            _ADD_APPROVER,
            columns(approver, public=parse_vkey(approver.key).public),
            "This key is registered already: it belongs to one person, for one agency.",
        )

    async def of(self, agencies: Sequence[AgencyId]) -> Sequence[Approver]:
        rows = await self.block.rows(_APPROVERS, {"wanted": list(agencies)})
        return [restored(Approver, row) for row in rows]

    async def withdraw(self, key: str, at: datetime) -> None:
        wanted = parse_vkey(key).public
        if not await self.block.change(_WITHDRAW_APPROVER, {"wanted": wanted, "at": at}):
            raise NotFound(_NO_SUCH_KEY)


@dataclass(frozen=True, slots=True)
class SqlCircles:
    block: Block

    async def add(self, circle: Circle) -> None:
        rows = [{"circle": circle.name, "agency": agency} for agency in circle.agencies]
        await self.block.insert_all(circles, rows, "These agencies have a policy already: try again.")

    async def of(self, agency: AgencyId) -> Sequence[Circle]:
        rows = await self.block.rows(_CIRCLES, {"wanted": agency})
        return [Circle(tuple(row.agency for row in of)) for _, of in groupby(rows, lambda row: row.circle)]


def _digest(key: str) -> bytes:
    return sha256(key.encode()).digest()
