"""The shape of the code and of the repository: what a linter does not look at."""

import ast
import importlib
import pkgutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec
import pytest

import meetcoord.domain

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "meetcoord"
MODULES = sorted(SOURCE.rglob("*.py"))
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
VAGUE = {"utils", "util", "helpers", "helper", "common", "services", "managers", "manager", "base", "misc"}
# In pieces, so that this file does not find itself.
REGISTRY_HOSTS = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "registry." + "yarnpkg",
    "npmmirror" + ".com",
    "deb." + "debian.org",
]
WORKPLACE = ["/work" + "/main", "/work" + "/shared", "." + "library/", "../" + "shared", "/root" + "/."]


@cache
def committed_files() -> tuple[Path, ...]:
    """What git holds, or would take; without git, everything that is not made by the tools."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode == 0:
        names = filter(None, listing.stdout.split("\0"))
        return tuple(path for path in map(ROOT.joinpath, names) if path.is_file())
    return tuple(
        path for folder in ("src", "tests", "deploy", "requirements") for path in _files(ROOT / folder)
    )


def _files(folder: Path) -> Iterator[Path]:
    made = {"node_modules", "__pycache__"}
    return (path for path in folder.rglob("*") if path.is_file() and not made & set(path.parts))


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def classes(tree: ast.Module) -> Iterator[ast.ClassDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def domain_structs() -> list[type[msgspec.Struct]]:
    for module in pkgutil.walk_packages(meetcoord.domain.__path__, "meetcoord.domain."):
        importlib.import_module(module.name)
    found: list[type[msgspec.Struct]] = []
    waiting: list[type[Any]] = [msgspec.Struct]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.__module__.startswith("meetcoord.domain."):
                found.append(kind)
    return found


def parts_of(annotation: Any) -> Iterator[Any]:
    yield get_origin(annotation) or annotation
    for argument in get_args(annotation):
        yield from parts_of(argument)


def test_no_file_is_so_long_that_one_loses_the_way() -> None:
    python = [*MODULES, *(ROOT / "tests").glob("**/*.py")]
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines())
        for path in python
        if "node_modules" not in path.parts
    }
    assert {str(path): length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    lengths = {
        f"{path}:{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for path in MODULES
        for function in functions(parsed(path))
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_every_module_says_what_it_is_for() -> None:
    assert [str(path) for path in MODULES if not ast.get_docstring(parsed(path))] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [str(path) for path in MODULES if path.stem in VAGUE or path.parent.name in VAGUE] == []


def test_what_the_domain_writes_down_never_changes() -> None:
    assert [kind.__qualname__ for kind in domain_structs() if not kind.__struct_config__.frozen] == []


def test_the_domain_leaves_names_and_tags_to_the_edges() -> None:
    hooked = [
        kind.__qualname__
        for kind in domain_structs()
        if kind.__struct_config__.tag is not None or kind.__struct_fields__ != kind.__struct_encode_fields__
    ]
    assert hooked == []


def test_no_value_of_the_domain_holds_a_dict() -> None:
    loose = [
        f"{kind.__qualname__}.{field.name}"
        for kind in domain_structs()
        for field in msgspec.structs.fields(kind)
        if any(isinstance(part, type) and issubclass(part, dict | Mapping) for part in parts_of(field.type))
    ]
    assert loose == []


def test_a_machine_with_parts_is_a_frozen_dataclass_with_slots() -> None:
    loose = [
        f"{path}:{kind.name}"
        for path in MODULES
        for kind in classes(parsed(path))
        for decorator in kind.decorator_list
        if "dataclass" in ast.unparse(decorator)
        if not {"frozen=True", "slots=True"}
        <= set(map(str.strip, ast.unparse(decorator).rstrip(")").replace("(", ",").split(",")))
    ]
    assert loose == []


@pytest.mark.parametrize("name", ["LICENSE", "CHANGELOG.md", "SECURITY.md", "README.md"])
def test_a_reader_finds(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8").strip()


def test_the_licence_is_the_one_the_package_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "EUPL-1.2"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")


def test_the_package_needs_what_the_lock_was_made_from() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "requirements" / "run.in").read_text(encoding="utf-8").splitlines()
    assert project["dependencies"] == [
        line.replace('"', "'") for line in lines if line and not line.startswith("#")
    ]


@pytest.mark.parametrize("lock", ["run.txt", "dev.txt"])
def test_everything_installed_is_pinned_with_its_hash(lock: str) -> None:
    lines = (ROOT / "requirements" / lock).read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and line[0] not in "# "]
    assert [line for line in pins if "==" not in line or not line.endswith("\\")] == []
    assert sum("--hash=sha256:" in line for line in lines) >= len(pins) > 10


@pytest.mark.parametrize("word", REGISTRY_HOSTS + WORKPLACE)
def test_no_file_names_a_host_or_a_place_of_its_making(word: str) -> None:
    named = [str(path) for path in committed_files() if word.encode() in path.read_bytes()]
    assert named == []
