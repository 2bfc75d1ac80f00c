"""The service's own keys: one purpose each, one file each, none of them able to open sealed minutes."""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from meetcoord.adapters import system
from meetcoord.adapters.identity.probe_rooms import DerivedProbeRooms
from meetcoord.adapters.jitsi.keys import RoomKeys, SystemKeys
from meetcoord.adapters.sealing import keyfiles
from meetcoord.adapters.sealing.notes import Ed25519Signer
from meetcoord.bootstrap.key_folders import KeyFolder, KeyKind, made, make, read_rsa_key
from meetcoord.domain.errors import Misconfigured
from meetcoord.ports.system import Clock, Entropy

LOG_KEY = "log.pem"
DRAFT_KEY = "drafts.key"
CODE_KEY = "codes.key"
JITSI_KEY = "jitsi.key"


@dataclass(frozen=True, slots=True)
class Keyring:
    signer: Ed25519Signer
    draft_key: bytes = field(repr=False)
    code_key: bytes = field(repr=False)
    link_keys: Mapping[str, bytes] = field(repr=False)
    room_keys: RoomKeys = field(repr=False)
    system_keys: SystemKeys = field(repr=False)
    folders: tuple[KeyFolder[Any], ...] = ()
    jitsi_secret: str = field(default="", repr=False)

    @property
    def probe_rooms(self) -> DerivedProbeRooms:
        """By their names the service knows the rooms that a check makes on the same machine."""
        return DerivedProbeRooms.under(self.code_key, system.entropy)

    @classmethod
    def read(cls, directory: Path, origin: str) -> Self:
        """Raises Misconfigured, saying which key is missing or unsafe and what to type."""
        if not (directory / LOG_KEY).exists():
            raise Misconfigured(f"There are no keys in {directory}: type `meetcoord keys new`.")
        if not (directory / CODE_KEY).exists():
            raise Misconfigured(
                f"There is no key for one-time codes in {directory}: type `meetcoord keys new`, which adds it and "
                "leaves the others alone."
            )
        links = KeyFolder(directory, KeyKind.LINKS, keyfiles.read_symmetric_key)
        rooms = KeyFolder(directory, KeyKind.ROOMS, read_rsa_key)
        systems = KeyFolder(directory, KeyKind.SYSTEM, read_rsa_key)
        return cls(
            signer=Ed25519Signer.from_pem(origin, keyfiles.read(directory / LOG_KEY)),
            draft_key=keyfiles.read_symmetric_key(directory / DRAFT_KEY),
            code_key=keyfiles.read_symmetric_key(directory / CODE_KEY),
            link_keys=links.read(),
            room_keys=RoomKeys(rooms.read()),
            system_keys=SystemKeys(systems.read()),
            folders=(links, rooms, systems),
            jitsi_secret=_jitsi_secret(directory / JITSI_KEY),
        )


@dataclass(frozen=True, slots=True)
class FollowKeys:
    """What a running service does about rotation: it sees fresh and retired keys, and retires what has served.

    Links are not retired so: only the meetings tell how long one is needed.
    """

    folders: tuple[KeyFolder[Any], ...]
    now: Clock

    async def __call__(self) -> None:
        for folder in self.folders:
            if folder.kind is not KeyKind.LINKS:
                folder.retire_served(self.now())
            folder.take(await asyncio.to_thread(folder.look))


def create_missing(directory: Path, now: Clock, entropy: Entropy) -> list[Path]:
    """Make each key that is not there yet; returns the new files. Keys that exist are left alone."""
    singles: dict[str, Callable[[Path], object]] = {LOG_KEY: keyfiles.create_ed25519_key}
    singles |= dict.fromkeys(
        (DRAFT_KEY, CODE_KEY, JITSI_KEY), lambda path: keyfiles.create_symmetric_key(path, entropy)
    )
    missing = {
        directory / name: create for name, create in singles.items() if not (directory / name).exists()
    }
    return [
        *(made(path, create) for path, create in missing.items()),
        *(make(directory, kind, now(), entropy) for kind in KeyKind if not kind.files(directory)),
    ]


def _jitsi_secret(path: Path) -> str:
    """What stands in the file is what Jitsi sends. Raises Misconfigured.

    Where there is none nobody passes for Jitsi, and all else works: not every video system asks before it opens a room.
    """
    return b64encode(keyfiles.read_symmetric_key(path)).decode() if path.exists() else ""
