"""Tokens as somebody without right would make them; each differs from a good one in one point."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from meetcoord.adapters.jitsi.keys import KEY_BITS, published_name
from meetcoord.adapters.jitsi.tokens import JitsiRooms
from meetcoord.domain.invitations import RoomPass
from meetcoord.domain.values import AdmissionId
from meetcoord.ports.system import NewId

LIFE = timedelta(seconds=60)
HOUR = 3600

Claims = dict[str, Any]
FOREIGN = "https://nobody.example"

CHANGES: Mapping[str, Callable[[Claims], Claims]] = {
    "expired": lambda claims: claims | {key: claims[key] - HOUR for key in ("iat", "nbf", "exp")},
    "not_yet_valid": lambda claims: claims | {key: claims[key] + HOUR for key in ("iat", "nbf", "exp")},
    "without_exp": lambda claims: {key: value for key, value in claims.items() if key != "exp"},
    "foreign_audience": lambda claims: claims | {"aud": FOREIGN},
    "foreign_issuer": lambda claims: claims | {"iss": FOREIGN},
    "wildcard": lambda claims: claims | {"room": "*"},
    "foreign_domain": lambda claims: claims | {"sub": "nobody.example"},
}


@dataclass(frozen=True, slots=True)
class ProbeTokens:
    """Tokens for `room`, a name made for one probe, which nobody can have met before; each lives a minute."""

    rooms: JitsiRooms
    room: str
    now: datetime
    new_id: NewId

    def good(self, *, moderator: bool = False) -> str:
        """Exactly what an admitted person gets."""
        return self.rooms.entry(self._pass(self.room, moderator=moderator)).token

    def for_another_room(self) -> str:
        return self.rooms.entry(self._pass(f"check-{self.new_id()}")).token

    def changed(self, change: str) -> str:
        """A good signature under claims that are changed as CHANGES says."""
        return self._signed(CHANGES[change](self._claims()), self.rooms.keys.keys[self._kid])

    def of_a_foreign_key(self) -> str:
        """Our kid over somebody else's signature."""
        return self._signed(self._claims(), generate_private_key(public_exponent=65537, key_size=KEY_BITS))

    def of_the_public_key(self) -> str:
        """HS256 with the key that we publish as its secret: what a checker takes that lets the token choose."""
        pem = self.rooms.keys.published()[published_name(self._kid)]
        header = {"typ": "JWT", "alg": "HS256", "kid": self._kid}
        text = b".".join(_base64url(json.dumps(part).encode()) for part in (header, self._claims()))
        return (text + b"." + _base64url(hmac.digest(pem, text, "sha256"))).decode()

    @property
    def _kid(self) -> str:
        return self.rooms.keys.signing_kid(self.now)

    def _pass(self, room: str, *, moderator: bool = False) -> RoomPass:
        return RoomPass(
            id=AdmissionId(self.new_id()),
            room=room,
            alias=self.new_id(),
            name="meetcoord check",
            moderator=moderator,
            recording=False,
            lobby=False,
            issued_at=self.now,
            expires_at=self.now + LIFE,
        )

    def _claims(self) -> Claims:
        claims: Claims = msgspec.json.decode(_unbase64url(self.good().split(".")[1]))
        return claims

    def _signed(self, claims: Claims, key: RSAPrivateKey) -> str:
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": self._kid})


def _base64url(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _unbase64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
