"""`meetcoord backup` and `restore`: a copy of the database taken beside the running service, and put back."""

import asyncio
import shlex
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from meetcoord.cli.answers import Answer, usage
from meetcoord.cli.evidence import log_key_option, visible
from meetcoord.cli.files import log_key_from
from meetcoord.cli.log import own_log_key, report_on, with_database
from meetcoord.cli.program import Command, settings
from meetcoord.domain.errors import Damaged, Misconfigured
from meetcoord.settings import Settings

if TYPE_CHECKING:
    from meetcoord.ports.storage import Storage

SAVE = "pg_dump --format=custom --file={file} --dbname={url}"
PUT_BACK = "pg_restore --clean --if-exists --dbname={url} {file}"
MAYBE_SENT = "They may have been sent after the backup. To send them: `meetcoord restore --resume-mail`."
THEN = "`meetcoord log fsck` and `meetcoord restore --hold-mail`"


@click.command(cls=Command)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
def backup(file: Path) -> Answer:
    """Copy the database into FILE; the service may be running.

    FILE is new, for its owner alone. The keys are not in it: save them apart, once.
    """
    from meetcoord.adapters.sql.copies import back_up

    database = _file_or_told(settings(), SAVE, file)
    back_up(database, file.absolute())
    size = file.stat().st_size
    return Answer(
        document={"file": str(file), "bytes": size},
        text=f"{file}: {size} bytes.",
        note="Check it with `meetcoord log fsck --database`, and take it to another machine. It holds addresses.",
    )


@click.command(cls=Command)
@click.argument("file", metavar="FILE", required=False, type=click.Path(path_type=Path))
@log_key_option
@click.option("--resume-mail", is_flag=True, help="Send what was held, even if some of it was sent before.")
@click.option(
    "--hold-mail", is_flag=True, help="Hold what is owed: after pg_restore, before the service starts."
)
def restore(file: Path | None, log_key: str | None, resume_mail: bool, hold_mail: bool) -> Answer:
    """Put the copy FILE in the place of the database.

    Only where no database lies, and only an intact one. Mail that the copy still owed may have left since: it is held,
    and leaves when you say --resume-mail. Stop the service first.
    """
    if (file is not None) + resume_mail + hold_mail != 1:
        usage("Name one FILE, or --resume-mail, or --hold-mail.")
    if resume_mail:
        return _told("released", _writing(settings(), _resume))
    if file is None:
        return _told("held", _writing(settings(), _hold))
    return _put_back(file, log_key)


def _put_back(file: Path, log_key: str | None) -> Answer:
    from meetcoord.adapters.sql.copies import put_back

    database = _file_or_told(settings(), PUT_BACK, file, f", then {THEN}")
    vkey = log_key_from(log_key) if log_key else own_log_key()
    _must_be_of_this_schema(file)
    with put_back(file.absolute(), database) as fresh:
        copy = with_database(str(fresh))
        report = asyncio.run(report_on(copy, vkey))
        if report.damages:
            raise Damaged(
                "the copy",
                f"{file} is not put back: {visible(report.damages[0])} For all of it: "
                f"`meetcoord log fsck --database {shlex.quote(str(file))}`.",
            )
        held = _writing(copy, _hold)
    return Answer(
        document={"file": str(database), "size": report.size, "held": held},
        text=f"{database}: {report.size} entries, intact. {held} messages are held.",
        note=MAYBE_SENT if held else "",
    )


def _told(what: str, count: int) -> Answer:
    return Answer(document={what: count}, text=f"{count} messages are {what}.")


def _file_or_told(chosen: Settings, command: str, file: Path, more: str = "") -> Path:
    """The SQLite file that the settings name. Raises Misconfigured with what to type for another database."""
    from meetcoord.adapters.sql.engine import database, file_of

    found = file_of(database(chosen.database_url))
    if found is None:
        typed = command.format(file=shlex.quote(str(file)), url=shlex.quote(chosen.database_url))
        raise Misconfigured(f"The database is no file: type `{typed}`{more}.")
    return found


def _must_be_of_this_schema(file: Path) -> None:
    from meetcoord.adapters.sql.migrate import current
    from meetcoord.adapters.sql.schema import REVISIONS

    if not file.is_file():
        raise Misconfigured(f"{file} is not there: name a file that `meetcoord backup` has written.")
    found = current(f"sqlite:///{file.absolute()}")
    if found != REVISIONS[-1]:
        raise Misconfigured(
            f"{file} has the schema {found or 'none'}, not {REVISIONS[-1]}: restore it with the version of meetcoord "
            "that wrote it, then upgrade."
        )


def _writing(chosen: Settings, work: "Callable[[Storage], Awaitable[int]]") -> int:
    from meetcoord.bootstrap import storage_of

    async def run() -> int:
        async with storage_of(chosen) as storage:
            return await work(storage)

    return asyncio.run(run())


async def _hold(storage: "Storage") -> int:
    from meetcoord.usecases.hold_mail import HoldMail

    return await HoldMail(storage)()


async def _resume(storage: "Storage") -> int:
    from meetcoord.adapters import system
    from meetcoord.usecases.hold_mail import ResumeMail

    return await ResumeMail(storage, system.now)()
