"""The organising agency proposes other times: what was agreed is void, every agency is asked again."""

from dataclasses import dataclass

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.leaves import ActKind
from meetcoord.domain.letters import LetterKind
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.values import MeetingId
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock, NewId
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.invite_delegates import owed
from meetcoord.usecases.propose_meeting import NewSlot, new_slots
from meetcoord.usecases.read_meeting import meeting_for, must_organise


class NewSlots(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All candidate slots, in place of the former ones. `terms` is the revision the secretary was looking at."""

    terms: int
    slots: tuple[NewSlot, ...]


@dataclass(frozen=True, slots=True)
class MoveMeeting:
    storage: Storage
    now: Clock
    new_id: NewId
    acts: Acts

    async def __call__(self, actor: Actor, meeting: MeetingId, asked: NewSlots) -> Meeting:
        """Every link is dead from now on, and whoever was invited is told that the old time is off; twice is once.

        Seats are given again, with new links, by inviting once a new slot is settled.
        Raises Forbidden, NotFound, Invalid, UnclearTime, Stale, Conflict when the meeting is cancelled or over.
        """
        actor.must(Action.MOVE_MEETING)
        async with self.storage.transaction() as tx:
            found = await meeting_for(tx, actor, meeting)
            must_organise(found, actor)
            slots = new_slots(asked.slots, found.time_zone, self.now(), self.new_id)
            moved = found.moved(asked.terms, slots, actor.person, self.now())
            if moved is not found:
                await tx.meetings.save(moved)
                await self.acts.record(tx, ActKind.MEETING_MOVED, actor, what=moved.id, about=moved.id)
            if moved.moves != found.moves:
                await self._take_back_seats(tx, moved)
        return moved

    async def _take_back_seats(self, tx: Transaction, moved: Meeting) -> None:
        void = [each.withdrawn() for each in await tx.invitations.of_meeting(moved.id) if each.active]
        for invitation in void:
            await tx.invitations.save(invitation)
        await tx.outbox.add(owed(LetterKind.MOVED, void, moved.moves[-1].at, self.new_id))
