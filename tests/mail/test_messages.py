"""What a recipient reads, in her language, and what no one else may read in it."""

import re
from datetime import UTC, datetime

import pytest

from meetcoord.adapters.mail.dates import moment, period
from meetcoord.adapters.mail.messages import Sender, compose, header_names
from meetcoord.domain.letters import Letter, LetterKind
from meetcoord.domain.values import Language
from tests.mail.letters import (
    ABOUT_THE_MEETING,
    LINK,
    SENDER,
    a_letter,
    leaves,
    read,
    tags_of_html,
    text_of,
    words_of_html,
)

START, END = datetime(2026, 11, 24, 13, 30, tzinfo=UTC), datetime(2026, 11, 24, 15, tzinfo=UTC)


def spaced(text: str) -> str:
    return text.replace("\u00a0", " ")


def subject(letter: Letter) -> str:
    return spaced(str(read(letter)["Subject"]))


def text(letter: Letter) -> str:
    return spaced(text_of(read(letter), "text/plain"))


def everything(letter: Letter) -> str:
    message = read(letter)
    parts = [part.get_payload(decode=True) for part in leaves(message)]
    decoded = [part.decode().replace("\r\n ", "") for part in parts if isinstance(part, bytes)]
    return "\n".join([*map(str, message.values()), *decoded])


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (Language.FRENCH, "Invitation : Point de situation sanitaire, mardi 24 novembre 2026, 14 h 30"),
        (Language.ENGLISH, "Invitation: Point de situation sanitaire, Tuesday 24 November 2026, 14:30"),
        (Language.GERMAN, "Einladung: Point de situation sanitaire, Dienstag, 24. November 2026, 14:30 Uhr"),
    ],
)
def test_the_subject_says_what_and_when_in_the_recipients_language(language: Language, expected: str) -> None:
    assert subject(a_letter(language=language)) == expected
    assert read(a_letter(language=language))["Content-Language"] == language.value


@pytest.mark.parametrize(
    ("kind", "language", "expected"),
    [
        (LetterKind.INVITED, Language.FRENCH, "Invitation à une réunion protégée, mardi"),
        (LetterKind.INVITED, Language.ENGLISH, "Invitation to a protected meeting, Tues"),
        (LetterKind.INVITED, Language.GERMAN, "Einladung zu einer geschützten Besprech"),
        (LetterKind.CANCELLED, Language.FRENCH, "Réunion protégée annulée, mardi"),
        (LetterKind.CANCELLED, Language.ENGLISH, "Protected meeting cancelled, Tues"),
        (LetterKind.CANCELLED, Language.GERMAN, "Geschützte Besprechung abgesagt, "),
        (LetterKind.MOVED, Language.FRENCH, "Réunion protégée déplacée, prévue mardi"),
        (LetterKind.MOVED, Language.ENGLISH, "Protected meeting moved, planned for Tues"),
        (LetterKind.MOVED, Language.GERMAN, "Geschützte Besprechung verschoben, geplant Dienstag"),
        (LetterKind.REMOVED, Language.FRENCH, "Vous n’êtes plus attendu à une réunion protégée, mardi"),
        (LetterKind.REMOVED, Language.ENGLISH, "You are no longer expected at a protected meeting, Tues"),
        (LetterKind.REMOVED, Language.GERMAN, "Sie werden zu einer geschützten Besprechung nicht mehr erw"),
    ],
)
def test_a_neutral_subject_says_only_when(kind: LetterKind, language: Language, expected: str) -> None:
    assert subject(a_letter(kind=kind, language=language, neutral=True)).startswith(expected)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (Language.FRENCH, "mardi 24 novembre 2026, de 14 h 30 à 16 h, heure de Paris (UTC+1)"),
        (Language.ENGLISH, "Tuesday 24 November 2026, 14:30 to 16:00, Paris time (UTC+1)"),
        (Language.GERMAN, "Dienstag, 24. November 2026, 14:30 Uhr bis 16:00 Uhr, Pariser Zeit (UTC+1)"),
    ],
)
def test_the_hours_are_said_in_words_with_their_zone(language: Language, expected: str) -> None:
    assert spaced(period(START, END, "Europe/Paris", language)) == expected
    assert expected in text(a_letter(language=language, end=END))


