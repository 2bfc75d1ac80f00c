"""A letter as the bytes of one mail: text, html and calendar, the same bytes each time it is composed.

Header values are encoded here and never handed to the email package as text: in some patch levels of Python it decodes
what looks like an encoded word inside a title and writes the line break found there (CVE-2024-6923).
"""

import base64
import hashlib
import quopri
import re
from collections.abc import Mapping
from datetime import UTC
from email.charset import BASE64, Charset
from email.header import Header
from email.message import Message
from email.policy import compat32
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import jinja2
import msgspec

from meetcoord.adapters.mail.dates import clock_time, moment, new_time, period
from meetcoord.adapters.mail.icalendar import METHODS, calendar_of
from meetcoord.adapters.mail.key_facts import key_facts, key_subject
from meetcoord.adapters.mail.wording import WORDINGS, title_of, visible_line, visible_prose
from meetcoord.domain.key_letters import KeyLetter
from meetcoord.domain.letters import Letter, LetterKind, MailedCode

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=jinja2.select_autoescape(["html"]),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_WIRE = compat32.clone(linesep="\r\n")
_PLAIN = re.compile(r"[A-Za-z0-9 ,.'-]+")
_UTF_8 = Charset("utf-8")
_UTF_8.header_encoding = BASE64


class Sender(msgspec.Struct, frozen=True):
    """Who letters come from: the bare address, the name shown beside it, and where answers go if elsewhere."""

    address: str
    name: str
    reply_to: str = ""


def header_names(sender: Sender) -> tuple[str, ...]:
    """The header fields of every message, in order: nothing else may be found in one."""
    reply_to = ("Reply-To",) if sender.reply_to else ()
    return (
        *("From", "To", "Subject", "Date", "Message-ID"),
        *reply_to,
        *("Auto-Submitted", "X-Auto-Response-Suppress", "Content-Language", "MIME-Version", "Content-Type"),
    )


def compose(letter: Letter | KeyLetter, sender: Sender) -> bytes:
    """The message, CRLF line ends, ASCII only, no line beyond 998 octets (RFC 5322 2.1.1).

    mixed( alternative( text, html, calendar ), invite.ics ), the calendar last of the alternatives and twice the same.
    A code is alternative( text, html ), as is a letter about keys: they concern nobody's calendar.
    """
    message = Message(_WIRE)
    _address(message, letter, sender)
    if isinstance(letter, KeyLetter):
        about = key_facts(letter, _genuine(letter, sender), visible_line(sender.name))
        _assemble(message, "alternative", letter, _written("keys", about))
    elif letter.code is not None:
        said = _code_facts(letter, letter.code, sender)
        _assemble(message, "alternative", letter, _written("code", said))
    else:
        _assemble_with_calendar(message, letter, sender)
    return message.as_bytes(policy=_WIRE)


def _assemble_with_calendar(message: Message, letter: Letter, sender: Sender) -> None:
    calendar = calendar_of(letter, sender.address, visible_line(sender.name))
    method = METHODS[letter.kind]
    bodies = [
        *_written("letter", _facts(letter, sender)),
        _base64(f'text/calendar; method={method}; charset="utf-8"', calendar),
    ]
    attachment = _base64('application/ics; name="invite.ics"', calendar)
    attachment["Content-Disposition"] = 'attachment; filename="invite.ics"'
    alternative = _assemble(Message(_WIRE), "alternative", letter, bodies)
    _assemble(message, "mixed", letter, [alternative, attachment])


def _written(template: str, facts: Mapping[str, Any]) -> list[Message]:
    text, page = (_TEMPLATES.get_template(f"{template}.{kind}").render(facts) for kind in ("txt", "html"))
    return [_quoted('text/plain; charset="utf-8"', text), _quoted('text/html; charset="utf-8"', page)]


def subject_of(letter: Letter) -> str:
    words = WORDINGS[letter.language]
    when = moment(letter.start, letter.time_zone, letter.language)
    sentences = words.neutral_subject if letter.neutral else words.subject
    sentence = sentences[letter.kind]
    if letter.instead_of is not None:
        sentence = words.neutral_new_time_subject if letter.neutral else words.new_time_subject
    return sentence.format(title=title_of(letter.title, letter.neutral, words), when=when)


def _subject(letter: Letter | KeyLetter) -> str:
    return key_subject(letter) if isinstance(letter, KeyLetter) else subject_of(letter)


def _address(message: Message, letter: Letter | KeyLetter, sender: Sender) -> None:
    message["From"] = _mailbox("From", sender.name, sender.address)
    message["To"] = _mailbox("To", letter.to_name, letter.to_address)
    message["Subject"] = _encoded("Subject", _subject(letter))
    message["Date"] = format_datetime(letter.written_at.astimezone(UTC))
    message["Message-ID"] = _message_id(letter, sender)
    if sender.reply_to:
        message["Reply-To"] = sender.reply_to
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = letter.language.value
    message["MIME-Version"] = "1.0"


