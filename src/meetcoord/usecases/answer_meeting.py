"""An agency answers the candidate slots."""

from dataclasses import dataclass

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.meetings import Answer, Choice, Meeting, SlotChoice
from meetcoord.domain.values import MeetingId, SlotId
from meetcoord.ports.storage import Storage
from meetcoord.ports.system import Clock
from meetcoord.usecases.read_meeting import meeting_for


class NewChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    slot: str
    choice: Choice


class NewAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`terms` is the revision the secretary was looking at."""

    terms: int
    choices: tuple[NewChoice, ...]


@dataclass(frozen=True, slots=True)
class AnswerMeeting:
    storage: Storage
    now: Clock

    async def __call__(self, actor: Actor, meeting: MeetingId, asked: NewAnswer) -> Meeting:
        """The meeting with the answer of the actor's agency. Raises Forbidden, NotFound, Invalid, Stale, Conflict."""
        actor.must(Action.ANSWER_MEETING)
        answer = Answer(
            agency=actor.agency,
            terms=asked.terms,
            choices=tuple(SlotChoice(slot=SlotId(c.slot), choice=c.choice) for c in asked.choices),
            by=actor.person,
            at=self.now(),
        )
        async with self.storage.transaction() as tx:
            answered = (await meeting_for(tx, actor, meeting)).answered(answer)
            await tx.meetings.save(answered)
        return answered
