"""Instants and the zones people read them in (RFC 3339 with an offset, IANA zone names)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from meetcoord.domain.errors import Invalid, UnclearTime

_FOLDERS = ("posix/", "right/")  # copies of the whole database; the second counts leap seconds
_NAMELESS = frozenset({"localtime", "posixrules", "Factory"})


def zone(name: str, pointer: str = "") -> ZoneInfo:
    """The IANA zone `name`; raises Invalid when there is none."""
    try:
        if name.startswith(_FOLDERS) or name in _NAMELESS:
            raise ValueError("a file beside the zones")
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(
            f"There is no time zone “{name[:60]}”: use an IANA name such as `Europe/Paris`.", pointer
        ) from error


def instant(stated: datetime, zone_name: str, pointer: str = "") -> datetime:
    """`stated` in UTC, provided it is one moment and only one in `zone_name`.

    `Z` states an instant and is taken as it is. Any other offset states a local reading as well, so it must be the
    offset that the zone's clocks show at that moment: a time skipped in spring, or written with winter's offset in
    summer, is refused with the readings that exist.
    """
    place = zone(zone_name, "/time_zone")
    if stated.tzinfo is None:
        raise UnclearTime(_naive_sentence(stated, place), pointer)
    try:
        moment = stated.astimezone(UTC)
        shown = moment.astimezone(place)
    except OverflowError as error:
        raise Invalid("This time lies outside the years that a calendar knows.", pointer) from error
    if stated.utcoffset() != timedelta(0) and shown.utcoffset() != stated.utcoffset():
        raise UnclearTime(
            f"{stated.isoformat()} is not a time that clocks show in {place.key}: at that moment they show "
            f"{shown.isoformat()}. {_readings(stated.replace(tzinfo=None), place)}",
            pointer,
        )
    return moment


def _naive_sentence(stated: datetime, place: ZoneInfo) -> str:
    return f"{stated.isoformat()} has no offset, so it could be several moments. {_readings(stated, place)}"


def _readings(local: datetime, place: ZoneInfo) -> str:
    """What to write instead; empty at the very ends of the calendar, where the readings fall off it."""
    try:
        return _written_with_offset(local, place)
    except OverflowError:
        return ""


def _written_with_offset(local: datetime, place: ZoneInfo) -> str:
    first, second = (local.replace(tzinfo=place, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return f"In {place.key} write {first.isoformat()}."
    if first.astimezone(UTC).astimezone(place).replace(tzinfo=None) != local:
        skipped = " or ".join(
            sorted(f.astimezone(UTC).astimezone(place).isoformat() for f in (first, second))
        )
        return f"The clocks of {place.key} skip {local.isoformat()} that day: write {skipped}."
    both = f"{first.isoformat()} or {second.isoformat()}"
    return f"The clocks of {place.key} show {local.isoformat()} twice that day: write {both}."
