"""The letter that brings a code: short, large digits, nothing about the meeting."""

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from meetcoord.adapters.mail.inspection import inspect
from meetcoord.adapters.mail.messages import compose, header_names
from meetcoord.domain.letters import Letter, LetterKind, MailedCode
from meetcoord.domain.values import Language
from tests.mail.letters import LINK, SENDER, a_letter, leaves, read, tags_of_html, text_of, words_of_html

CODE = MailedCode(digits="042917", expires_at=datetime(2026, 11, 24, 13, 40, tzinfo=UTC))


def a_code(language: Language = Language.FRENCH) -> Letter:
    return a_letter(
        kind=LetterKind.CODE,
        code=CODE,
        language=language,
        neutral=True,
        join_link="",
        title="CANARY-title",
        agenda="CANARY-agenda",
        organiser="CANARY-organiser",
        agencies=("CANARY-agency",),
    )


def everything(message: EmailMessage) -> str:
    bodies = [part.get_payload(decode=True) for part in leaves(message)]
    return "\n".join(
        [*map(str, message.values()), *(body.decode() for body in bodies if isinstance(body, bytes))]
    )


@pytest.mark.parametrize(
    ("language", "subject", "valid", "never"),
    [
        (Language.FRENCH, "Votre code d’accès", "jusqu’à 14 h 40, heure de Paris", "jamais ce code"),
        (Language.ENGLISH, "Your access code", "until 14:40, Paris time", "never ask you for this code"),
        (Language.GERMAN, "Ihr Zugangscode", "bis 14:40 Uhr, Pariser Zeit", "nie nach diesem Code"),
    ],
)
def test_it_says_the_code_until_when_and_that_nobody_will_ask_for_it(
    language: Language, subject: str, valid: str, never: str
) -> None:
    message = read(a_code(language))
    said = text_of(message, "text/plain").replace("\u00a0", " ")
    assert str(message["Subject"]) == subject
    assert message["Content-Language"] == language.value
    for words in ("\n042 917\n", "10 ", valid, never, "+33 3 00 00 00 00"):
        assert words in said.replace("\r\n", "\n")


@pytest.mark.parametrize("language", Language)
def test_text_and_html_say_the_same_and_nothing_of_the_meeting(language: Language) -> None:
    message = read(a_code(language))
    page = text_of(message, "text/html")
    assert words_of_html(page) == text_of(message, "text/plain").split()
    assert "CANARY" not in everything(message)
    assert LINK not in everything(message)
    assert not {tag for tag, _ in tags_of_html(page)} & {"a", "img", "script", "style", "link"}


def test_the_digits_stand_in_no_header_and_large_in_the_page() -> None:
    message = read(a_code())
    assert "042" not in "".join(str(value) for name, value in message.items() if name != "Date")
    assert "font-size:36px" in text_of(message, "text/html").partition("042 917")[0][-200:]


def test_it_has_no_calendar_part_and_the_headers_of_every_message() -> None:
    message = read(a_code())
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    assert tuple(message.keys()) == header_names(SENDER)
    inspect(compose(a_code(), SENDER), header_names(SENDER), SENDER.address, a_code().to_address)
    assert compose(a_code(), SENDER) == compose(a_code(), SENDER)


@pytest.mark.parametrize(("kind", "code"), [(LetterKind.CODE, None), (LetterKind.INVITED, CODE)])
def test_a_code_is_in_a_letter_of_its_own(kind: LetterKind, code: MailedCode | None) -> None:
    with pytest.raises(ValueError, match="no other"):
        a_letter(kind=kind, code=code)


@pytest.mark.needs("browser")
def test_the_page_fits_a_telephone(chromium: str) -> None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  slow to load, and for one test only

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 320, "height": 600})
        page.set_content(text_of(read(a_code(Language.GERMAN)), "text/html"))
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        browser.close()