@pytest.mark.parametrize(
    ("zone", "french", "english", "german"),
    [
        ("America/Cayenne", "heure de Cayenne (UTC−3)", "Cayenne time (UTC−3)", "Ortszeit Cayenne (UTC−3)"),
        ("Indian/Reunion", "heure de La Réunion (UTC+4)", "Réunion time (UTC+4)", "Ortszeit Reunion (UTC+4)"),
        (
            "America/New_York",
            "heure de New York (UTC−5)",
            "New York time (UTC−5)",
            "Ortszeit New York (UTC−5)",
        ),
        ("Europe/Istanbul", "heure d’Istanbul (UTC+3)", "Istanbul time (UTC+3)", "Ortszeit Istanbul (UTC+3)"),
        (
            "Asia/Kolkata",
            "heure de Kolkata (UTC+5:30)",
            "Kolkata time (UTC+5:30)",
            "Ortszeit Kolkata (UTC+5:30)",
        ),
        ("UTC", "UTC", "UTC", "UTC"),
    ],
)
def test_every_zone_has_a_name_people_use(zone: str, french: str, english: str, german: str) -> None:
    said = [period(START, END, zone, language).rpartition(", ")[2] for language in Language]
    assert dict(zip(Language, said, strict=True)) == {
        Language.FRENCH: french,
        Language.ENGLISH: english,
        Language.GERMAN: german,
    }


def test_a_night_meeting_names_both_days_and_a_change_of_clock_both_offsets() -> None:
    start, end = datetime(2026, 10, 24, 21, tzinfo=UTC), datetime(2026, 10, 25, 5, 15, tzinfo=UTC)
    said = spaced(period(start, end, "Europe/Paris", Language.FRENCH))
    assert said == (
        "samedi 24 octobre 2026, de 23 h à dimanche 25 octobre 2026, 6 h 15, heure de Paris (UTC+2 → UTC+1)"
    )


def test_the_first_of_a_month_is_said_as_french_says_it() -> None:
    first = datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert spaced(moment(first, "Europe/Paris", Language.FRENCH)) == "mardi 1er décembre 2026, 10 h"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", ABOUT_THE_MEETING)
@pytest.mark.parametrize("neutral", [False, True])
def test_text_and_html_say_the_same(language: Language, kind: LetterKind, neutral: bool) -> None:
    link = LINK if kind is LetterKind.INVITED else ""
    message = read(a_letter(language=language, kind=kind, neutral=neutral, join_link=link, sequence=2))
    written = [word for word in text_of(message, "text/plain").split() if word != "-"]
    assert words_of_html(text_of(message, "text/html")) == written


def test_an_invitation_says_all_a_delegate_needs() -> None:
    said = text(a_letter())
    for words in (
        "Bonjour Déléguée de la ville,",
        "Préfecture",
        "Agence régionale de santé",
        "1. Capacités d’accueil\n2. Suites",
        f"\n{LINK}\n",
        "ne le transférez pas",
        "Appelez le +33 3 00 00 00 00",
        "reunions@meet.example.org",
        "jamais votre mot de passe",
    ):
        assert words in said.replace("\r\n", "\n")


def test_the_link_is_once_in_the_text_and_twice_behind_words_of_the_page() -> None:
    message = read(a_letter())
    assert text_of(message, "text/plain").count(LINK) == 1
    anchors = [
        attributes["href"] for tag, attributes in tags_of_html(text_of(message, "text/html")) if tag == "a"
    ]
    assert anchors == [LINK, LINK]
    assert LINK not in "".join(map(str, message.values()))


@pytest.mark.parametrize("kind", [LetterKind.CANCELLED, LetterKind.REMOVED])
def test_who_need_not_come_is_sent_no_link_and_no_agenda(kind: LetterKind) -> None:
    message = read(a_letter(kind=kind, join_link=LINK, agenda="CANARY"))
    for content_type in ("text/plain", "text/html"):
        assert LINK not in text_of(message, content_type)
        assert "CANARY" not in text_of(message, content_type)
        assert "Vous n’avez rien à faire" in text_of(message, content_type)


def test_a_removed_delegate_reads_that_the_others_meet_without_her() -> None:
    for language, sentence in (
        (Language.FRENCH, "Votre organisme ne vous envoie plus à cette réunion"),
        (Language.ENGLISH, "Your agency no longer sends you to this meeting"),
        (Language.GERMAN, "Ihre Behörde entsendet Sie nicht mehr zu dieser Besprechung"),
    ):
        assert sentence in text(a_letter(kind=LetterKind.REMOVED, language=language))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", ABOUT_THE_MEETING)
def test_a_neutral_mail_tells_neither_title_nor_agenda_anywhere(language: Language, kind: LetterKind) -> None:
    letter = a_letter(
        neutral=True, title="CANARY-title", agenda="CANARY-agenda", language=language, kind=kind
    )
    assert "CANARY" not in everything(letter)
    assert "CANARY" in everything(a_letter(title="CANARY", language=language, kind=kind))


def test_a_changed_invitation_says_that_it_replaces_the_earlier_ones() -> None:
    assert "Ce message remplace" in text(a_letter(sequence=1))
    assert "Ce message remplace" not in text(a_letter(sequence=0))


