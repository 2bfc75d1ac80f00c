"""The witnesses: each asked what it has seen of the log, and held against what is here."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from meetcoord.cli.checks.finding import Finding, fail, ok, warn
from meetcoord.domain.errors import MeetcoordError
from meetcoord.settings import Settings

if TYPE_CHECKING:
    from meetcoord.ports.storage import Storage
    from meetcoord.usecases.ask_witness import AskWitness


def look(settings: Settings) -> Iterator[Finding]:
    if not settings.witnesses.policy_file:
        yield warn(
            "witnesses",
            "the log is not cosigned: nobody but this machine could tell a rewritten past. Name the agencies' "
            "witnesses in witnesses.policy_file.",
        )
        return
    try:
        yield from asyncio.run(_look(settings))
    except MeetcoordError as error:
        yield fail("witnesses", error.detail)


async def _look(settings: Settings) -> list[Finding]:
    from meetcoord.adapters import system
    from meetcoord.bootstrap import Keyring, storage_of
    from meetcoord.bootstrap.witnesses import witnesses_of
    from meetcoord.usecases.witnessed import FORKED

    vkey = Keyring.read(settings.keys_directory, settings.log_origin).signer.vkey
    async with (
        storage_of(settings, read_only=True) as storage,
        witnesses_of(settings, vkey, storage, system.now) as witnesses,
    ):
        now = await witnesses.read.now()
        told = now.sentence.partition("\n")[0]
        return [
            fail("witnesses", FORKED) if now.forks else ok("witnesses", told),
            *await asyncio.gather(*(_one(storage, each) for each in witnesses.asking)),
        ]


async def _one(storage: "Storage", ask: "AskWitness") -> Finding:
    """Asked as the service does when it starts, with nothing written down."""
    from meetcoord.usecases.ask_witness import root_at

    item = f"witness {ask.name}"
    try:
        seen = await ask.seen()
    except MeetcoordError as error:
        return warn(
            item, f"{error.detail} Ask its agency: `systemctl status meetcoord-witness` at {ask.known.url}."
        )
    async with storage.snapshot() as tx:
        head = await tx.log.head()
        same = seen is None or (seen.size <= head.size and await root_at(tx, seen.size) == seen.root)
    if seen is None:
        return warn(item, "it has cosigned nothing yet: start the service with `meetcoord serve`.")
    if seen.size > head.size:
        return fail(
            item,
            f"it has cosigned {seen.size} entries, {head.size} are here: restore the newest copy of the database, or "
            "type `meetcoord log import DIR`.",
        )
    if not same:
        return fail(item, "it has cosigned another history than the one here: type `meetcoord log forks`.")
    return ok(item, f"it agrees; it has cosigned {seen.size} of {head.size} entries.")
