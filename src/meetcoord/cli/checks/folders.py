"""The data directory and the keys: there, and readable by nobody else."""

import stat
from collections.abc import Iterator
from pathlib import Path

from meetcoord.cli.checks.finding import Finding, fail, ok, warn
from meetcoord.domain.errors import MeetcoordError
from meetcoord.settings import Settings
from meetcoord.settings.sections import Rooms


def look(settings: Settings) -> Iterator[Finding]:
    yield _data_directory(settings.data_directory)
    yield keys(settings)


def _data_directory(directory: Path) -> Finding:
    try:
        mode = directory.stat().st_mode
    except OSError as error:
        return fail(
            "data directory",
            f"{directory}: {error.strerror}. Type `meetcoord keys new` and `meetcoord migrate`.",
        )
    if not stat.S_ISDIR(mode):
        return fail("data directory", f"{directory} is no directory: change service.data_directory.")
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        return fail("data directory", f"others can write to {directory}: type `chmod 700 {directory}`.")
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return warn("data directory", f"others can look into {directory}: type `chmod 700 {directory}`.")
    return ok("data directory", f"{directory}, only for its owner.")


def keys(settings: Settings) -> Finding:
    from meetcoord.bootstrap.keyring import Keyring

    try:
        keyring = Keyring.read(settings.keys_directory, settings.log_origin)
    except MeetcoordError as error:
        return fail("keys", error.detail)
    if not keyring.link_keys:
        return fail("keys", "there is no key for join links: type `meetcoord keys new`.")
    if not keyring.jitsi_secret and settings.rooms != Rooms():
        return warn(
            "keys",
            "there is no jitsi.key, so whatever Jitsi asks or reports is refused: type `meetcoord keys new`, and give "
            "Prosody the new file.",
        )
    if _share_their_folder(settings):
        return warn(
            "keys",
            f"they lie in {settings.data_directory} with the database, and who copies both reads drafts: move "
            f"{settings.keys_directory} to a folder of its own, and name that in keys.directory.",
        )
    return ok(
        "keys",
        f"log, drafts, codes, {len(keyring.link_keys)} for links, {len(keyring.room_keys.keys)} for rooms, "
        f"{len(keyring.system_keys.keys)} for orders to them; mode 0600.",
    )


def _share_their_folder(settings: Settings) -> bool:
    beside = settings.database_url.startswith("sqlite:")
    return beside and settings.keys_directory.is_relative_to(settings.data_directory)
