"""Find what was sealed, among the meetings that one's agency was convened to. A listing is not a reading."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.errors import Forbidden
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.minutes import Minutes
from meetcoord.ports.storage import Sought, Storage

MOST_LOOKED_AT = 1000


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """When the meetings began; what is None is not asked, and `until` itself is not included."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def asked(self) -> bool:
        return self.since is not None or self.until is not None

    def fits(self, meeting: Meeting) -> bool:
        if not self.asked:
            return True
        if meeting.slot is None:
            return False
        start = meeting.slot.start
        return (self.since is None or start >= self.since) and (self.until is None or start < self.until)


class FoundMinutes(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed document and its meeting; `titled` says whether the asker may see what the meeting is called."""

    minutes: Minutes
    meeting: Meeting
    titled: bool


class FoundPage(msgspec.Struct, frozen=True, kw_only=True):
    """The newest entry of the log first; if there may be more, it lies behind the entry of index `rest`."""

    items: tuple[FoundMinutes, ...]
    rest: int | None


@dataclass(frozen=True, slots=True)
class SearchMinutes:
    storage: Storage
    most_looked_at: int = MOST_LOOKED_AT

    async def __call__(
        self, actor: Actor, sought: Sought, held: Held, before: int | None, limit: int
    ) -> FoundPage:
        """Up to `limit` sealed documents of entries before `before`. Raises Forbidden.

        A page may hold fewer, even none, and yet not be the last: when a meeting was held stands in the meeting
        itself, so those are looked at one by one, and only so many for one page.
        """
        actor.must(Action.FETCH_SEALED)
        most = self.most_looked_at if held.asked else limit + 1
        async with self.storage.snapshot() as tx:
            seen = await tx.minutes.sealed_for(actor.agency, sought, before, most)
        titled = _may_read_meetings(actor)
        fitting = [
            FoundMinutes(minutes=minutes, meeting=meeting, titled=titled)
            for minutes, meeting in seen
            if held.fits(meeting)
        ]
        shown = tuple(fitting[:limit])
        if len(fitting) > limit:
            return FoundPage(items=shown, rest=shown[-1].minutes.leaf)
        return FoundPage(items=shown, rest=seen[-1][0].leaf if len(seen) == most else None)


def _may_read_meetings(actor: Actor) -> bool:
    try:
        actor.must(Action.READ_MEETING)
    except Forbidden:
        return False
    return True
