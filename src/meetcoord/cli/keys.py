"""`meetcoord keys`: the service's own keys, none of which opens sealed minutes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from meetcoord.cli.answers import Answer, table
from meetcoord.cli.auditor import auditor
from meetcoord.cli.files import private_folder, replace
from meetcoord.cli.program import Group, settings
from meetcoord.domain.checkpoints import parse_vkey

if TYPE_CHECKING:
    from meetcoord.bootstrap.keyring import Keyring


class KeyLine(msgspec.Struct, frozen=True, kw_only=True):
    """What may be told of a key; the secret half is in its file only."""

    kind: str
    file: str
    created: datetime
    kid: str = ""
    fingerprint: str = ""


@click.group(cls=Group)
def keys() -> None:
    """Make and list the service's own keys; make an auditor's."""


keys.add_command(auditor)


@keys.command()
def new() -> Answer:
    """Make every key that is missing; the others are left alone."""
    from meetcoord.adapters import system
    from meetcoord.bootstrap.keyring import create_missing

    chosen = settings()
    private_folder(chosen.data_directory)
    directory = chosen.keys_directory
    made = [str(path) for path in create_missing(directory, system.now, system.entropy)]
    said = "\n".join(made) or f"Nothing was missing in {directory}."
    return Answer(
        document={"made": made}, text=said, note="Back them up now, apart from the database." if made else ""
    )


@keys.command("list")
def list_() -> Answer:
    """List the keys: what for, where, since when. Never the secrets."""
    keyring, directory = _keyring()
    lines = list(_lines(keyring, directory))
    rows = [
        (line.kind, line.kid, f"{line.created:%Y-%m-%d %H:%M}Z", line.file, line.fingerprint)
        for line in lines
    ]
    return Answer(
        document={"keys": lines}, text=table(["kind", "kid", "created", "file", "fingerprint"], rows)
    )


@keys.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def public(folder: Path) -> Answer:
    """Write the public halves into DIR.

    log.vkey is for the agencies, rooms/*.pem for Jitsi.
    """
    keyring, _ = _keyring()
    published = keyring.room_keys.published()
    files = {folder / "log.vkey": f"{keyring.signer.vkey}\n".encode()}
    files |= {folder / "rooms" / f"{kid}.pem": published[_name(kid)] for kid in keyring.room_keys.keys}
    for path, data in files.items():
        replace(path, data)
    written = [str(path) for path in files]
    return Answer(
        document={"files": written, "log_key": keyring.signer.vkey},
        text="\n".join(written),
        note=f"The log key's fingerprint, to be compared by telephone: {parse_vkey(keyring.signer.vkey).fingerprint}",
    )


def _keyring() -> tuple["Keyring", Path]:
    from meetcoord.bootstrap.keyring import Keyring

    chosen = settings()
    return Keyring.read(chosen.keys_directory, chosen.log_origin), chosen.keys_directory


def _lines(keyring: "Keyring", directory: Path) -> Iterator[KeyLine]:
    from meetcoord.bootstrap.keyring import DRAFT_KEY, LINK_KEYS, LOG_KEY, ROOM_KEYS

    vkey = parse_vkey(keyring.signer.vkey)
    yield _line("log", directory / LOG_KEY, kid=vkey.name, fingerprint=vkey.fingerprint)
    yield _line("drafts", directory / DRAFT_KEY)
    for kid in sorted(keyring.link_keys):
        yield _line("links", directory / LINK_KEYS / f"{kid}.key", kid=kid)
    published = keyring.room_keys.published()
    for kid in sorted(keyring.room_keys.keys):
        path = directory / ROOM_KEYS / f"{kid}.pem"
        yield _line("rooms", path, kid=kid, fingerprint=sha256(published[_name(kid)]).hexdigest())


def _line(kind: str, path: Path, kid: str = "", fingerprint: str = "") -> KeyLine:
    created = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    return KeyLine(kind=kind, file=str(path), created=created, kid=kid, fingerprint=fingerprint)


def _name(kid: str) -> str:
    return sha256(kid.encode()).hexdigest()
