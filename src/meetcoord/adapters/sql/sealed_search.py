"""Finding sealed documents: among those of one agency's meetings, and never beyond."""

from typing import Any

from sqlalchemy import Select, select

from meetcoord.adapters.sql.schema import meeting_agencies, meetings, minutes
from meetcoord.domain.minutes import MinutesState
from meetcoord.domain.values import AgencyId
from meetcoord.ports.storage import Sought

_others = meeting_agencies.alias("others")
_OF_AN_AGENCY = (
    select(*minutes.c, meetings.c.body)
    .join_from(meeting_agencies, minutes, meeting_agencies.c.meeting == minutes.c.meeting)
    .join(meetings, meetings.c.id == minutes.c.meeting)
    .where(minutes.c.state == MinutesState.SEALED)
    .order_by(minutes.c.leaf.desc())
)


def sealed_for(agency: AgencyId, sought: Sought, before: int | None, limit: int) -> Select[Any]:
    """Rows of `minutes` that also have the `body` of the meeting."""
    found = _OF_AN_AGENCY.where(meeting_agencies.c.agency == agency).limit(limit)
    if before is not None:
        found = found.where(minutes.c.leaf < before)
    if sought.meeting is not None:
        found = found.where(minutes.c.meeting == sought.meeting)
    if sought.kind is not None:
        found = found.where(minutes.c.kind == sought.kind)
    return _with_agency(_in_time(found, sought), sought)


def _in_time(found: Select[Any], sought: Sought) -> Select[Any]:
    if sought.sealed_from is not None:
        found = found.where(minutes.c.changed_at >= sought.sealed_from)
    if sought.sealed_until is not None:
        found = found.where(minutes.c.changed_at < sought.sealed_until)
    return found


def _with_agency(found: Select[Any], sought: Sought) -> Select[Any]:
    if sought.agency is None:
        return found
    return found.join(_others, _others.c.meeting == minutes.c.meeting).where(
        _others.c.agency == sought.agency
    )
