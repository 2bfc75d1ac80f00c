"""The database: reachable, of this version's schema, durable; and the log in it, looked at quickly."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from meetcoord.cli.checks.finding import Finding, fail, ok, warn
from meetcoord.domain import merkle
from meetcoord.domain.checkpoints import Checkpoint, parse_checkpoint
from meetcoord.domain.errors import Damaged, MeetcoordError
from meetcoord.settings import Settings

if TYPE_CHECKING:
    from meetcoord.ports.storage import LogHead, Storage, StoredCheckpoint

ROOM_FOR_SKEW = timedelta(minutes=1)


def look(settings: Settings) -> Iterator[Finding]:
    try:
        yield from asyncio.run(_look(settings))
    except MeetcoordError as error:
        yield fail("database", error.detail)
        yield warn("log", "not looked at, as the database could not be opened.")


async def _look(settings: Settings) -> list[Finding]:
    from meetcoord.bootstrap import storage_of

    async with storage_of(settings, read_only=True) as storage:
        sqlite = settings.database_url.startswith("sqlite:")
        kind = "SQLite, every commit synced to disk" if sqlite else "PostgreSQL, synchronous commit"
        return [ok("database", f"{kind}; the schema is this version's."), *await _log(settings, storage)]


async def _log(settings: Settings, storage: "Storage") -> list[Finding]:
    async with storage.snapshot() as tx:
        head, newest = await tx.log.head(), await tx.log.newest_checkpoint()
        waiting = len(await tx.log.promised(1000))
        if newest is None:
            return [ok("log", f"no checkpoint yet; {head.size} entries placed, {waiting} waiting.")]
        places = merkle.frontier_places(newest.size)
        nodes = {(n.level, n.index): n.hash for n in await tx.log.nodes(places)}
    frontier = [nodes[place] for place in places if place in nodes]
    findings = [_clock(newest)] if _clock_is_behind(newest) else []
    try:
        signed = _signed(settings, newest)
        _must_agree(signed, head, frontier, complete=len(frontier) == len(places))
    except MeetcoordError as error:
        return [*findings, fail("log", f"{error.detail} Type `meetcoord log fsck`.")]
    behind = (
        f", {head.size - newest.size + waiting} not yet covered" if head.size > newest.size or waiting else ""
    )
    return [
        *findings,
        ok(
            "log",
            f"{newest.size} entries under the newest checkpoint{behind}; for all of it: `meetcoord log fsck`.",
        ),
    ]


def _signed(settings: Settings, newest: "StoredCheckpoint") -> Checkpoint:
    from meetcoord.adapters.sealing.notes import Ed25519Verifier
    from meetcoord.bootstrap.keyring import Keyring

    vkey = Keyring.read(settings.keys_directory, settings.log_origin).signer.vkey
    return parse_checkpoint(Ed25519Verifier().verify(newest.note, vkey))


def _must_agree(signed: Checkpoint, head: "LogHead", frontier: list[bytes], *, complete: bool) -> None:
    if head.size < signed.size:
        raise Damaged("log", f"{signed.size} entries were signed, {head.size} are there.")
    if not complete or merkle.root_from_frontier(frontier) != signed.root:
        raise Damaged("log", f"the first {signed.size} entries no longer lead to the root that was signed.")


def _clock_is_behind(newest: "StoredCheckpoint") -> bool:
    from meetcoord.adapters import system

    return newest.at > system.now() + ROOM_FOR_SKEW


def _clock(newest: "StoredCheckpoint") -> Finding:
    return fail(
        "clock",
        f"it is behind the newest checkpoint ({newest.at:%Y-%m-%d %H:%M}Z): type `timedatectl set-ntp true`.",
    )
