"""/v1/meetings/{id}/attendance: who is there, who is expected, who is missing, as Jitsi declares it."""

from typing import Literal, Self

import msgspec
from litestar import get
from litestar.params import FromPath

from meetcoord.adapters.web.parts import Asker, Cases, Instant
from meetcoord.domain.attendance import Attendee, Presence, RollCall
from meetcoord.domain.values import AgencyId, InvitationId, MeetingId, PersonId
from meetcoord.usecases.read_attendance import AttendanceLine


class PresenceView(msgspec.Struct, frozen=True, kw_only=True):
    """`since` is there while she is present, `left_at` once she has left. The video server declares both.

    `must_leave`: she is present though her seat was taken back or the meeting moved or cancelled. The video server is
    asked to put her out again and again; if this stays, end the room or let a moderator act, and tell the operator.
    """

    state: Presence
    since: Instant | None
    left_at: Instant | None
    must_leave: bool
    declared_by: Literal["jitsi"] = "jitsi"

    @classmethod
    def of(cls, attendee: Attendee) -> Self:
        return cls(
            state=attendee.presence,
            since=attendee.since,
            left_at=attendee.left_at,
            must_leave=attendee.must_leave,
        )


class StayView(msgspec.Struct, frozen=True, kw_only=True):
    """One connection's time in the room. `until` is null while it lasts."""

    since: Instant
    until: Instant | None


class AttendeeView(msgspec.Struct, frozen=True, kw_only=True):
    """One invited person, without her address. With several devices her stays overlap.

    `devices` is on how many she was let in with her present link, `refused_at` when each other device was turned away;
    told to her own agency and to the organiser only.
    """

    invitation: InvitationId
    person: PersonId
    agency: AgencyId
    name: str
    function: str
    presence: PresenceView
    devices: int | None
    refused_at: tuple[Instant, ...] | None
    stays: tuple[StayView, ...]

    @classmethod
    def of(cls, line: AttendanceLine) -> Self:
        return cls(
            invitation=line.attendee.invitation,
            person=line.person.id,
            agency=line.person.agency,
            name=line.person.name,
            function=line.person.function,
            presence=PresenceView.of(line.attendee),
            devices=line.devices,
            refused_at=line.refused_at,
            stays=tuple(StayView(since=stay.since, until=stay.until) for stay in line.attendee.stays),
        )


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Each invited person stands in one of the first four, unless her seat was withdrawn.

    `expected` has not come, before the meeting begins; `missing` has not come, from then on. `unknown` connections were
    in the room without a seat of ours, `unknown_present` of them are. `must_leave` of those present lost their right to
    be.
    """

    present: int
    expected: int
    missing: int
    left: int
    unknown: int
    unknown_present: int
    must_leave: int

    @classmethod
    def of(cls, roll: RollCall) -> Self:
        return cls(
            present=roll.count(Presence.PRESENT),
            expected=roll.count(Presence.EXPECTED),
            missing=roll.count(Presence.MISSING),
            left=roll.count(Presence.LEFT),
            unknown=roll.unknown,
            unknown_present=roll.unknown_present,
            must_leave=sum(attendee.must_leave for attendee in roll.attendees),
        )


class Attendance(msgspec.Struct, frozen=True, kw_only=True):
    """What the video server said of its room, kept as it said it; nobody else vouches for it."""

    counts: Counts
    items: tuple[AttendeeView, ...]
    declared_by: Literal["jitsi"] = "jitsi"


@get("/meetings/{meeting_id:str}/attendance")
async def read_attendance(actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId]) -> Attendance:
    """Who is present, expected, missing or has left, by the video server's own events."""
    roll, lines = await cases.read_attendance(actor, meeting_id)
    return Attendance(counts=Counts.of(roll), items=tuple(AttendeeView.of(line) for line in lines))


ROUTES = (read_attendance,)
