"""A secretary proposes a meeting to other agencies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.errors import Invalid
from meetcoord.domain.markings import refuse_marking
from meetcoord.domain.meetings import (
    SLOTS_MAX,
    Answer,
    Choice,
    Convened,
    Meeting,
    MeetingState,
    Slot,
    SlotChoice,
)
from meetcoord.domain.profiles import ProfileName
from meetcoord.domain.times import instant, zone
from meetcoord.domain.values import AgencyId, MeetingId, SlotId, one_line, prose
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock, NewId

FARTHEST = timedelta(days=5 * 366)


class NewSlot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Both times carry an offset (RFC 3339) that is right for the meeting's zone."""

    start: datetime
    end: datetime


class NewConvened(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    agency: str
    required: bool = True


class NewMeeting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: str
    slots: tuple[NewSlot, ...]
    convened: tuple[NewConvened, ...]
    time_zone: str
    agenda: str = ""
    profile: ProfileName = ProfileName.STANDARD


def new_slots(asked: Sequence[NewSlot], time_zone: str, now: datetime, new_id: NewId) -> tuple[Slot, ...]:
    """In order of their start. Raises Invalid, UnclearTime."""
    if len(asked) > SLOTS_MAX:
        raise Invalid(f"Propose between 1 and {SLOTS_MAX} slots.", "/slots")
    slots = []
    for place, slot in enumerate(asked):
        start = instant(slot.start, time_zone, f"/slots/{place}/start")
        end = instant(slot.end, time_zone, f"/slots/{place}/end")
        if end <= now:
            raise Invalid("This slot lies in the past: propose one to come.", f"/slots/{place}")
        if end - now > FARTHEST:
            raise Invalid(
                "This slot lies more than five years ahead: propose an earlier one.", f"/slots/{place}"
            )
        slots.append(Slot(id=SlotId(new_id()), start=start, end=end))
    return tuple(sorted(slots, key=lambda slot: (slot.start, slot.end)))


@dataclass(frozen=True, slots=True)
class ProposeMeeting:
    storage: Storage
    now: Clock
    new_id: NewId

    async def __call__(self, actor: Actor, asked: NewMeeting) -> Meeting:
        """The meeting, organised by the actor's agency, which thereby says yes to every slot.

        Raises Forbidden, Invalid, UnclearTime.
        """
        actor.must(Action.PROPOSE_MEETING)
        meeting = self._meeting(actor, asked)
        async with self.storage.transaction() as tx:
            await self._agencies_must_exist(tx, meeting)
            await tx.meetings.add(meeting)
        return meeting

    def _meeting(self, actor: Actor, asked: NewMeeting) -> Meeting:
        now = self.now()
        slots = new_slots(asked.slots, asked.time_zone, now, self.new_id)
        yes = tuple(SlotChoice(slot=slot.id, choice=Choice.YES) for slot in slots)
        return Meeting(
            id=MeetingId(self.new_id()),
            version=1,
            title=refuse_marking(one_line(asked.title, "The title", "/title"), "The title", "/title"),
            agenda=refuse_marking(prose(asked.agenda, "The agenda", "/agenda"), "The agenda", "/agenda"),
            profile=asked.profile,
            organiser=actor.agency,
            convened=tuple(Convened(agency=AgencyId(c.agency), required=c.required) for c in asked.convened),
            slots=slots,
            time_zone=zone(asked.time_zone, "/time_zone").key,
            terms=1,
            answers=(Answer(agency=actor.agency, terms=1, choices=yes, by=actor.person, at=now),),
            delegates=(),
            state=MeetingState.PROPOSED,
            settled=None,
            room=self.new_id(),
            created_by=actor.person,
            created_at=now,
        )

    async def _agencies_must_exist(self, tx: Transaction, meeting: Meeting) -> None:
        known = {agency.id for agency in await tx.agencies.every()}
        for place, convened in enumerate(meeting.convened):
            if convened.agency not in known:
                raise Invalid(
                    "There is no agency with this id: see GET /v1/agencies.", f"/convened/{place}/agency"
                )
