"""What the video system is told of a room, and when it is told to leave it shut."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from meetcoord.domain.errors import MeetingCancelled, NotFound, TooEarly, TooLate
from meetcoord.domain.meetings import MeetingState
from meetcoord.domain.profiles import SHIPPED
from meetcoord.domain.reservations import OpenRoom, Reservation, ReservationId, must_be_open
from meetcoord.domain.values import MeetingId
from tests.domain.builders import END, NOW, START, proposed, settled

DOORS = START - SHIPPED.standard.doors
TICK = timedelta(microseconds=1)


def opened(at: datetime) -> Reservation:
    return Reservation(id=ReservationId("r"), meeting=MeetingId("meeting"), name="room", opened_at=at)


@given(st.datetimes(DOORS.replace(tzinfo=None), (END - TICK).replace(tzinfo=None)))
def test_a_room_is_reserved_to_the_end_of_its_slot_and_never_for_nothing(naive: datetime) -> None:
    now = naive.replace(tzinfo=END.tzinfo)
    must_be_open(settled(), SHIPPED.standard, now)
    room = OpenRoom.of(opened(now), settled(), SHIPPED.standard, 3)
    assert room.seconds > 0
    assert room.start <= now
    assert room.start + timedelta(seconds=room.seconds) == END


def test_the_profile_says_whether_there_is_a_lobby_and_the_seats_how_many_enter() -> None:
    assert not OpenRoom.of(opened(START), settled(), SHIPPED.standard, 3).lobby
    critical = OpenRoom.of(opened(START), settled(), SHIPPED.critical, 3)
    assert critical.lobby
    assert critical.places == 6
    assert OpenRoom.of(opened(START), settled(), SHIPPED.standard, 0).places > 0


@pytest.mark.parametrize("seats", [0, 1, 500])
def test_an_operator_may_say_how_many_enter_whatever_the_seats(seats: int) -> None:
    profile = replace(SHIPPED.standard, max_occupants=75)
    assert OpenRoom.of(opened(START), settled(), profile, seats).places == 75


@pytest.mark.parametrize("early", [TICK, timedelta(days=1)])
def test_a_room_stays_shut_before_the_doors(early: timedelta) -> None:
    with pytest.raises(TooEarly) as refusal:
        must_be_open(settled(), SHIPPED.standard, DOORS - early)
    assert refusal.value.opens_at == DOORS


@pytest.mark.parametrize("late", [timedelta(), timedelta(days=1)])
def test_a_room_stays_shut_once_the_meeting_is_over(late: timedelta) -> None:
    with pytest.raises(TooLate):
        must_be_open(settled(), SHIPPED.standard, END + late)


def test_a_meeting_that_is_not_settled_has_no_room() -> None:
    for meeting in (proposed(), replace(proposed(), state=MeetingState.CANCELLED)):
        with pytest.raises(NotFound):
            must_be_open(meeting, SHIPPED.standard, START)


@pytest.mark.parametrize("when", [DOORS - TICK, START, END])
def test_a_cancelled_meeting_says_so_whatever_the_hour(when: datetime) -> None:
    with pytest.raises(MeetingCancelled):
        must_be_open(settled().cancelled(NOW), SHIPPED.standard, when)
