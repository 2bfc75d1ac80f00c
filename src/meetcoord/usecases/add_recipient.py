"""Register a public key able to open what is sealed for an agency."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.agencies import Recipient, RecipientKind
from meetcoord.domain.errors import Conflict
from meetcoord.domain.leaves import ActKind
from meetcoord.domain.values import one_line
from meetcoord.ports.sealing import Sealer
from meetcoord.ports.storage import Storage
from meetcoord.ports.system import Clock
from meetcoord.usecases.acts import Acts

KEYS_MAX = 8


class NewRecipient(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`key` is the public half, an `age1pq…` string; the identity that opens never comes here."""

    kind: RecipientKind
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class AddRecipient:
    storage: Storage
    sealer: Sealer
    now: Clock
    acts: Acts

    async def __call__(self, actor: Actor, asked: NewRecipient) -> Recipient:
        """A recipient of the actor's own agency. Raises Forbidden, Invalid, Conflict when the key is known."""
        actor.must(Action.ADD_RECIPIENT)
        if asked.kind is RecipientKind.CUSTODIAN:
            raise Conflict(
                "A custodian key needs the agreement of every agency, which cannot be given here yet."
            )
        recipient = Recipient(
            agency=actor.agency,
            kind=asked.kind,
            key=self.sealer.recipient(asked.key.strip()),
            label=one_line(asked.label, "The label", "/label"),
            added_at=self.now(),
            added_by=actor.person,
        )
        async with self.storage.transaction() as tx:
            if len(await tx.recipients.of([actor.agency])) >= KEYS_MAX:
                raise Conflict(f"Your agency has {KEYS_MAX} opening keys already, as many as it can have.")
            await tx.recipients.add(recipient)
            await self.acts.record(
                tx,
                ActKind.RECIPIENT_ADDED,
                actor,
                what=actor.agency,
                about=actor.agency,
            )
        return recipient


@dataclass(frozen=True, slots=True)
class ListRecipients:
    storage: Storage

    async def __call__(self, actor: Actor) -> Sequence[Recipient]:
        """The keys of the actor's own agency."""
        actor.must(Action.LIST_AGENCIES)
        async with self.storage.snapshot() as tx:
            return await tx.recipients.of([actor.agency])
