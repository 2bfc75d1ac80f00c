"""One moment and only one: local times that are skipped, doubled or contradict their zone are refused."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from meetcoord.domain.errors import Invalid, UnclearTime
from meetcoord.domain.times import instant, zone

PARIS = "Europe/Paris"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def sentence(text: str, zone_name: str = PARIS) -> str:
    with pytest.raises(UnclearTime) as refusal:
        instant(at(text), zone_name, "/slots/0/start")
    assert refusal.value.pointer == "/slots/0/start"
    return refusal.value.detail


def test_a_time_that_the_clocks_show_twice_is_one_moment_with_its_offset() -> None:
    assert instant(at("2026-10-25T02:30:00+02:00"), PARIS) == at("2026-10-25T00:30:00Z")
    assert instant(at("2026-10-25T02:30:00+01:00"), PARIS) == at("2026-10-25T01:30:00Z")


def test_without_offset_a_doubled_time_is_refused_with_both_readings() -> None:
    told = sentence("2026-10-25T02:30:00")
    assert "twice" in told
    assert "2026-10-25T02:30:00+02:00" in told
    assert "2026-10-25T02:30:00+01:00" in told


@pytest.mark.parametrize(
    "text", ["2027-03-28T02:30:00", "2027-03-28T02:30:00+01:00", "2027-03-28T02:30:00+02:00"]
)
def test_a_skipped_time_is_refused_with_both_readings(text: str) -> None:
    told = sentence(text)
    assert "skip" in told
    assert "2027-03-28T01:30:00+01:00" in told
    assert "2027-03-28T03:30:00+02:00" in told


def test_a_naive_time_is_refused_with_the_offset_to_write() -> None:
    assert "2026-07-01T10:00:00+02:00" in sentence("2026-07-01T10:00:00")


def test_a_wrong_offset_is_refused_with_what_the_clocks_show() -> None:
    told = sentence("2026-07-01T10:00:00+01:00")
    assert "2026-07-01T11:00:00+02:00" in told
    assert "2026-07-01T10:00:00+02:00" in told


@pytest.mark.parametrize(
    "text", ["2026-07-01T10:00:00Z", "2026-10-25T00:30:00Z", "2027-03-28T02:30:00+00:00"]
)
def test_an_instant_in_utc_is_taken_as_it_is(text: str) -> None:
    assert instant(at(text), PARIS) == at(text)
    assert instant(at(text), PARIS).tzinfo is UTC


ZONES = sorted(
    name for name in available_timezones() if "/" in name and not name.startswith(("posix", "right"))
)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, st.sampled_from(ZONES))
@example(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), PARIS)
@example(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), PARIS)
@example(datetime(2026, 4, 4, 15, 15, tzinfo=UTC), "Australia/Lord_Howe")
def test_what_a_clock_on_the_wall_shows_with_its_offset_is_that_moment(moment: datetime, name: str) -> None:
    shown = moment.astimezone(ZoneInfo(name))
    offset = shown.utcoffset() or timedelta()
    stated = shown.replace(tzinfo=timezone(offset), fold=0)
    assert instant(stated, name) == moment
    assert instant(shown, name) == moment
    assert instant(at(stated.isoformat()), name) == moment


@given(
    MOMENTS,
    st.sampled_from(ZONES),
    st.integers(-15 * 60, 15 * 60).map(lambda m: timezone(timedelta(minutes=m))),
)
def test_an_accepted_time_is_that_moment_and_a_refused_one_is_shown_otherwise(
    moment: datetime, name: str, offset: timezone
) -> None:
    stated, shown = moment.astimezone(offset), moment.astimezone(ZoneInfo(name))
    if stated.utcoffset() in {shown.utcoffset(), timedelta()}:
        assert instant(stated, name) == moment
        return
    with pytest.raises(UnclearTime) as refusal:
        instant(stated, name)
    assert shown.isoformat() in refusal.value.detail


@given(st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1)), st.sampled_from(ZONES))
def test_every_reading_offered_is_accepted(local: datetime, name: str) -> None:
    with pytest.raises(UnclearTime) as refusal:
        instant(local, name)
    offered = refusal.value.detail.rstrip(".").partition("write ")[2].split(" or ")
    assert offered
    for reading in offered:
        assert instant(at(reading), name).astimezone(ZoneInfo(name)).isoformat() == reading


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00"]
)
@pytest.mark.parametrize("name", [PARIS, "Pacific/Kiritimati", "America/New_York"])
def test_the_ends_of_the_calendar_are_refused_in_our_own_words(text: str, name: str) -> None:
    with pytest.raises(Invalid):
        instant(at(text), name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Olympus",
        "Europe",
        "../etc/passwd",
        "/etc/localtime",
        "Europe/Paris\0",
        "a" * 9999,
        "\ud800",
        "CEST+1",
        "right/Europe/Paris",
        "posix/Europe/Paris",
        "localtime",
        "Factory",
    ],
    ids=ascii,
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="no time zone"):
        zone(name, "/time_zone")
