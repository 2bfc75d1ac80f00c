"""The opening of a meeting's room in the video system, which asks before it opens one."""

from datetime import datetime, timedelta
from typing import NewType, Self

import msgspec

from meetcoord.domain.errors import MeetingCancelled, MeetingMoved, NotFound, TooEarly, TooLate
from meetcoord.domain.meetings import Meeting, MeetingState, Slot
from meetcoord.domain.probes import PROBE_LIFE, PROBE_PLACES, ProbeRoom
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

    id: ReservationId
    name: str
    start: datetime
    seconds: int
    places: int
    lobby: bool

    @classmethod
    def of(cls, reservation: Reservation, meeting: Meeting, profile: Profile, seats: int) -> Self:
        """`seats` is how many invitations stand."""
        start = reservation.opened_at.replace(microsecond=0)
        return cls(
            id=reservation.id,
            name=reservation.name,
            start=start,
            seconds=-((start - slot_of(meeting).end) // timedelta(seconds=1)),
            places=places(profile, seats),
            lobby=profile.lobby,
        )

    @classmethod
    def for_check(cls, probe: ProbeRoom, name: str) -> Self:
        """Without a reservation that could be kept or read again: each question has the same answer."""
        return cls(
            id=ReservationId(probe.room),
            name=name,
            start=probe.start,
            seconds=PROBE_LIFE // timedelta(seconds=1),
            places=PROBE_PLACES,
            lobby=False,
        )


def places(profile: Profile, seats: int) -> int:
    """How many connections the room of so many standing invitations takes."""
    return profile.max_occupants or PLACES_PER_SEAT * max(1, seats)


def slot_of(meeting: Meeting) -> Slot:
    """Raises NotFound: until a meeting is settled its room does not exist."""
    if meeting.slot is None:
        raise NotFound("There is no such room.")
    return meeting.slot


def must_be_open(meeting: Meeting, profile: Profile, now: datetime) -> None:
    """Return if the room may be open at `now`.

    Raises NotFound, MeetingCancelled, MeetingMoved, TooEarly, TooLate.
    """
    if meeting.state is MeetingState.CANCELLED and meeting.last_slot is not None:
        raise MeetingCancelled("This meeting is cancelled.")
    if meeting.slot is None and meeting.moves:
        raise MeetingMoved(
            "This meeting has been moved: a new link comes by mail once the new time is agreed."
        )
    slot = slot_of(meeting)
    if now < slot.start - profile.doors:
        raise TooEarly("It is too early: the doors are not open yet.", slot.start - profile.doors)
    if now >= slot.end:
        raise TooLate("The meeting is over.")
