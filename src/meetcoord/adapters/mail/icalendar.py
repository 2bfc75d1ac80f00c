"""A letter as a calendar object sent by mail (RFC 5545, RFC 6047): METHOD REQUEST or CANCEL, one recipient."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import icalendar

from meetcoord.adapters.mail.dates import new_time
from meetcoord.adapters.mail.timezones import timezone_of
from meetcoord.adapters.mail.wording import WORDINGS, Wording, title_of, visible_line, visible_prose
from meetcoord.domain.letters import Letter, LetterKind

PRODUCT = "-//meetcoord//meetcoord//EN"
# While a moved meeting has no time there is no hour to hold free: RFC 5546, 3.2.5, takes the entry away, and the next
# REQUEST, of the same UID and a higher SEQUENCE, brings it back. A tentative entry would block an hour that is off.
METHODS = {
    LetterKind.INVITED: "REQUEST",
    LetterKind.MOVED: "CANCEL",
    LetterKind.CANCELLED: "CANCEL",
    LetterKind.REMOVED: "CANCEL",
}
_STATES = {
    LetterKind.INVITED: "CONFIRMED",
    LetterKind.MOVED: "CANCELLED",
    LetterKind.CANCELLED: "CANCELLED",
    LetterKind.REMOVED: "CANCELLED",
}


def calendar_of(letter: Letter, organiser_address: str, organiser_name: str) -> bytes:
    """The whole VCALENDAR, lines folded and ended by CRLF. The same letter gives the same bytes.

    It names one attendee, the recipient: other people's addresses and links are none of her calendar's business.
    The organiser is the address the letter comes from, or clients would not let the recipient answer.
    """
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("method", METHODS[letter.kind])
    zone = timezone_of(letter.time_zone, (letter.start, letter.end))
    if zone is not None:
        calendar.add_component(zone)
    calendar.add_component(_event(letter, organiser_address, organiser_name, zone is not None))
    content: bytes = calendar.to_ical()
    return content


def _event(letter: Letter, organiser_address: str, organiser_name: str, zoned: bool) -> icalendar.Event:
    words = WORDINGS[letter.language]
    event = icalendar.Event()
    event.add("uid", letter.uid)
    event.add("sequence", letter.sequence)
    event.add("dtstamp", letter.written_at.astimezone(UTC))
    event.add("dtstart", _local(letter.start, letter.time_zone, zoned))
    event.add("dtend", _local(letter.end, letter.time_zone, zoned))
    event.add("status", _STATES[letter.kind])
    event.add("summary", title_of(letter.title, letter.neutral, words))
    event.add("organizer", _party(organiser_address, organiser_name))
    event.add("attendee", _attendee(letter))
    if letter.neutral:
        event.add("class", "CONFIDENTIAL")
    if letter.join_link and letter.kind is LetterKind.INVITED:
        event.add("location", letter.join_link)
        event.add("url", letter.join_link)
    event.add("description", _description(letter, words))
    return event


def _local(moment: datetime, zone: str, zoned: bool) -> datetime:
    return moment.astimezone(ZoneInfo(zone) if zoned else UTC)


def _attendee(letter: Letter) -> icalendar.vCalAddress:
    attendee = _party(letter.to_address, letter.to_name)
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["PARTSTAT"] = "NEEDS-ACTION"
    attendee.params["RSVP"] = "TRUE"
    return attendee


def _party(address: str, name: str) -> icalendar.vCalAddress:
    party = icalendar.vCalAddress(f"mailto:{address}")
    if visible_line(name):
        party.params["CN"] = visible_line(name)
    return party


def _description(letter: Letter, words: Wording) -> str:
    """Never the link: a description is what calendars show to colleagues and print."""
    if letter.kind is not LetterKind.INVITED:
        return words.opening[letter.kind]
    paragraphs = [
        new_time(letter, words.new_time),
        "" if letter.neutral else visible_prose(letter.agenda),
        words.link_is_yours,
        f"{words.help} {visible_line(letter.help_phone)}" if letter.help_phone else "",
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
