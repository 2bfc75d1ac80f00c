"""The keys with which persons approve for their agency; the secret half never comes here."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.agencies import Approver
from meetcoord.domain.checkpoints import VerifierKey, parse_vkey
from meetcoord.domain.errors import Conflict, NotFound
from meetcoord.domain.key_notices import ChangedKeys, KeyChange
from meetcoord.domain.leaves import ActKind, PolicyApprover
from meetcoord.domain.values import PersonId
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.policies import Policies
from meetcoord.usecases.tell_of_keys import TellOfKeys

KEYS_MAX = 8


class NewApprover(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`key` is what `meetcoord keys approver new` printed on the person's own machine: `name+key id+base64`."""

    person: PersonId
    key: str


@dataclass(frozen=True, slots=True)
class AddApprover:
    """`log_key` is the verifier key of the log, which signs checkpoints only."""

    storage: Storage
    policies: Policies
    log_key: str
    now: Clock
    acts: Acts
    tell: TellOfKeys

    async def __call__(self, actor: Actor, asked: NewApprover) -> Approver:
        """A key of one person of the actor's agency, proposed at once to every circle of the agency.

        Raises Forbidden, NotFound, Invalid for a key of another kind, Conflict.
        """
        actor.must(Action.MANAGE_APPROVERS)
        key = PolicyApprover(agency=actor.agency, key=asked.key.strip()).key
        if parse_vkey(key).public == parse_vkey(self.log_key).public:
            raise Conflict(
                "This is the key of the log, which signs checkpoints only: make one for this person."
            )
        approver = Approver(
            agency=actor.agency, person=asked.person, key=key, added_at=self.now(), added_by=actor.person
        )
        async with self.storage.transaction() as tx:
            await self._must_fit(tx, approver)
            await tx.approvers.add(approver)
            what = _object(actor, parse_vkey(key))
            await self.acts.record(tx, ActKind.APPROVER_ADDED, actor, what=what, about=actor.agency)
            await self.policies.propose(tx, actor.agency)
            await self.tell.circles_of(tx, _changed(KeyChange.APPROVER_ADDED, actor, approver))
        return approver

    async def _must_fit(self, tx: Transaction, approver: Approver) -> None:
        person = await tx.persons.get(approver.person)
        if person.agency != approver.agency or not person.active:
            raise NotFound("There is no such person in your agency.")
        others = [each for each in await tx.approvers.of([approver.agency]) if each.in_use]
        if any(each.person == approver.person for each in others):
            raise Conflict("This person has a key already: withdraw that one first.")
        if len(others) >= KEYS_MAX:
            raise Conflict(f"Your agency has {KEYS_MAX} approvers already, as many as it can have.")


@dataclass(frozen=True, slots=True)
class WithdrawApprover:
    storage: Storage
    policies: Policies
    now: Clock
    acts: Acts
    tell: TellOfKeys

    async def __call__(self, actor: Actor, fingerprint: str) -> Approver:
        """The approver, withdrawn. Her signatures count until every circle has consented to a list without her.

        `fingerprint` is that of the key, with or without blanks. Raises Forbidden, NotFound.
        """
        actor.must(Action.MANAGE_APPROVERS)
        async with self.storage.transaction() as tx:
            found = await _own(tx, actor, fingerprint)
            if found.in_use:
                found = msgspec.structs.replace(found, withdrawn_at=self.now())
                await tx.approvers.withdraw(found.key, self.now())
                what = _object(actor, parse_vkey(found.key))
                await self.acts.record(tx, ActKind.APPROVER_WITHDRAWN, actor, what=what, about=actor.agency)
                await self.policies.propose(tx, actor.agency)
                await self.tell.circles_of(tx, _changed(KeyChange.APPROVER_WITHDRAWN, actor, found))
        return found


def _changed(change: KeyChange, actor: Actor, approver: Approver) -> ChangedKeys:
    shown = "".join(parse_vkey(approver.key).fingerprint.split())
    return ChangedKeys(change=change, agency=approver.agency, object=shown, by=actor.person)


@dataclass(frozen=True, slots=True)
class ListApprovers:
    storage: Storage

    async def __call__(self, actor: Actor) -> Sequence[Approver]:
        """Those of the actor's own agency, withdrawn ones too."""
        actor.must(Action.LIST_AGENCIES)
        async with self.storage.snapshot() as tx:
            return await tx.approvers.of([actor.agency])


async def _own(tx: Transaction, actor: Actor, fingerprint: str) -> Approver:
    wanted = "".join(fingerprint.split()).lower()
    for each in await tx.approvers.of([actor.agency]):
        if "".join(parse_vkey(each.key).fingerprint.split()) == wanted:
            return each
    raise NotFound("Your agency has no approver with a key of this fingerprint.")


def _object(actor: Actor, key: VerifierKey) -> str:
    return f"{actor.agency}/{key.key_id.hex()}"
