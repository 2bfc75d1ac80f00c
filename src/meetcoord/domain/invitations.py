"""One delegate's seat in one meeting, the link that opens it, and the pass into the room."""

from datetime import datetime, timedelta
from typing import Self

import msgspec

from meetcoord.domain.errors import LinkReplaced, MeetingCancelled, MeetingMoved, TooEarly, TooLate
from meetcoord.domain.meetings import Meeting, MeetingState, Slot
from meetcoord.domain.profiles import Profile
from meetcoord.domain.values import AdmissionId, AgencyId, InvitationId, MeetingId, PersonId


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """`revision` kills older links when it grows; `alias` is the person's opaque name towards the video system."""

    id: InvitationId
    meeting: MeetingId
    person: PersonId
    agency: AgencyId
    alias: str
    name: str
    revision: int
    active: bool
    created_at: datetime
    version: int = 1

    def withdrawn(self) -> Self:
        """The seat taken back: its links are dead at once. Withdrawing twice is once."""
        if not self.active:
            return self
        return msgspec.structs.replace(
            self, active=False, revision=self.revision + 1, version=self.version + 1
        )

    def renewed(self) -> Self:
        """The seat given again, under a new link."""
        return msgspec.structs.replace(
            self, active=True, revision=self.revision + 1, version=self.version + 1
        )


def awaits_new_link(invitation: Invitation, meeting: Meeting) -> bool:
    """Whether the meeting was moved, and the person's agency still sends her, while she has no new seat yet."""
    return bool(meeting.moves) and not invitation.active and invitation.person in meeting.expected


class JoinLink(msgspec.Struct, frozen=True, kw_only=True):
    """What a join link states; nothing in it tells who the person is."""

    invitation: InvitationId
    revision: int
    expires_at: datetime

    def must_not_be_over(self, now: datetime) -> None:
        """Raises TooLate once it has expired; asked last: that the meeting was moved is said for longer."""
        if now >= self.expires_at:
            raise TooLate("The meeting is over. Its minutes will come from the organising agency.")


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation beside the meeting and profile it belongs to: all that is needed to decide on entry."""

    invitation: Invitation
    meeting: Meeting
    profile: Profile

    @property
    def slot(self) -> Slot:
        if self.meeting.slot is None:
            raise LinkReplaced("This meeting has no time yet. Wait for the invitation that names it.")
        return self.meeting.slot

    @property
    def moderates(self) -> bool:
        return any(d.person == self.invitation.person and d.moderator for d in self.meeting.delegates)

    @property
    def opens_at(self) -> datetime:
        return self.slot.start - self.profile.doors

    def must_honour(self, link: JoinLink) -> None:
        """Return if the link still stands for this seat. Raises MeetingCancelled, MeetingMoved, LinkReplaced."""
        if self.meeting.state is MeetingState.CANCELLED:
            raise MeetingCancelled("This meeting is cancelled. There is nothing for you to do.")
        if awaits_new_link(self.invitation, self.meeting):
            raise MeetingMoved(
                "This meeting has been moved: a new link comes by mail once the new time is agreed. "
                "This one no longer opens."
            )
        if not self.invitation.active or self.invitation.revision != link.revision:
            raise LinkReplaced(
                "This link has been withdrawn or replaced. Look for a newer message, or call the help number."
            )

    def must_be_open(self, now: datetime) -> None:
        """Return if the doors are open at `now`. Raises TooEarly, TooLate."""
        if now < self.opens_at:
            raise TooEarly(
                "It is too early: the doors are not open yet. This same link will let you in.", self.opens_at
            )
        if now >= self.slot.end:
            raise TooLate("The meeting is over. Its minutes will come from the organising agency.")


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """The recorded act of letting one delegate in. `click` names one press of the button, so that two are once."""

    id: AdmissionId
    invitation: InvitationId
    meeting: MeetingId
    click: str
    at: datetime


class RoomPass(msgspec.Struct, frozen=True, kw_only=True):
    """Who may enter which room, from when to when (UTC), as what. The video adapter turns it into a token."""

    id: AdmissionId
    room: str
    alias: str
    name: str
    moderator: bool
    recording: bool
    lobby: bool
    issued_at: datetime
    expires_at: datetime


def room_pass(seat: Seat, admission: Admission) -> RoomPass:
    """The pass that `admission` yields; never longer than the profile's life nor than the meeting."""
    life: timedelta = seat.profile.pass_life
    return RoomPass(
        id=admission.id,
        room=seat.meeting.room,
        alias=seat.invitation.alias,
        name=seat.invitation.name,
        moderator=seat.moderates,
        recording=False,
        lobby=seat.profile.lobby,
        issued_at=admission.at,
        expires_at=min(admission.at + life, seat.slot.end),
    )
