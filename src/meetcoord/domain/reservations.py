"""The opening of a meeting's room in the video system, which asks before it opens one."""

from datetime import datetime, timedelta
from typing import NewType, Self

import msgspec

from meetcoord.domain.errors import MeetingCancelled, NotFound, TooEarly, TooLate
from meetcoord.domain.meetings import Meeting, MeetingState, Slot
from meetcoord.domain.profiles import Profile
from meetcoord.domain.values import MeetingId

ReservationId = NewType("ReservationId", str)

PLACES_PER_SEAT = 2
"""One for the person, one for her second device, or for the ghost of a lost connection until it is noticed."""


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """One opening of the room, under the `name` by which the video system asked for it."""

    id: ReservationId
    meeting: MeetingId
    name: str
    opened_at: datetime
    closed_at: datetime | None = None


class OpenRoom(msgspec.Struct, frozen=True, kw_only=True):
    """What the video system is told of a room. `seconds` from `start` is exactly the slot's end, rounded up."""

    reservation: Reservation
    start: datetime
    seconds: int
    places: int
    lobby: bool

    @classmethod
    def of(cls, reservation: Reservation, meeting: Meeting, profile: Profile, seats: int) -> Self:
        """`seats` is how many invitations stand."""
        start = reservation.opened_at.replace(microsecond=0)
        return cls(
            reservation=reservation,
            start=start,
            seconds=-((start - slot_of(meeting).end) // timedelta(seconds=1)),
            places=PLACES_PER_SEAT * max(1, seats),
            lobby=profile.lobby,
        )


def slot_of(meeting: Meeting) -> Slot:
    """Raises NotFound: until a meeting is settled its room does not exist."""
    if meeting.slot is None:
        raise NotFound("There is no such room.")
    return meeting.slot


def must_be_open(meeting: Meeting, profile: Profile, now: datetime) -> None:
    """Return if the room may be open at `now`. Raises NotFound, MeetingCancelled, TooEarly, TooLate."""
    slot = slot_of(meeting)
    if meeting.state is MeetingState.CANCELLED:
        raise MeetingCancelled("This meeting is cancelled.")
    if now < slot.start - profile.doors:
        raise TooEarly("It is too early: the doors are not open yet.", slot.start - profile.doors)
    if now >= slot.end:
        raise TooLate("The meeting is over.")
