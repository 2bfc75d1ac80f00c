"""Make many persons known to their agency at once: shown first, then done exactly as shown."""

from dataclasses import dataclass

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.agencies import Person
from meetcoord.domain.errors import Conflict, Invalid, Stale
from meetcoord.domain.leaves import ActKind
from meetcoord.domain.person_files import Entry
from meetcoord.domain.person_imports import (
    ImportPreview,
    OutcomeChanged,
    PersonImport,
    RowCounts,
    RowState,
    person_import,
)
from meetcoord.domain.values import AgencyId, Language, PersonId
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import NewId
from meetcoord.usecases.acts import Acts

LINES_TOLD = 10


class PersonsFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`file` is CSV, with headings: `;`, `,` or tab between the cells, UTF-8 or Windows-1252."""

    file: bytes


class ShownFile(PersonsFile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`digest` is that of the preview. With `skip_refused`, the rows that are not refused are imported."""

    digest: str
    skip_refused: bool = False


def _must(actor: Actor) -> None:
    """What is shown of a row tells what the address book says already."""
    actor.must(Action.REGISTER_PERSON)
    actor.must(Action.LIST_PERSONS)


async def _found(tx: Transaction, agency: AgencyId, data: bytes) -> PersonImport:
    return person_import(data, await tx.agencies.get(agency), await tx.persons.of_agency(agency))


@dataclass(frozen=True, slots=True)
class PreviewPersons:
    storage: Storage

    async def __call__(self, actor: Actor, asked: PersonsFile) -> ImportPreview:
        """What each row would do in the actor's own agency. Raises Forbidden, Invalid."""
        _must(actor)
        async with self.storage.snapshot() as tx:
            return (await _found(tx, actor.agency, asked.file)).preview


@dataclass(frozen=True, slots=True)
class ImportPersons:
    """A file gives no roles, takes none, and moves nobody: names, functions and languages only."""

    storage: Storage
    new_id: NewId
    acts: Acts

    async def __call__(self, actor: Actor, asked: ShownFile) -> RowCounts:
        """How many rows did what. Where nothing is left to do it has been done before: nothing happens.

        Raises Forbidden; Invalid while rows are refused and not to be skipped; OutcomeChanged when something else
        than what was shown would be done.
        """
        _must(actor)
        try:
            return await self._at_once(actor, asked)
        except (Conflict, Stale) as rival:
            if isinstance(rival, OutcomeChanged):
                raise
            # Somebody was quicker with one of these persons: seen again, the outcome tells.
            return await self._at_once(actor, asked)

    async def _at_once(self, actor: Actor, asked: ShownFile) -> RowCounts:
        async with self.storage.transaction() as tx:
            found = await _found(tx, actor.agency, asked.file)
            _must_be_as_shown(found.preview, asked)
            await self._register(tx, actor, [self._person(actor, entry) for entry in found.new])
            await self._change(tx, actor, found.changed)
        return found.preview.counts

    def _person(self, actor: Actor, entry: Entry) -> Person:
        return Person(
            id=PersonId(self.new_id()),
            agency=actor.agency,
            name=entry.name,
            function=entry.function,
            address=entry.address,
            language=entry.language or Language.FRENCH,
        )

    async def _register(self, tx: Transaction, actor: Actor, persons: list[Person]) -> None:
        await tx.persons.add_all(persons)
        await self._record(tx, ActKind.PERSON_REGISTERED, actor, persons)

    async def _change(self, tx: Transaction, actor: Actor, persons: tuple[Person, ...]) -> None:
        await tx.persons.save_all(persons)
        await self._record(tx, ActKind.PERSON_CHANGED, actor, persons)

    async def _record(
        self, tx: Transaction, kind: ActKind, actor: Actor, persons: list[Person] | tuple[Person, ...]
    ) -> None:
        what = [person.id for person in persons]
        await self.acts.record_each(tx, kind, actor, what=what, about=actor.agency)


def _must_be_as_shown(preview: ImportPreview, asked: ShownFile) -> None:
    if preview.would_change and preview.digest != asked.digest:
        raise OutcomeChanged(preview)
    refused = preview.having(RowState.REFUSED)
    if refused and not asked.skip_refused:
        lines = ", ".join(str(row.line) for row in refused[:LINES_TOLD])
        more = ", …" if len(refused) > LINES_TOLD else ""
        raise Invalid(
            f"Nothing was imported, as rows are refused (line {lines}{more}): correct them, or ask to skip them.",
            "/file",
        )
