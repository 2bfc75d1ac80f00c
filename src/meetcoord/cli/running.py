"""`meetcoord serve`, `migrate` and `demo`: what makes the service run."""

import asyncio
import sys
from pathlib import Path

import click

from meetcoord.cli.answers import FINE, Answer, tell
from meetcoord.cli.files import private_folder
from meetcoord.cli.program import Command, settings, wants_json
from meetcoord.domain.values import Language
from meetcoord.settings import read_secret


@click.command(cls=Command)
def serve() -> int:
    """Run the service, until SIGTERM or Ctrl-C.

    Pages, API, mail and log run in one process; its journal goes to stderr as JSON lines.
    """
    chosen, as_json = settings(), wants_json()

    from meetcoord.bootstrap.core_dumps import leave_no_core
    from meetcoord.bootstrap.journal import keep_journal
    from meetcoord.bootstrap.serving import new_loop, serve

    leave_no_core()
    keep_journal(sys.stderr)

    def ready(address: str) -> None:
        said = f"meetcoord is ready at {address} (Ctrl-C stops it)."
        tell(Answer(document={"address": address}, text=said), as_json=as_json)

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(serve(chosen, ready=ready))
    return FINE


@click.command(cls=Command)
def migrate() -> Answer:
    """Bring the database to this version's schema.

    Stop the service and make a backup first.
    """
    from meetcoord.adapters.sql.migrate import current, migrate

    chosen = settings()
    private_folder(chosen.data_directory)
    file = chosen.database.password_file
    password = read_secret("database.password_file", file) if file else None
    before = current(chosen.database_url, password)
    migrate(chosen.database_url, password)
    after = current(chosen.database_url, password)
    said = (
        f"The database has the schema {after} already."
        if before == after
        else f"Schema: {before or 'none'} -> {after}."
    )
    return Answer(document={"before": before, "after": after}, text=said)


@click.command(cls=Command)
@click.option("--serve", is_flag=True, help="Keep serving afterwards; this is so on a terminal.")
@click.option(
    "--lang",
    type=click.Choice([language.value for language in Language]),
    default=Language.FRENCH.value,
    show_default=True,
    help="The language the participants read.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port; a free one unless named.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("./demo-out"),
    show_default=True,
    help="The folder for what the demo leaves; only a former demo in it is deleted.",
)
def demo(serve: bool, lang: str, port: int, out: Path) -> int:
    """Play the three stories on this machine.

    The service, its mail and its log are the real ones; nothing leaves the machine.
    """
    from meetcoord.demo.play import play

    return asyncio.run(play(out, port, Language(lang), serve or (sys.stdin.isatty() and sys.stdout.isatty())))
