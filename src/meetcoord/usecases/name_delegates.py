"""An agency says whom it sends; whoever is no longer sent loses her seat at once."""

from dataclasses import dataclass

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.errors import Invalid
from meetcoord.domain.leaves import ActKind
from meetcoord.domain.letters import LetterKind
from meetcoord.domain.meetings import DELEGATES_MAX, Attendance, Delegate, Meeting
from meetcoord.domain.values import MeetingId, PersonId
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock, NewId
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.invite_delegates import owed
from meetcoord.usecases.read_meeting import meeting_for


class NewDelegate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    person: str
    attendance: Attendance = Attendance.IN_CALL
    moderator: bool = False


class NewDelegates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that the agency sends, in place of whom it named before."""

    delegates: tuple[NewDelegate, ...]


@dataclass(frozen=True, slots=True)
class NameDelegates:
    storage: Storage
    now: Clock
    new_id: NewId
    acts: Acts

    async def __call__(self, actor: Actor, meeting: MeetingId, asked: NewDelegates) -> Meeting:
        """The meeting with the delegates of the actor's agency. Raises Forbidden, NotFound, Invalid, Conflict."""
        actor.must(Action.NAME_DELEGATES)
        if len(asked.delegates) > DELEGATES_MAX:
            raise Invalid(f"Name at most {DELEGATES_MAX} delegates.", "/delegates")
        delegates = tuple(
            Delegate(
                person=PersonId(d.person), agency=actor.agency, attendance=d.attendance, moderator=d.moderator
            )
            for d in asked.delegates
        )
        async with self.storage.transaction() as tx:
            found = await meeting_for(tx, actor, meeting)
            found.must_not_be_over(self.now())
            changed = found.with_delegates(actor.agency, delegates)
            await self._must_be_own(tx, actor, delegates)
            await tx.meetings.save(changed)
            await self._take_back_seats(tx, actor, changed)
        return changed

    async def _must_be_own(self, tx: Transaction, actor: Actor, delegates: tuple[Delegate, ...]) -> None:
        known = await tx.persons.several([d.person for d in delegates])
        own = {p.id for p in known if p.agency == actor.agency and p.active}
        for place, delegate in enumerate(delegates):
            if delegate.person not in own:
                raise Invalid(
                    "There is no such person in your agency: see GET /v1/persons.",
                    f"/delegates/{place}/person",
                )

    async def _take_back_seats(self, tx: Transaction, actor: Actor, meeting: Meeting) -> None:
        kept = {d.person for d in meeting.delegates if d.attendance is not Attendance.EXCUSED}
        lost = [
            invitation.withdrawn()
            for invitation in await tx.invitations.of_meeting(meeting.id)
            if invitation.agency == actor.agency and invitation.active and invitation.person not in kept
        ]
        for invitation in lost:
            await tx.invitations.save(invitation)
            await self.acts.record(
                tx, ActKind.INVITATION_WITHDRAWN, actor, what=invitation.id, about=meeting.id
            )
        await tx.outbox.add(owed(LetterKind.REMOVED, lost, self.now(), self.new_id))
