"""Every delegate of a settled meeting gets a seat, and a message with her personal link is owed to her."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.errors import Conflict
from meetcoord.domain.invitations import Invitation
from meetcoord.domain.leaves import ActKind
from meetcoord.domain.letters import LetterKind
from meetcoord.domain.meetings import Attendance, Delegate, Meeting, MeetingState
from meetcoord.domain.outbox import Delivery, Message
from meetcoord.domain.values import InvitationId, MeetingId, MessageId, PersonId
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock, NewId
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.read_meeting import meeting_for, must_organise


def owed(kind: LetterKind, invitations: Sequence[Invitation], now: datetime, new_id: NewId) -> list[Message]:
    """One message of `kind` to each invited person, due at once.

    Taking a seat back, as moving the meeting does, has already raised its revision; cancelling the meeting has not.
    """
    return [
        Message(
            id=MessageId(new_id()),
            kind=kind,
            meeting=invitation.meeting,
            invitation=invitation.id,
            sequence=invitation.revision - 1 + (kind is LetterKind.CANCELLED),
            delivery=Delivery.QUEUED,
            attempts=0,
            next_attempt_at=now,
            reply="",
            uncertain=False,
            created_at=now,
        )
        for invitation in invitations
    ]


@dataclass(frozen=True, slots=True)
class InviteDelegates:
    storage: Storage
    now: Clock
    new_id: NewId
    acts: Acts

    async def __call__(self, actor: Actor, meeting: MeetingId) -> Sequence[Invitation]:
        """All invitations of the meeting. Who holds a seat is not written to again, so twice is once.

        Raises Forbidden, NotFound, Conflict unless the meeting is settled and somebody is named.
        """
        actor.must(Action.INVITE_DELEGATES)
        async with self.storage.transaction() as tx:
            found = await meeting_for(tx, actor, meeting)
            must_organise(found, actor)
            present = {i.person: i for i in await tx.invitations.of_meeting(meeting)}
            missing = self._missing(found, present)
            renewed = [present[d.person].renewed() for d in missing if d.person in present]
            fresh = await self._seats(tx, found, [d for d in missing if d.person not in present])
            for invitation in renewed:
                await tx.invitations.save(invitation)
            await tx.invitations.add(fresh)
            await self._owe(tx, actor, [*renewed, *fresh])
            return await tx.invitations.of_meeting(meeting)

    def _missing(self, meeting: Meeting, present: Mapping[PersonId, Invitation]) -> list[Delegate]:
        if meeting.state is not MeetingState.SETTLED:
            raise Conflict("Settle the meeting on an agreed slot first: invitations name the time.")
        meeting.must_not_be_over(self.now())
        coming = [d for d in meeting.delegates if d.attendance is not Attendance.EXCUSED]
        if not coming:
            raise Conflict("No agency has named a delegate yet: there is nobody to invite.")
        return [d for d in coming if d.person not in present or not present[d.person].active]

    async def _seats(
        self, tx: Transaction, meeting: Meeting, delegates: Sequence[Delegate]
    ) -> list[Invitation]:
        agencies = {agency.id: agency for agency in await tx.agencies.every()}
        return [
            Invitation(
                id=InvitationId(self.new_id()),
                meeting=meeting.id,
                person=person.id,
                agency=person.agency,
                alias=self.new_id(),
                name=f"{person.name} ({agencies[person.agency].name})",
                revision=1,
                active=True,
                created_at=self.now(),
            )
            for person in await tx.persons.several([d.person for d in delegates])
        ]

    async def _owe(self, tx: Transaction, actor: Actor, invitations: Sequence[Invitation]) -> None:
        await tx.outbox.add(owed(LetterKind.INVITED, invitations, self.now(), self.new_id))
        for invitation in invitations:
            await self.acts.record(
                tx,
                ActKind.INVITATION_SENT,
                actor,
                what=invitation.id,
                about=invitation.meeting,
            )
