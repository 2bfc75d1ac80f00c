"""Cosigning checkpoints with Ed25519, and checking who did (C2SP tlog-cosignature v1.0.1, type 0x04)."""

from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from meetcoord.adapters.sealing.notes import check_ed25519, read_ed25519
from meetcoord.domain.checkpoints import (
    COSIGNATURE_ED25519,
    NoteSignature,
    VerifierKey,
    parse_note,
    parse_vkey,
)
from meetcoord.domain.cosignatures import (
    Cosignature,
    TimedSignature,
    cosigned_message,
    parse_timed_signature,
)
from meetcoord.domain.errors import Damaged


@dataclass(frozen=True, slots=True)
class Ed25519Cosigner:
    """A Cosigner. The private key stays out of its representation."""

    name: str
    key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def from_pem(cls, name: str, pem: bytes) -> Self:
        """Take an unencrypted PKCS #8 Ed25519 key. Raises Misconfigured, without quoting the file."""
        return cls(name, read_ed25519(pem, "witness key"))

    @property
    def vkey(self) -> str:
        return self._verifier_key().encode()

    def cosign(self, text: str, at: int) -> Cosignature:
        timed = TimedSignature(at, self.key.sign(cosigned_message(text, at)))
        line = NoteSignature(self.name, self._verifier_key().key_id, timed.encode())
        return Cosignature(self.name, at, line.encode())

    def _verifier_key(self) -> VerifierKey:
        return VerifierKey(self.name, COSIGNATURE_ED25519, self.key.public_key().public_bytes_raw())


@dataclass(frozen=True, slots=True)
class Ed25519CosignatureVerifier:
    """A CosignatureVerifier for keys of type 0x04 only: a log's own key must not pass for a witness'."""

    def verify(self, note: str, vkey: str) -> Cosignature:
        key = parse_vkey(vkey)
        if key.algorithm != COSIGNATURE_ED25519:
            raise Damaged("verifier key", "it is not an Ed25519 key for cosigning (type 0x04)")
        opened = parse_note(note)
        own = [each for each in opened.signatures if (each.name, each.key_id) == (key.name, key.key_id)]
        if not own:
            raise Damaged("note", f"it is not cosigned by {key.name} with the key {key.key_id.hex()}")
        return max((_checked(key, each, opened.text) for each in own), key=lambda found: found.at)


def _checked(key: VerifierKey, line: NoteSignature, text: str) -> Cosignature:
    timed = parse_timed_signature(line.signature)
    check_ed25519(key, timed.signature, cosigned_message(text, timed.at))
    return Cosignature(key.name, timed.at, line.encode())
