"""What a file of persons would do to an agency's address book: shown first, then done exactly as shown."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import msgspec

from meetcoord.domain.agencies import Agency, Person
from meetcoord.domain.csv_files import Encoding, Separator
from meetcoord.domain.errors import Stale
from meetcoord.domain.person_files import BadEntry, Entry, PersonFile, read_persons
from meetcoord.domain.values import Language


class RowState(Enum):
    """`known`: she is as the row says already. `duplicate`: an earlier row says the same."""

    NEW = "new"
    KNOWN = "known"
    CHANGED = "changed"
    REFUSED = "refused"
    DUPLICATE = "duplicate"


class FieldChange(msgspec.Struct, frozen=True):
    field: str
    old: str
    new: str


class ImportRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the file. `line` is where it begins; `duplicate_of` is the line of the earlier row.

    `reason` says why a row is refused; what is shown of such a row is cut, and what would not show is marked.
    """

    line: int
    state: RowState
    name: str
    address: str
    function: str = ""
    language: Language | None = None
    changes: tuple[FieldChange, ...] = ()
    duplicate_of: int | None = None
    reason: str = ""


class RowCounts(msgspec.Struct, frozen=True, kw_only=True):
    new: int
    known: int
    changed: int
    refused: int
    duplicate: int


class ImportPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What an import would do. `digest` stands for the file and for every row of this outcome.

    `encoding_is_certain` is false for a file that is not UTF-8: look whether the accents are right.
    """

    digest: str
    encoding: Encoding
    encoding_is_certain: bool
    separator: Separator
    ignored_columns: tuple[str, ...]
    counts: RowCounts
    rows: tuple[ImportRow, ...]

    def having(self, state: RowState) -> tuple[ImportRow, ...]:
        return tuple(row for row in self.rows if row.state is state)

    @property
    def would_change(self) -> bool:
        return bool(self.counts.new or self.counts.changed)


class OutcomeChanged(Stale):
    """What was shown is no longer what would be done; `preview` is. Nothing has been done."""

    def __init__(self, preview: ImportPreview) -> None:
        super().__init__(
            "What was shown is not what would be done now: this is another file, or the persons of your agency have"
            " changed. Look at the new preview, and send its digest to have that done."
        )
        self.preview = preview


class PersonImport(msgspec.Struct, frozen=True):
    """`changed` holds the persons as they are to be, each with her next version."""

    preview: ImportPreview
    new: tuple[Entry, ...]
    changed: tuple[Person, ...]


def person_import(data: bytes, agency: Agency, persons: Sequence[Person]) -> PersonImport:
    """What the file would do to these persons, all those of the agency. Raises Invalid when it is no such file."""
    file = read_persons(data)
    book = {mailbox(each.address): each for each in persons} | {each.address: each for each in persons}
    seen: dict[str, Entry] = {}
    rows, new, changed = [], [], []
    for entry in file.entries:
        row = (
            _refused(entry) if isinstance(entry, BadEntry) else _row(entry, _found(book, entry), seen, agency)
        )
        rows.append(row)
        if isinstance(entry, Entry) and row.state is RowState.NEW:
            new.append(msgspec.structs.replace(entry, language=row.language))
        elif isinstance(entry, Entry) and row.state is RowState.CHANGED:
            changed.append(_as_written(book[row.address], entry))
    return PersonImport(_preview(data, agency, file, rows), tuple(new), tuple(changed))


def mailbox(address: str) -> str:
    """What two spellings of one mailbox share: RFC 5321 lets capitals count, and no office has both."""
    return address.lower()


def _found(book: Mapping[str, Person], entry: Entry) -> Person | None:
    return book.get(entry.address) or book.get(mailbox(entry.address))


def _row(entry: Entry, person: Person | None, seen: dict[str, Entry], agency: Agency) -> ImportRow:
    """What becomes of a readable row; `seen` are those before it, and it joins them."""
    before = seen.setdefault(person.address if person else mailbox(entry.address), entry)
    if before is not entry:
        return _again(entry, before)
    if person is None:
        return _shown(entry, RowState.NEW, language=entry.language or agency.language)
    if not person.active:
        return _refused(
            _bad(entry, "The person with this address is no longer active: a file does not change that.")
        )
    changes = _changes(person, _as_written(person, entry))
    state = RowState.CHANGED if changes else RowState.KNOWN
    return _shown(
        entry, state, address=person.address, language=entry.language or person.language, changes=changes
    )


def _again(entry: Entry, before: Entry) -> ImportRow:
    if _said(entry) == _said(before):
        return _shown(entry, RowState.DUPLICATE, language=entry.language, duplicate_of=before.line)
    return _refused(
        _bad(entry, f"Line {before.line} says something else of the same address: keep one of the two rows.")
    )


def _said(entry: Entry) -> tuple[str, str, Language | None]:
    return entry.name, entry.function, entry.language


def _as_written(person: Person, entry: Entry) -> Person:
    """Her address, roles and activity are not a file's to change."""
    return msgspec.structs.replace(
        person,
        name=entry.name,
        function=entry.function,
        language=entry.language or person.language,
        version=person.version + 1,
    )


def _changes(old: Person, new: Person) -> tuple[FieldChange, ...]:
    told = (
        FieldChange("name", old.name, new.name),
        FieldChange("function", old.function, new.function),
        FieldChange("language", old.language.value, new.language.value),
    )
    return tuple(each for each in told if each.old != each.new)


def _shown(entry: Entry, state: RowState, **more: Any) -> ImportRow:
    facts: dict[str, Any] = {
        "line": entry.line,
        "name": entry.name,
        "function": entry.function,
        "address": entry.address,
    }
    return ImportRow(state=state, **(facts | more))


def _bad(entry: Entry, reason: str) -> BadEntry:
    return BadEntry(line=entry.line, name=entry.name, address=entry.address, reason=reason)


def _refused(entry: BadEntry) -> ImportRow:
    return ImportRow(
        line=entry.line, state=RowState.REFUSED, name=entry.name, address=entry.address, reason=entry.reason
    )


def _preview(data: bytes, agency: Agency, file: PersonFile, rows: Sequence[ImportRow]) -> ImportPreview:
    found = Counter(row.state for row in rows)
    return ImportPreview(
        digest=_digest(data, agency, rows),
        encoding=file.encoding,
        encoding_is_certain=file.encoding is not Encoding.WINDOWS_1252,
        separator=file.separator,
        ignored_columns=file.ignored,
        counts=RowCounts(**{state.value: found[state] for state in RowState}),
        rows=tuple(rows),
    )


def _digest(data: bytes, agency: Agency, rows: Sequence[ImportRow]) -> str:
    outcome = (agency.id, hashlib.sha256(data).hexdigest(), tuple(rows))
    return hashlib.sha256(b"meetcoord person import v1\n" + msgspec.json.encode(outcome)).hexdigest()
