"""Agencies, and the public keys of those who may open what is sealed for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert  # compiled alike for SQLite

from meetcoord.adapters.sql.block import Block
from meetcoord.adapters.sql.rows import columns, restored
from meetcoord.adapters.sql.schema import agencies, recipients
from meetcoord.domain.agencies import Agency, Recipient
from meetcoord.domain.errors import NotFound
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
        digest = sha256(recipient.key.encode()).digest()
        await self.block.insert_once(
            _ADD_RECIPIENT,
            columns(recipient, key_digest=digest),
            "This key is registered already: each recipient has a key of its own.",
        )

    async def of(self, agencies: Sequence[AgencyId]) -> Sequence[Recipient]:
        rows = await self.block.rows(_RECIPIENTS, {"wanted": list(agencies)})
        return [restored(Recipient, row) for row in rows]
