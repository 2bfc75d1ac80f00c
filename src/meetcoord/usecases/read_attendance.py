"""Who is in the room, who is expected and who is missing, as the video system declares it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.attendance import Attendee, RollCall, roll_call
from meetcoord.domain.values import MeetingId
from meetcoord.ports.storage import Storage
from meetcoord.ports.system import Clock
from meetcoord.usecases.read_meeting import SeenPerson, devices_told, meeting_for, seen_by


class AttendanceLine(msgspec.Struct, frozen=True, kw_only=True):
    """One invited person: who she is to the asker's agency, when she was there, and her devices as on the board."""

    person: SeenPerson
    attendee: Attendee
    devices: int | None
    refused_at: tuple[datetime, ...] | None


@dataclass(frozen=True, slots=True)
class ReadAttendance:
    storage: Storage
    now: Clock

    async def __call__(self, actor: Actor, meeting: MeetingId) -> tuple[RollCall, Sequence[AttendanceLine]]:
        """The roll call and its lines, by agency, then name. Raises Forbidden, NotFound."""
        actor.must(Action.READ_MEETING)
        async with self.storage.snapshot() as tx:
            found = await meeting_for(tx, actor, meeting)
            invitations = await tx.invitations.of_meeting(meeting)
            persons = {p.id: p for p in await tx.persons.several([i.person for i in invitations])}
            events = await tx.room_events.of_meeting(meeting)
            proofs = await tx.proofs.of_meeting(meeting)
        devices = devices_told(actor, found, invitations, proofs)
        roll = roll_call(found, invitations, events, self.now())
        return roll, [
            AttendanceLine(
                person=seen_by(actor.agency, persons[invitation.person]),
                attendee=attendee,
                devices=devices[invitation.id].let_in,
                refused_at=devices[invitation.id].refused_at,
            )
            for invitation, attendee in zip(invitations, roll.attendees, strict=True)
        ]