def _message_id(letter: Letter | KeyLetter, sender: Sender) -> str:
    if "@" in letter.message_id:
        return f"<{letter.message_id}>"
    return f"<{letter.message_id}@{sender.address.rpartition('@')[2]}>"


def _mailbox(field: str, name: str, address: str) -> str:
    name = visible_line(name)
    if not name:
        return address
    if _PLAIN.fullmatch(name) and len(name) < 60:
        return f'"{name}"\r\n <{address}>' if len(name) + len(address) > 60 else f'"{name}" <{address}>'
    return f"{_encoded(field, name)}\r\n <{address}>"


def _encoded(field: str, text: str) -> str:
    """Words of at most 75 octets that hold no character an old parser could take for anything (RFC 2047)."""
    return Header(text, _UTF_8, header_name=field).encode(linesep="\r\n", maxlinelen=75)


def _quoted(content_type: str, text: str) -> Message:
    """Quoted-printable without a dot at the start of a line: nothing in it can look like the end of DATA."""
    lines = quopri.encodestring(text.encode()).decode("ascii").split("\n")
    harmless = [f"=2E{line[1:]}" if line.startswith(".") else line for line in lines]
    return _part(content_type, "quoted-printable", "\r\n".join(harmless))


def _base64(content_type: str, content: bytes) -> Message:
    return _part(content_type, "base64", base64.encodebytes(content).decode("ascii").replace("\n", "\r\n"))


def _part(content_type: str, encoding: str, payload: str) -> Message:
    part = Message(_WIRE)
    part["Content-Type"] = content_type
    part["Content-Transfer-Encoding"] = encoding
    part.set_payload(payload)
    return part


def _assemble(whole: Message, subtype: str, letter: Letter | KeyLetter, parts: list[Message]) -> Message:
    """`=_` can stand in neither encoding, so the boundary cannot occur inside a part (RFC 2045 6.7)."""
    digest = hashlib.sha256(f"{subtype} {letter.message_id}".encode()).hexdigest()[:32]
    whole["Content-Type"] = f'multipart/{subtype}; boundary="=_{digest}"'
    for part in parts:
        whole.attach(part)
    return whole


def _code_facts(letter: Letter, code: MailedCode, sender: Sender) -> Mapping[str, Any]:
    words = WORDINGS[letter.language]
    until = clock_time(code.expires_at, letter.time_zone, letter.language)
    return {
        "words": words,
        "language": letter.language.value,
        "greeting": words.greeting.format(name=visible_line(letter.to_name)),
        "opening": words.opening[letter.kind],
        # In two threes, as people read and type them; the page takes the blank.
        "code": f"{code.digits[:3]} {code.digits[3:]}",
        "valid": words.code_valid.format(time=until),
        "help_phone": visible_line(letter.help_phone),
        "signature": visible_line(sender.name),
        "genuine": _genuine(letter, sender),
    }


def _facts(letter: Letter, sender: Sender) -> Mapping[str, Any]:
    words = WORDINGS[letter.language]
    cancelled = letter.kind is not LetterKind.INVITED
    return {
        "words": words,
        "language": letter.language.value,
        "cancelled": cancelled,
        "greeting": words.greeting.format(name=visible_line(letter.to_name)),
        "opening": new_time(letter, words.new_time) or words.opening[letter.kind],
        "organiser": visible_line(letter.organiser),
        "title": title_of(letter.title, letter.neutral, words),
        "when": period(letter.start, letter.end, letter.time_zone, letter.language),
        "agencies": [visible_line(agency) for agency in letter.agencies],
        "agenda": "" if letter.neutral or cancelled else visible_prose(letter.agenda).strip(),
        "withheld": words.agenda_withheld if letter.neutral and not cancelled else "",
        "link": "" if cancelled else letter.join_link,
        "notes": _notes(letter),
        "help_phone": visible_line(letter.help_phone),
        "signature": visible_line(sender.name),
        "genuine": _genuine(letter, sender),
    }


def _notes(letter: Letter) -> list[str]:
    words = WORDINGS[letter.language]
    replaces = words.replaces if letter.sequence and letter.kind is LetterKind.INVITED else ""
    nothing = words.nothing_to_do if letter.kind is not LetterKind.INVITED else ""
    to_come = words.new_link_to_come if letter.kind is LetterKind.MOVED else ""
    return [note for note in (replaces, nothing, to_come) if note]


def _genuine(letter: Letter | KeyLetter, sender: Sender) -> str:
    words = WORDINGS[letter.language]
    sentences = [words.genuine.format(sender=sender.address)]
    if letter.help_phone and isinstance(letter, Letter) and letter.kind is LetterKind.INVITED:
        sentences.append(words.genuine_help)
    return " ".join(sentences)
