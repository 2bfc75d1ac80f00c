"""Register and withdraw public keys able to open what is sealed for an agency."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.agencies import Recipient, RecipientKind
from meetcoord.domain.errors import Conflict, NotFound
from meetcoord.domain.key_notices import ChangedKeys, KeyChange
from meetcoord.domain.leaves import ActKind
from meetcoord.domain.policies import fingerprint
from meetcoord.domain.values import one_line
from meetcoord.ports.sealing import Sealer
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.policies import Policies
from meetcoord.usecases.tell_of_keys import TellOfKeys

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
    policies: Policies
    now: Clock
    acts: Acts
    tell: TellOfKeys

    async def __call__(self, actor: Actor, asked: NewRecipient) -> Recipient:
        """A recipient of the actor's own agency, proposed at once to every circle of the agency.

        Nobody can open more than before until all agencies of a circle have consented. Raises Forbidden, Invalid,
        Conflict when the key is known.
        """
        actor.must(Action.ADD_RECIPIENT)
        recipient = Recipient(
            agency=actor.agency,
            kind=asked.kind,
            key=self.sealer.recipient(asked.key.strip()),
            label=one_line(asked.label, "The label", "/label"),
            added_at=self.now(),
            added_by=actor.person,
        )
        async with self.storage.transaction() as tx:
            if sum(each.in_use for each in await tx.recipients.of([actor.agency])) >= KEYS_MAX:
                raise Conflict(f"Your agency has {KEYS_MAX} opening keys already, as many as it can have.")
            await tx.recipients.add(recipient)
            await self.acts.record(
                tx,
                ActKind.RECIPIENT_ADDED,
                actor,
                what=actor.agency,
                about=actor.agency,
            )
            await self.policies.propose(tx, actor.agency)
            await self.tell.circles_of(tx, _changed(KeyChange.RECIPIENT_ADDED, actor, recipient))
        return recipient


@dataclass(frozen=True, slots=True)
class WithdrawRecipient:
    storage: Storage
    policies: Policies
    now: Clock
    acts: Acts
    tell: TellOfKeys

    async def __call__(self, actor: Actor, key_fingerprint: str) -> Recipient:
        """The recipient, withdrawn. What is sealed stays open to its key; minutes to come, until every circle consents.

        `key_fingerprint` is SHA-256 of the key in hexadecimal digits, with or without blanks. Raises Forbidden,
        NotFound, Conflict when a circle would be left without the key of the agency's archive.
        """
        actor.must(Action.ADD_RECIPIENT)
        async with self.storage.transaction() as tx:
            found = await _own(tx, actor, "".join(key_fingerprint.split()).lower())
            if found.in_use:
                found = msgspec.structs.replace(found, withdrawn_at=self.now())
                await tx.recipients.withdraw(found.key, self.now())
                what = f"{actor.agency}/{fingerprint(found.key)[:16]}"
                await self.acts.record(tx, ActKind.RECIPIENT_WITHDRAWN, actor, what=what, about=actor.agency)
                await self.policies.propose(tx, actor.agency)
                await self.tell.circles_of(tx, _changed(KeyChange.RECIPIENT_WITHDRAWN, actor, found))
        return found


def _changed(change: KeyChange, actor: Actor, recipient: Recipient) -> ChangedKeys:
    return ChangedKeys(
        change=change, agency=recipient.agency, object=fingerprint(recipient.key), by=actor.person
    )


async def _own(tx: Transaction, actor: Actor, wanted: str) -> Recipient:
    for each in await tx.recipients.of([actor.agency]):
        if fingerprint(each.key) == wanted:
            return each
    raise NotFound("Your agency has no recipient with this fingerprint.")


@dataclass(frozen=True, slots=True)
class ListRecipients:
    storage: Storage

    async def __call__(self, actor: Actor) -> Sequence[Recipient]:
        """The keys of the actor's own agency, withdrawn ones too."""
        actor.must(Action.LIST_AGENCIES)
        async with self.storage.snapshot() as tx:
            return await tx.recipients.of([actor.agency])
