"""The tree of commands."""

from pathlib import Path

import click

from meetcoord import __version__
from meetcoord.cli.agency import agency
from meetcoord.cli.answers import Answer
from meetcoord.cli.apikey import apikey
from meetcoord.cli.approver import approver
from meetcoord.cli.backup import backup, restore
from meetcoord.cli.check import check
from meetcoord.cli.evidence import evidence
from meetcoord.cli.keys import keys
from meetcoord.cli.log import log
from meetcoord.cli.minutes import minutes
from meetcoord.cli.person import person
from meetcoord.cli.program import Program
from meetcoord.cli.running import demo, migrate, serve
from meetcoord.cli.witness import witness


@click.group(
    cls=Program,
    name="meetcoord",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine, 1 no (refused, damaged, altered), 2 cannot tell (wrong settings, missing file).",
)
@click.option(
    "--settings",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The settings file; otherwise the one MEETCOORD_SETTINGS names, otherwise the defaults.",
)
def program(settings: Path | None) -> None:
    """Secure video meetings between public bodies, with proof of who was admitted and what was decided."""


@program.command()
def version() -> Answer:
    """Say which version this is."""
    return Answer(document={"meetcoord": __version__}, text=f"meetcoord {__version__}")


for command in (
    demo,
    serve,
    migrate,
    backup,
    restore,
    check,
    agency,
    person,
    apikey,
    keys,
    minutes,
    approver,
    evidence,
    log,
    witness,
):
    program.add_command(command)
