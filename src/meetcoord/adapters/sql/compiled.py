"""Statements compiled once and said to the driver itself.

To run a statement SQLAlchemy builds a context, looks the compiled words up by the statement's structure and wraps the
cursor: ten times what SQLite needs to answer. A statement that is a constant can skip all of it: its words, what its
values become and what its rows become are known from the first time on. SQLAlchemy still writes the words, converts
the values, shapes the rows and names the errors.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Executable, Insert, Row, Select, Update, exc
from sqlalchemy.engine import result_tuple
from sqlalchemy.types import TypeEngine

Values = Mapping[str, Any]
Convert = Callable[[Any], Any]
Shape = Callable[[Iterable[Any]], Row[Any]]

MOST = 500
"""Phrases kept: more than there are constants, so that statements which are none cannot pile up."""

NOBODY = "SELECT 1 FROM (SELECT 1) WHERE 1!=1"
"""What an empty list is made of, as SQLAlchemy writes it: for `IN ()` SQLite would read the whole table."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """The words of one statement for SQLite, the order of its values, and the shape of its rows.

    `lists` are those of its values that stand in an IN, as many as there are.
    """

    words: str
    order: tuple[tuple[str, Convert | None], ...]
    lists: frozenset[str]
    constants: Values
    converted: tuple[tuple[int, Convert], ...]
    shape: Shape

    def said_with(self, values: Values) -> tuple[str, Sequence[Any]]:
        """The words, and what stands for their question marks."""
        given = {**self.constants, **values} if self.constants else values
        if not self.lists:
            return self.words, [
                convert(given[name]) if convert else given[name] for name, convert in self.order
            ]
        words, arguments = self.words, list[Any]()
        for name, convert in self.order:
            several = given[name] if name in self.lists else [given[name]]
            words = words.replace(_gap(name), ", ".join("?" * len(several)) or NOBODY)
            arguments += [convert(each) if convert else each for each in several]
        return words, arguments

    def row(self, raw: Sequence[Any]) -> Row[Any]:
        if not self.converted:
            return self.shape(raw)
        fields = list(raw)
        for place, convert in self.converted:
            fields[place] = convert(fields[place])
        return self.shape(fields)


@dataclass(frozen=True, slots=True)
class Said:
    """What SQLite answered to a phrase. Ask once: the cursor is closed behind the rows."""

    phrase: Phrase
    cursor: sqlite3.Cursor

    @property
    def rowcount(self) -> int:
        return self.cursor.rowcount

    def all(self) -> Sequence[Row[Any]]:
        return [self.phrase.row(raw) for raw in self.cursor.fetchall()]

    def first(self) -> Row[Any] | None:
        raw = self.cursor.fetchone()
        self.cursor.close()
        return None if raw is None else self.phrase.row(raw)


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of one connection. `of` is None for what must go through SQLAlchemy each time."""

    connection: Connection
    known: dict[tuple[Executable, tuple[str, ...]], Phrase | None] = field(default_factory=dict)

    def of(self, statement: Executable, values: Values | Sequence[Values] | None) -> Phrase | None:
        names = () if not values else tuple(values if isinstance(values, Mapping) else values[0])
        try:
            return self.known[statement, names]
        except KeyError:
            if len(self.known) >= MOST:
                self.known.clear()
            return self.known.setdefault(
                (statement, names), _phrase(statement, names, self.connection.dialect)
            )

    def say(
        self, driver: sqlite3.Connection, phrase: Phrase, values: Values | Sequence[Values] | None
    ) -> Said:
        """Raises what SQLAlchemy would."""
        if values is None or isinstance(values, Mapping):
            words, given = phrase.said_with(values or {})
        else:
            words, given = phrase.words, [phrase.said_with(each)[1] for each in values]
        cursor, many = driver.cursor(), isinstance(values, Sequence)
        # Whoever listens to the statements of SQLAlchemy hears these too.
        for hear in self.connection.dispatch.before_cursor_execute:
            hear(self.connection, cursor, words, given, None, many)
        try:
            return Said(phrase, (cursor.executemany if many else cursor.execute)(words, given))
        except sqlite3.Error as error:
            raise exc.DBAPIError.instance(
                words, None, error, sqlite3.Error, hide_parameters=True, dialect=self.connection.dialect
            ) from error


def _gap(name: str) -> str:
    """What SQLAlchemy writes for a list whose length it does not know yet."""
    return f"__[POSTCOMPILE_{name}]"


def _phrase(statement: Executable, names: tuple[str, ...], dialect: Dialect) -> Phrase | None:
    """None for what is out of the ordinary, and for SQL that was written by hand."""
    if not isinstance(statement, Select | Insert | Update | Delete):
        return None
    # For many rows at once: otherwise an INSERT would also ask for the key that the database gave.
    compiled = statement.compile(dialect=dialect, column_keys=list(names), for_executemany=True)
    binds = [compiled.binds[name] for name in compiled.positiontup or ()]
    lists = frozenset(bind.key for bind in binds if bind.expanding)
    if any(bind.literal_execute for bind in binds) or any(_gap(name) not in str(compiled) for name in lists):
        return None
    columns = list(statement.selected_columns) if isinstance(statement, Select) else []
    kinds = [(place, _from(column.type, dialect)) for place, column in enumerate(columns)]
    return Phrase(
        words=str(compiled),
        order=tuple((bind.key, _to(bind.type, dialect)) for bind in binds),
        lists=lists,
        constants={
            bind.key: bind.effective_value for bind in binds if not (bind.required or bind.key in names)
        },
        converted=tuple((place, convert) for place, convert in kinds if convert),
        shape=result_tuple([column.name for column in columns]),
    )


def _to(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _from(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
