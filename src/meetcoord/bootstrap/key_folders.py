"""Folders of keys that follow one another: a fresh one beside the former, a former one moved aside, none replaced."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Generic, TypeVar

import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from meetcoord.adapters.jitsi.keys import KEY_BITS, must_be_strong
from meetcoord.adapters.sealing import keyfiles
from meetcoord.domain import rotation
from meetcoord.domain.errors import Conflict, MeetcoordError, Misconfigured
from meetcoord.ports.system import Clock, Entropy

RETIRED = "retired"

_log = structlog.get_logger()
K = TypeVar("K")


class KeyKind(Enum):
    """What a folder's keys are for; its name is the folder's."""

    LINKS = "links"
    ROOMS = "rooms"
    SYSTEM = "system"

    @property
    def ending(self) -> str:
        return ".key" if self is KeyKind.LINKS else ".pem"

    def file(self, directory: Path, kid: str) -> Path:
        return directory / self.value / f"{kid}{self.ending}"

    def files(self, directory: Path) -> list[Path]:
        """By kid; `directory` is the one above the kinds."""
        return _files(directory / self.value, self.ending)

    def retired(self, directory: Path) -> list[Path]:
        return _files(directory / self.value / RETIRED, self.ending)


def make(directory: Path, kind: KeyKind, made_at: datetime, entropy: Entropy) -> Path:
    """A fresh key under a fresh kid. Raises Misconfigured."""
    path = kind.file(directory, rotation.new_kid(made_at, entropy(4)))
    if kind is KeyKind.LINKS:
        return made(path, lambda new: keyfiles.create_symmetric_key(new, entropy))
    return made(path, lambda new: keyfiles.create_rsa_key(new, KEY_BITS))


def made(path: Path, create: Callable[[Path], object]) -> Path:
    """A new key file; with the folders it needs it belongs to whoever owns the folder that was there before."""
    fresh = [each for each in (path, *path.parents) if not each.exists()]
    create(path)
    for each in fresh:
        _give_to_owner_of(fresh[-1].parent, each)
    return path


def rotate(directory: Path, kind: KeyKind, now: Clock, entropy: Entropy) -> Path:
    """A fresh key that will sign in place of the present one. Raises Conflict when the clock has gone back."""
    newest = max((rotation.made_at(path.stem) for path in kind.files(directory)), default=rotation.UNKNOWN)
    if newest > now() + rotation.MARGIN:
        raise Conflict(
            f"The newest key of {kind.value} was made at {newest:%Y-%m-%d %H:%M:%S}Z, which is still to come: "
            "set the clock, or retire that key."
        )
    # Names tell seconds: two keys of one second would have no order.
    return make(directory, kind, max(now(), newest + timedelta(seconds=1)), entropy)


def retire(path: Path) -> Path:
    """Move a key aside; returns where it now lies. Nothing is deleted or replaced. Raises Misconfigured."""
    aside = path.parent / RETIRED / path.name
    try:
        aside.parent.mkdir(mode=0o700, exist_ok=True)
        _give_to_owner_of(path.parent, aside.parent)
        if not (aside.exists() and aside.samefile(path)):  # a crash came between these two lines
            # A link fails where a rename would silently replace.
            aside.hardlink_to(path)
        path.unlink()
    except OSError as error:
        raise Misconfigured(f"{path} cannot be moved to {aside.parent}: {error.strerror}.") from None
    return aside


def read_rsa_key(path: Path) -> RSAPrivateKey:
    """Raises Misconfigured."""
    key = load_pem_private_key(keyfiles.read_private_key(path), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise Misconfigured(f"{path} is not an RSA key: Jitsi checks RS256 only.")
    must_be_strong(path.stem, key)
    return key


@dataclass(frozen=True, slots=True)
class Found(Generic[K]):
    """What looking into a folder brought to light."""

    present: frozenset[str]
    fresh: dict[str, K]
    faults: dict[str, str]


@dataclass(frozen=True, slots=True)
class KeyFolder(Generic[K]):
    """The keys of one kind that a running service holds; who signs or checks with them shares `held`."""

    directory: Path
    kind: KeyKind
    read_key: Callable[[Path], K] = field(repr=False)
    held: dict[str, K] = field(default_factory=dict, repr=False)
    told: set[str] = field(default_factory=set, repr=False)

    def read(self) -> dict[str, K]:
        """All keys, as at the start. Raises Misconfigured for any that cannot be used."""
        self.held.update({path.stem: self.read_key(path) for path in self.kind.files(self.directory)})
        return self.held

    def look(self) -> Found[K]:
        """Only what is not held yet is read: a key does not change under its kid, and proving one takes a while."""
        paths = {path.stem: path for path in self.kind.files(self.directory)}
        fresh, faults = {}, {}
        for kid in paths.keys() - self.held.keys():
            try:
                fresh[kid] = self.read_key(paths[kid])
            except MeetcoordError as fault:
                faults[kid] = fault.detail
        return Found(frozenset(paths), fresh, faults)

    def take(self, found: Found[K]) -> None:
        """Hold what was found: first the fresh, then without the retired, and never nothing at all."""
        self.held.update(found.fresh)
        gone = self.held.keys() - found.present
        if gone == self.held.keys():
            gone = set()
        for kid in gone:
            del self.held[kid]
        if found.fresh or gone:
            _log.info("keys changed", kind=self.kind.value, added=sorted(found.fresh), gone=sorted(gone))
        for kid, fault in found.faults.items():
            self._complain(kid, fault)

    def retire_served(self, now: datetime) -> None:
        """Move aside every key under which the last room token has expired.

        What is not held here, because it cannot be read, takes over from none.
        """
        held = list(self.held)
        for kid in held:
            until, path = rotation.published_until(kid, held), self.kind.file(self.directory, kid)
            if until and until <= now and path.exists():
                try:
                    retire(path)
                except MeetcoordError as fault:
                    self._complain(kid, fault.detail)

    def _complain(self, kid: str, fault: str) -> None:
        """Once for each fault, not at each look."""
        if fault not in self.told:
            self.told.add(fault)
            _log.error("key cannot be used", kind=self.kind.value, kid=kid, detail=fault)


def _files(folder: Path, ending: str) -> list[Path]:
    return sorted(p for p in folder.glob(f"*{ending}") if not p.name.startswith("."))


def _give_to_owner_of(folder: Path, path: Path) -> None:
    """An administrator who types as root must not leave a key that the service cannot read."""
    owner = folder.stat()
    with suppress(PermissionError):
        os.chown(path, owner.st_uid, owner.st_gid)
