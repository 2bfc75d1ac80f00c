"""`meetcoord check`: is everything as it must be, and if not, what to type."""

import click

from meetcoord.cli.answers import CANNOT_TELL, FINE, NO, Answer
from meetcoord.cli.checks.finding import Finding, State, ok
from meetcoord.cli.checks.room_rules import explanation
from meetcoord.cli.program import Command, Group, settings, settings_file
from meetcoord.settings import Settings

HELP = f"""Log in to the configured Jitsi as a browser does, and prove whom it refuses.

Each line is ok, warn, FAIL with what to set (in docker-jitsi-meet's .env; Prosody's option in brackets), or "?"
where the server gives no proof: a refusal counts only where a good token is let in at the same place. It takes a
minute at most. Nothing is changed but an empty room, made for this check, that passes away.

{explanation()}

Exit codes: 0 all proved, 1 a FAIL, 2 no FAIL but something cannot be told.
"""


class Check(Command, Group):
    """A command that can also be asked to look at one part."""


@click.group(cls=Check, invoke_without_command=True)
@click.pass_context
def check(context: click.Context) -> Answer | None:
    """Look at everything the service needs; changes and sends nothing."""
    return None if context.invoked_subcommand else _told(_findings(settings()))


@check.command(
    cls=Command,
    short_help="Prove on the live Jitsi server that it refuses whom it must refuse.",
    help=HELP,
)
@click.option("--domain", metavar="DOMAIN", help="Jitsi's XMPP domain, where it is not rooms.subject.")
def rooms(domain: str | None) -> Answer:
    """Run the probe and judge what it found."""
    from meetcoord.adapters.jitsi.probe import Pace
    from meetcoord.cli.checks.rooms import look

    chosen = settings()
    return _told(look(chosen, domain or chosen.rooms.subject, Pace()))


def _told(findings: list[Finding]) -> Answer:
    width = max(len(finding.item) for finding in findings)
    lines = [f"{finding.state.value:4}  {finding.item:{width}}  {finding.sentence}" for finding in findings]
    states = {finding.state for finding in findings}
    code = NO if State.FAIL in states else CANNOT_TELL if State.UNKNOWN in states else FINE
    return Answer(document={"ok": code == FINE, "findings": findings}, text="\n".join(lines), code=code)


def _findings(chosen: Settings) -> list[Finding]:
    from meetcoord.cli.checks import database, folders, machine, network, witnesses
    from meetcoord.settings import file_named

    source = file_named(settings_file()) or "the environment and the defaults"
    found = [ok("settings", f"{source}; all of them known.")]
    for part in (machine, folders, database, witnesses, network):
        found += part.look(chosen)
    return found
