"""Signed notes with Ed25519 (C2SP signed-note v1.0.0, signature type 0x01)."""

from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from meetcoord.domain.checkpoints import ED25519, Note, NoteSignature, VerifierKey, parse_note, parse_vkey
from meetcoord.domain.errors import Damaged, Misconfigured


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    """A CheckpointSigner. The private key stays out of its representation."""

    name: str
    key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def from_pem(cls, name: str, pem: bytes) -> Self:
        """Take an unencrypted PKCS #8 Ed25519 key. Raises Misconfigured, without quoting the file."""
        return cls(name, read_ed25519(pem, "log key"))

    @property
    def vkey(self) -> str:
        return self._verifier_key().encode()

    def sign(self, text: str) -> str:
        signature = NoteSignature(self.name, self._verifier_key().key_id, self.key.sign(text.encode()))
        return Note(text, (signature,)).encode()

    def _verifier_key(self) -> VerifierKey:
        return VerifierKey(self.name, ED25519, self.key.public_key().public_bytes_raw())


@dataclass(frozen=True, slots=True)
class Ed25519Verifier:
    """A NoteVerifier for keys of type 0x01 only: a cosigner's key must not pass for a log's."""

    def verify(self, note: str, vkey: str) -> str:
        key = parse_vkey(vkey)
        if key.algorithm != ED25519:
            raise Damaged("verifier key", "it is not an Ed25519 key for signing notes (type 0x01)")
        opened = parse_note(note)
        own = [
            each.signature for each in opened.signatures if (each.name, each.key_id) == (key.name, key.key_id)
        ]
        if not own:
            raise Damaged("note", f"it is not signed by {key.name} with the key {key.key_id.hex()}")
        for signature in own:
            check_ed25519(key, signature, opened.text.encode())
        return opened.text


def read_ed25519(pem: bytes, what: str) -> Ed25519PrivateKey:
    """An unencrypted PKCS #8 Ed25519 key. Raises Misconfigured, without quoting the file."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Misconfigured(
            f"The {what} file does not hold an unencrypted private key in PEM form."
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise Misconfigured(f"The {what} is not an Ed25519 key: restore it, or have meetcoord make another.")
    return key


def check_ed25519(key: VerifierKey, signature: bytes, message: bytes) -> None:
    """Raises Damaged unless `key` signed exactly `message`."""
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError) as fault:
        raise Damaged("note", f"the signature of {key.name} does not belong to this text") from fault
