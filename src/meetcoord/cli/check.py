"""`meetcoord check`: is everything as it must be, and if not, what to type."""

import click

from meetcoord.cli.answers import FINE, NO, Answer
from meetcoord.cli.checks.finding import Finding, State, ok
from meetcoord.cli.program import Command, settings, settings_file
from meetcoord.settings import Settings


@click.command(cls=Command)
def check() -> Answer:
    """Look at everything the service needs; changes and sends nothing."""
    findings = _findings(settings())
    failed = sum(finding.state is State.FAIL for finding in findings)
    width = max(len(finding.item) for finding in findings)
    lines = [f"{finding.state.value:4}  {finding.item:{width}}  {finding.sentence}" for finding in findings]
    return Answer(
        document={"ok": not failed, "findings": findings}, text="\n".join(lines), code=NO if failed else FINE
    )


def _findings(chosen: Settings) -> list[Finding]:
    from meetcoord.cli.checks import database, folders, machine, network

    found = [ok("settings", f"{settings_file() or 'the environment and the defaults'}; all of them known.")]
    for part in (machine, folders, database, network):
        found += part.look(chosen)
    return found
