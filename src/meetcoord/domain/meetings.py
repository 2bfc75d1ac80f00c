"""Meetings between agencies: candidate slots, answers, agreement, delegates."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import pairwise
from typing import Self

import msgspec

from meetcoord.domain.errors import Conflict, Invalid, NotFound, Stale
from meetcoord.domain.profiles import Approval, Profile, ProfileName
from meetcoord.domain.values import AgencyId, MeetingId, PersonId, SlotId

SLOTS_MAX = 20
AGENCIES_MAX = 50
DELEGATES_MAX = 500
LONGEST = timedelta(hours=24)


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """From `start` to `end`, both UTC."""

    id: SlotId
    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC:
            raise ValueError("slots are stored in UTC")
        if not timedelta(0) < self.end - self.start <= LONGEST:
            raise Invalid("A slot ends after its start and lasts at most 24 hours.", "/slots")


class Convened(msgspec.Struct, frozen=True, kw_only=True):
    agency: AgencyId
    required: bool


class Choice(Enum):
    YES = "yes"
    IF_NEED_BE = "if_need_be"
    NO = "no"


class SlotChoice(msgspec.Struct, frozen=True, kw_only=True):
    slot: SlotId
    choice: Choice


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What one agency said to every candidate slot, for one revision of the terms."""

    agency: AgencyId
    terms: int
    choices: tuple[SlotChoice, ...]
    by: PersonId
    at: datetime

    def says_yes_to(self, slot: SlotId) -> bool:
        return any(c.slot == slot and c.choice is Choice.YES for c in self.choices)


class Attendance(Enum):
    """How a delegate takes part, in the terms of French administrative practice."""

    IN_CALL = "in_call"
    REMOTE = "remote"
    SUBSTITUTE = "substitute"
    EXCUSED = "excused"


class Delegate(msgspec.Struct, frozen=True, kw_only=True):
    person: PersonId
    agency: AgencyId
    attendance: Attendance = Attendance.IN_CALL
    moderator: bool = False


class MeetingState(Enum):
    PROPOSED = "proposed"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """The meeting was settled on `slot` and was taken off it at `at` (UTC), which is later for each further move."""

    slot: Slot
    at: datetime


