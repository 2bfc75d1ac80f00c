"""A service's folder as an operator makes it, and hands to type commands with."""

import asyncio
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from meetcoord.bootstrap import compose
from meetcoord.cli.root import program
from meetcoord.settings import load


@dataclass(frozen=True, slots=True)
class Said:
    """What a command left: its exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


Typing = Callable[..., Said]

ACTS = 3
"""Entries of the furnished log: an agency, a person and a key were registered."""


def typed(*words: object, **environment: object) -> Said:
    variables = {name: str(value) for name, value in environment.items()}
    result = CliRunner().invoke(program, [str(word) for word in words], env=variables)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


@dataclass(frozen=True, slots=True)
class Place:
    """One service's folder; `type` types a command there and waits for its end."""

    folder: Path

    @property
    def settings_file(self) -> Path:
        return self.folder / "meetcoord.toml"

    @property
    def database(self) -> Path:
        return self.folder / "data" / "meetcoord.db"

    @property
    def log_key(self) -> Path:
        return self.folder / "public" / "log.vkey"

    def type(self, *words: object) -> Said:
        return typed("--settings", self.settings_file, *words)

    def fine(self, *words: object) -> Any:
        """The document of a command that must succeed."""
        said = self.type(*words, "--json")
        assert said.code == 0, said
        return said.document

    def say(self, text: str) -> None:
        """Write the settings file, pointing at this folder."""
        self.settings_file.write_text(
            f'[service]\npublic_url = "http://127.0.0.1:9"\ndata_directory = "{self.folder / "data"}"\n{text}',
            encoding="utf-8",
        )

    def publish(self) -> None:
        """What the running service does every second: place what was promised and sign a checkpoint."""

        async def work() -> None:
            async with compose(load(self.settings_file, {})) as service:
                await service.use_cases.publish_checkpoint()

        asyncio.run(work())


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Keys, a database, an agency, its administrator and her API key, in a signed log. Copied, never used itself."""
    place = Place(tmp_path_factory.mktemp("service"))
    place.say("")
    place.fine("keys", "new")
    place.fine("migrate")
    place.fine("keys", "public", place.log_key.parent)
    place.fine("agency", "add", "city", "Ville", "--language", "fr")
    person = place.fine(
        "person", "add", "city", "--name", "Ada", "--address", "ada@city.example.org", "--function", "Secretary",
        "--role", "secretary", "--role", "administrator",
    )  # fmt: skip
    place.fine("apikey", "new", "city", person["id"], "--all-of-role", "--label", "calendar")
    place.publish()
    return place


@pytest.fixture
def place(furnished: Place, tmp_path: Path) -> Place:
    mine = Place(tmp_path / "service")
    shutil.copytree(furnished.folder, mine.folder)
    mine.say("")
    return mine


@pytest.fixture
def bare(tmp_path: Path) -> Place:
    """Settings and nothing else."""
    place = Place(tmp_path / "bare")
    place.folder.mkdir()
    place.say("")
    return place
