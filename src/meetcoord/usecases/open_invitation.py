"""What a join link opens: first a look that changes nothing, then the admission."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from meetcoord.domain.agencies import Person
from meetcoord.domain.attendance import roll_call
from meetcoord.domain.errors import JoinRefused, LinkInvalid, LinkReplaced, NotFound, RoomFull
from meetcoord.domain.invitations import Admission, Invitation, JoinLink, Seat, room_pass
from meetcoord.domain.leaves import ActKind
from meetcoord.domain.profiles import Profiles
from meetcoord.domain.reservations import places
from meetcoord.domain.values import AdmissionId, Language, one_line
from meetcoord.ports.links import JoinLinks
from meetcoord.ports.rooms import RoomEntry, Rooms
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock, NewId
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.prove_person import ProvePerson, devices_of, given_proof, is_proven, on_another_device

CLICK_MAX = 64


class OpenedLink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a browser sends when somebody opens her link. `device` is as in PressedButton."""

    token: str
    device: str = ""


class PressedButton(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`click` is a random name the page gives to one press of the button, sent again with each retry of it.

    `device` is a secret that this device makes and keeps, 32 random bytes in base64url: by it a second device is
    noticed. Where the profile asks for more than the link, `code` is the six digits. Once a code was right, `device`
    alone does until the meeting's end; the secret comes from the device, so that an answer lost on its way costs nobody
    a second code.
    """

    token: str
    click: str
    device: str = ""
    code: str = ""


class OpenInvitation(msgspec.Struct, frozen=True, kw_only=True):
    """What the holder of a link may know before she is admitted.

    `title` and `agenda` are empty until what the profile asks for is proven: a forwarded mail must not tell.
    `other_device`: somebody was let in through this link on another device.
    """

    title: str
    agenda: str
    organiser: str
    name: str
    language: Language
    start: datetime
    end: datetime
    opens_at: datetime
    time_zone: str
    other_device: bool


async def seat_of(tx: Transaction, profiles: Profiles, link: JoinLink, now: datetime) -> tuple[Seat, Person]:
    """The seat the link stands for, and who holds it.

    Raises LinkInvalid, LinkReplaced, MeetingCancelled, MeetingMoved, TooLate.
    """
    try:
        invitation, meeting = await tx.invitations.with_meeting(link.invitation)
    except NotFound:
        raise LinkInvalid(
            "This link is not one of ours. Open it again from the message you received."
        ) from None
    seat = Seat(invitation=invitation, meeting=meeting, profile=profiles.named(meeting.profile))
    seat.must_honour(link)
    link.must_not_be_over(now)
    person = await tx.persons.get(invitation.person)
    if not person.active:
        raise LinkReplaced("This link has been withdrawn: its holder no longer acts for her agency.")
    return seat, person


@dataclass(frozen=True, slots=True)
class LookAtInvitation:
    storage: Storage
    links: JoinLinks
    profiles: Profiles
    now: Clock

    async def __call__(self, opened: OpenedLink) -> OpenInvitation:
        """When, with whom, as whom. Changes nothing, so a mail scanner may do it. Raises JoinRefused."""
        link = self.links.read(opened.token)
        given = given_proof(link.invitation, opened.device, "")
        async with self.storage.snapshot() as tx:
            seat, person = await seat_of(tx, self.profiles, link, self.now())
            organiser = await tx.agencies.get(seat.meeting.organiser)
            devices = await devices_of(tx, seat)
        proven = is_proven(seat, devices, given.device)
        return OpenInvitation(
            title=seat.meeting.title if proven else "",
            agenda=seat.meeting.agenda if proven else "",
            organiser=organiser.name,
            name=seat.invitation.name,
            language=person.language,
            start=seat.slot.start,
            end=seat.slot.end,
            opens_at=seat.opens_at,
            time_zone=seat.meeting.time_zone,
            other_device=on_another_device(seat, devices, given.device),
        )


async def _must_have_room(tx: Transaction, seat: Seat, now: datetime) -> None:
    """Raises RoomFull when, as far as we were told, nobody more fits in; who is inside already does.

    It undoes the block: no admission is left, and a code that was right stays good. Of what we were not told we know
    nothing, and the video system counts for itself.
    """
    meeting = seat.meeting.id
    joined = await tx.room_events.joined(meeting)
    # When everybody comes at once, most are let in by what can be counted.
    if not joined or joined < (room := places(seat.profile, await tx.invitations.standing(meeting))):
        return
    events = await tx.room_events.of_meeting(meeting)
    roll = roll_call(seat.meeting, await tx.invitations.of_meeting(meeting), events, now)
    inside = any(each.invitation == seat.invitation.id and each.since for each in roll.attendees)
    if roll.connections >= room and not inside:
        raise RoomFull("The room is full just now. Try again in a minute, or call the secretariat.")


@dataclass(frozen=True, slots=True)
class Admit:
    storage: Storage
    links: JoinLinks
    rooms: Rooms
    profiles: Profiles
    prove: ProvePerson
    now: Clock
    new_id: NewId
    acts: Acts

    async def __call__(self, pressed: PressedButton) -> RoomEntry:
        """Record the admission and return the way into the room; the same click twice is one admission.

        Raises JoinRefused, and Invalid for a click without a short name, a device or a code of the wrong form.
        """
        link = self.links.read(pressed.token)
        given = given_proof(link.invitation, pressed.device, pressed.code)
        click = one_line(pressed.click, "The name of the click", "/click", CLICK_MAX)
        async with self.storage.transaction() as tx:
            now = self.now()
            seat, _ = await seat_of(tx, self.profiles, link, now)
            seat.must_be_open(now)
            outcome = await self.prove(tx, seat, given, now) or await self._admit(tx, seat, click, now)
        if isinstance(outcome, JoinRefused):
            raise outcome  # behind the block, which has kept a wrong try
        return self.rooms.entry(room_pass(seat, outcome))

    async def _admit(self, tx: Transaction, seat: Seat, click: str, now: datetime) -> Admission:
        asked = self._admission(seat.invitation, click, now)
        admission = await tx.admissions.add(asked)
        if admission is asked:
            await _must_have_room(tx, seat, now)
            await self.acts.record(
                tx,
                ActKind.ADMISSION,
                seat.invitation,
                what=admission.id,
                about=admission.meeting,
            )
        return admission

    def _admission(self, invitation: Invitation, click: str, now: datetime) -> Admission:
        return Admission(
            id=AdmissionId(self.new_id()),
            invitation=invitation.id,
            meeting=invitation.meeting,
            click=click,
            at=now,
        )
