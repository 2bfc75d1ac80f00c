"""Every act that gives, uses or removes a right leaves a leaf in the log, in the deed's own transaction."""

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
        leaf = ActLeaf(
            act=kind, agency=actor.agency, at=int(self.now().timestamp()), by=actor.person, object=what
        )
        await tx.log.promise(about, leaves.encode(leaf))
