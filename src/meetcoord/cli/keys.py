"""`meetcoord keys`: the service's own keys, none of which opens sealed minutes."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from meetcoord.cli.answers import Answer, table
from meetcoord.cli.approver import approver_key
from meetcoord.cli.auditor import auditor
from meetcoord.cli.files import private_folder, replace
from meetcoord.cli.program import Group, settings
from meetcoord.cli.rotation import retire, rotate, standings
from meetcoord.domain import rotation
from meetcoord.domain.checkpoints import parse_vkey

if TYPE_CHECKING:
    from meetcoord.bootstrap.keyring import Keyring


class KeyLine(msgspec.Struct, frozen=True, kw_only=True):
    """What may be told of a key; the secret half is in its file only."""

    kind: str
    file: str
    created: datetime
    age_days: int
    kid: str = ""
    fingerprint: str = ""
    state: str = "in use"
    safe_to_retire: bool = False
    retire_after: datetime | None = None
    remark: str = ""


@click.group(cls=Group)
def keys() -> None:
    """Make and list the service's own keys; make an auditor's or an approver's."""


keys.add_command(auditor)
keys.add_command(approver_key)
keys.add_command(rotate)
keys.add_command(retire)


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
    """List the keys: what for, since when, whether safe to retire.

    Never the secrets.
    """
    keyring, directory = _keyring()
    lines = [*_single(keyring, directory), *_following(keyring)]
    headings = ["kind", "kid", "state", "created", "days", "remark", "file", "fingerprint"]
    return Answer(document={"keys": lines}, text=table(headings, [_row(line) for line in lines]))


def _row(line: KeyLine) -> Sequence[str]:
    created = f"{line.created:%Y-%m-%d %H:%M}Z"
    remark = "safe to retire" if line.safe_to_retire else "" if line.state == "signing" else line.remark
    return (
        line.kind, line.kid, line.state, created, str(line.age_days), remark, line.file, line.fingerprint,
    )  # fmt: skip


@keys.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def public(folder: Path) -> Answer:
    """Write the public halves into DIR.

    log.vkey is for the agencies, rooms/*.pem and system/*.pem are for Jitsi.
    """
    keyring, _ = _keyring()
    files = {folder / "log.vkey": f"{keyring.signer.vkey}\n".encode()}
    for name, ring in (("rooms", keyring.room_keys), ("system", keyring.system_keys)):
        published = ring.published()
        files |= {folder / name / f"{kid}.pem": published[_name(kid)] for kid in ring.keys}
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


def _single(keyring: "Keyring", directory: Path) -> Iterator[KeyLine]:
    from meetcoord.bootstrap.keyring import CODE_KEY, DRAFT_KEY, JITSI_KEY, LOG_KEY

    vkey = parse_vkey(keyring.signer.vkey)
    yield _line("log", directory / LOG_KEY, kid=vkey.name, fingerprint=vkey.fingerprint)
    yield _line("drafts", directory / DRAFT_KEY)
    yield _line("codes", directory / CODE_KEY)
    if keyring.jitsi_secret:
        yield _line("jitsi", directory / JITSI_KEY)


def _following(keyring: "Keyring") -> Iterator[KeyLine]:
    """Of the kinds whose keys follow one another: those in use, then those moved aside."""
    from meetcoord.adapters import system
    from meetcoord.bootstrap.key_folders import KeyKind

    chosen = settings()
    published = {**keyring.room_keys.published(), **keyring.system_keys.published()}
    for kind in KeyKind:
        for each in standings(chosen, kind, system.now()):
            pem = published.get(_name(each.kid)) if kind is not KeyKind.LINKS else None
            yield _line(
                kind.value,
                kind.file(chosen.keys_directory, each.kid),
                kid=each.kid,
                fingerprint=sha256(pem).hexdigest() if pem else "",
                state=each.state,
                safe_to_retire=each.safe_to_retire,
                retire_after=each.retire_after,
                remark=each.waits_for,
            )
        for path in kind.retired(chosen.keys_directory):
            yield _line(kind.value, path, kid=path.stem, state="retired")


def _line(kind: str, path: Path, kid: str = "", **more: Any) -> KeyLine:
    from meetcoord.adapters import system

    # The kid says it where it can: a backup that was restored has younger files than keys.
    created = rotation.made_at(kid)
    if created == rotation.UNKNOWN:
        created = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    age = max(0, (system.now() - created).days)
    return KeyLine(kind=kind, file=str(path), created=created, age_days=age, kid=kid, **more)


def _name(kid: str) -> str:
    return sha256(kid.encode()).hexdigest()
