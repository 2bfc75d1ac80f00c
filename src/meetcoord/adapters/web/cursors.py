"""Where the next page begins, as an opaque string."""

import base64
import re
from datetime import UTC, datetime, timedelta

from meetcoord.adapters.web.problems import RequestRefused
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.values import MeetingId
from meetcoord.ports.storage import PageMark

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENTRY = re.compile(r"entry ([0-9]{1,16})")
_MARK = re.compile(r"([0-9]{1,18})\.([a-z2-7]{26})")


def write_cursor(last: Meeting) -> str:
    microseconds = (last.created_at - _EPOCH) // timedelta(microseconds=1)
    return _written(f"{microseconds}.{last.id}")


def parse_cursor(cursor: str | None) -> PageMark | None:
    """Raises RequestRefused for anything that `write_cursor` would not have written."""
    if cursor is None:
        return None
    found = _read(_MARK, cursor)
    try:
        at = _EPOCH + timedelta(microseconds=int(found.group(1)))
    except OverflowError:
        raise _foreign() from None
    return PageMark(created_at=at, id=MeetingId(found.group(2)))


def write_entry_cursor(last: int) -> str:
    """`last` is the place in the log of the last entry of the page."""
    return _written(f"entry {last}")


def parse_entry_cursor(cursor: str | None) -> int | None:
    """Raises RequestRefused for anything that `write_entry_cursor` would not have written."""
    return None if cursor is None else int(_read(_ENTRY, cursor).group(1))


def _written(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(pattern: re.Pattern[str], cursor: str) -> re.Match[str]:
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        found = pattern.fullmatch(text)
    except ValueError:
        found = None
    if found is None:
        raise _foreign()
    return found


def _foreign() -> RequestRefused:
    return RequestRefused(
        400, "This cursor is not one of ours: take `next_cursor` as it is, or begin without one."
    )
