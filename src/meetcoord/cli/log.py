"""`meetcoord log`: check the whole log, export it, show its newest checkpoint."""

import asyncio
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from meetcoord.cli.answers import FINE, NO, Answer
from meetcoord.cli.asking import reading
from meetcoord.cli.cosigned import forks, import_, newest, reader, witnesses
from meetcoord.cli.evidence import log_key_option, visible
from meetcoord.cli.exporting import Export
from meetcoord.cli.files import log_key_from
from meetcoord.cli.program import Group, settings
from meetcoord.domain.checkpoints import parse_checkpoint, parse_note
from meetcoord.domain.errors import NotFound
from meetcoord.settings import Settings

if TYPE_CHECKING:
    from meetcoord.ports.storage import Storage, StoredCheckpoint
    from meetcoord.usecases.check_log import LogReport

EMPTY = "The log has no checkpoint yet: the service signs one soon after its first act."


@click.group(cls=Group)
def log() -> None:
    """Check, export and show the log; the service may be running."""


@log.command()
@click.option("--database", metavar="URL", help="Another database, such as a copy: a URL or a SQLite file.")
@log_key_option
def fsck(database: str | None, log_key: str | None) -> Answer:
    """Recompute the whole log and name every damage.

    Reads only. With --log-key it needs no private key, so a copy can be checked anywhere.
    """
    vkey = log_key_from(log_key) if log_key else own_log_key()
    report = asyncio.run(report_on(with_database(database), vkey))
    found = [*report.damages, *map(_unerased, report.unerased)]
    damages = "\n".join(map(visible, found))
    summary = f"{report.size} entries and {report.checkpoints} checkpoints checked: "
    if report.unerased and not report.damages:
        start = "They go at the next start of the service."
        return Answer(document=report, text=f"{damages}\n{summary}not erased as consented. {start}", code=NO)
    if report.damages:
        count = "1 damage" if len(found) == 1 else f"{len(found)} damages"
        verdict = f"{count}. Keep this database as it is, and restore a backup beside it."
        return Answer(document=report, text=f"{damages}\n{summary}{verdict}", code=NO, note=_flags(report))
    text = f"{summary}intact.{_absent(report)}{_erased(report)}"
    return Answer(document=report, text=text, code=FINE, note=_flags(report))


@log.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def export(folder: Path) -> Answer:
    """Write the log into DIR as static files.

    Tiles and checkpoint, which anyone can check. DIR is new, empty or an earlier export.
    """
    from meetcoord.usecases.read_log import ExportLog

    target = Export(folder)
    target.must_be_ours()

    async def work(storage: "Storage") -> int:
        target.must_continue((await _newest(storage)).note)
        written = 0
        # Closed here also when a tile contradicts the former export: the database must not stay open behind it.
        async with aclosing(ExportLog(storage, reader(storage))()) as files:
            async for path, data in files:
                written += target.take(path, data)
        return written

    written = reading(work)
    size = target.checkpoint().size
    return Answer(
        document={"directory": str(folder), "size": size, "files_written": written},
        text=f"{size} entries in {folder}, {written} files written.",
    )


@log.command()
@click.option("--cosigned", is_flag=True, help="The newest one that meets the quorum of the witnesses.")
def checkpoint(cosigned: bool) -> Answer:
    """Print the newest signed checkpoint.

    With the cosignatures that it has so far.
    """

    found = reading(partial(newest, cosigned=cosigned))
    origin = parse_checkpoint(parse_note(found.note).text).origin
    document = {"origin": origin, "size": found.size, "at": found.at, "note": found.note}
    return Answer(document=document, text=found.note, end="")


for command in (witnesses, forks, import_):
    log.add_command(command)


def _flags(report: "LogReport") -> str:
    return "\n".join(map(visible, report.flags))


def _absent(report: "LogReport") -> str:
    if not report.absent:
        return ""
    named = ", ".join(map(str, report.absent))
    return f" Brought back without their sealed files: entries {named}."


def _erased(report: "LogReport") -> str:
    if not report.erased:
        return ""
    return f" Erased with consent: entries {', '.join(map(str, report.erased))}."


def _unerased(index: int) -> str:
    return f"entry {index}: its sealed file is there, although the agencies have consented to its erasure"


async def _newest(storage: "Storage") -> "StoredCheckpoint":
    async with storage.snapshot() as tx:
        newest = await tx.log.newest_checkpoint()
    if newest is None:
        raise NotFound(EMPTY)
    return newest


async def report_on(chosen: Settings, vkey: str) -> "LogReport":
    from meetcoord.adapters.sealing.notes import Ed25519Verifier
    from meetcoord.bootstrap import storage_of
    from meetcoord.usecases.check_log import CheckLog

    async with storage_of(chosen, read_only=True) as storage:
        return await CheckLog(storage, Ed25519Verifier(), vkey)()


def with_database(database: str | None) -> Settings:
    """The settings, but for another database: a URL or a SQLite file."""
    from meetcoord.settings.sections import Database

    chosen = settings()
    if not database:
        return chosen
    url = database if "://" in database else f"sqlite:///{Path(database).absolute()}"
    other = Database(url=url, password_file=chosen.database.password_file)
    return msgspec.structs.replace(chosen, database=other)


def own_log_key() -> str:
    """The verifier key of this service's own log. Raises Misconfigured."""
    from meetcoord.bootstrap.keyring import Keyring

    chosen = settings()
    return Keyring.read(chosen.keys_directory, chosen.log_origin).signer.vkey
