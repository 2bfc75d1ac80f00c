"""The service checks its own evidence, as anyone can offline: a convenience, never the proof."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.errors import Damaged, Erased, NotFound, Unavailable
from meetcoord.domain.evidence import Outcome, Step, StepName, StepState, Verdict
from meetcoord.domain.minutes import Minutes
from meetcoord.domain.values import MeetingId
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock
from meetcoord.usecases.fetch_sealed import GatherEvidence, sealed_minutes
from meetcoord.usecases.verify_evidence import VerifyEvidence


class CheckedEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """What was found at `checked_at` about the document sealed at `sealed_at` as this `entry` of the log."""

    verdict: Verdict
    entry: int
    sealed_at: datetime
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class CheckEvidence:
    storage: Storage
    gather: GatherEvidence
    verify: VerifyEvidence
    now: Clock

    async def __call__(self, actor: Actor, meeting: MeetingId, seq: int) -> CheckedEvidence:
        """Nothing is handed out, so this is no reading. Raises Forbidden, NotFound, Conflict while not sealed."""
        actor.must(Action.FETCH_SEALED)
        async with self.storage.snapshot() as tx:
            minutes, entry = await sealed_minutes(tx, actor, meeting, seq)
            verdict = await self._verdict(tx, minutes, entry)
        return CheckedEvidence(
            verdict=verdict, entry=entry, sealed_at=minutes.changed_at, checked_at=self.now()
        )

    async def _verdict(self, tx: Transaction, minutes: Minutes, entry: int) -> Verdict:
        try:
            return self.verify(await self.gather.evidence_of(tx, minutes, entry))
        except Damaged as fault:
            return _nothing_checked(Outcome.ALTERED, str(fault))
        except (Erased, NotFound, Unavailable) as gap:
            return _nothing_checked(Outcome.CANNOT_TELL, gap.detail)


def _nothing_checked(outcome: Outcome, why: str) -> Verdict:
    steps = tuple(Step(name, StepState.NOT_RUN, "Not run.") for name in StepName)
    return Verdict(outcome, f"{outcome.value.capitalize()}: {why}", steps)
