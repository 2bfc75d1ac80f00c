"""Jitsi's room and occupant events as its `event_sync` module sends them, in our words.

Fields we do not know are passed over: they differ from version to version, and hold what we do not want to keep.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from meetcoord.adapters.web.problems import RequestRefused
from meetcoord.domain.attendance import RoomEventKind
from meetcoord.domain.values import is_random_id
from meetcoord.usecases.note_room_events import ToldEvent

EVENTS_BODY_MAX = 2 * 1024 * 1024
"""The end of a room names everybody who was there: some 300 bytes each."""

_PARTICIPANT = re.compile(r"[0-9a-f]{8}(?=-)")
_BREAKOUT_MAX = 100

Seconds = int | float
"""Since 1970, by the clock of the Jitsi server, which tells whole ones."""


class Occupant(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is what our token said, or anything at all. The name and the address beside it are not looked at."""

    joined_at: Seconds
    occupant_jid: str = ""
    left_at: Seconds | None = None
    id: Any = None

    @property
    def participant(self) -> str:
        """The name by which Jitsi ends this connection: the first eight digits of its random address."""
        found = _PARTICIPANT.match(self.occupant_jid)
        return found.group() if found else ""

    @property
    def alias(self) -> str:
        return self.id if isinstance(self.id, str) and is_random_id(self.id) else ""


class _InRoom(msgspec.Struct, frozen=True, kw_only=True):
    room_name: str
    is_breakout: bool = False
    breakout_room_id: str | None = None

    @property
    def breakout(self) -> str:
        return (self.breakout_room_id or "unnamed")[:_BREAKOUT_MAX] if self.is_breakout else ""

    def _of_room(self, kind: RoomEventKind, since: Seconds, at: Seconds) -> ToldEvent:
        return ToldEvent(kind=kind, since=_moment(since), at=_moment(at), breakout=self.breakout)

    def _of(self, occupant: Occupant) -> Iterator[ToldEvent]:
        """That she came, and that she left if that is told."""
        joined = _moment(occupant.joined_at)
        came = ToldEvent(
            kind=RoomEventKind.JOINED,
            since=joined,
            at=joined,
            participant=occupant.participant,
            alias=occupant.alias,
            breakout=self.breakout,
        )
        yield came
        if occupant.left_at is not None:
            yield msgspec.structs.replace(came, kind=RoomEventKind.LEFT, at=_moment(occupant.left_at))


class RoomCreated(_InRoom, frozen=True, kw_only=True):
    created_at: Seconds

    def told(self) -> Sequence[ToldEvent]:
        return [self._of_room(RoomEventKind.CREATED, self.created_at, self.created_at)]


class RoomDestroyed(_InRoom, frozen=True, kw_only=True):
    """An empty list arrives as `{}`: to Lua the two are one."""

    destroyed_at: Seconds
    created_at: Seconds | None = None
    all_occupants: tuple[Occupant, ...] | dict[str, Any] | None = None

    def told(self) -> Sequence[ToldEvent]:
        since = self.destroyed_at if self.created_at is None else self.created_at
        gone = self._of_room(RoomEventKind.DESTROYED, since, self.destroyed_at)
        occupants = self.all_occupants if isinstance(self.all_occupants, tuple) else ()
        return [gone, *(event for occupant in occupants for event in self._of(occupant))]


class SomebodyJoined(_InRoom, frozen=True, kw_only=True):
    occupant: Occupant

    def told(self) -> Sequence[ToldEvent]:
        return list(self._of(self.occupant))


class SomebodyLeft(_InRoom, frozen=True, kw_only=True):
    """`occupant` is missing when Jitsi itself has lost track of who it was."""

    occupant: Occupant | None = None

    def told(self) -> Sequence[ToldEvent]:
        return list(self._of(self.occupant)) if self.occupant else []


def _moment(seconds: Seconds) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise RequestRefused(
            422, "A time in the body is none: send seconds since 1970, as Jitsi does."
        ) from None
