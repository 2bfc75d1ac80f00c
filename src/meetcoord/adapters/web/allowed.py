"""The words that may stand at one place of what is asked for, to be told to somebody who wrote another one."""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import inspect


def allowed_at(kind: Any, steps: Sequence[str] = ()) -> str:
    """The words of the enumeration that `steps` (names of fields, places in lists) lead to, or an empty string."""
    *others, last = [f"`{word}`" for word in _words(inspect.type_info(kind), steps)] or [""]
    return f"{', '.join(others)} or {last}" if others else last


def _words(found: inspect.Type, steps: Sequence[str]) -> Iterator[object]:
    match found:
        case inspect.EnumType(cls=enumeration) if not steps:
            yield from (member.value for member in enumeration)
        case inspect.LiteralType(values=values) if not steps:
            yield from values
        case _:
            for inner, left in _inside(found, steps):
                yield from _words(inner, left)


def _inside(found: inspect.Type, steps: Sequence[str]) -> Iterator[tuple[inspect.Type, Sequence[str]]]:
    """Where the next step leads, with the steps that are left then."""
    match found:
        case inspect.Metadata(type=inner):
            yield inner, steps
        case inspect.UnionType(types=kinds):
            yield from ((each, steps) for each in kinds)
        case inspect.StructType(fields=fields) if steps:
            yield from ((field.type, steps[1:]) for field in fields if field.encode_name == steps[0])
        case inspect.CollectionType(item_type=item) if steps:
            yield item, steps[1:]
