"""What the README files and `docs/keys.md` tell people to type: it exists, and the backup described is whole."""

import asyncio
import re
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest

from meetcoord.bootstrap import compose
from meetcoord.cli.root import program
from meetcoord.domain.access import at_the_console
from meetcoord.domain.values import agency_id
from meetcoord.settings import load
from meetcoord.usecases.register_agency import NewAgency
from tests.cli.conftest import Place, furnished, place  # noqa: F401  (fixtures)

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"


def code_blocks(file: Path) -> Iterator[str]:
    """What is typed in the fenced blocks of a page: not what here-documents hold, nor what stands below a prompt."""
    for block in re.findall(
        r"^```\w*\n(.*?)^```", file.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    ):
        without = re.sub(r"^(.*<<'(\w+)'.*)\n.*?^\2\n", r"\1\n", block, flags=re.DOTALL | re.MULTILINE)
        prompted = [line for line in without.splitlines() if line.startswith("$ ")]
        yield from prompted or without.splitlines()


def commands(file: Path) -> Iterator[list[str]]:
    """What stands behind `meetcoord` in each command of a page: in its blocks, and in `...` within its sentences."""
    text = file.read_text(encoding="utf-8")
    inline = [quoted.replace("\n", " ") for quoted in re.findall(r"(?<!`)`([^`]+)`(?!`)", text)]
    for line in [*code_blocks(file), *inline]:
        for part in re.split(r"&&|\|\||[|;]", re.sub(r"\s#.*|\d?>{1,2}.*|…", "", line)):
            said = re.match(
                r"\s*(?:\$ )?(?:sudo )?(?:docker compose run --rm )?meetcoord(?: +([a-z-].*))?$", part
            )
            if said and said[1]:
                yield shlex.split(said[1])


def unknown_in(words: list[str]) -> str:
    """What the program does not know of a command line, or an empty string."""
    command: click.Command = program
    context = click.Context(command)
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        command = command.commands[words.pop(0)]
        context = click.Context(command, parent=context)
    if isinstance(command, click.Group) and words and not words[0].startswith("-"):
        return f"there is no command {words[0]!r}"
    options = {
        name for each in command.get_params(context) if isinstance(each, click.Option) for name in each.opts
    } | {"--help"}
    given = {word.partition("=")[0] for word in words if word.startswith("-")}
    return f"{command.name} has no {', '.join(sorted(given - options))}" if given - options else ""


PAGES = {
    "README": ROOT / "README.md",
    "deploy/README": DEPLOY / "README.md",
    "keys": ROOT / "docs" / "keys.md",
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_command_of_the_pages_exists_with_its_options(page: Path) -> None:
    found = list(commands(page))
    assert len(found) > 5
    for words in found:
        assert unknown_in(list(words)) == "", " ".join(words)


def test_a_command_that_does_not_exist_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```\nsudo meetcoord keys melt\nmeetcoord check --loud\n```\n", encoding="utf-8")
    assert [unknown_in(words) for words in commands(page)] == [
        "there is no command 'melt'",
        "check has no --loud",
    ]


def as_typed(start: str, place: Place, copy: Path) -> list[str]:  # noqa: F811  (the fixture's type)
    """The line of the page that begins so, with our own paths instead of those of an installation."""
    line = next(line for line in code_blocks(DEPLOY / "README.md") if line.startswith(start))
    ours = {
        "sudo meetcoord": shlex.join(
            [sys.executable, "-m", "meetcoord", "--settings", str(place.settings_file)]
        ),
        "/var/backups/meetcoord/meetcoord.db": str(copy),
        "/var/lib/meetcoord/public/log.vkey": str(place.log_key),
    }
    for theirs, mine in ours.items():
        line = line.replace(theirs, mine)
    return shlex.split(line)


async def test_the_backup_of_the_page_is_whole_while_the_service_writes(place: Place) -> None:  # noqa: F811  (the fixture)
    copy = place.folder / "copy.db"
    written = await written_during(as_typed("sudo meetcoord backup", place, copy), place)
    assert written > 0
    assert copy.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    said = await asyncio.to_thread(
        place.type, "log", "fsck", "--database", copy, "--log-key", place.log_key, "--json"
    )
    assert said.code == 0, said


async def written_during(command: list[str], place: Place) -> int:  # noqa: F811  (the fixture)
    """How many acts the service wrote and signed while `command` ran, which must end well and say nothing."""
    async with compose(load(place.settings_file, {})) as service:

        async def write(number: int) -> None:
            id_ = f"a{number}"
            await service.use_cases.register_agency(
                at_the_console(agency_id(id_)), NewAgency(id=id_, name="Une administration")
            )
            await service.use_cases.publish_checkpoint()

        await write(0)
        running = await asyncio.create_subprocess_exec(
            *command, "--json", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        ending, number = asyncio.create_task(running.communicate()), 0
        while not ending.done():
            await write(number := number + 1)
        assert (running.returncode, (await ending)[1]) == (0, b"")
    return number


def test_a_restored_backup_serves_on(place: Place) -> None:  # noqa: F811  (the fixture)
    copy = place.folder / "copy.db"
    subprocess.run(as_typed("sudo meetcoord backup", place, copy), check=True, timeout=60)
    for file in place.database.parent.glob("meetcoord.db*"):
        file.unlink()
    subprocess.run(as_typed("sudo meetcoord restore", place, copy), check=True, timeout=60)
    place.fine("agency", "add", "afterwards", "Après la restauration")
    place.publish()
    assert place.type("log", "fsck").code == 0
