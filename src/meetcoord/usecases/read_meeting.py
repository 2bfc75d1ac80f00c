"""What an agency may see of a meeting, and of the people in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.agencies import Person
from meetcoord.domain.attendance import Attendee, roll_call
from meetcoord.domain.challenges import SeatDevice, SeatDevices
from meetcoord.domain.errors import Forbidden, NotFound
from meetcoord.domain.invitations import Invitation
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.outbox import Message
from meetcoord.domain.values import AgencyId, InvitationId, MeetingId, PersonId
from meetcoord.ports.storage import PageMark, Storage, Transaction
from meetcoord.ports.system import Clock


async def meeting_for(tx: Transaction, actor: Actor, meeting: MeetingId) -> Meeting:
    """The meeting, provided the actor's agency takes part; otherwise NotFound, as for one that does not exist."""
    try:
        found = await tx.meetings.get(meeting)
    except NotFound:
        found = None
    if found is None or not found.takes_part(actor.agency):
        raise NotFound("There is no such meeting, or your agency takes no part in it.")
    return found


def must_organise(meeting: Meeting, actor: Actor) -> None:
    if meeting.organiser != actor.agency:
        raise Forbidden("Only the organising agency may do this.")


class SeenPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person as one agency sees her: the address is there for her own agency only."""

    id: PersonId
    agency: AgencyId
    name: str
    function: str
    address: str | None


def seen_by(agency: AgencyId, person: Person) -> SeenPerson:
    return SeenPerson(
        id=person.id,
        agency=person.agency,
        name=person.name,
        function=person.function,
        address=person.address if person.agency == agency else None,
    )


class BoardLine(msgspec.Struct, frozen=True, kw_only=True):
    """One invited person: her messages, oldest first, and when she was admitted, if she was.

    `devices` is on how many devices she was let in with her present link, `refused_at` when each other device was
    turned away; her own agency and the organiser may know, for everybody else they are None.
    """

    invitation: Invitation
    person: SeenPerson
    messages: tuple[Message, ...]
    admitted_at: datetime | None
    attendee: Attendee
    devices: int | None
    refused_at: tuple[datetime, ...] | None


class ToldDevices(msgspec.Struct, frozen=True, kw_only=True):
    """What one agency may know of the devices that came with a link; None where it may know nothing."""

    let_in: int | None = None
    refused_at: tuple[datetime, ...] | None = None


def devices_told(
    actor: Actor, meeting: Meeting, invitations: Sequence[Invitation], proofs: Sequence[SeatDevice]
) -> Mapping[InvitationId, ToldDevices]:
    """The devices that came with the present link of each, so far as the actor may know of them."""
    by_seat: dict[InvitationId, list[SeatDevice]] = {}
    for proof in proofs:
        by_seat.setdefault(proof.invitation, []).append(proof)
    return {
        each.id: _told_devices(SeatDevices.of(each, by_seat.get(each.id, [])))
        if actor.agency in {each.agency, meeting.organiser}
        else ToldDevices()
        for each in invitations
    }


def _told_devices(devices: SeatDevices) -> ToldDevices:
    return ToldDevices(let_in=len(devices.let_in), refused_at=tuple(each.at for each in devices.refused))


def _told_to(agency: AgencyId, message: Message, invitation: Invitation) -> Message:
    """Mail servers like to repeat the address in their reply, so it is for the person's own agency only."""
    return message if invitation.agency == agency else msgspec.structs.replace(message, reply="")


@dataclass(frozen=True, slots=True)
class ReadMeeting:
    storage: Storage

    async def __call__(self, actor: Actor, meeting: MeetingId) -> tuple[Meeting, Sequence[SeenPerson]]:
        """The meeting and its delegates. Raises Forbidden, NotFound."""
        actor.must(Action.READ_MEETING)
        async with self.storage.snapshot() as tx:
            found = await meeting_for(tx, actor, meeting)
            persons = await tx.persons.several([d.person for d in found.delegates])
        return found, [seen_by(actor.agency, person) for person in persons]


@dataclass(frozen=True, slots=True)
class ListMeetings:
    storage: Storage

    async def __call__(self, actor: Actor, after: PageMark | None, limit: int) -> Sequence[Meeting]:
        """Up to `limit` meetings of the actor's agency, newest first, behind `after`."""
        actor.must(Action.READ_MEETING)
        async with self.storage.snapshot() as tx:
            return await tx.meetings.page(actor.agency, after, limit)


@dataclass(frozen=True, slots=True)
class ReadBoard:
    storage: Storage
    now: Clock

    async def __call__(self, actor: Actor, meeting: MeetingId) -> Sequence[BoardLine]:
        """Who is invited, who was reached, who came. Raises Forbidden, NotFound."""
        actor.must(Action.READ_MEETING)
        async with self.storage.snapshot() as tx:
            found = await meeting_for(tx, actor, meeting)
            invitations = await tx.invitations.of_meeting(meeting)
            persons = {p.id: p for p in await tx.persons.several([i.person for i in invitations])}
            messages = await tx.outbox.of_meeting(meeting)
            admissions = await tx.admissions.of_meeting(meeting)
            proofs = await tx.proofs.of_meeting(meeting)
            events = await tx.room_events.of_meeting(meeting)
        attendees = roll_call(found, invitations, events, self.now()).attendees
        devices = devices_told(actor, found, invitations, proofs)
        first = {a.invitation: a.at for a in reversed(admissions)}
        return [
            BoardLine(
                invitation=invitation,
                person=seen_by(actor.agency, persons[invitation.person]),
                messages=tuple(
                    _told_to(actor.agency, m, invitation) for m in messages if m.invitation == invitation.id
                ),
                admitted_at=first.get(invitation.id),
                attendee=attendee,
                devices=devices[invitation.id].let_in,
                refused_at=devices[invitation.id].refused_at,
            )
            for invitation, attendee in zip(invitations, attendees, strict=True)
        ]
