"""A first draft, filled from what is known of a meeting: its agenda, who was expected, who came."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from msgspec import Struct
from msgspec.structs import replace

from meetcoord.domain.agencies import Agency, Person
from meetcoord.domain.attendance import RoomEvent, roll_call
from meetcoord.domain.drafts import (
    ITEMS_MAX,
    AttendanceList,
    Draft,
    Item,
    Participant,
    Participation,
)
from meetcoord.domain.invitations import Admission, Invitation
from meetcoord.domain.meetings import Attendance, Delegate, Meeting
from meetcoord.domain.times import zone
from meetcoord.domain.values import LINE_MAX, AgencyId, Language, PersonId

PUNCTUAL = timedelta(minutes=5)
"""Who comes or goes within it is neither late nor gone early."""

_NUMBERING = re.compile(r"\s*(?:[0-9]{1,3}[.)]|[-*•–])?\s*")


class Known(Struct, frozen=True, kw_only=True):
    """What is recorded of a meeting and its people."""

    meeting: Meeting
    agencies: tuple[Agency, ...]
    persons: tuple[Person, ...]
    invitations: tuple[Invitation, ...]
    admissions: tuple[Admission, ...]
    events: tuple[RoomEvent, ...]


def proposed(known: Known, language: Language, now: datetime, *, lean: bool) -> Draft:
    """A draft to begin with: the agenda's items without records, and the attendance as of `now`."""
    meeting = known.meeting
    day = meeting.slot.start.astimezone(zone(meeting.time_zone)).date() if meeting.slot else None
    return Draft(
        language=language,
        title=meeting.title,
        day=day,
        attendance=attendance_list(known, now, lean=lean),
        items=tuple(Item(title=title) for title in _agenda_items(meeting.agenda))[:ITEMS_MAX],
    )


def attendance_list(known: Known, now: datetime, *, lean: bool) -> AttendanceList:
    """Everybody named or seen, by agency, then name: never an address. An agency without anybody is a line as well.

    Where the video system says nothing, who was admitted counts as present from then on.
    """
    roll = _Roll(known=known, seen=_seen(known, now), now=now, lean=lean)
    names = {agency.id: agency.name for agency in known.agencies}
    return AttendanceList(
        lines=tuple(line for id_ in known.meeting.agencies for line in roll.of(id_, names[id_])),
        lean=lean,
        declared=bool(known.events),
        time_zone=known.meeting.time_zone,
    )


def _agenda_items(agenda: str) -> Iterator[str]:
    for line in agenda.split("\n"):
        title = _NUMBERING.sub("", line, count=1).replace("\t", " ").strip()
        if title:
            yield title if len(title) <= LINE_MAX else title[: LINE_MAX - 1].rstrip() + "…"


class _Seen(Struct, frozen=True, kw_only=True):
    """From when to when somebody was there; `until` is None while she is, or when nobody knows."""

    person: PersonId
    since: datetime
    until: datetime | None


def _seen(known: Known, now: datetime) -> tuple[_Seen, ...]:
    person = {invitation.id: invitation.person for invitation in known.invitations}
    if known.events:
        roll = roll_call(known.meeting, known.invitations, known.events, now)
        return tuple(
            _Seen(person=person[each.invitation], since=each.stays[0].since, until=each.left_at)
            for each in roll.attendees
            if each.stays
        )
    first = {person[a.invitation]: a.at for a in sorted(known.admissions, key=_at, reverse=True)}
    return tuple(_Seen(person=who, since=at, until=None) for who, at in first.items())


def _at(admission: Admission) -> datetime:
    return admission.at


class _Roll(Struct, frozen=True, kw_only=True):
    """Everything a line of the attendance list is made of."""

    known: Known
    seen: tuple[_Seen, ...]
    now: datetime
    lean: bool

    def of(self, agency: AgencyId, name: str) -> Iterator[Participant]:
        delegates = {each.person: each for each in self.known.meeting.delegates}
        seen = {each.person: each for each in self.seen}
        people = [p for p in self.known.persons if p.agency == agency and (p.id in delegates or p.id in seen)]
        for person in sorted(people, key=lambda each: (each.name, each.id)):
            yield self._line(person, name, delegates.get(person.id), seen.get(person.id))
        if not people:
            yield Participant(agency=name, mode=self._absent(None))

    def _line(
        self, person: Person, agency: str, delegate: Delegate | None, seen: _Seen | None
    ) -> Participant:
        who = Participant(
            agency=agency, name=person.name, function=person.function, mode=self._absent(delegate)
        )
        return self._present(who, delegate, seen) if seen else who

    def _absent(self, delegate: Delegate | None) -> Participation:
        match delegate.attendance if delegate else None:
            case Attendance.EXCUSED:
                return Participation.EXCUSED
            case Attendance.SUBSTITUTE:
                return Participation.SUBSTITUTE
        slot = self.known.meeting.slot
        begun = slot is not None and self.now >= slot.start
        return Participation.MISSING if begun else Participation.EXPECTED

    def _present(self, who: Participant, delegate: Delegate | None, seen: _Seen) -> Participant:
        begin, end = self._span()
        late = begin is not None and seen.since > begin + PUNCTUAL
        early = end is not None and seen.until is not None and seen.until < end - PUNCTUAL
        return replace(
            who,
            mode=Participation.PRESENT,
            remote=delegate is not None and delegate.attendance is Attendance.REMOTE,
            late=late,
            left_early=early,
            arrived_at=self._clock(seen.since) if late and not self.lean else None,
            left_at=self._clock(seen.until) if early and not self.lean else None,
        )

    def _span(self) -> tuple[datetime | None, datetime | None]:
        """From when to when there was somebody, within the slot: a meeting may begin late or end early for all."""
        slot = self.known.meeting.slot
        if slot is None:
            return None, None
        ends = [each.until for each in self.seen]
        last = max((end for end in ends if end is not None), default=slot.end)
        end = slot.end if None in ends else min(slot.end, last)
        return max(slot.start, min(each.since for each in self.seen)), end

    def _clock(self, moment: datetime | None) -> datetime | None:
        """As the clocks of the meeting's zone showed it, to the minute, the offset written out."""
        if moment is None:
            return None
        local = moment.astimezone(zone(self.known.meeting.time_zone)).replace(second=0, microsecond=0)
        return local.replace(tzinfo=timezone(local.utcoffset() or timedelta(0)))
