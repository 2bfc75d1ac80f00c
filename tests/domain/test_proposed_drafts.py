"""The first draft of a meeting: its agenda, and who came, late or not, by what the video system said."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from meetcoord.domain.agencies import Agency, Person
from meetcoord.domain.attendance import RoomEvent, RoomEventKind
from meetcoord.domain.drafts import Participant, Participation, cleaned
from meetcoord.domain.invitations import Admission
from meetcoord.domain.meetings import Attendance, Delegate
from meetcoord.domain.proposed_drafts import Known, attendance_list, proposed
from meetcoord.domain.values import AdmissionId, InvitationId, Language, MeetingId, PersonId
from tests.domain.builders import CITY, END, HEALTH, NOW, PREFECTURE, START, UNIVERSITY, invitation, settled

ANNA, BERT = PersonId("anna"), PersonId("bert")
LATER = END + timedelta(hours=1)
PRESENT, MISSING, EXPECTED = Participation.PRESENT, Participation.MISSING, Participation.EXPECTED


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def person(who: PersonId) -> Person:
    return Person(
        id=who,
        agency=PREFECTURE,
        name=f"Delegate {who}",
        function="Head of unit",
        address=f"{who}@prefecture.example.org",
        language=Language.FRENCH,
    )


def known(
    *events: RoomEvent,
    anna: Attendance = Attendance.IN_CALL,
    admitted: Sequence[tuple[PersonId, int]] = (),
    agenda: str = "",
) -> Known:
    """Two delegates of the prefecture; nobody is named by the others."""
    delegates = (
        Delegate(person=ANNA, agency=PREFECTURE, attendance=anna),
        Delegate(person=BERT, agency=PREFECTURE),
    )
    return Known(
        meeting=replace(settled(), delegates=delegates, agenda=agenda),
        agencies=tuple(
            Agency(id=each, name=each.capitalize()) for each in (CITY, HEALTH, PREFECTURE, UNIVERSITY)
        ),
        persons=(person(BERT), person(ANNA)),
        invitations=tuple(invitation(id=InvitationId(who), person=who) for who in (ANNA, BERT)),
        admissions=tuple(
            Admission(
                id=AdmissionId(f"{who} {minute}"),
                invitation=InvitationId(who),
                meeting=MeetingId("meeting"),
                click="c",
                at=at(minute),
            )
            for who, minute in admitted
        ),
        events=events,
    )


def stay(who: PersonId, since: int, until: int | None = None) -> RoomEvent:
    kind = RoomEventKind.JOINED if until is None else RoomEventKind.LEFT
    return RoomEvent(
        meeting=MeetingId("meeting"),
        invitation=InvitationId(who),
        participant=f"{who} {since}",
        breakout="",
        kind=kind,
        since=at(since),
        at=at(since if until is None else until),
        received_at=NOW,
    )


def line(of: Known, now: datetime = LATER, lean: bool = False) -> Participant:
    """Anna's."""
    return next(each for each in attendance_list(of, now, lean=lean).lines if each.name.endswith("anna"))


def test_every_agency_is_there_in_order_and_an_agency_without_anybody_is_a_line_of_its_own() -> None:
    found = attendance_list(known(stay(ANNA, 0, 60)), LATER, lean=False)
    assert [(each.agency, each.name, each.mode) for each in found.lines] == [
        ("City", "", MISSING),
        ("Health", "", MISSING),
        ("Prefecture", "Delegate anna", PRESENT),
        ("Prefecture", "Delegate bert", MISSING),
        ("University", "", MISSING),
    ]
    assert (found.declared, found.time_zone) == (True, "Europe/Paris")


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (0, 60, {}),
        (-10, 60, {}),
        (5, 55, {}),
        (12, 60, {"late": True, "arrived_at": "2026-11-03T10:12:00+01:00"}),
        (0, 40, {"left_early": True, "left_at": "2026-11-03T10:40:00+01:00"}),
    ],
)
def test_who_came_late_or_left_early_is_told_with_the_time_on_the_wall(
    since: int, until: int, expected: dict[str, Any]
) -> None:
    found = line(known(stay(ANNA, since, until), stay(BERT, 0, 60)))
    told = {name: getattr(found, name) for name in ("late", "arrived_at", "left_early", "left_at")}
    wanted = {
        name: datetime.fromisoformat(value) if isinstance(value, str) else value
        for name, value in expected.items()
    }
    assert told == {"late": False, "arrived_at": None, "left_early": False, "left_at": None} | wanted


