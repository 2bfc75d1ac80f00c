"""The calendar part: what a recipient's agenda will hold, read by two readers."""

from datetime import UTC, datetime
from typing import Any

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetcoord.adapters.mail.icalendar import calendar_of
from meetcoord.domain.letters import Letter, LetterKind
from tests.mail.letters import ABOUT_THE_MEETING, LINK, SENDER, a_letter, plain, unfolded

VISIBLE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp", "Cn", "Co"]), min_size=1)


def text(letter: Letter) -> str:
    return calendar_of(letter, SENDER.address, SENDER.name).decode()


def event(letter: Letter) -> Any:
    (found,) = icalendar.Calendar.from_ical(text(letter)).walk("VEVENT")
    return found


def lines(letter: Letter, name: str) -> list[tuple[dict[str, str], str]]:
    return [(parameters, value) for found, parameters, value in unfolded(text(letter)) if found == name]


def test_an_invitation_holds_one_event_with_its_hours_in_the_zone_of_the_meeting() -> None:
    found = event(a_letter())
    assert found["UID"] == "meeting@meet.example.org"
    assert found["SEQUENCE"] == 0
    assert found["STATUS"] == "CONFIRMED"
    assert found["DTSTAMP"].dt == a_letter().written_at
    assert found["DTSTART"].dt == a_letter().start
    assert found["DTEND"].dt == a_letter().end
    assert lines(a_letter(), "METHOD") == [({}, "REQUEST")]
    assert ({"TZID": "Europe/Paris"}, "20261124T143000") in lines(a_letter(), "DTSTART")


def test_a_meeting_made_in_universal_time_says_so() -> None:
    letter = a_letter(time_zone="UTC")
    assert lines(letter, "DTSTART") == [({}, "20261124T133000Z")]
    assert "VTIMEZONE" not in text(letter)


@pytest.mark.parametrize("hour", [0, 1])
def test_an_hour_that_exists_twice_is_the_right_one(hour: int) -> None:
    """RFC 5545 3.3.5 reads a repeated local time as the first one, so only the first may be written that way."""
    start = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
    found = event(a_letter(start=start, end=datetime(2026, 10, 25, 6, tzinfo=UTC)))
    assert found["DTSTART"].dt.astimezone(UTC) == start


@pytest.mark.parametrize("kind", [LetterKind.CANCELLED, LetterKind.REMOVED, LetterKind.MOVED])
def test_what_takes_the_entry_away_names_the_same_event_and_no_link(kind: LetterKind) -> None:
    letter = a_letter(kind=kind, sequence=3, join_link=LINK)
    found = event(letter)
    assert lines(letter, "METHOD") == [({}, "CANCEL")]
    assert (found["UID"], found["SEQUENCE"], found["STATUS"]) == ("meeting@meet.example.org", 3, "CANCELLED")
    assert "LOCATION" not in found
    assert "URL" not in found


def test_the_link_is_where_calendars_look_for_it_and_nowhere_else() -> None:
    found = event(a_letter())
    assert (found["LOCATION"], found["URL"]) == (LINK, LINK)
    assert sum(LINK in value for _, _, value in unfolded(text(a_letter()))) == 2


def test_the_recipient_is_the_only_attendee_and_the_sender_the_organiser() -> None:
    ((parameters, value),) = lines(a_letter(), "ATTENDEE")
    assert value == "mailto:delegate@city.example.org"
    assert parameters["CN"] == "Déléguée de la ville"
    assert (parameters["RSVP"], parameters["PARTSTAT"]) == ("TRUE", "NEEDS-ACTION")
    assert [value for _, value in lines(a_letter(), "ORGANIZER")] == ["mailto:reunions@meet.example.org"]


def test_nothing_in_it_fetches_or_runs_anything() -> None:
    assert not {"ATTACH", "VALARM"} & {name for name, _, _ in unfolded(text(a_letter()))}


@pytest.mark.parametrize("kind", ABOUT_THE_MEETING)
def test_a_neutral_calendar_tells_neither_title_nor_agenda(kind: LetterKind) -> None:
    letter = a_letter(kind=kind, neutral=True, title="CANARY-title", agenda="CANARY-agenda")
    assert "CANARY" not in text(letter).replace("\r\n ", "")
    assert event(letter)["SUMMARY"] == "Réunion protégée"
    assert event(letter)["CLASS"] == "CONFIDENTIAL"


@given(title=VISIBLE, name=VISIBLE, agenda=VISIBLE)
def test_two_readers_read_the_same_whatever_the_words(title: str, name: str, agenda: str) -> None:
    letter = a_letter(title=title, to_name=name, agenda=agenda)
    raw = text(letter)
    assert "\r" not in raw.replace("\r\n", "")
    assert "\n" not in raw.replace("\r\n", "")
    assert "\0" not in raw
    theirs, ours = event(letter), {found: value for found, _, value in unfolded(raw)}
    for field in ("SUMMARY", "DESCRIPTION", "LOCATION"):
        assert plain(ours[field]) == str(theirs[field])
    assert plain(ours["SUMMARY"]).split() == title.split()
    assert sorted(theirs) == sorted({found for found, _, _ in _inside(unfolded(raw))})


def _inside(found: list[tuple[str, dict[str, str], str]]) -> list[tuple[str, dict[str, str], str]]:
    start, stop = (found.index((edge, {}, "VEVENT")) for edge in ("BEGIN", "END"))
    return found[start + 1 : stop]


@pytest.mark.parametrize(
    "name", ['A "quoted" name', "semi;colon:comma,", "caret ^n", "Réunion\r\nATTENDEE:mailto:evil@x.fr"]
)
def test_a_name_cannot_become_another_line_or_parameter(name: str) -> None:
    letter = a_letter(to_name=name, title=name)
    assert [value for _, value in lines(letter, "ATTENDEE")] == ["mailto:delegate@city.example.org"]
    assert set(lines(letter, "ATTENDEE")[0][0]) == {"CN", "PARTSTAT", "ROLE", "RSVP"}