def test_the_parts_are_the_ones_mail_programs_expect_in_their_order() -> None:
    message = read(a_letter())
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]


@pytest.mark.parametrize(
    ("kind", "method"),
    [(LetterKind.INVITED, "REQUEST"), (LetterKind.CANCELLED, "CANCEL"), (LetterKind.REMOVED, "CANCEL")],
)
def test_both_copies_of_the_calendar_are_the_same_and_named_as_inside(kind: LetterKind, method: str) -> None:
    *_, inline, attached = leaves(read(a_letter(kind=kind)))
    content = inline.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert content == attached.get_payload(decode=True)
    assert inline.get_param("method") == method
    assert inline.get_param("charset") == "utf-8"
    assert f"METHOD:{method}\r\n".encode() in content
    assert attached.get_filename() == "invite.ics"


def test_the_headers_are_the_listed_ones_and_no_other() -> None:
    message = read(a_letter())
    assert tuple(message.keys()) == header_names(SENDER)
    assert message["Message-ID"] == "<first@meet.example.org>"
    assert message["Date"] == "Fri, 20 Nov 2026 08:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert [address.addr_spec for address in message["From"].addresses] == [SENDER.address]
    assert message["From"].addresses[0].display_name == SENDER.name


def test_answers_go_elsewhere_only_when_the_settings_say_so() -> None:
    sender = Sender(SENDER.address, SENDER.name, "secretariat@city.example.org")
    assert read(a_letter())["Reply-To"] is None
    assert read(a_letter(), sender)["Reply-To"] == "secretariat@city.example.org"
    assert tuple(read(a_letter(), sender).keys()) == header_names(sender)


def test_a_bare_identifier_becomes_a_valid_message_id_of_our_domain() -> None:
    assert read(a_letter(message_id="abcdefgh"))["Message-ID"] == "<abcdefgh@meet.example.org>"


def test_the_same_letter_is_the_same_bytes_and_another_is_not() -> None:
    assert compose(a_letter(), SENDER) == compose(a_letter(), SENDER)
    assert compose(a_letter(), SENDER) != compose(a_letter(message_id="second@meet.example.org"), SENDER)


@pytest.mark.parametrize(
    "title", ["x" * 3000, "é" * 3000, "日本" * 500, "Fin\n.\nSuite", ".", "..", "From me"]
)
def test_every_line_can_be_carried_by_any_mail_server(title: str) -> None:
    message = compose(a_letter(title=title, agenda=title, to_name=title, organiser=title), SENDER)
    assert message.isascii()
    assert b"\0" not in message
    for line in message.split(b"\r\n"):
        assert len(line) <= 998
        assert b"\r" not in line
        assert b"\n" not in line
        assert not line.startswith(b".")


def test_encoded_words_keep_to_75_octets() -> None:
    """RFC 2047 section 2."""
    head, _, _ = compose(a_letter(title="é" * 200, to_name="ü" * 200), SENDER).partition(b"\r\n\r\n")
    words = re.findall(rb"=\?\S+\?=", head)
    assert words
    assert max(map(len, words)) <= 75


def test_the_page_loads_nothing_runs_nothing_and_says_its_language() -> None:
    page = text_of(read(a_letter(language=Language.GERMAN)), "text/html")
    tags = tags_of_html(page)
    assert not {tag for tag, _ in tags} & {"img", "script", "link", "iframe", "form", "style", "object"}
    assert "url(" not in page
    assert "src=" not in page
    assert ("html", {"lang": "de"}) in tags
    assert {attributes["href"] for _, attributes in tags if "href" in attributes} == {LINK}


def test_markup_in_words_stays_words() -> None:
    hostile = '<a href="https://evil.example">"&\'</a>'
    page = text_of(
        read(a_letter(title=hostile, agenda=hostile, to_name=hostile, organiser=hostile)), "text/html"
    )
    assert {attributes["href"] for _, attributes in tags_of_html(page) if "href" in attributes} == {LINK}
    assert "{{ 7*7 }}" in text(a_letter(title="{{ 7*7 }}"))


def test_hidden_characters_do_not_reach_the_reader() -> None:
    said = everything(a_letter(title="a\u202eb\u2066c\u200ed", agenda="x\u2028y\u0085z\x07"))
    assert not set(said) & set("\u202e\u2066\u200e\u2028\u0085\x07")


@pytest.mark.needs("browser")
@pytest.mark.parametrize("width", [320, 800])
def test_the_page_fits_a_telephone(chromium: str, width: int) -> None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  slow to load, and for one test only

    page_text = text_of(read(a_letter(title="Lagebesprechung" * 8, agenda="x" * 300)), "text/html")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 600})
        page.set_content(page_text)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.get_by_role("link").count() == 2
        browser.close()
