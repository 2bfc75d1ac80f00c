"""How the domain's values lie in columns: the same on SQLite and PostgreSQL, converted in one place."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import Dialect, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import TEXT, TIMESTAMP
from sqlalchemy.types import TypeEngine

from meetcoord.domain.errors import Damaged, MeetcoordError

T = TypeVar("T")
E = TypeVar("E", bound=Enum)


class _Written(TypeDecorator[T]):
    """Text ordered by code point on both databases, whatever the locale of the server."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return TEXT(collation="C") if dialect.name == "postgresql" else Text()


class Words(_Written[str]):
    cache_ok = True


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, aware and in UTC on both sides: TIMESTAMPTZ, or fixed-width ISO 8601 text that sorts by time."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return TIMESTAMP(timezone=True) if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} is naive: only instants are stored")
        moment = value.astimezone(UTC)
        if dialect.name == "postgresql":
            return moment
        return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)


class OneOf(_Written[E], Generic[E]):
    """A member of an enumeration, by value."""

    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value.value)

    def process_result_value(self, value: Any, dialect: Dialect) -> E | None:
        return None if value is None else self.kind(value)


class SetOf(_Written[frozenset[E]], Generic[E]):
    """Members of an enumeration, by value, sorted, with commas between."""

    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Iterable[E] | None, dialect: Dialect) -> str | None:
        return None if value is None else ",".join(sorted(str(member.value) for member in value))

    def process_result_value(self, value: Any, dialect: Dialect) -> frozenset[E] | None:
        return None if value is None else frozenset(self.kind(word) for word in value.split(",") if word)


REMEMBERED = 64
"""Values kept as they were read, for each column: enough for the meetings that people are entering just now."""


class JsonOf(_Written[T], Generic[T]):
    """A whole value as the JSON that msgspec writes and reads back strictly.

    Values are frozen, so the same text may yield the same value: when a thousand people enter one meeting, decoding
    and checking all of it for each of them would cost more than everything else.
    """

    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind
        self.decoded = lru_cache(maxsize=REMEMBERED)(msgspec.json.Decoder(kind).decode)

    def process_bind_param(self, value: T | None, dialect: Dialect) -> str | None:
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> T | None:
        if value is None:
            return None
        try:
            # The decoder was made for T; its own type has forgotten which T that is.
            return self.decoded(value)  # type: ignore[no-any-return]  # what was kept has lost its type
        except (MeetcoordError, msgspec.MsgspecError) as error:
            raise Damaged("stored value", str(error)) from error
