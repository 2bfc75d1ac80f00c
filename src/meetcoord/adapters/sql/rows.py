"""From a Struct to the columns of its table and back."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Row

from meetcoord.domain.errors import Damaged, MeetcoordError

S = TypeVar("S", bound=msgspec.Struct)


def columns(value: msgspec.Struct, **more: object) -> dict[str, Any]:
    """The fields of `value` under the names of its columns, with `more` beside them."""
    return {**msgspec.structs.asdict(value), **more}


def changes(value: msgspec.Struct, *key: str, **more: object) -> dict[str, Any]:
    """As `columns`, but what names the row: setting that makes SQLite look for every row that refers to it."""
    return {name: field for name, field in columns(value, **more).items() if name not in key}


def restored(kind: type[S], row: Row[Any] | Mapping[str, Any]) -> S:
    """The Struct that `columns` wrote. Raises Damaged when what is stored breaks a rule of the domain."""
    fields = row._asdict() if isinstance(row, Row) else row  # asked in this order: it is the quick question
    try:
        return kind(**fields)
    except (MeetcoordError, ValueError) as error:
        raise Damaged(f"stored {kind.__name__}", str(error)) from error