class Meeting(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The agreement of several agencies to meet.

    `terms` counts the revisions of what the agencies agree to (slots, agencies, profile): an answer speaks for one
    revision only. `room` is random and says nothing. `version` grows at each change. `moves` are the times it was
    settled on before, the oldest first.
    """

    id: MeetingId
    version: int
    title: str
    agenda: str
    profile: ProfileName
    organiser: AgencyId
    convened: tuple[Convened, ...]
    slots: tuple[Slot, ...]
    time_zone: str
    terms: int
    answers: tuple[Answer, ...]
    delegates: tuple[Delegate, ...]
    state: MeetingState
    settled: SlotId | None
    room: str
    created_by: PersonId
    created_at: datetime
    moves: tuple[Move, ...] = ()

    def __post_init__(self) -> None:
        self._check_agencies()
        self._check_slots()
        self._check_delegates()
        if (self.settled is None) is not (
            self.state is MeetingState.PROPOSED
        ) and self.state is not MeetingState.CANCELLED:
            raise ValueError("a settled meeting, and no other, has a slot")
        if self.settled is not None and self.settled not in {slot.id for slot in self.agreed_slots()}:
            raise ValueError("settled on a slot without agreement")

    def _check_agencies(self) -> None:
        ids = [c.agency for c in self.convened]
        if self.organiser in ids:
            raise Invalid("The organising agency takes part already: convene the others only.", "/convened")
        if len(set(ids)) != len(ids):
            raise Invalid("An agency is convened twice: name each once.", "/convened")
        if not 1 <= len(ids) <= AGENCIES_MAX:
            raise Invalid(f"Convene between 1 and {AGENCIES_MAX} other agencies.", "/convened")

    def _check_slots(self) -> None:
        if not 1 <= len(self.slots) <= SLOTS_MAX:
            raise Invalid(f"Propose between 1 and {SLOTS_MAX} slots.", "/slots")
        if any(a.start > b.start for a, b in pairwise(self.slots)):
            raise ValueError("slots are kept in order of their start")
        if len({(s.start, s.end) for s in self.slots}) != len(self.slots):
            raise Invalid("The same slot is proposed twice: propose each once.", "/slots")

    def _check_delegates(self) -> None:
        persons, agencies = [d.person for d in self.delegates], self.agencies
        if len(set(persons)) != len(persons) or len(persons) > DELEGATES_MAX:
            raise Invalid(f"Name each delegate once, and at most {DELEGATES_MAX} in all.", "/delegates")
        if any(d.agency not in agencies for d in self.delegates):
            raise ValueError("a delegate of an agency that takes no part")
        if any(d.moderator and d.agency != self.organiser for d in self.delegates):
            raise Invalid("Only delegates of the organising agency moderate.", "/delegates")

    @property
    def agencies(self) -> tuple[AgencyId, ...]:
        """Every agency taking part, the organising one first."""
        return (self.organiser, *(c.agency for c in self.convened))

    @property
    def required(self) -> frozenset[AgencyId]:
        return frozenset({self.organiser, *(c.agency for c in self.convened if c.required)})

    @property
    def expected(self) -> frozenset[PersonId]:
        """Whom the agencies send, less the excused."""
        return frozenset(d.person for d in self.delegates if d.attendance is not Attendance.EXCUSED)

    @property
    def slot(self) -> Slot | None:
        """The slot agreed upon and settled, if any."""
        return next((slot for slot in self.slots if slot.id == self.settled), None)

    @property
    def last_slot(self) -> Slot | None:
        """The slot it is settled on or, while there is none, the one it was moved from."""
        return self.slot or (self.moves[-1].slot if self.moves else None)

    def slot_at(self, moment: datetime) -> Slot | None:
        """The slot it was settled on until the first move at or after `moment`; without one, the last."""
        return next((move.slot for move in self.moves if move.at >= moment), self.last_slot)

    def takes_part(self, agency: AgencyId) -> bool:
        return agency in self.agencies

    def agreed_slots(self) -> tuple[Slot, ...]:
        """The slots to which every required agency said yes, for the present terms."""
        willing = [a for a in self.answers if a.terms == self.terms]
        return tuple(
            slot
            for slot in self.slots
            if self.required <= {a.agency for a in willing if a.says_yes_to(slot.id)}
        )

    def approvers(self, profile: Profile) -> frozenset[AgencyId]:
        """The agencies whose approval minutes need before they are sealed."""
        return frozenset({self.organiser}) if profile.approval is Approval.ORGANISER else self.required

    def answered(self, answer: Answer) -> Self:
        """The meeting with `answer` in place of that agency's former one.

        Raises Stale when the terms have changed since, Conflict when the slot is settled or the meeting cancelled,
        Invalid unless every candidate slot is answered once.
        """
        self._must_be_open()
        if answer.terms != self.terms:
            raise Stale(
                "The slots, agencies or profile have changed since you looked: read the meeting and answer again."
            )
        if answer.agency not in self.agencies:
            raise NotFound("There is no such meeting.")
        if sorted(c.slot for c in answer.choices) != sorted(s.id for s in self.slots):
            raise Invalid("Answer every candidate slot exactly once.", "/choices")
        others = tuple(a for a in self.answers if a.agency != answer.agency)
        return self._changed(answers=(*others, answer))

    def settled_on(self, slot: SlotId, now: datetime) -> Self:
        """The meeting fixed on `slot`; twice is once.

        Raises Conflict unless every required agency said yes to it and it is not over, NotFound.
        """
        if self.settled == slot and self.state is MeetingState.SETTLED:
            return self
        self._must_be_open()
        if slot not in {s.id for s in self.slots}:
            raise NotFound("This meeting has no such slot.")
        if slot not in {s.id for s in self.agreed_slots()}:
            missing = ", ".join(sorted(self.required - self._willing(slot)))
            raise Conflict(f"There is no agreement on this slot yet. Waiting for: {missing}.")
        settled = self._changed(settled=slot, state=MeetingState.SETTLED)
        settled.must_not_be_over(now)
        return settled

    def moved(self, terms: int, slots: tuple[Slot, ...], by: PersonId, now: datetime) -> Self:
        """The meeting proposed anew, for `slots`: the terms change, so every answer is void; said twice is once.

        `terms` is the revision the organiser was looking at, who thereby says yes to every slot.
        Raises Stale when it is not the present one, Conflict when the meeting is cancelled or over.
        """
        unmoved = terms == self.terms and self.state is MeetingState.PROPOSED
        if (unmoved or terms == self.terms - 1) and _times(slots) == _times(self.slots):
            return self
        if self.state is MeetingState.CANCELLED:
            raise Conflict("The meeting is cancelled: propose another.")
        self.must_not_be_over(now)
        if terms != self.terms:
            raise Stale(
                "The slots, agencies or profile have changed since you looked: read the meeting again."
            )
        yes = tuple(SlotChoice(slot=slot.id, choice=Choice.YES) for slot in slots)
        own = Answer(agency=self.organiser, terms=self.terms + 1, choices=yes, by=by, at=now)
        return self._changed(
            terms=self.terms + 1,
            slots=slots,
            answers=(*(a for a in self.answers if a.agency != self.organiser), own),
            state=MeetingState.PROPOSED,
            settled=None,
            moves=self.moves if self.slot is None else (*self.moves, self._move(self.slot, now)),
        )

    def _move(self, slot: Slot, now: datetime) -> Move:
        """Letters find their move by its moment, so no two moves have the same."""
        after = self.moves[-1].at + timedelta(microseconds=1) if self.moves else now
        return Move(slot=slot, at=max(now, after))

    def with_delegates(self, agency: AgencyId, delegates: tuple[Delegate, ...]) -> Self:
        """The meeting with `delegates` as all that `agency` sends."""
        if self.state is MeetingState.CANCELLED:
            raise Conflict("The meeting is cancelled: propose another.")
        if any(d.agency != agency for d in delegates):
            raise Invalid("An agency names its own delegates only.", "/delegates")
        others = tuple(d for d in self.delegates if d.agency != agency)
        return self._changed(delegates=(*others, *delegates))

    def cancelled(self, now: datetime) -> Self:
        """The meeting called off; calling off twice is once. Raises Conflict when it has taken place."""
        if self.state is MeetingState.CANCELLED:
            return self
        self.must_not_be_over(now)
        return self._changed(state=MeetingState.CANCELLED)

    def must_not_be_over(self, now: datetime) -> None:
        """Raises Conflict once the settled slot has ended."""
        if self.slot is not None and now >= self.slot.end:
            raise Conflict(
                "This meeting is over: it can be minuted, and no longer be settled, joined or cancelled."
            )

    def _must_be_open(self) -> None:
        if self.state is MeetingState.CANCELLED:
            raise Conflict("The meeting is cancelled: propose another.")
        if self.state is MeetingState.SETTLED:
            raise Conflict("The slot is settled: to change it, move the meeting.")

    def _willing(self, slot: SlotId) -> frozenset[AgencyId]:
        return frozenset(a.agency for a in self.answers if a.terms == self.terms and a.says_yes_to(slot))

    def _changed(self, **fields: object) -> Self:
        return msgspec.structs.replace(self, version=self.version + 1, **fields)


def _times(slots: tuple[Slot, ...]) -> tuple[tuple[datetime, datetime], ...]:
    return tuple((slot.start, slot.end) for slot in slots)
