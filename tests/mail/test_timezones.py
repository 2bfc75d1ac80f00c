"""The VTIMEZONE of an invitation tells the same hours as the zone itself."""

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.tz import tzical  # type: ignore[import-untyped]  # it brings no types

from meetcoord.adapters.mail.timezones import describe, rules_of, timezone_of
from meetcoord.domain.errors import Misconfigured

ZONES = [
    *(
        "Europe/Paris",
        "Europe/Berlin",
        "Europe/Zurich",
        "Europe/Dublin",
        "UTC",
        "Asia/Kolkata",
        "Africa/Abidjan",
    ),
    *("America/Cayenne", "America/Martinique", "America/Miquelon", "America/New_York", "America/St_Johns"),
    *("Indian/Reunion", "Indian/Mayotte", "Pacific/Noumea", "Pacific/Tahiti", "Australia/Sydney"),
]
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC)
NOON = (datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 7, 1, 13, tzinfo=UTC))


def vtimezone(zone: str) -> bytes:
    rules = rules_of(zone)
    assert rules is not None
    text: bytes = describe(zone, rules).to_ical()
    return text


@pytest.mark.parametrize("zone", ZONES)
def test_the_offsets_are_the_zones_own_every_six_hours_of_thirteen_years(zone: str) -> None:
    read = tzical(io.StringIO(vtimezone(zone).decode())).get(zone)
    moment = FIRST
    while moment < LAST:
        truth = moment.astimezone(ZoneInfo(zone))
        assert truth.replace(tzinfo=read).utcoffset() == truth.utcoffset(), moment
        moment += timedelta(hours=6)


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Australia/Sydney", "Europe/Dublin"])
@pytest.mark.parametrize("year", range(2024, 2037, 4))
def test_the_rules_change_at_the_very_second_the_zone_does(zone: str, year: int) -> None:
    rules = rules_of(zone)
    assert rules is not None
    moment = datetime(year, 1, 1, tzinfo=UTC)
    while moment.year == year:
        for second in (moment, moment - timedelta(seconds=1)):
            assert rules.offset_at(second) == second.astimezone(ZoneInfo(zone)).utcoffset(), second
        moment += timedelta(hours=1)


@pytest.mark.parametrize("zone", ZONES)
def test_an_invitation_stays_small(zone: str) -> None:
    assert len(vtimezone(zone)) < 400
    assert b"RDATE" not in vtimezone(zone)


def test_a_zone_without_summer_time_has_no_rule() -> None:
    block = icalendar.Timezone.from_ical(vtimezone("America/Cayenne"))
    (standard,) = block.subcomponents
    assert standard.name == "STANDARD"
    assert "RRULE" not in standard


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC"])
def test_universal_time_needs_no_description(zone: str) -> None:
    assert timezone_of(zone, NOON) is None


@pytest.mark.parametrize("zone", ["America/Santiago", "Asia/Gaza", "America/Nuuk"])
def test_rules_that_a_calendar_cannot_say_are_not_said(zone: str) -> None:
    assert timezone_of(zone, NOON) is None


def test_clocks_that_follow_the_moon_are_not_described_by_the_sun() -> None:
    ramadan = datetime(2027, 2, 20, 12, tzinfo=UTC)
    zone = ZoneInfo("Africa/Casablanca")
    rules = rules_of("Africa/Casablanca")
    assert rules is not None
    assert rules.offset_at(ramadan) != ramadan.astimezone(zone).utcoffset()
    assert timezone_of("Africa/Casablanca", (ramadan,)) is None


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "../../etc/passwd", "", "Europe"])
def test_a_zone_nobody_knows_is_refused(zone: str) -> None:
    with pytest.raises(Misconfigured):
        rules_of(zone)
