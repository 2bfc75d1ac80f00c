"""A time zone as a calendar file describes it: a VTIMEZONE of two yearly rules, read from the zone's own TZif data.

Rules instead of lists of dates keep an invitation small and stay right in later years.
"""

import importlib.resources
import re
import zoneinfo
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import icalendar
import msgspec

from meetcoord.domain.errors import Misconfigured

FIRST_YEAR = 1970
_UNIVERSAL = frozenset({"UTC", "Etc/UTC", "Etc/UCT", "UCT", "Etc/Universal", "Universal", "Etc/Zulu", "Zulu"})
_NAME = r"(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]+>)"
_HOURS = r"[+-]?\d{1,3}(?::\d{2}){0,2}"
_DAY = rf"M\d{{1,2}}\.\d\.\d(?:/{_HOURS})?"
_FOOTER = re.compile(rf"({_NAME})({_HOURS})(?:({_NAME})({_HOURS})?,({_DAY}),({_DAY}))?")
_WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")


class Change(msgspec.Struct, frozen=True):
    """The yearly moment a clock changes: `weekday` 0 is Sunday, `week` 5 the last, `hour` the local time before it."""

    month: int
    week: int
    weekday: int
    hour: timedelta

    def in_year(self, year: int) -> datetime:
        first_weekday, length = monthrange(year, self.month)
        day = 1 + (self.weekday - (first_weekday + 1)) % 7 + 7 * (self.week - 1)
        if day > length:
            day -= 7
        return datetime.combine(date(year, self.month, day), time()) + self.hour


class Observance(msgspec.Struct, frozen=True):
    """A name and an offset east of Greenwich; `begins` is None where the clock never changes."""

    name: str
    offset: timedelta
    begins: Change | None = None


class Rules(msgspec.Struct, frozen=True):
    """What the clocks of one zone do every year."""

    standard: Observance
    daylight: Observance | None = None

    def offset_at(self, moment: datetime) -> timedelta:
        """The offset in force at an aware moment."""
        if self.daylight is None or self.daylight.begins is None or self.standard.begins is None:
            return self.standard.offset
        utc = moment.astimezone(UTC).replace(tzinfo=None)
        year = (utc + self.standard.offset).year
        spring = self.daylight.begins.in_year(year) - self.standard.offset
        autumn = self.standard.begins.in_year(year) - self.daylight.offset
        summer = spring <= utc < autumn if spring < autumn else not autumn <= utc < spring
        return (self.daylight if summer else self.standard).offset


def timezone_of(zone: str, moments: tuple[datetime, ...]) -> icalendar.Timezone | None:
    """The VTIMEZONE (RFC 5545 3.6.5) of an IANA zone, or None where the moments are better written in UTC.

    That is the case of UTC itself, of the second pass of an hour that exists twice (RFC 5545 3.3.5 can only say the
    first), and of the few zones whose clocks do not follow two yearly rules at these moments (Morocco's follow the
    moon): a description that could be read wrongly is worse than none.
    """
    rules = rules_of(zone)
    if zone in _UNIVERSAL or rules is None:
        return None
    info = zoneinfo.ZoneInfo(zone)
    local = [moment.astimezone(info) for moment in moments]
    if any(each.fold or each.utcoffset() != rules.offset_at(each) for each in local):
        return None
    return describe(zone, rules)


def rules_of(zone: str) -> Rules | None:
    """The rules in the POSIX TZ string that ends TZif data (RFC 9636 3.3), if a calendar can say them."""
    footer = _tzif(zone).rstrip(b"\n").rpartition(b"\n")[2].decode("ascii")
    found = _FOOTER.fullmatch(footer)
    if found is None:
        return None
    name, west, summer_name, summer_west, summer_begins, winter_begins = found.groups()
    offset = -_duration(west)
    if summer_name is None:
        return Rules(Observance(name.strip("<>"), offset))
    summer_offset = -_duration(summer_west) if summer_west else offset + timedelta(hours=1)
    begins, ends = _change(summer_begins), _change(winter_begins)
    if not (_within_a_day(begins) and _within_a_day(ends)):
        return None
    return Rules(
        Observance(name.strip("<>"), offset, ends), Observance(summer_name.strip("<>"), summer_offset, begins)
    )


def describe(zone: str, rules: Rules) -> icalendar.Timezone:
    block = icalendar.Timezone()
    block.add("tzid", zone)
    standard, daylight = rules.standard, rules.daylight
    if daylight is not None:
        block.add_component(_observance(icalendar.TimezoneDaylight(), daylight, standard.offset))
    before = standard.offset if daylight is None else daylight.offset
    block.add_component(_observance(icalendar.TimezoneStandard(), standard, before))
    return block


def _observance(block: icalendar.Component, observance: Observance, before: timedelta) -> icalendar.Component:
    change = observance.begins
    block.add(
        "dtstart", change.in_year(FIRST_YEAR) if change else datetime.combine(date(FIRST_YEAR, 1, 1), time())
    )
    block.add("tzoffsetfrom", before)
    block.add("tzoffsetto", observance.offset)
    block.add("tzname", observance.name)
    if change:
        week = -1 if change.week == 5 else change.week
        day = f"{week}{_WEEKDAYS[change.weekday]}"
        block.add("rrule", {"FREQ": "YEARLY", "BYMONTH": change.month, "BYDAY": day})
    return block


def _tzif(zone: str) -> bytes:
    """The file zoneinfo itself reads: the system's, else the tzdata package's."""
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Misconfigured(
            f"The time zone “{zone}” is unknown on this machine: update its tzdata."
        ) from error
    for root in zoneinfo.TZPATH:
        file = Path(root, zone)
        if file.is_file():
            return file.read_bytes()
    return importlib.resources.files("tzdata.zoneinfo").joinpath(*zone.split("/")).read_bytes()


def _change(text: str) -> Change:
    day, _, hour = text.partition("/")
    month, week, weekday = (int(number) for number in day[1:].split("."))
    return Change(month, week, weekday, _duration(hour or "2"))


def _within_a_day(change: Change) -> bool:
    return timedelta(0) <= change.hour < timedelta(days=1)


def _duration(text: str) -> timedelta:
    """`-3:30` as three and a half hours back."""
    sign = -1 if text.startswith("-") else 1
    hours, minutes, seconds = ([int(number) for number in text.lstrip("+-").split(":")] + [0, 0])[:3]
    return sign * timedelta(hours=hours, minutes=minutes, seconds=seconds)
