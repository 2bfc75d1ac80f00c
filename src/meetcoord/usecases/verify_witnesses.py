"""Whether enough witnesses have cosigned the checkpoint of an entry, by the policy held or the file's own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from meetcoord.domain.checkpoints import VerifierKey, parse_note
from meetcoord.domain.errors import CannotTell, Damaged
from meetcoord.domain.evidence import Step, StepName, StepState
from meetcoord.domain.quorum import NONE, Policy, parse_policy
from meetcoord.ports.witnesses import CosignatureVerifier

LATE_SECONDS = 5 * 60
EARLY_SECONDS = 24 * 3600
LAST_SECOND = 253_402_300_799  # of the year 9999: whoever forges a date may write any number

_NO_POLICY = (
    "No witness has vouched for this log: that it shows everybody the same history rests on its key alone."
)


@dataclass(frozen=True, slots=True)
class CheckWitnesses:
    """`held` is the policy file that the reader's agency keeps; `own` the one that came with the evidence, or empty."""

    cosignatures: CosignatureVerifier
    log: VerifierKey
    held: str | None
    own: str

    def __call__(self, note: str, sealed_at: int, beside: Iterable[str] = ()) -> Step:
        """`note` is the checkpoint, `sealed_at` (POSIX seconds) what the service says of the entry's time.

        `beside` are the checkpoints of what else is proven: a quorum stands behind each of them, too.

        Raises Damaged: a false cosignature, or a held policy that is not met. CannotTell: what is held is no policy.
        """
        if self.held is None and not self.own:
            return Step(StepName.WITNESSES, StepState.NOT_RUN, _NO_POLICY)
        policy = self._policy()
        found = self._cosigned(policy, note)
        counted = policy.counted()
        for met in (found, *(self._cosigned(policy, each) for each in beside if each != note)):
            count = f"{len(set(met) & set(counted))} of {len(counted)} cosignatures"
            if policy.quorum == NONE or not policy.met_by(met):
                return self._not_met(policy, count)
        count = f"{len(set(found) & set(counted))} of {len(counted)} cosignatures"
        # Whoever does not count, such as the operator's own, does not date it either.
        times = _bounds({name: at for name, at in found.items() if name in counted}, sealed_at)
        if self.held is None:
            return Step(
                StepName.WITNESSES,
                StepState.NOT_RUN,
                f"{count}: the quorum `{policy.quorum}` is met, by the policy in this very file. Compare it with the "
                f"one your agency keeps. {times}",
            )
        return Step(
            StepName.WITNESSES,
            StepState.PASSED,
            f"{count}: the quorum `{policy.quorum}` of the policy you hold is met. {times}",
        )

    def _policy(self) -> Policy:
        try:
            policy = parse_policy(self.own if self.held is None else self.held)
        except Damaged as fault:
            if self.held is None:
                raise
            raise CannotTell(f"What you gave as the policy of the witnesses is not one ({fault}).") from fault
        if policy.logs and self.log not in {each.key for each in policy.logs}:
            whose = "in this file" if self.held is None else "you hold"
            raise Damaged("witnesses", f"the policy {whose} is for another log than {self.log.name}")
        return policy

    def _cosigned(self, policy: Policy, note: str) -> Mapping[str, int]:
        """When each witness of the policy cosigned, by its name. Raises Damaged where a line is not what it says."""
        lines = {(each.name, each.key_id) for each in parse_note(note).signatures}
        return {
            each.name: self.cosignatures.verify(note, each.key.encode()).at
            for each in policy.witnesses
            if (each.key.name, each.key.key_id) in lines
        }

    def _not_met(self, policy: Policy, count: str) -> Step:
        told = f"{count}: quorum `{policy.quorum}` not met"
        if self.held is not None:
            raise Damaged(
                "witnesses",
                f"{told}. Another history of this log may have been shown to others; fetch the evidence again later",
            )
        return Step(
            StepName.WITNESSES,
            StepState.NOT_RUN,
            f"{told}, by the policy in this very file: fetch the evidence again once the witnesses have cosigned.",
        )


def _bounds(found: Mapping[str, int], sealed_at: int) -> str:
    """What the witnesses' clocks say of the time that the service claims."""
    seen = min(found.values())
    told = f"The entry existed at {_shown(seen)}, when the first of {', '.join(found)} cosigned it."
    if sealed_at > seen + LATE_SECONDS:
        return f"{told} The service dates it later, {_shown(sealed_at)}: its clock was wrong, believe the witnesses."
    if sealed_at < seen - EARLY_SECONDS:
        return f"{told} The service dates it more than a day earlier, {_shown(sealed_at)}: nothing else shows it."
    return told


def _shown(seconds: int) -> str:
    if seconds > LAST_SECOND:
        return f"in the second {seconds} after 1970"
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}Z"
