"""RSA keys that Prosody fetches by the hash of their kid: one kind for room tokens, another for system tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import ClassVar

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from meetcoord.domain import rotation
from meetcoord.domain.errors import Misconfigured

KEY_BITS = 2048


def must_be_strong(kid: str, key: RSAPrivateKey) -> None:
    if key.key_size < KEY_BITS:
        raise Misconfigured(f"RSA key {kid} has {key.key_size} bits: make one of {KEY_BITS} at least.")


@dataclass(frozen=True, slots=True)
class RsaKeys:
    """Private keys by kid; all are published, and the moment says which one signs. The mapping may change under us."""

    kind: ClassVar[str]

    keys: Mapping[str, RSAPrivateKey] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.keys:
            raise Misconfigured(f"There is no {self.kind} key: type `meetcoord keys new`.")
        for kid, key in self.keys.items():
            must_be_strong(kid, key)

    def signing_kid(self, at: datetime) -> str:
        return rotation.signing(self.keys, at)

    def signed(self, claims: Mapping[str, object], at: datetime) -> str:
        """A token under the key that signs at that moment, with exactly the header that Prosody takes."""
        kid = self.signing_kid(at)
        return jwt.encode(dict(claims), self.keys[kid], algorithm="RS256", headers={"kid": kid})

    def published(self) -> Mapping[str, bytes]:
        """PEM public keys under the name Prosody asks for: the lower-case hex SHA-256 of the kid."""
        return {published_name(kid): _public_pem(key) for kid, key in self.keys.items()}


@dataclass(frozen=True, slots=True)
class RoomKeys(RsaKeys):
    """For the tokens that people enter with."""

    kind = "room"


@dataclass(frozen=True, slots=True)
class SystemKeys(RsaKeys):
    """For the tokens that end rooms: were they the room keys, any participant could end any meeting."""

    kind = "system"


def published_name(kid: str) -> str:
    return sha256(kid.encode()).hexdigest()


# Asked for at each unknown kid, which a flood of bad tokens makes Prosody do: writing the PEM once is enough.
@lru_cache(maxsize=64)
def _public_pem(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
