"""Administrators and auditors are told when keys change: those of the key's agency, and of all that rely on the key."""

from collections.abc import Iterable
from dataclasses import dataclass

from meetcoord.domain.key_notices import ChangedKeys, KeyNotice, readers_among
from meetcoord.domain.values import AgencyId, MessageId
from meetcoord.ports.storage import Transaction
from meetcoord.ports.system import Clock, NewId


@dataclass(frozen=True, slots=True)
class TellOfKeys:
    now: Clock
    new_id: NewId

    async def circles_of(self, tx: Transaction, changed: ChangedKeys) -> None:
        """Owe a letter to each agency of a circle of the key's own agency, and to that agency itself."""
        circles = await tx.circles.of(changed.agency)
        await self.agencies(tx, changed, (agency for circle in circles for agency in circle.agencies))

    async def agencies(self, tx: Transaction, changed: ChangedKeys, named: Iterable[str]) -> None:
        """Owe one letter to each administrator and auditor of these agencies; the agency that did it comes first."""
        others = sorted({AgencyId(each) for each in named} - {changed.agency})
        persons = [
            person for agency in (changed.agency, *others) for person in await tx.persons.of_agency(agency)
        ]
        now = self.now()
        await tx.key_notices.add(
            [
                KeyNotice.of(MessageId(self.new_id()), changed, reader.id, now)
                for reader in readers_among(persons)
            ]
        )
