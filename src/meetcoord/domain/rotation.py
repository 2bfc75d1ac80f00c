"""Which of several keys signs, and when a former one has served its time; a key is known here by its kid alone."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from meetcoord.domain.profiles import PASS_LIFE_MAX

SETTLING = timedelta(minutes=1)
"""How long a fresh key is published before it signs.

Prosody asks for each kid when it first meets it and does not remember a 404, so one process alone could sign at once.
The minute is for a second process on the same folder, or a folder that is copied: where the fresh key has not been
seen yet, a good token or link would be refused, and its holder left in front of an empty meeting.
"""

MARGIN = timedelta(minutes=5)
"""For clocks that differ and for a process that was slow to see the fresh key."""

PUBLISHED_AFTER = PASS_LIFE_MAX + MARGIN
"""How long a room key stays published once another signs: until the last token under it has expired."""

UNKNOWN = datetime.min.replace(tzinfo=UTC)
"""When a key was made that somebody named by hand."""

_KID = re.compile(r"([0-9]{8}t[0-9]{6})-[0-9a-f]{8}")


def new_kid(moment: datetime, chance: bytes) -> str:
    """A name that says when the key was made, so that copies and backups cannot change it; `chance` is 4 bytes."""
    return f"{moment:%Y%m%dt%H%M%S}-{chance.hex()}"


# Asked for every key at each signature, and a name says the same each time.
@lru_cache(maxsize=64)
def made_at(kid: str) -> datetime:
    """UTC, to the second; UNKNOWN for a name that is not one of `new_kid`."""
    stamp = _KID.fullmatch(kid)
    if stamp is None:
        return UNKNOWN
    try:
        return datetime.strptime(stamp[1], "%Y%m%dt%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return UNKNOWN


def in_order(kids: Iterable[str]) -> list[str]:
    """The oldest first."""
    return sorted(kids, key=lambda kid: (made_at(kid), kid))


def signing(kids: Iterable[str], at: datetime) -> str:
    """The newest key that had settled by then; the oldest of all where none had. Raises ValueError without any.

    The moment decides, not the clock: what is signed again for the same moment is signed alike.
    """
    ordered = in_order(kids)
    if not ordered:
        raise ValueError("there is no key")
    settled = [kid for kid in ordered if made_at(kid) + SETTLING <= at]
    return settled[-1] if settled else ordered[0]


def handed_over_at(kid: str, kids: Iterable[str]) -> datetime | None:
    """From when on (UTC) the next key signs in place of this one; None for the newest."""
    ordered = in_order({*kids, kid})
    newer = ordered[ordered.index(kid) + 1 :]
    return made_at(newer[0]) + SETTLING if newer else None


def published_until(kid: str, kids: Iterable[str]) -> datetime | None:
    """When (UTC) the last room token under this key has expired; None while no other key is to sign."""
    handed_over = handed_over_at(kid, kids)
    return handed_over + PUBLISHED_AFTER if handed_over else None
