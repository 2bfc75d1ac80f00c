"""Every act that gives, uses or removes a right leaves a leaf in the log, in the deed's own transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from meetcoord.domain import leaves
from meetcoord.domain.leaves import ActKind, ActLeaf
from meetcoord.domain.values import AgencyId, PersonId
from meetcoord.ports.storage import Transaction
from meetcoord.ports.system import Clock


class Doer(Protocol):
    """Whoever acts for an agency: the actor behind a key, or the person an invitation was made for."""

    @property
    def person(self) -> PersonId: ...
    @property
    def agency(self) -> AgencyId: ...


@dataclass(frozen=True, slots=True)
class Acts:
    now: Clock

    async def record(self, tx: Transaction, kind: ActKind, actor: Doer, *, what: str, about: str) -> None:
        """`what` was acted upon, `about` is the meeting or agency whose history shows it: identifiers, both."""
        await tx.log.promise(about, self._leaf(kind, actor, what))

    async def record_each(
        self, tx: Transaction, kind: ActKind, actor: Doer, *, what: Sequence[str], about: str
    ) -> None:
        """One act for each of `what`, in this order."""
        await tx.log.promise_all(about, [self._leaf(kind, actor, each) for each in what])

    def _leaf(self, kind: ActKind, actor: Doer, what: str) -> bytes:
        at = int(self.now().timestamp())
        return leaves.encode(ActLeaf(act=kind, agency=actor.agency, at=at, by=actor.person, object=what))