def test_a_lean_list_says_late_and_not_when() -> None:
    found = line(known(stay(ANNA, 12, 40), stay(BERT, 0, 60)), lean=True)
    assert (found.late, found.left_early, found.arrived_at, found.left_at) == (True, True, None, None)


def test_when_all_begin_late_and_end_early_nobody_did() -> None:
    found = attendance_list(known(stay(ANNA, 15, 44), stay(BERT, 16, 45)), LATER, lean=False)
    assert not any(each.late or each.left_early for each in found.lines)


def test_who_came_back_did_not_leave_early() -> None:
    found = line(known(stay(ANNA, 0, 20), stay(ANNA, 30, 60), stay(BERT, 0, 60)))
    assert (found.mode, found.late, found.left_early) == (PRESENT, False, False)


@pytest.mark.parametrize(
    ("attendance", "mode"),
    [
        (Attendance.EXCUSED, Participation.EXCUSED),
        (Attendance.SUBSTITUTE, Participation.SUBSTITUTE),
        (Attendance.REMOTE, MISSING),
        (Attendance.IN_CALL, MISSING),
    ],
)
def test_who_did_not_come_is_excused_represented_or_missing(
    attendance: Attendance, mode: Participation
) -> None:
    assert line(known(stay(BERT, 0, 60), anna=attendance)).mode is mode


def test_who_was_excused_and_came_was_there() -> None:
    assert line(known(stay(ANNA, 0, 60), anna=Attendance.EXCUSED)).mode is PRESENT
    assert line(known(stay(ANNA, 0, 60), anna=Attendance.REMOTE)).remote


def test_before_the_meeting_people_are_expected() -> None:
    found = attendance_list(known(anna=Attendance.EXCUSED), START - timedelta(hours=1), lean=False)
    assert {each.mode for each in found.lines} == {EXPECTED, Participation.EXCUSED}


def test_without_a_word_of_the_video_system_the_admission_counts() -> None:
    seen = known(admitted=[(ANNA, 10), (ANNA, 30)])
    found = line(seen)
    assert (found.mode, found.late, found.left_early) == (PRESENT, False, False)
    assert not attendance_list(seen, LATER, lean=False).declared
    both = known(admitted=[(BERT, 0), (ANNA, 30)])
    assert line(both).late


def test_who_was_admitted_and_never_seen_in_the_room_is_missing() -> None:
    assert line(known(stay(BERT, 0, 60), admitted=[(ANNA, 0), (BERT, 0)])).mode is MISSING


def test_the_agenda_becomes_items_without_its_numbers() -> None:
    agenda = "1. Situation\n2) Moyens\n\n - Communication\n3\n2026 : budget\n" + "x" * 300
    draft = proposed(known(agenda=agenda), Language.GERMAN, LATER, lean=False)
    titles = [item.title for item in draft.items]
    assert titles == ["Situation", "Moyens", "Communication", "3", "2026 : budget", "x" * 199 + "…"]
    assert (draft.title, draft.language) == ("Crisis cell", Language.GERMAN)
    assert draft.day is not None
    assert draft.day.isoformat() == "2026-11-03"


def test_what_is_proposed_can_be_saved_as_it_is() -> None:
    draft = proposed(known(stay(ANNA, 12, 40), agenda="1. a\n\t2. b"), Language.FRENCH, LATER, lean=False)
    assert cleaned(draft) == draft
    assert "example.org" not in repr(draft)
