"""Letters to write in tests, and how to read what became of them."""

import email
import email.policy
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import msgspec

from meetcoord.adapters.mail.messages import Sender, compose
from meetcoord.domain.key_letters import KeyLetter
from meetcoord.domain.letters import Letter, LetterKind
from meetcoord.domain.values import Language

LINK = "https://meet.example.org/j#eyJhbGciOiJFUzI1NiJ9." + "abcdefghijklmnopqrstuvwxyz0123456789-_" * 5
ABOUT_THE_MEETING = [kind for kind in LetterKind if kind is not LetterKind.CODE]
"""Letters that carry a calendar part; a code is about the door."""

SENDER = Sender("reunions@meet.example.org", "Réunions protégées")

_LETTER = Letter(
    kind=LetterKind.INVITED,
    message_id="first@meet.example.org",
    uid="meeting@meet.example.org",
    sequence=0,
    written_at=datetime(2026, 11, 20, 8, tzinfo=UTC),
    to_address="delegate@city.example.org",
    to_name="Déléguée de la ville",
    language=Language.FRENCH,
    title="Point de situation sanitaire",
    agenda="1. Capacités d’accueil\n2. Suites",
    neutral=False,
    organiser="Préfecture",
    agencies=("Ville", "Agence régionale de santé", "Préfecture"),
    start=datetime(2026, 11, 24, 13, 30, tzinfo=UTC),
    end=datetime(2026, 11, 24, 14, 30, tzinfo=UTC),
    time_zone="Europe/Paris",
    join_link=LINK,
    help_phone="+33 3 00 00 00 00",
)


def a_letter(**changes: Any) -> Letter:
    return msgspec.structs.replace(_LETTER, **changes)


def read(letter: Letter | KeyLetter, sender: Sender = SENDER) -> EmailMessage:
    """The message as its recipient's program sees it."""
    return opened(compose(letter, sender))


def opened(message: bytes) -> EmailMessage:
    found = email.message_from_bytes(message, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def leaves(message: EmailMessage) -> list[EmailMessage]:
    return [part for part in message.walk() if not part.is_multipart() and isinstance(part, EmailMessage)]


def text_of(message: EmailMessage, content_type: str) -> str:
    (part,) = [part for part in leaves(message) if part.get_content_type() == content_type]
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] != "title":
            self.found.append(data)


def words_of_html(html: str) -> list[str]:
    reader = _Words()
    reader.feed(html)
    return " ".join(reader.found).split()


def tags_of_html(html: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = _Words()
    reader.feed(html)
    return reader.tags


def unfolded(calendar: str) -> list[tuple[str, dict[str, str], str]]:
    """A second reader of calendars, independent of the library that writes them: name, parameters, raw value."""
    lines: list[str] = []
    for line in calendar.encode().split(b"\r\n"):
        assert len(line) <= 75
        text = line.decode()
        if text.startswith(" "):
            lines[-1] += text[1:]
        elif text:
            lines.append(text)
    return [_content_line(line) for line in lines]


def _content_line(line: str) -> tuple[str, dict[str, str], str]:
    quoted, cuts = False, []
    for place, character in enumerate(line):
        quoted ^= character == '"'
        if character in ";:" and not quoted:
            cuts.append(place)
            if character == ":":
                break
    head, value = line[: cuts[-1]], line[cuts[-1] + 1 :]
    pieces = [head[a + 1 : b] for a, b in zip([-1, *cuts], cuts, strict=False)]
    parameters = dict(piece.split("=", 1) for piece in pieces[1:])
    return pieces[0], {name: text.strip('"') for name, text in parameters.items()}, value


def plain(value: str) -> str:
    """The TEXT value without its escapes (RFC 5545 3.3.11)."""
    return re.sub(r"\\(.)", lambda escape: "\n" if escape[1] in "nN" else escape[1], value)
