"""What a join link opens: first a look that changes nothing, then the admission."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from meetcoord.domain.errors import Conflict, LinkInvalid, LinkReplaced, NotFound
from meetcoord.domain.invitations import Admission, Invitation, JoinLink, Seat, room_pass
from meetcoord.domain.leaves import ActKind
from meetcoord.domain.profiles import Profiles, Proof
from meetcoord.domain.values import AdmissionId, Language, one_line
from meetcoord.ports.links import JoinLinks
from meetcoord.ports.rooms import RoomEntry, Rooms
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock, NewId
from meetcoord.usecases.acts import Acts

CLICK_MAX = 64


class OpenedLink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a browser sends when somebody opens her link."""

    token: str


class PressedButton(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`click` is a random name the page gives to one press of the button, sent again with each retry of it."""

    token: str
    click: str


class OpenInvitation(msgspec.Struct, frozen=True, kw_only=True):
    """What the holder of a link may know before she is admitted.

    `title` and `agenda` are empty where the profile asks for a proof beyond the link: a forwarded mail must not tell.
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


async def seat_of(tx: Transaction, profiles: Profiles, link: JoinLink) -> Seat:
    """The seat the link stands for. Raises LinkInvalid, LinkReplaced, MeetingCancelled."""
    try:
        invitation, meeting = await tx.invitations.with_meeting(link.invitation)
    except NotFound:
        raise LinkInvalid(
            "This link is not one of ours. Open it again from the message you received."
        ) from None
    seat = Seat(invitation=invitation, meeting=meeting, profile=profiles.named(meeting.profile))
    seat.must_honour(link)
    if not (await tx.persons.get(invitation.person)).active:
        raise LinkReplaced("This link has been withdrawn: its holder no longer acts for her agency.")
    return seat


@dataclass(frozen=True, slots=True)
class LookAtInvitation:
    storage: Storage
    links: JoinLinks
    profiles: Profiles

    async def __call__(self, opened: OpenedLink) -> OpenInvitation:
        """When, with whom, as whom. Changes nothing, so a mail scanner may do it. Raises JoinRefused."""
        link = self.links.read(opened.token)
        async with self.storage.snapshot() as tx:
            seat = await seat_of(tx, self.profiles, link)
            organiser = await tx.agencies.get(seat.meeting.organiser)
            person = await tx.persons.get(seat.invitation.person)
        return OpenInvitation(
            title=seat.meeting.title if seat.profile.proof is Proof.LINK else "",
            agenda=seat.meeting.agenda if seat.profile.proof is Proof.LINK else "",
            organiser=organiser.name,
            name=seat.invitation.name,
            language=person.language,
            start=seat.slot.start,
            end=seat.slot.end,
            opens_at=seat.opens_at,
            time_zone=seat.meeting.time_zone,
        )


@dataclass(frozen=True, slots=True)
class Admit:
    storage: Storage
    links: JoinLinks
    rooms: Rooms
    profiles: Profiles
    now: Clock
    new_id: NewId
    acts: Acts

    async def __call__(self, pressed: PressedButton) -> RoomEntry:
        """Record the admission and return the way into the room; the same click twice is one admission.

        Raises JoinRefused, Invalid for a click without a short name, and Conflict where the profile asks for more
        than the link.
        """
        link = self.links.read(pressed.token)
        click = one_line(pressed.click, "The name of the click", "/click", CLICK_MAX)
        async with self.storage.transaction() as tx:
            seat = await seat_of(tx, self.profiles, link)
            self._must_be_proven(seat)
            now = self.now()
            seat.must_be_open(now)
            asked = self._admission(seat.invitation, click, now)
            admission = await tx.admissions.add(asked)
            if admission is asked:
                await self.acts.record(
                    tx,
                    ActKind.ADMISSION,
                    seat.invitation,
                    what=admission.id,
                    about=admission.meeting,
                )
        return self.rooms.entry(room_pass(seat, admission))

    def _must_be_proven(self, seat: Seat) -> None:
        if seat.profile.proof is not Proof.LINK:
            raise Conflict(
                "This meeting asks for a proof of person beyond the link, which this version cannot take yet. "
                "Call the help number."
            )

    def _admission(self, invitation: Invitation, click: str, now: datetime) -> Admission:
        return Admission(
            id=AdmissionId(self.new_id()),
            invitation=invitation.id,
            meeting=invitation.meeting,
            click=click,
            at=now,
        )
