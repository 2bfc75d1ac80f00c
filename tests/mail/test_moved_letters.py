"""Letters about a move: what changed stands first, and the calendar follows by one event with a growing sequence."""

from datetime import UTC, datetime

import icalendar
import pytest

from meetcoord.adapters.mail.icalendar import calendar_of
from meetcoord.adapters.mail.messages import subject_of
from meetcoord.domain.letters import FormerTime, Letter, LetterKind
from meetcoord.domain.values import Language
from tests.mail.letters import LINK, SENDER, a_letter, read, text_of, words_of_html

FORMER = FormerTime(start=datetime(2026, 11, 23, 9, tzinfo=UTC), end=datetime(2026, 11, 23, 10, tzinfo=UTC))
CHANGED = {
    Language.FRENCH: "Nouvelle heure : mardi 24 novembre 2026, de 14 h 30 à 15 h 30, heure de Paris (UTC+1), "
    "au lieu de lundi 23 novembre 2026, de 10 h à 11 h, heure de Paris (UTC+1).",
    Language.ENGLISH: "New time: Tuesday 24 November 2026, 14:30 to 15:30, Paris time (UTC+1), "
    "instead of Monday 23 November 2026, 10:00 to 11:00, Paris time (UTC+1).",
    Language.GERMAN: "Neue Zeit: Dienstag, 24. November 2026, 14:30 Uhr bis 15:30 Uhr, Pariser Zeit (UTC+1), "
    "statt Montag, 23. November 2026, 10:00 Uhr bis 11:00 Uhr, Pariser Zeit (UTC+1).",
}
TO_COME = {
    Language.FRENCH: "un nouveau message vous la dira, avec un nouveau lien",
    Language.ENGLISH: "a new message will tell you, with a new link",
    Language.GERMAN: "erfahren Sie sie in einer neuen Nachricht, mit einem neuen Link",
}


def spaced(text: str) -> str:
    return " ".join(text.split())


def paragraphs(letter: Letter) -> list[str]:
    return [spaced(each) for each in text_of(read(letter), "text/plain").split("\r\n\r\n")]


def described(letter: Letter) -> str:
    (event,) = icalendar.Calendar.from_ical(calendar_of(letter, SENDER.address, SENDER.name)).walk("VEVENT")
    return str(event["DESCRIPTION"])


@pytest.mark.parametrize("neutral", [False, True])
@pytest.mark.parametrize("language", Language)
def test_an_update_begins_with_what_changed(language: Language, neutral: bool) -> None:
    letter = a_letter(language=language, neutral=neutral, instead_of=FORMER, sequence=2)
    assert paragraphs(letter)[1] == CHANGED[language]
    assert CHANGED[language] in spaced(" ".join(words_of_html(text_of(read(letter), "text/html"))))
    assert spaced(described(letter).split("\n")[0]) == CHANGED[language]
    assert spaced(subject_of(letter)).startswith(CHANGED[language].split(" ")[0])
    assert LINK in text_of(read(letter), "text/plain")
    assert (letter.title in subject_of(letter)) is not neutral


def test_a_first_invitation_speaks_of_no_change() -> None:
    assert paragraphs(a_letter())[1] == "Voici votre invitation à une réunion en visioconférence."
    assert "au lieu de" not in described(a_letter())


@pytest.mark.parametrize("language", Language)
def test_a_moved_meeting_without_a_time_is_off_and_promises_the_next_message(language: Language) -> None:
    letter = a_letter(kind=LetterKind.MOVED, language=language, sequence=1, join_link="")
    said = spaced(text_of(read(letter), "text/plain"))
    assert TO_COME[language] in said
    assert "http" not in said
    assert "line-through" in text_of(read(letter), "text/html")
