"""`meetcoord witness`: what an agency runs on its own machine so that the log cannot be rewritten behind its back."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from meetcoord.cli.answers import FINE, Answer, table, tell
from meetcoord.cli.files import log_key_from
from meetcoord.cli.program import Group, wants_json
from meetcoord.domain.checkpoints import b64

DEFAULT_LISTEN = "127.0.0.1:8470"


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """`root` in base64, as the checkpoint has it; `note` bears the log's signature."""

    origin: str
    size: int
    root: str
    cosigned_at: datetime
    note: str


@click.group(cls=Group)
def witness() -> None:
    """Make, run and look at a witness, on a machine of the agency's own."""


folder_argument = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))


@witness.command()
@folder_argument
@click.option(
    "--name", required=True, help="Its name for ever, such as city.example.org/w1; no blanks, no plus."
)
def new(folder: Path, name: str) -> Answer:
    """Make a witness' key in DIR.

    The key signs what a log showed, in the agency's name; it opens nothing.
    """
    from meetcoord.bootstrap.witness import KEY, VKEY, WitnessFolder

    key = WitnessFolder(folder).create(name)
    vkey = key.encode()
    return Answer(
        document={
            "name": name,
            "vkey": vkey,
            "fingerprint": key.fingerprint,
            "key_file": str(folder / KEY),
            "vkey_file": str(folder / VKEY),
        },
        text=vkey,
        note=(
            f"Fingerprint: {key.fingerprint}\n"
            f"Send the line above (also in {folder / VKEY}) to the operator of the service and to every other agency, "
            "and compare the fingerprint by telephone.\n"
            f"{folder / KEY} leaves this machine for nobody."
        ),
    )


@witness.command()
@folder_argument
@click.option(
    "--log",
    "log_keys",
    metavar="VKEY",
    multiple=True,
    required=True,
    help="The key of a log to cosign, or the file that holds it (log.vkey); may be repeated.",
)
@click.option(
    "--listen",
    metavar="HOST:PORT",
    default=DEFAULT_LISTEN,
    show_default=True,
    help="Where it answers on this machine; port 0 takes a free one.",
)
@click.option(
    "--url", default="", help="The address the service is given, where a TLS proxy stands before it."
)
def serve(folder: Path, log_keys: tuple[str, ...], listen: str, url: str) -> int:
    """Cosign the logs named, until SIGTERM or Ctrl-C.

    Its journal goes to stderr as JSON lines.
    """
    from meetcoord.bootstrap.core_dumps import leave_no_core
    from meetcoord.bootstrap.journal import keep_journal
    from meetcoord.bootstrap.listening import new_loop
    from meetcoord.bootstrap.witness import WitnessFolder, serve_witness

    keys, (host, port), as_json = [log_key_from(each) for each in log_keys], _place(listen), wants_json()
    origins = list(dict.fromkeys(key.partition("+")[0] for key in keys))
    leave_no_core()
    keep_journal(sys.stderr)

    def ready(address: str) -> None:
        said = f"The witness is ready at {address} for {', '.join(origins)} (Ctrl-C stops it)."
        tell(Answer(document={"address": address, "logs": origins}, text=said), as_json=as_json)

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(serve_witness(WitnessFolder(folder), keys, host=host, port=port, url=url, ready=ready))
    return FINE


@witness.command()
@folder_argument
def show(folder: Path) -> Answer:
    """Show what was cosigned last, per log.

    The witness may be running. Compare with what the service shows.
    """
    from meetcoord.bootstrap.witness import WitnessFolder

    place = WitnessFolder(folder)
    vkey = place.cosigner().vkey
    lines = [
        LogLine(
            origin=each.checkpoint.origin,
            size=each.checkpoint.size,
            root=b64(each.checkpoint.root),
            cosigned_at=datetime.fromtimestamp(each.at, UTC),
            note=each.note,
        )
        for each in place.memory()
    ]
    rows = [
        (line.origin, str(line.size), line.root, f"{line.cosigned_at:%Y-%m-%d %H:%M:%S}Z") for line in lines
    ]
    told = table(["log", "size", "root", "cosigned"], rows) if rows else "Nothing has been cosigned yet."
    return Answer(document={"vkey": vkey, "logs": lines}, text=told)


def _place(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise click.BadParameter("write HOST:PORT, such as 127.0.0.1:8470.", param_hint="--listen")
    return host.strip("[]"), int(port)
