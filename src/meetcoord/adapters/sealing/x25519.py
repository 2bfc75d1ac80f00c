"""The X25519 stanza, reading only, so that the public test vectors of the format apply; no door offers it."""

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from meetcoord.adapters.sealing import bech32
from meetcoord.adapters.sealing.stanzas import FILE_KEY, Stanza, damaged, decode_base64, derive
from meetcoord.domain.errors import Invalid

KIND = "X25519"
IDENTITY_PREFIX = "AGE-SECRET-KEY-"
_INFO = b"age-encryption.org/v1/X25519"
_KEY = 32
_TAG = 16


@dataclass(frozen=True, slots=True)
class X25519Identity:
    """Opens X25519 stanzas (C2SP age v1.1.0, "The X25519 recipient type")."""

    key: X25519PrivateKey = field(repr=False)

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """The file key, or nothing when the stanza is for somebody else. Raises Damaged when malformed."""
        if stanza.arguments[0] != KIND:
            return None
        share = _share(stanza)
        try:
            secret = self.key.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError:
            raise damaged("a recipient stanza holds a point of low order") from None
        wrapping = derive(secret, share + self.key.public_key().public_bytes_raw(), _INFO)
        try:
            return ChaCha20Poly1305(wrapping).decrypt(bytes(12), stanza.body, None)
        except InvalidTag:
            return None


def parse_identity(text: str) -> X25519Identity:
    """Raises Invalid; the message never repeats the secret."""
    prefix, raw = bech32.decode(text)
    if prefix != IDENTITY_PREFIX or len(raw) != _KEY:
        raise Invalid("This is not an X25519 identity: give the line that begins with AGE-SECRET-KEY-1.")
    return X25519Identity(X25519PrivateKey.from_private_bytes(raw))


def _share(stanza: Stanza) -> bytes:
    if len(stanza.arguments) != 2:
        raise damaged("a recipient stanza has a wrong number of arguments")
    share = decode_base64(stanza.arguments[1].encode("ascii"))
    if len(share) != _KEY or len(stanza.body) != FILE_KEY + _TAG:
        raise damaged("a recipient stanza has a wrong length")
    return share
