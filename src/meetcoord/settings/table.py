"""Every setting in one flat table, read off the Structs themselves."""

from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

from meetcoord.settings.sections import Settings


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One setting: its dotted name, its section's name, what may be written there, its default and why it exists."""

    name: str
    section: str
    key: str
    annotation: Any
    default: str | int  # a bool is one too
    why: str

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return "MEETCOORD_" + self.name.replace(".", "__").upper()

    @property
    def allowed(self) -> str:
        """What may be written there, for a person who wrote something else."""
        base, *notes = get_args(self.annotation)
        if get_origin(base) is Literal:
            return "one of " + ", ".join(f'"{choice}"' for choice in get_args(base))
        if base is bool:
            return "true or false"
        limits = next(note for note in notes if isinstance(note, msgspec.Meta))
        if base is int:
            return f"a whole number from {limits.ge} to {limits.le}"
        return "text that is not empty" if limits.min_length else "text in quotes"


def _settings_of(name: str, section: msgspec.Struct) -> Iterator[Setting]:
    for field in msgspec.structs.fields(section):
        value, dotted = getattr(section, field.name), f"{name}.{field.name}" if name else field.name
        if isinstance(value, msgspec.Struct):
            yield from _settings_of(dotted, value)
        else:
            yield Setting(
                name=dotted,
                section=name,
                key=field.name,
                annotation=field.type,
                default=value,
                why=_description(field.type),
            )


def _description(annotation: Any) -> str:
    if get_origin(annotation) is not Annotated:
        raise TypeError("a setting without its reason")
    return next(note.description or "" for note in get_args(annotation)[1:] if isinstance(note, msgspec.Meta))


@cache
def every_setting() -> tuple[Setting, ...]:
    """All settings in the order of the example file."""
    return tuple(_settings_of("", Settings()))
