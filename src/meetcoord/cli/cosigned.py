"""`meetcoord log witnesses`, `forks`, `import`: who has cosigned, what contradicts, what is brought back."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from meetcoord.cli.answers import FINE, NO, Answer
from meetcoord.cli.asking import reading
from meetcoord.cli.files import read
from meetcoord.cli.program import Command, settings
from meetcoord.domain.collected import KeptFork

if TYPE_CHECKING:
    from meetcoord.ports.storage import Storage, StoredCheckpoint
    from meetcoord.usecases.import_log import Imported
    from meetcoord.usecases.witnessed import CosignedNow, ReadWitnessed


@click.command(cls=Command)
def witnesses() -> Answer:
    """Say who has cosigned the log up to where, and who is silent.

    As the service noted it last; `meetcoord check` asks the witnesses themselves.
    """

    async def look(storage: "Storage") -> "CosignedNow":
        return await reader(storage).now()

    now = reading(look)
    return Answer(document=now, text=now.sentence)


@click.command(cls=Command)
def forks() -> Answer:
    """Print the proofs of a fork, if there are any.

    Pairs of notes that our log key signed and that exclude each other. Exit code 1 when there is one.
    """

    async def look(storage: "Storage") -> Sequence[KeptFork]:
        async with storage.snapshot() as tx:
            return await tx.witnesses.forks()

    found = reading(look)
    told = "\n".join(
        f"Found {each.found_at:%Y-%m-%d %H:%M:%S}Z, shown by {each.witness.partition('+')[0]}.\n"
        f"Ours:\n\n{each.ours}\nTheirs:\n\n{each.theirs}"
        for each in found
    )
    return Answer(document={"forks": found}, text=told or "No fork is known of.", code=NO if found else FINE)


@click.command("import", cls=Command)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def import_(folder: Path) -> Answer:
    """Bring missing entries back from DIR, an export of this log.

    For a service that was restored from an older backup; stop it first. What this log's key did not sign, or what does
    not continue what is here, is refused; after it, the service starts writing again.
    """
    done = asyncio.run(_imported(folder))
    if done.before == done.size:
        return Answer(document=done, text=f"Nothing is missing: the {done.size} entries here go as far.")
    said = f"Entries {done.before} to {done.size - 1} are back; the log has {done.size} entries."
    note = (
        f"{done.sealed} of them are sealed minutes whose sealed files are not in an export: every agency that fetched "
        "them still has them."
        if done.sealed
        else ""
    )
    return Answer(document=done, text=said, note=note)


async def _imported(folder: Path) -> "Imported":
    from meetcoord.adapters import system
    from meetcoord.adapters.sealing.notes import Ed25519Verifier
    from meetcoord.bootstrap import Keyring, storage_of
    from meetcoord.usecases.import_log import ImportLog

    chosen = settings()
    vkey = Keyring.read(chosen.keys_directory, chosen.log_origin).signer.vkey
    async with storage_of(chosen) as storage:
        bring = ImportLog(storage, Ed25519Verifier(), vkey, system.now)
        return await bring(lambda path: read(folder / path))


def reader(storage: "Storage") -> "ReadWitnessed":
    """What the witnesses have cosigned, as the policy of the settings counts. Raises Misconfigured."""
    from meetcoord.bootstrap import Keyring
    from meetcoord.bootstrap.witnesses import policy_of
    from meetcoord.usecases.witnessed import ReadWitnessed

    chosen = settings()
    if not chosen.witnesses.policy_file:
        return ReadWitnessed(storage, None)
    vkey = Keyring.read(chosen.keys_directory, chosen.log_origin).signer.vkey
    return ReadWitnessed(storage, policy_of(chosen, vkey))


async def newest(storage: "Storage", *, cosigned: bool) -> "StoredCheckpoint":
    """The newest checkpoint with the cosignatures it has, or the newest with a quorum. Raises NotFound."""
    witnessed = reader(storage)
    return await (witnessed.newest_witnessed() if cosigned else witnessed.newest())
