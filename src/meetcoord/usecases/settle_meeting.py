"""The organising agency fixes the meeting on a slot that every required agency agreed to, or calls it off."""

from dataclasses import dataclass

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.invitations import awaits_new_link
from meetcoord.domain.leaves import ActKind
from meetcoord.domain.letters import LetterKind
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.values import MeetingId, SlotId
from meetcoord.ports.storage import Storage
from meetcoord.ports.system import Clock, NewId
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.invite_delegates import owed
from meetcoord.usecases.read_meeting import meeting_for, must_organise


class ChosenSlot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    slot: str


@dataclass(frozen=True, slots=True)
class SettleMeeting:
    storage: Storage
    now: Clock
    acts: Acts

    async def __call__(self, actor: Actor, meeting: MeetingId, asked: ChosenSlot) -> Meeting:
        """Settling on the same slot twice is once. Raises Forbidden, NotFound, Conflict without agreement."""
        actor.must(Action.SETTLE_MEETING)
        async with self.storage.transaction() as tx:
            found = await meeting_for(tx, actor, meeting)
            must_organise(found, actor)
            settled = found.settled_on(SlotId(asked.slot), self.now())
            if settled is not found:
                await tx.meetings.save(settled)
                await self.acts.record(
                    tx,
                    ActKind.MEETING_SETTLED,
                    actor,
                    what=settled.id,
                    about=settled.id,
                )
        return settled


@dataclass(frozen=True, slots=True)
class CancelMeeting:
    storage: Storage
    now: Clock
    new_id: NewId
    acts: Acts

    async def __call__(self, actor: Actor, meeting: MeetingId) -> Meeting:
        """Every link is dead from now on and every invited person is told; twice is once.

        Raises Forbidden, NotFound, Conflict when the meeting is over.
        """
        actor.must(Action.CANCEL_MEETING)
        async with self.storage.transaction() as tx:
            found = await meeting_for(tx, actor, meeting)
            must_organise(found, actor)
            cancelled = found.cancelled(self.now())
            if cancelled is not found:
                await tx.meetings.save(cancelled)
                invitations = [
                    invitation
                    for invitation in await tx.invitations.of_meeting(meeting)
                    if invitation.active or awaits_new_link(invitation, found)
                ]
                await tx.outbox.add(owed(LetterKind.CANCELLED, invitations, self.now(), self.new_id))
                await self.acts.record(
                    tx,
                    ActKind.MEETING_CANCELLED,
                    actor,
                    what=cancelled.id,
                    about=cancelled.id,
                )
        return cancelled
