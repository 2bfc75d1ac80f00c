"""A file of persons: which column says what, and what each row comes to. Roles are never taken from a file."""

import re
import unicodedata
from collections.abc import Sequence
from enum import Enum
from itertools import islice

import msgspec

from meetcoord.domain.csv_files import (
    COLUMNS_MAX,
    ROWS_MAX,
    CsvText,
    Encoding,
    Record,
    Separator,
    csv_text,
    formula_mark,
    plainly_shown,
)
from meetcoord.domain.errors import Invalid
from meetcoord.domain.values import Language, mail_address, one_line


class Column(Enum):
    FULL_NAME = "name"
    FAMILY_NAME = "family name"
    GIVEN_NAME = "given name"
    FUNCTION = "function"
    ADDRESS = "address"
    LANGUAGE = "language"


# Without accents, in small letters, one blank between words: as `_key` makes them.
_HEADINGS = {
    Column.FULL_NAME: "nom complet|nom et prenom|nom prenom|prenom nom|prenom et nom|full name|display name"
    "|nom affiche|vollstandiger name|anzeigename|vor und nachname",
    Column.FAMILY_NAME: "nom|nom de famille|nom d usage|name|last name|lastname|surname|family name|nachname"
    "|familienname|zuname",
    Column.GIVEN_NAME: "prenom|prenoms|first name|firstname|given name|forename|vorname|vornamen",
    Column.FUNCTION: "fonction|fonctions|poste|intitule du poste|qualite|function|job title|position|funktion"
    "|dienststellung|amt",
    Column.ADDRESS: "courriel|mel|mail|e mail|email|adresse|adresse courriel|adresse mail|adresse e mail"
    "|adresse email|adresse de courriel|adresse electronique|adresse de messagerie|courriel professionnel"
    "|mail professionnel|address|mail address|e mail address|email address|mailadresse|e mail adresse",
    Column.LANGUAGE: "langue|langue de correspondance|lang|language|preferred language|sprache|korrespondenzsprache",
}
_COLUMNS = {heading: column for column, known in _HEADINGS.items() for heading in known.split("|")}
_LANGUAGES = {
    Language.FRENCH: "fr|fra|fre|francais|francaise|french|franzosisch",
    Language.ENGLISH: "en|eng|anglais|english|englisch",
    Language.GERMAN: "de|deu|ger|all|allemand|german|deutsch",
}
_LANGUAGE_OF = {word: language for language, known in _LANGUAGES.items() for word in known.split("|")}
_BREAKS = re.compile(r"[ \t\r\n]+")
_NAMES = {
    Column.FULL_NAME: "The name",
    Column.FAMILY_NAME: "The name",
    Column.GIVEN_NAME: "The given name",
    Column.FUNCTION: "The function",
    Column.ADDRESS: "The address",
    Column.LANGUAGE: "The language",
}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A row that names a person. `language` is None where the file says nothing of it."""

    line: int
    name: str
    function: str
    address: str
    language: Language | None


class BadEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A row that cannot be taken; `name` and `address` as far as they can be shown."""

    line: int
    name: str
    address: str
    reason: str


class PersonFile(msgspec.Struct, frozen=True, kw_only=True):
    encoding: Encoding
    separator: Separator
    ignored: tuple[str, ...]
    entries: tuple[Entry | BadEntry, ...]


class _Headings(msgspec.Struct, frozen=True):
    """The columns that count, with their places, and the headings of the others."""

    places: tuple[tuple[Column, int], ...]
    ignored: tuple[str, ...]
    width: int

    def cells(self, record: Record) -> dict[Column, str]:
        """Spreadsheets leave out the empty cells at the end of a row. Raises Invalid for filled ones too many."""
        if any(cell.strip() for cell in record.cells[self.width :]):
            raise Invalid(
                "The row has more cells than the headings: put text that holds a separator in quotes."
            )
        return {column: record.cells[at] for column, at in self.places if at < len(record.cells)}


def read_persons(data: bytes) -> PersonFile:
    """What a file says, row by row. Raises Invalid, with `/file`, when it is no such file at all."""
    text = csv_text(data)
    separator, headings = _heading(text)
    records = list(islice(text.records(separator), 1, ROWS_MAX + 2))
    if len(records) > ROWS_MAX:
        raise Invalid(f"The file has more than {ROWS_MAX} rows: send it in parts.", "/file")
    if not records:
        raise Invalid("The file names nobody: below the headings there is no row.", "/file")
    return PersonFile(
        encoding=text.encoding,
        separator=separator,
        ignored=headings.ignored,
        entries=tuple(_entry(headings, record) for record in records),
    )


