"""When a meeting is, in the words of its readers."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from meetcoord.domain.letters import Letter
from meetcoord.domain.values import Language

_DAYS = {
    Language.FRENCH: ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    Language.ENGLISH: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    Language.GERMAN: ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
}
_MONTHS = {
    Language.FRENCH: (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    Language.ENGLISH: (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    Language.GERMAN: (
        *("Januar", "Februar", "März", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    ),
}
_CITIES = {
    Language.FRENCH: {
        "Europe/Brussels": "Bruxelles",
        "Europe/London": "Londres",
        "Indian/Reunion": "La Réunion",
        "Pacific/Noumea": "Nouméa",
    },
    Language.ENGLISH: {"Indian/Reunion": "Réunion", "Pacific/Noumea": "Nouméa"},
    Language.GERMAN: {
        "Europe/Berlin": "Berliner",
        "Europe/London": "Londoner",
        "Europe/Paris": "Pariser",
        "Europe/Vienna": "Wiener",
        "Europe/Zurich": "Zürcher",
    },
}


def moment(instant: datetime, zone: str, language: Language) -> str:
    """`mardi 24 novembre 2026, 14 h 30`: the day and the hour in the zone."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{_day(local, language)}, {_hour(local, language)}"


def period(start: datetime, end: datetime, zone: str, language: Language) -> str:
    """`mardi 24 novembre 2026, de 14 h 30 à 15 h 30, heure de Paris (UTC+1)`, with the last day if it differs."""
    first, last = (instant.astimezone(ZoneInfo(zone)) for instant in (start, end))
    opens, closes = _hour(first, language), _hour(last, language)
    if last.date() != first.date():
        closes = f"{_day(last, language)}, {closes}"
    between = {
        Language.FRENCH: f"de {opens} à {closes}",
        Language.ENGLISH: f"{opens} to {closes}",
        Language.GERMAN: f"{opens} bis {closes}",
    }[language]
    return f"{_day(first, language)}, {between}, {_zone_in_words(first, last, zone, language)}"


def new_time(letter: Letter, sentence: str) -> str:
    """What has changed, or nothing: `sentence` says {now} and {former}."""
    if letter.instead_of is None:
        return ""
    former, zone, language = letter.instead_of, letter.time_zone, letter.language
    return sentence.format(
        now=period(letter.start, letter.end, zone, language),
        former=period(former.start, former.end, zone, language),
    )


def clock_time(instant: datetime, zone: str, language: Language) -> str:
    """`14 h 30, heure de Paris (UTC+1)`."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{_hour(local, language)}, {_zone_in_words(local, local, zone, language)}"


def _day(local: datetime, language: Language) -> str:
    weekday, month = _DAYS[language][local.weekday()], _MONTHS[language][local.month - 1]
    if language is Language.FRENCH:
        day = "1er" if local.day == 1 else str(local.day)
        return f"{weekday} {day}\u00a0{month} {local.year}"
    if language is Language.GERMAN:
        return f"{weekday}, {local.day}.\u00a0{month} {local.year}"
    return f"{weekday} {local.day}\u00a0{month} {local.year}"


def _hour(local: datetime, language: Language) -> str:
    if language is Language.FRENCH:
        return f"{local.hour}\u00a0h" + (f"\u00a0{local.minute:02}" if local.minute else "")
    return f"{local.hour:02}:{local.minute:02}" + ("\u00a0Uhr" if language is Language.GERMAN else "")


def _zone_in_words(first: datetime, last: datetime, zone: str, language: Language) -> str:
    """The offset is said too: an hour that exists twice in October has only one reading then."""
    offsets = [_offset(local) for local in (first, last)]
    said = offsets[0] if offsets[0] == offsets[1] else " → ".join(offsets)
    if "/" not in zone or zone.startswith("Etc/"):
        return said
    return f"{_time_of(zone, language)} ({said})"


def _time_of(zone: str, language: Language) -> str:
    city = _CITIES[language].get(zone) or zone.rpartition("/")[2].replace("_", " ")
    if language is Language.ENGLISH:
        return f"{city} time"
    if language is Language.GERMAN:
        return f"{city} Zeit" if zone in _CITIES[language] else f"Ortszeit {city}"
    return f"heure d’{city}" if city[0] in "AEÉIOU" else f"heure de {city}"


def _offset(local: datetime) -> str:
    minutes = (local.utcoffset() or timedelta()) // timedelta(minutes=1)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "\N{MINUS SIGN}"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")
