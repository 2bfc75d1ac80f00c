"""Names of rooms for checking the video system: an end, a little chance, and an HMAC that vouches for both."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from meetcoord.domain.probes import ProbeRoom
from meetcoord.ports.system import Entropy

_END, _CHANCE, _SEAL = 4, 2, 10
_KEY, _NAME, _RECEIPT = b"meetcoord probe rooms", b"name|", b"receipt|"


@dataclass(frozen=True, slots=True)
class DerivedProbeRooms:
    """`key` is 32 bytes that serve nothing else. The names look like those of all our rooms."""

    key: bytes = field(repr=False)
    entropy: Entropy

    @classmethod
    def under(cls, key: bytes, entropy: Entropy) -> Self:
        """With a key derived from another, of which it tells nothing."""
        return cls(hmac.digest(key, _KEY, hashlib.sha256), entropy)

    def until(self, ends_at: datetime) -> ProbeRoom:
        said = int(ends_at.timestamp()).to_bytes(_END) + self.entropy(_CHANCE)
        return self._room(said, _written(said + self._digest(_NAME + said)))

    def known(self, room: str) -> ProbeRoom | None:
        name = _read(room)
        said, seal = name[: _END + _CHANCE], name[_END + _CHANCE :]
        # Read again as it is written: of two spellings of one name, Jitsi would make two rooms.
        if not hmac.compare_digest(seal, self._digest(_NAME + said)) or _written(name) != room:
            return None
        return self._room(said, room)

    def _room(self, said: bytes, room: str) -> ProbeRoom:
        ends_at = datetime.fromtimestamp(int.from_bytes(said[:_END]), UTC)
        return ProbeRoom(room=room, ends_at=ends_at, receipt=_written(self._digest(_RECEIPT + said)))

    def _digest(self, said: bytes) -> bytes:
        return hmac.digest(self.key, said, hashlib.sha256)[:_SEAL]


def _written(name: bytes) -> str:
    return base64.b32encode(name).decode().rstrip("=").lower()


def _read(room: str) -> bytes:
    try:
        return base64.b32decode(room.upper() + "=" * (-len(room) % 8))
    except (binascii.Error, ValueError):
        return b""