def _heading(text: CsvText) -> tuple[Separator, _Headings]:
    """The separator under which the most headings are known, and these headings. Raises Invalid."""
    tried = (text.stated,) if text.stated else tuple(Separator)
    first = {separator: _first(text, separator) for separator in tried}
    separator = max(tried, key=lambda each: len(set(map(_column, first[each])) - {None}))
    return separator, _headings(first[separator])


def _first(text: CsvText, separator: Separator) -> Sequence[str]:
    try:
        record = next(text.records(separator), None)
    except Invalid:
        return ()  # with another separator the quotation marks may well match
    return record.cells if record else ()


def _headings(cells: Sequence[str]) -> _Headings:
    if len(cells) > COLUMNS_MAX:
        raise Invalid(f"The file has more than {COLUMNS_MAX} columns: keep those that are needed.", "/file")
    known = [_column(cell) for cell in cells]
    if Column.FULL_NAME in known:  # it says all that the two others say
        known = [None if each in {Column.FAMILY_NAME, Column.GIVEN_NAME} else each for each in known]
    twice = next((each for each in known if each and known.count(each) > 1), None)
    if twice:
        raise Invalid(f"Two columns give the {twice.value}: keep one of them.", "/file")
    _must_suffice({each for each in known if each})
    return _Headings(
        places=tuple((each, at) for at, each in enumerate(known) if each),
        ignored=tuple(
            plainly_shown(cells[at]) for at, each in enumerate(known) if not each and cells[at].strip()
        ),
        width=len(cells),
    )


def _must_suffice(known: set[Column]) -> None:
    missing = [
        said
        for said, ways in (
            ("the name (such as `Nom` and `Prénom`)", {Column.FULL_NAME, Column.FAMILY_NAME}),
            ("the function (`Fonction`)", {Column.FUNCTION}),
            ("the address (`Courriel`)", {Column.ADDRESS}),
        )
        if not ways & known
    ]
    if missing:
        raise Invalid(
            f"The first row must hold the headings; there is none for {', '.join(missing)}.", "/file"
        )


def _column(heading: str) -> Column | None:
    return _COLUMNS.get(_key(heading))


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text[:100]).casefold()
    return " ".join(
        re.sub(r"[^a-z0-9]+", " ", "".join(c for c in plain if not unicodedata.combining(c))).split()
    )


def _entry(headings: _Headings, record: Record) -> Entry | BadEntry:
    try:
        cells = headings.cells(record)
        for column, cell in cells.items():
            _refuse_formula(cell, _NAMES[column])
        return Entry(
            line=record.line,
            name=one_line(_name(cells), "The name"),
            function=one_line(_one(cells, Column.FUNCTION), "The function"),
            address=mail_address(cells.get(Column.ADDRESS, "").strip()),
            language=_language(cells.get(Column.LANGUAGE, "")),
        )
    except Invalid as fault:
        return _bad(headings, record, fault.detail)


def _bad(headings: _Headings, record: Record, reason: str) -> BadEntry:
    cells = {column: record.cells[at] for column, at in headings.places if at < len(record.cells)}
    return BadEntry(
        line=record.line,
        name=plainly_shown(_name(cells)),
        address=plainly_shown(cells.get(Column.ADDRESS, "")),
        reason=reason,
    )


def _name(cells: dict[Column, str]) -> str:
    names = (_one(cells, each) for each in (Column.FULL_NAME, Column.GIVEN_NAME, Column.FAMILY_NAME))
    return " ".join(filter(None, names))


def _one(cells: dict[Column, str], column: Column) -> str:
    """A cell on one line: offices break long functions over several."""
    return _BREAKS.sub(" ", cells.get(column, "")).strip()


def _refuse_formula(cell: str, what: str) -> None:
    if mark := formula_mark(cell):
        shown = mark if mark.isprintable() else "a control character"
        raise Invalid(f"{what} begins with {shown} as a formula does: write plain text.")


def _language(cell: str) -> Language | None:
    key = _key(cell)
    if not cell.strip():
        return None
    found = _LANGUAGE_OF.get(key) or _LANGUAGE_OF.get(key.split(" ", maxsplit=1)[0])
    if found is None:
        raise Invalid("The language is none of fr, en and de: write one of these, or leave the cell empty.")
    return found
