"""The mlkem768x25519 stanza and its keys (C2SP age v1.1.0): HPKE with ML-KEM-768 and X25519 together."""

from dataclasses import dataclass, field
from functools import cache, lru_cache
from hashlib import shake_256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from meetcoord.adapters.sealing import bech32
from meetcoord.adapters.sealing.stanzas import FILE_KEY, Stanza, damaged, decode_base64, encode_base64
from meetcoord.domain.errors import Invalid

KIND = "mlkem768x25519"
RECIPIENT_PREFIX = "age1pq"
IDENTITY_PREFIX = "AGE-SECRET-KEY-PQ-"
SEED = 32
_INFO = b"age-encryption.org/mlkem768x25519"
_ENCAPSULATED, _CIPHERTEXT, _ENCAPSULATION_KEY, _SHARE = 1120, 1088, 1184, 32
_TAG = 16


@cache
def suite() -> Suite:
    """KEM 0x647a, KDF 0x0001, AEAD 0x0003 (RFC 9180 and draft-ietf-hpke-pq)."""
    return Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


@lru_cache(maxsize=1024)
def parse_recipient(text: str) -> MLKEM768X25519PublicKey:
    """Raises Invalid. Kept once parsed: reading the string costs more than sealing to the key."""
    prefix, raw = bech32.decode(text)
    if prefix != RECIPIENT_PREFIX:
        raise Invalid("Minutes are sealed to post-quantum keys only: give one that begins with age1pq1.")
    if len(raw) != _ENCAPSULATION_KEY + _SHARE:
        raise Invalid("This recipient has a wrong length: copy the whole line that begins with age1pq1.")
    try:
        key = MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(raw[:_ENCAPSULATION_KEY]),
            X25519PublicKey.from_public_bytes(raw[_ENCAPSULATION_KEY:]),
        )
        # A trial: an X25519 half of low order is only noticed when something is sealed to it.
        suite().encrypt(bytes(FILE_KEY), key, _INFO)
    except ValueError:
        raise Invalid("This recipient is not a usable key: nothing could be sealed to it.") from None
    return key


def wrap(file_key: bytes, recipient: str) -> Stanza:
    sealed = suite().encrypt(file_key, parse_recipient(recipient), _INFO)
    return Stanza((KIND, encode_base64(sealed[:_ENCAPSULATED]).decode("ascii")), sealed[_ENCAPSULATED:])


def wrapped_key(stanza: Stanza) -> bytes:
    """The HPKE ciphertext (1,152 bytes) of a stanza of this kind. Raises Damaged when it is malformed."""
    if len(stanza.arguments) != 2:
        raise damaged("a recipient stanza has a wrong number of arguments")
    enc = decode_base64(stanza.arguments[1].encode("ascii"))
    # The length of the body is fixed before anything is decrypted, so that no longer key can be smuggled in.
    if len(enc) != _ENCAPSULATED or len(stanza.body) != FILE_KEY + _TAG:
        raise damaged("a recipient stanza has a wrong length")
    return enc + stanza.body


@dataclass(frozen=True, slots=True)
class HybridIdentity:
    """Opens mlkem768x25519 stanzas."""

    recipient: str
    key: MLKEM768X25519PrivateKey = field(repr=False)
    share: X25519PrivateKey = field(repr=False)

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """The file key, or nothing when the stanza is for somebody else. Raises Damaged when malformed."""
        return self.unwrap_key(wrapped_key(stanza)) if stanza.arguments[0] == KIND else None

    def unwrap_key(self, wrapped: bytes) -> bytes | None:
        """The same from the ciphertext alone."""
        try:
            return suite().decrypt(wrapped, self.key, _INFO)
        except InvalidTag:
            self._refuse_low_order(wrapped[_CIPHERTEXT:_ENCAPSULATED])
            return None

    def _refuse_low_order(self, share: bytes) -> None:
        # HPKE reports a forbidden all-zero secret like a stanza for somebody else; only the former is damage.
        try:
            self.share.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError:
            raise damaged("a recipient stanza holds a point of low order") from None


# Opening many files in a row must not expand the same seed each time; a handful of auditors' keys is enough.
@lru_cache(maxsize=4)
def parse_identity(text: str) -> HybridIdentity:
    """Raises Invalid; the message never repeats the secret."""
    prefix, seed = bech32.decode(text)
    if prefix != IDENTITY_PREFIX or len(seed) != SEED:
        raise Invalid("This is no post-quantum identity: give the line beginning with AGE-SECRET-KEY-PQ-1.")
    return expand(seed)


def expand(seed: bytes) -> HybridIdentity:
    """The key pair of a 32-byte seed: SHAKE256 gives 64 bytes for ML-KEM-768 and 32 for X25519."""
    material = shake_256(seed).digest(96)
    kem = MLKEM768PrivateKey.from_seed_bytes(material[:64])
    share = X25519PrivateKey.from_private_bytes(material[64:])
    public = kem.public_key().public_bytes_raw() + share.public_key().public_bytes_raw()
    recipient = bech32.encode(RECIPIENT_PREFIX, public)
    return HybridIdentity(recipient, MLKEM768X25519PrivateKey(kem, share), share)


def trial() -> None:
    """Seals to a throw-away key. Raises UnsupportedAlgorithm on a backend without ML-KEM."""
    wrap(bytes(FILE_KEY), expand(bytes(SEED)).recipient)
