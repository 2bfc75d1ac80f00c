"""Every act that gives, uses or removes a right leaves a leaf in the log, in the deed's own transaction."""

from dataclasses import dataclass

from meetcoord.domain import leaves
from meetcoord.domain.leaves import ActKind, ActLeaf
from meetcoord.domain.values import AgencyId
from meetcoord.ports.storage import Transaction
from meetcoord.ports.system import Clock


@dataclass(frozen=True, slots=True)
class Acts:
    now: Clock

    async def record(
        self, tx: Transaction, kind: ActKind, *, agency: AgencyId, by: str, what: str, about: str
    ) -> None:
        """`by`, `what` and `about` are identifiers, as the log never holds a name or an address.

        `about` is the meeting or agency whose history shows the act.
        """
        leaf = ActLeaf(act=kind, agency=agency, at=int(self.now().timestamp()), by=by, object=what)
        await tx.log.promise(about, leaves.encode(leaf))
