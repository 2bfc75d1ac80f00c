"""Presence out of events that come in any order, twice, or never."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from meetcoord.domain.attendance import Presence, RollCall, RoomEvent, RoomEventKind, Stay, roll_call
from meetcoord.domain.invitations import Invitation
from meetcoord.domain.values import InvitationId, MeetingId
from tests.domain.builders import END, NOW, START, invitation, proposed, settled

CREATED, DESTROYED = RoomEventKind.CREATED, RoomEventKind.DESTROYED
JOINED, LEFT = RoomEventKind.JOINED, RoomEventKind.LEFT
ANNA, BERT = InvitationId("anna"), InvitationId("bert")
SEATS = [invitation(id=ANNA), invitation(id=BERT)]
LATER = END + timedelta(hours=1)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def said(
    kind: RoomEventKind,
    since: float,
    moment: float | None = None,
    who: InvitationId | None = ANNA,
    participant: str = "aaaaaaaa",
    breakout: str = "",
) -> RoomEvent:
    of_room = kind in {CREATED, DESTROYED}
    return RoomEvent(
        meeting=MeetingId("meeting"),
        invitation=None if of_room else who,
        participant="" if of_room else participant,
        breakout=breakout,
        kind=kind,
        since=at(since),
        at=at(since if moment is None else moment),
        received_at=NOW,
    )


def roll(events: Sequence[RoomEvent], now: datetime = LATER, seats: Sequence[Invitation] = SEATS) -> RollCall:
    return roll_call(settled(), seats, events, now)


def stays(events: Sequence[RoomEvent], now: datetime = LATER) -> list[tuple[datetime, datetime | None]]:
    return [(stay.since, stay.until) for stay in roll(events, now).attendees[0].stays]


def test_who_came_and_went_was_there_in_between() -> None:
    assert stays([said(JOINED, 1), said(LEFT, 1, 20)]) == [(at(1), at(20))]


def test_that_somebody_left_tells_when_she_came() -> None:
    assert stays([said(LEFT, 1, 20)]) == [(at(1), at(20))]


def test_who_is_not_known_to_have_left_is_there() -> None:
    events = [said(JOINED, 1)]
    assert stays(events, at(30)) == [(at(1), None)]
    found = roll(events, at(30)).attendees[0]
    assert (found.presence, found.since, found.left_at) == (Presence.PRESENT, at(1), None)


def test_when_the_room_is_destroyed_everybody_has_left() -> None:
    found = roll([said(JOINED, 1), said(DESTROYED, 0, 40)], at(50)).attendees[0]
    assert (found.presence, found.since, found.left_at) == (Presence.LEFT, None, at(40))


def test_the_end_of_the_slot_ends_what_we_were_not_told_of() -> None:
    assert stays([said(JOINED, 1)], END) == [(at(1), END)]
    assert stays([said(JOINED, 90)], LATER) == [(at(90), at(90))], "a clock that runs ahead lengthens nothing"


def test_a_room_made_anew_has_nobody_of_the_former_one_in_it() -> None:
    events = [said(CREATED, 0), said(JOINED, 1), said(CREATED, 15), said(JOINED, 16)]
    assert stays(events, at(30)) == [(at(1), at(15)), (at(16), None)]


def test_the_room_that_is_made_for_her_does_not_end_her_stay() -> None:
    assert stays([said(CREATED, 1), said(JOINED, 1)], at(30)) == [(at(1), None)]


def test_the_end_of_a_former_room_does_not_end_a_later_stay() -> None:
    events = [said(JOINED, 1), said(DESTROYED, 0, 10), said(JOINED, 11)]
    assert stays(events, at(30)) == [(at(1), at(10)), (at(11), None)]


def test_a_room_beside_the_main_one_is_presence_too_and_its_end_is_its_own() -> None:
    events = [
        said(LEFT, 1, 10),
        said(JOINED, 10, breakout="b"),
        said(JOINED, 10, breakout="c", who=BERT),
        said(DESTROYED, 9, 20, breakout="c"),
    ]
    found = roll(events, at(30))
    assert [each.presence for each in found.attendees] == [Presence.PRESENT, Presence.LEFT]
    gone = roll([*events, said(DESTROYED, 0, 25)], at(30))
    assert [each.left_at for each in gone.attendees] == [at(25), at(20)]


def test_of_two_devices_the_last_one_counts() -> None:
    events = [said(JOINED, 1), said(JOINED, 5, participant="bbbbbbbb"), said(LEFT, 1, 10)]
    found = roll(events, at(30)).attendees[0]
    assert (found.presence, found.since) == (Presence.PRESENT, at(5))
    assert found.stays == (
        Stay(since=at(1), until=at(10), participant="aaaaaaaa"),
        Stay(since=at(5), until=None, participant="bbbbbbbb"),
    )


def test_two_ends_of_one_stay_are_the_earlier_one() -> None:
    assert stays([said(LEFT, 1, 21), said(LEFT, 1, 20)]) == [(at(1), at(20))]


def test_nobody_leaves_before_she_came() -> None:
    assert stays([said(LEFT, 10, 5)]) == [(at(10), at(10))]


def test_a_stranger_is_counted_and_nothing_more() -> None:
    events = [
        said(JOINED, 1, who=None),
        said(JOINED, 2, who=None, participant="cccccccc"),
        said(LEFT, 2, 3, who=None, participant="cccccccc"),
    ]
    found = roll(events, at(30))
    assert (found.unknown, found.unknown_present) == (2, 1)
    assert found.count(Presence.PRESENT) == 0


@pytest.mark.parametrize(
    ("now", "presence"),
    [(at(-1), Presence.EXPECTED), (at(0), Presence.MISSING), (LATER, Presence.MISSING)],
)
def test_who_does_not_come_is_expected_and_then_missing(now: datetime, presence: Presence) -> None:
    assert [each.presence for each in roll([], now).attendees] == [presence] * 2


def test_a_seat_taken_back_is_not_expected_and_a_stay_is_not_forgotten() -> None:
    seats = [replace(each, active=False) for each in SEATS]
    found = roll([said(LEFT, 1, 2)], at(30), seats)
    assert [each.presence for each in found.attendees] == [Presence.LEFT, Presence.NOT_EXPECTED]


def test_nobody_is_expected_at_a_meeting_that_does_not_take_place() -> None:
    for meeting in (proposed(), settled().cancelled(NOW)):
        found = roll_call(meeting, SEATS, [], at(10))
        assert found.count(Presence.NOT_EXPECTED) == 2


PEOPLE = st.sampled_from([(ANNA, "aaaaaaaa"), (ANNA, "bbbbbbbb"), (BERT, "cccccccc"), (None, "dddddddd")])
MINUTES = st.integers(-20, 80)


@st.composite
def events(draw: st.DrawFn) -> RoomEvent:
    kind = draw(st.sampled_from(RoomEventKind))
    who, participant = draw(PEOPLE)
    moments = draw(MINUTES), draw(MINUTES)
    return said(kind, *moments, who=who, participant=participant, breakout=draw(st.sampled_from(["", "b"])))


@given(st.lists(events(), max_size=12), MINUTES.map(at), st.data())
def test_order_and_repetition_change_nothing(
    told: list[RoomEvent], now: datetime, data: st.DataObject
) -> None:
    repeated = told + (data.draw(st.lists(st.sampled_from(told), max_size=6)) if told else [])
    again = [replace(event, received_at=NOW) for event in data.draw(st.permutations(repeated))]
    assert roll(again, now) == roll(told, now)


@given(st.lists(events(), max_size=12), MINUTES.map(at))
def test_whatever_is_lost_the_picture_stays_sound(told: list[RoomEvent], now: datetime) -> None:
    for lost in range(len(told)):
        found = roll(told[:lost] + told[lost + 1 :], now)
        assert sum(found.count(presence) for presence in Presence) == len(SEATS)
        for attendee in found.attendees:
            assert all(stay.until is None or stay.since <= stay.until for stay in attendee.stays)
            assert (attendee.since is not None) is (attendee.presence is Presence.PRESENT)
            assert (attendee.left_at is not None) is (attendee.presence is Presence.LEFT)


@given(st.lists(st.tuples(PEOPLE, MINUTES, st.integers(0, 30)), max_size=6), st.data())
def test_what_was_lost_on_the_way_the_end_of_the_room_makes_up_for(
    visits: list[tuple[tuple[InvitationId | None, str], int, int]], data: st.DataObject
) -> None:
    complete = [
        said(kind, since, since + (length if kind is LEFT else 0), who=who, participant=participant)
        for (who, participant), since, length in visits
        for kind in (JOINED, LEFT)
    ]
    departures = [event for event in complete if event.kind is LEFT]
    some = data.draw(st.lists(st.sampled_from(complete), max_size=6)) if complete else []
    assert roll([*some, *departures]) == roll(complete)
