"""CSV as offices send it: read within bounds, its encoding and its separator found and said."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from enum import Enum
from io import StringIO

import msgspec

from meetcoord.domain.errors import Invalid

FILE_MAX = 256 * 1024
"""Bytes."""

ROWS_MAX = 1_000
LINES_MAX = 20_000
"""Blank rows do not count, but looking at each of them takes its time."""

COLUMNS_MAX = 60

_SHORT = 60
_FORMULA = frozenset("=+-@")
_CONTROLS = frozenset("\t\r")
_SEPARATOR_LINE = re.compile(r"\A\"?sep=(.)\"?(?:\r\n|\r|\n)", re.IGNORECASE)
# "Ã" before such a character is no word of ours: these bytes were UTF-8 once, beside others that never were.
_HALF_UTF8 = re.compile(rb"\xc3[\x80-\xbf]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class Encoding(Enum):
    """UTF-8 is certain. Windows-1252 is what is left when a file is not UTF-8: a guess, to be shown as one."""

    UTF_8 = "utf-8"
    UTF_8_WITH_MARK = "utf-8-sig"
    WINDOWS_1252 = "windows-1252"


class Separator(Enum):
    SEMICOLON = ";"
    COMMA = ","
    TAB = "\t"


class Record(msgspec.Struct, frozen=True):
    """`line` is where it begins, 1 for the first of the file: a cell may run over several."""

    line: int
    cells: tuple[str, ...]


class CsvText(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    encoding: Encoding
    stated: Separator | None
    skipped: int

    def records(self, separator: Separator) -> Iterator[Record]:
        """What is not blank (RFC 4180, with this separator). Raises Invalid where the quotation marks do not match."""
        reader = csv.reader(StringIO(self.text, newline=""), delimiter=separator.value, strict=True)
        line = self.skipped + 1
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield Record(line, tuple(cells))
                line = self.skipped + reader.line_num + 1
        except csv.Error:
            raise Invalid(
                f"From line {line} on the quotation marks do not match, or a cell is far too long: correct that row.",
                "/file",
            ) from None


def csv_text(data: bytes) -> CsvText:
    """The text in a file. Raises Invalid for what is too large, no text, or in an encoding that cannot be told."""
    if len(data) > FILE_MAX:
        raise Invalid(f"The file has more than {FILE_MAX // 1024} KiB: send it in parts.", "/file")
    text, encoding = _decoded(data)
    if "\0" in text:
        raise Invalid("The file holds the character U+0000: save it again as CSV UTF-8.", "/file")
    if max(text.count("\n"), text.count("\r")) > LINES_MAX:
        raise Invalid(f"The file has more than {LINES_MAX} lines: remove the blank ones.", "/file")
    if stated := _SEPARATOR_LINE.match(text):
        return CsvText(
            text=text[stated.end() :], encoding=encoding, stated=_separator(stated.group(1)), skipped=1
        )
    return CsvText(text=text, encoding=encoding, stated=None, skipped=0)


def formula_mark(cell: str) -> str:
    """What makes a spreadsheet compute this cell when the list is opened there again, if anything does."""
    if cell[:1] in _CONTROLS:
        return cell[:1]
    first = unicodedata.normalize("NFKC", cell.strip()[:1])
    return first if first in _FORMULA else ""


def plainly_shown(cell: str) -> str:
    """The beginning of a cell, with a mark in place of what would not show or would steer a terminal.

    A formula is quoted (`'=`), so that no copy of it is one.
    """
    shown = "".join(c if c.isprintable() else "\ufffd" for c in cell[: _SHORT + 1].strip())
    if formula_mark(cell):
        shown = f"'{shown}"
    return shown if len(shown) <= _SHORT else f"{shown[: _SHORT - 1]}…"


def _separator(given: str) -> Separator:
    found = next((each for each in Separator if each.value == given), None)
    if found is None:
        raise Invalid(
            "The first line states a separator other than `;`, `,` and tab: use one of these.", "/file"
        )
    return found


def _decoded(data: bytes) -> tuple[str, Encoding]:
    if data.startswith(_WORKBOOKS):
        raise Invalid("This is a workbook, not CSV: save it as CSV UTF-8 and send that file.", "/file")
    if data.startswith(_UTF16):
        raise Invalid("This file is UTF-16: save it as CSV UTF-8 and send that file.", "/file")
    try:
        encoding = Encoding.UTF_8_WITH_MARK if data.startswith(b"\xef\xbb\xbf") else Encoding.UTF_8
        return data.decode(encoding.value), encoding
    except UnicodeDecodeError as fault:
        return _windows(data, fault), Encoding.WINDOWS_1252


def _windows(data: bytes, fault: UnicodeDecodeError) -> str:
    if not (data.startswith(b"\xef\xbb\xbf") or _HALF_UTF8.search(data)):
        try:
            return data.decode(Encoding.WINDOWS_1252.value)
        except UnicodeDecodeError:
            pass
    line = 1 + data.count(b"\n", 0, fault.start)
    raise Invalid(
        f"The file is neither UTF-8 nor Windows-1252 (see line {line}): save it as CSV UTF-8.", "/file"
    )
