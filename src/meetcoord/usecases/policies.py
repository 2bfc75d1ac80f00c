"""Who will be able to open the minutes of a circle of agencies, as the log names them."""

from dataclasses import dataclass
from hashlib import sha256

from meetcoord.domain import leaves
from meetcoord.domain.errors import Conflict, Damaged, Invalid
from meetcoord.domain.leaves import NO_POLICY, PolicyLeaf, PolicyRecipient
from meetcoord.domain.meetings import Meeting
from meetcoord.ports.storage import PlacedLeaf, Transaction
from meetcoord.ports.system import Clock
from meetcoord.usecases.sequencing import place_now

RECIPIENTS_MAX = 32  # of 1,959 characters each, all of them in one leaf


@dataclass(frozen=True, slots=True)
class Policies:
    now: Clock

    async def in_force(self, tx: Transaction, meeting: Meeting) -> int:
        """Index of the policy of the meeting's agencies; a new leaf is placed when their recipients have changed.

        Raises Conflict when an agency has no recipient.
        """
        newest, wanted = await self._newest(tx, meeting), await self._wanted(tx, meeting)
        if newest and _policy(newest).recipients == wanted:
            return newest.index
        if len(wanted) > RECIPIENTS_MAX:
            raise Conflict(
                f"The agencies of this meeting hold {len(wanted)} opening keys together, and one policy names at most "
                f"{RECIPIENTS_MAX}: convene fewer agencies."
            )
        try:
            leaf = PolicyLeaf(
                agencies=_circle(meeting),
                at=int(self.now().timestamp()),
                previous=newest.index if newest else NO_POLICY,
                recipients=wanted,
            )
        except Invalid as fault:
            raise Conflict(f"{fault.detail} An administrator of that agency registers its keys.") from fault
        return await place_now(tx, _about(meeting), leaf)

    async def must_be_in_force(self, tx: Transaction, meeting: Meeting, policy: int | None) -> None:
        """Raises Conflict when the agencies' recipients are no longer those of `policy`."""
        newest = await self._newest(tx, meeting)
        if (
            newest is None
            or newest.index != policy
            or _policy(newest).recipients != await self._wanted(tx, meeting)
        ):
            raise Conflict(
                "The keys able to open these minutes have changed since they were circulated: circulate them again."
            )

    async def _newest(self, tx: Transaction, meeting: Meeting) -> PlacedLeaf | None:
        placed = await tx.log.about(_about(meeting))
        return placed[-1] if placed else None

    async def _wanted(self, tx: Transaction, meeting: Meeting) -> tuple[PolicyRecipient, ...]:
        recipients = await tx.recipients.of(meeting.agencies)
        return tuple(PolicyRecipient(agency=r.agency, kind=r.kind, recipient=r.key) for r in recipients)


async def recipients_of(tx: Transaction, policy: int) -> tuple[PolicyRecipient, ...]:
    """The recipients that the policy leaf at this index names, in the order of the stanzas."""
    return _policy(await tx.log.leaf(policy)).recipients


def _policy(placed: PlacedLeaf) -> PolicyLeaf:
    leaf = leaves.parse(placed.entry)
    if not isinstance(leaf, PolicyLeaf):
        raise Damaged(f"entry {placed.index}", "it is said to be a policy and is not")
    return leaf


def _circle(meeting: Meeting) -> tuple[str, ...]:
    return tuple(sorted(meeting.agencies))


def _about(meeting: Meeting) -> str:
    """One name for a set of agencies, of a length that does not depend on how many they are."""
    return f"policy/{sha256(' '.join(_circle(meeting)).encode()).hexdigest()[:32]}"
