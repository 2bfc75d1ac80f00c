"""Seats and passes: from the doors to the end, to the second, for the link that stands and no older one."""

from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetcoord.domain.errors import LinkReplaced, MeetingCancelled, TooEarly, TooLate
from meetcoord.domain.invitations import Admission, JoinLink, Seat, room_pass
from meetcoord.domain.meetings import Delegate
from meetcoord.domain.profiles import SHIPPED, Profile
from meetcoord.domain.values import AdmissionId, InvitationId, MeetingId
from tests.domain.builders import CITY, END, GUEST, NOW, START, invitation, proposed, seat

SECOND = timedelta(seconds=1)
PROFILES = [SHIPPED.standard, SHIPPED.sensitive, SHIPPED.critical]


def link(revision: int = 1) -> JoinLink:
    return JoinLink(invitation=InvitationId("invitation"), revision=revision, expires_at=END)


def admitted(at: datetime) -> Admission:
    return Admission(
        id=AdmissionId("admission"),
        invitation=InvitationId("invitation"),
        meeting=MeetingId("meeting"),
        click="c",
        at=at,
    )


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name.value)
def test_the_doors_open_and_close_to_the_second(profile: Profile) -> None:
    doors = START - profile.doors
    with pytest.raises(TooEarly) as refusal:
        seat(profile).must_be_open(doors - SECOND)
    assert refusal.value.opens_at == doors
    for inside in (doors, doors + SECOND, START, END - SECOND):
        seat(profile).must_be_open(inside)
    for late in (END, END + SECOND, END + timedelta(days=365)):
        with pytest.raises(TooLate):
            seat(profile).must_be_open(late)


def test_only_the_newest_revision_of_an_active_seat_is_honoured() -> None:
    seat(revision=3).must_honour(link(3))
    for revision in (0, 1, 2, 4, -3):
        with pytest.raises(LinkReplaced):
            seat(revision=3).must_honour(link(revision))
    with pytest.raises(LinkReplaced):
        seat(revision=3, active=False).must_honour(link(3))


def test_a_cancelled_meeting_honours_no_link() -> None:
    cancelled = msgspec.structs.replace(seat(), meeting=seat().meeting.cancelled(NOW))
    with pytest.raises(MeetingCancelled):
        cancelled.must_honour(link())


def test_a_meeting_without_a_time_opens_no_door() -> None:
    unsettled = Seat(invitation=invitation(), meeting=proposed(), profile=SHIPPED.standard)
    with pytest.raises(LinkReplaced):
        unsettled.must_be_open(START)


@given(st.lists(st.booleans(), max_size=12))
def test_no_link_ever_comes_back_to_life(changes: list[bool]) -> None:
    held = invitation()
    issued = [held.revision]
    for renew in changes:
        before = held
        held = held.renewed() if renew else held.withdrawn()
        assert held.version - before.version == (held is not before)
        if held.active and held is not before:
            assert held.revision > max(issued)
            issued.append(held.revision)
    for revision in issued[:-1]:
        with pytest.raises(LinkReplaced):
            msgspec.structs.replace(seat(), invitation=held).must_honour(link(revision))


def test_withdrawing_twice_is_once() -> None:
    once = invitation().withdrawn()
    assert (once.active, once.revision, once.version) == (False, 2, 2)
    assert once.withdrawn() is once


@given(
    st.timedeltas(timedelta(hours=-1), timedelta(hours=1) - timedelta(microseconds=1)),
    st.sampled_from(PROFILES),
)
def test_a_pass_outlives_neither_the_meeting_nor_the_life_its_profile_gives(
    after_start: timedelta, profile: Profile
) -> None:
    at = START + after_start
    given_pass = room_pass(seat(profile), admitted(at))
    assert given_pass.issued_at == at < given_pass.expires_at <= END
    assert given_pass.expires_at - given_pass.issued_at <= profile.pass_life <= timedelta(minutes=15)
    assert given_pass.expires_at in {END, at + profile.pass_life}


def test_the_pass_says_who_where_and_as_what() -> None:
    given_pass = room_pass(seat(SHIPPED.sensitive), admitted(START))
    assert (given_pass.room, given_pass.alias, given_pass.id) == ("room", "alias", "admission")
    assert (given_pass.moderator, given_pass.recording, given_pass.lobby) == (False, False, True)
    assert GUEST not in repr(given_pass)


def test_only_a_delegate_named_as_moderator_moderates() -> None:
    meeting = seat().meeting
    assert not Seat(invitation=invitation(), meeting=meeting, profile=SHIPPED.standard).moderates
    chair = Delegate(person=invitation().person, agency=CITY, moderator=True)
    chaired = meeting.with_delegates(meeting.delegates[0].agency, ()).with_delegates(CITY, (chair,))
    assert Seat(invitation=invitation(), meeting=chaired, profile=SHIPPED.standard).moderates
