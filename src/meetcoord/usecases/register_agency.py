"""Make an agency known, and tell agencies apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.agencies import Agency
from meetcoord.domain.leaves import ActKind
from meetcoord.domain.values import AgencyId, Language, agency_id, one_line
from meetcoord.ports.storage import Storage
from meetcoord.usecases.acts import Acts


class NewAgency(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    name: str
    language: Language = Language.FRENCH


@dataclass(frozen=True, slots=True)
class RegisterAgency:
    storage: Storage
    acts: Acts

    async def __call__(self, actor: Actor, asked: NewAgency) -> Agency:
        """Raises Forbidden, Invalid, Conflict when the id is taken."""
        actor.must(Action.REGISTER_AGENCY)
        agency = Agency(
            id=agency_id(asked.id, "/id"),
            name=one_line(asked.name, "The agency's name", "/name"),
            language=asked.language,
        )
        async with self.storage.transaction() as tx:
            await tx.agencies.add(agency)
            await self.acts.record(tx, ActKind.AGENCY_REGISTERED, actor, what=agency.id, about=agency.id)
        return agency


@dataclass(frozen=True, slots=True)
class ListAgencies:
    storage: Storage

    async def __call__(self, actor: Actor) -> Sequence[Agency]:
        actor.must(Action.LIST_AGENCIES)
        async with self.storage.snapshot() as tx:
            return await tx.agencies.every()


@dataclass(frozen=True, slots=True)
class ReadAgency:
    storage: Storage

    async def __call__(self, actor: Actor, agency: AgencyId) -> Agency:
        """Raises NotFound."""
        actor.must(Action.LIST_AGENCIES)
        async with self.storage.snapshot() as tx:
            return await tx.agencies.get(agency)
