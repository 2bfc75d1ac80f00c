"""Who was in the room and when, worked out of events that arrive in any order, twice, or not at all.

The events are what the video system declares; nothing here claims to know better.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum

import msgspec

from meetcoord.domain.invitations import Invitation
from meetcoord.domain.meetings import Meeting, MeetingState, Slot
from meetcoord.domain.values import InvitationId, MeetingId


class RoomEventKind(Enum):
    CREATED = "created"
    DESTROYED = "destroyed"
    JOINED = "joined"
    LEFT = "left"


_OF_THE_ROOM = frozenset({RoomEventKind.CREATED, RoomEventKind.DESTROYED})


class RoomEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing the video system said, with `at` by its clock and `received_at` by ours, both UTC.

    `since` is when the stay began, or the room was created: an event of leaving alone tells the whole stay.
    `invitation` is None for an occupant whom we did not let in. `participant` names the connection, as needed to end
    it. `breakout` is empty in the meeting's own room.
    """

    meeting: MeetingId
    invitation: InvitationId | None
    participant: str
    breakout: str
    kind: RoomEventKind
    since: datetime
    at: datetime
    received_at: datetime

    def __post_init__(self) -> None:
        if any(moment.tzinfo is not UTC for moment in (self.since, self.at, self.received_at)):
            raise ValueError("events are stored in UTC")


class Stay(msgspec.Struct, frozen=True, kw_only=True):
    """From `since` to `until`, which is None while it lasts."""

    since: datetime
    until: datetime | None
    participant: str


class Presence(Enum):
    """`EXPECTED` before the meeting begins, `MISSING` from then on, for who has not come."""

    EXPECTED = "expected"
    PRESENT = "present"
    LEFT = "left"
    MISSING = "missing"
    NOT_EXPECTED = "not_expected"


class Attendee(msgspec.Struct, frozen=True, kw_only=True):
    """One invited person and her stays, by their beginning.

    `must_leave`: she is there though she lost her right to be. The video system is asked to put her out; while this
    lasts it has not said that it did.
    """

    invitation: InvitationId
    presence: Presence
    stays: tuple[Stay, ...]
    must_leave: bool = False

    @property
    def since(self) -> datetime | None:
        """Since when she has been there without a break, if she is there."""
        return min((stay.since for stay in self.stays if stay.until is None), default=None)

    @property
    def left_at(self) -> datetime | None:
        """When she left for good, so far as is known, if she did."""
        ends = [stay.until for stay in self.stays if stay.until is not None]
        return max(ends, default=None) if self.presence is Presence.LEFT else None


class RollCall(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody invited, and how many connections were there that are nobody's of ours."""

    attendees: tuple[Attendee, ...]
    unknown: int
    unknown_present: int

    @property
    def connections(self) -> int:
        """How many are known to be in the room now, of whomever."""
        return self.unknown_present + sum(
            stay.until is None for each in self.attendees for stay in each.stays
        )

    def count(self, presence: Presence) -> int:
        return sum(attendee.presence is presence for attendee in self.attendees)


def roll_call(
    meeting: Meeting, invitations: Sequence[Invitation], events: Iterable[RoomEvent], now: datetime
) -> RollCall:
    """The same for the same events, whatever their order and however often each is there."""
    stays = _present_ones(_stays(frozenset(events), meeting.last_slot, now), meeting)
    strangers = stays.get(None, ())
    return RollCall(
        attendees=tuple(_attendee(meeting, each, stays.get(each.id, ()), now) for each in invitations),
        unknown=len({stay.participant for stay in strangers}),
        unknown_present=len({stay.participant for stay in strangers if stay.until is None}),
    )


def _attendee(meeting: Meeting, invitation: Invitation, stays: tuple[Stay, ...], now: datetime) -> Attendee:
    presence = _presence(meeting, invitation, stays, now)
    stands = invitation.active and meeting.state is not MeetingState.CANCELLED
    return Attendee(
        invitation=invitation.id,
        presence=presence,
        stays=stays,
        must_leave=presence is Presence.PRESENT and not stands,
    )


def _presence(meeting: Meeting, invitation: Invitation, stays: tuple[Stay, ...], now: datetime) -> Presence:
    if stays:
        return Presence.PRESENT if any(stay.until is None for stay in stays) else Presence.LEFT
    if not invitation.active or meeting.state is not MeetingState.SETTLED or meeting.slot is None:
        return Presence.NOT_EXPECTED
    return Presence.EXPECTED if now < meeting.slot.start else Presence.MISSING


def _present_ones(
    stays: Mapping[InvitationId | None, tuple[Stay, ...]], meeting: Meeting
) -> Mapping[InvitationId | None, tuple[Stay, ...]]:
    """Without the stays at a time from which the meeting was moved: they say nothing of who comes to the new one."""
    if meeting.slot is None or not meeting.moves:
        return stays
    begun = meeting.moves[-1].at
    return {
        who: tuple(stay for stay in each if stay.until is None or stay.since >= begun)
        for who, each in stays.items()
    }


class _Which(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a stay the same stay in all events about it."""

    invitation: InvitationId | None
    participant: str
    breakout: str
    since: datetime


def _stays(
    events: Collection[RoomEvent], slot: Slot | None, now: datetime
) -> Mapping[InvitationId | None, tuple[Stay, ...]]:
    closing = [event for event in events if event.kind in _OF_THE_ROOM]
    stays: dict[InvitationId | None, list[Stay]] = {}
    for which, left in _told(event for event in events if event.kind not in _OF_THE_ROOM).items():
        until = left or min(_ends(closing, which), default=_end_of(slot, now))
        stay = Stay(since=which.since, until=until and max(which.since, until), participant=which.participant)
        stays.setdefault(which.invitation, []).append(stay)
    return {who: tuple(sorted(each, key=_by_beginning)) for who, each in stays.items()}


def _told(events: Iterable[RoomEvent]) -> Mapping[_Which, datetime | None]:
    """Every stay that was spoken of, and the earliest end that was told of it."""
    told: dict[_Which, datetime | None] = {}
    for event in events:
        which = _Which(
            invitation=event.invitation,
            participant=event.participant,
            breakout=event.breakout,
            since=event.since,
        )
        known = told.setdefault(which, None)
        if event.kind is RoomEventKind.LEFT:
            told[which] = event.at if known is None else min(known, event.at)
    return told


def _ends(closing: Iterable[RoomEvent], stay: _Which) -> Iterator[datetime]:
    """When the room is known to have gone: it was destroyed, or another was made under its name."""
    for event in closing:
        if event.kind is RoomEventKind.DESTROYED:
            gone = event.breakout in {"", stay.breakout} and event.at >= stay.since
        else:
            gone = event.breakout == stay.breakout and event.at > stay.since
        if gone:
            yield event.at


def _end_of(slot: Slot | None, now: datetime) -> datetime | None:
    """The video system closes the room at the slot's end, also when we are not told."""
    return slot.end if slot is not None and now >= slot.end else None


def _by_beginning(stay: Stay) -> tuple[datetime, bool, datetime, str]:
    return stay.since, stay.until is None, stay.until or stay.since, stay.participant
