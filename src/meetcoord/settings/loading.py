"""From a file and the environment to Settings; what is unknown or wrong is refused by name."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from meetcoord.domain.errors import Misconfigured
from meetcoord.settings.sections import Settings
from meetcoord.settings.table import Setting, every_setting

Structure = TypeVar("Structure", bound=msgspec.Struct)

PREFIX = "MEETCOORD_"
# Variables that carry the prefix and are not settings themselves.
OTHER_VARIABLES = {"MEETCOORD_SETTINGS": "the path of the settings file, where the command line names none"}


def load(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read `path` (None: no file), let `environment` override it, and return what holds.

    Raises Misconfigured, naming the setting, its value and what is allowed.
    """
    values = _from_file(path) if path else {}
    values |= _from_environment(environment)
    return _built(Settings(), "", values)


def find(path: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Load the settings of this process: `path`, else the file MEETCOORD_SETTINGS names, else the defaults."""
    return load(file_named(path, environment), environment)


def file_named(path: Path | None = None, environment: Mapping[str, str] = os.environ) -> Path | None:
    """`path`, else the file MEETCOORD_SETTINGS names, else none."""
    named = environment.get("MEETCOORD_SETTINGS")
    return path or (Path(named) if named else None)


def read_secret(setting: str, file: str) -> str:
    """Return what `file`, named by `setting`, holds, without the final line break. Raises Misconfigured."""
    try:
        secret = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{setting}: {file} cannot be read ({_reason(error)}).") from error
    if not secret:
        raise Misconfigured(f"{setting}: {file} is empty.")
    return secret


def _from_file(path: Path) -> dict[str, object]:
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{path} is not TOML: {error}.") from error
    except (OSError, ValueError) as error:
        raise Misconfigured(f"The settings file {path} cannot be read ({_reason(error)}).") from error
    known = {setting.name: setting for setting in every_setting()}
    return {
        name: _converted(known[name], name, value, strict=True) for name, value in _leaves("", tree, path)
    }


def _leaves(section: str, tree: dict[str, Any], path: Path) -> Iterator[tuple[str, object]]:
    names = [setting.name for setting in every_setting()]
    sections = {name.rsplit(".", depth)[0] for name in names for depth in range(1, name.count(".") + 1)}
    for key, value in tree.items():
        name = f"{section}.{key}" if section else key
        if name in sections:
            if not isinstance(value, dict):
                raise Misconfigured(f"In {path}, {name} is a section: write [{name}] on a line of its own.")
            yield from _leaves(name, value, path)
        elif name in names:
            yield name, value
        elif isinstance(value, dict):
            raise Misconfigured(
                f"In {path}, [{name}] is not a section.{_nearest(name, sorted(sections), '[{}]')}"
            )
        else:
            raise Misconfigured(f"In {path}, {name} is not a setting.{_nearest(name, names)}")


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    known = {setting.variable: setting for setting in every_setting()}
    ours = sorted(name for name in environment if name.startswith(PREFIX) and name not in OTHER_VARIABLES)
    for name in ours:
        if name not in known:
            hint = _nearest(name, [*known, *OTHER_VARIABLES])
            raise Misconfigured(f"The environment variable {name} is not a setting.{hint}")
    return {known[name].name: _converted(known[name], name, environment[name], strict=False) for name in ours}


def _converted(setting: Setting, name: str, value: object, *, strict: bool) -> object:
    try:
        return msgspec.convert(value, setting.annotation, strict=strict)
    except msgspec.ValidationError:
        shown = "true" if value is True else "false" if value is False else repr(value)
        raise Misconfigured(f"{name} = {shown} cannot be used: it must be {setting.allowed}.") from None


def _nearest(name: str, known: list[str], shape: str = "{}") -> str:
    """Name what a person most likely meant: the same key under another section, else a name like it."""
    same_key = [other for other in known if other.rsplit(".", 1)[-1] == name.rsplit(".", 1)[-1]]
    close = same_key or get_close_matches(name, known, n=1)
    return (
        f" Did you mean {shape.format(close[0])}?"
        if close
        else f" Known: {', '.join(map(shape.format, known))}."
    )


def _built(section: Structure, name: str, values: Mapping[str, object]) -> Structure:
    """Copy `section` with the values given for it; building it anew checks what holds between settings."""
    changes: dict[str, object] = {}
    for key in section.__struct_fields__:
        dotted, value = f"{name}.{key}" if name else key, getattr(section, key)
        changes[key] = (
            _built(value, dotted, values) if isinstance(value, msgspec.Struct) else values.get(dotted, value)
        )
    return type(section)(**changes)


def _reason(error: Exception) -> str:
    return error.strerror or "" if isinstance(error, OSError) else "it is not UTF-8 text"
