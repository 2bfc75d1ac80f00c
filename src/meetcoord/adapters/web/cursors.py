"""Where the next page begins, as an opaque string."""

import base64
import re
from datetime import UTC, datetime, timedelta

from meetcoord.adapters.web.problems import RequestRefused
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.values import MeetingId
from meetcoord.ports.storage import PageMark

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MARK = re.compile(r"([0-9]{1,18})\.([a-z2-7]{26})")


def write_cursor(last: Meeting) -> str:
    microseconds = (last.created_at - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(f"{microseconds}.{last.id}".encode()).decode().rstrip("=")


def parse_cursor(cursor: str | None) -> PageMark | None:
    """Raises RequestRefused for anything that `write_cursor` would not have written."""
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        found = _MARK.fullmatch(text)
        at = _EPOCH + timedelta(microseconds=int(found.group(1))) if found else None
    except (ValueError, OverflowError):
        found = at = None
    if found is None or at is None:
        raise RequestRefused(
            400, "This cursor is not one of ours: take `next_cursor` as it is, or begin without one."
        )
    return PageMark(created_at=at, id=MeetingId(found.group(2)))
