"""The service's own keys: one purpose each, one file each, none of them able to open sealed minutes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from meetcoord.adapters.jitsi.tokens import KEY_BITS, RoomKeys
from meetcoord.adapters.sealing import keyfiles
from meetcoord.adapters.sealing.notes import Ed25519Signer
from meetcoord.domain.errors import Misconfigured
from meetcoord.ports.system import Clock, Entropy

LOG_KEY = "log.pem"
DRAFT_KEY = "drafts.key"
LINK_KEYS = "links"
ROOM_KEYS = "rooms"


@dataclass(frozen=True, slots=True)
class Keyring:
    signer: Ed25519Signer
    draft_key: bytes = field(repr=False)
    link_keys: Mapping[str, bytes] = field(repr=False)
    room_keys: RoomKeys = field(repr=False)

    @classmethod
    def read(cls, directory: Path, origin: str) -> Self:
        """Raises Misconfigured, saying which key is missing or unsafe and what to type."""
        if not (directory / LOG_KEY).exists():
            raise Misconfigured(f"There are no keys in {directory}: type `meetcoord keys new`.")
        return cls(
            signer=Ed25519Signer.from_pem(origin, keyfiles.read(directory / LOG_KEY)),
            draft_key=keyfiles.read_symmetric_key(directory / DRAFT_KEY),
            link_keys={p.stem: keyfiles.read_symmetric_key(p) for p in _files(directory / LINK_KEYS, ".key")},
            room_keys=RoomKeys({p.stem: _rsa(p) for p in _files(directory / ROOM_KEYS, ".pem")}),
        )


def create_missing(directory: Path, now: Clock, entropy: Entropy) -> list[Path]:
    """Make each key that is not there yet; returns the new files. Keys that exist are left alone."""
    kid = f"{now():%Y%m%dt%H%M%S}-{entropy(4).hex()}"
    made = []
    if not (directory / LOG_KEY).exists():
        keyfiles.create_ed25519_key(directory / LOG_KEY)
        made.append(directory / LOG_KEY)
    if not (directory / DRAFT_KEY).exists():
        keyfiles.create_symmetric_key(directory / DRAFT_KEY, entropy)
        made.append(directory / DRAFT_KEY)
    if not _files(directory / LINK_KEYS, ".key"):
        keyfiles.create_symmetric_key(directory / LINK_KEYS / f"{kid}.key", entropy)
        made.append(directory / LINK_KEYS / f"{kid}.key")
    if not _files(directory / ROOM_KEYS, ".pem"):
        keyfiles.create_rsa_key(directory / ROOM_KEYS / f"{kid}.pem", KEY_BITS)
        made.append(directory / ROOM_KEYS / f"{kid}.pem")
    return made


def _files(directory: Path, suffix: str) -> list[Path]:
    return sorted(p for p in directory.glob(f"*{suffix}") if not p.name.startswith("."))


def _rsa(path: Path) -> RSAPrivateKey:
    key = load_pem_private_key(keyfiles.read_private_key(path), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise Misconfigured(f"{path} is not an RSA key: Jitsi checks RS256 only.")
    return key
