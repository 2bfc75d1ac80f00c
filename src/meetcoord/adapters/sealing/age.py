"""Seals minutes as age files that any age 1.3 opens, and opens them again: post-quantum recipients only."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm

from meetcoord.adapters.sealing import bech32, hybrid, stanzas, stream
from meetcoord.adapters.sealing.stanzas import FILE_KEY, Header, damaged
from meetcoord.domain.errors import Forbidden, Invalid, Misconfigured
from meetcoord.domain.sealing import HEADER_LIMIT, SealedFile
from meetcoord.ports.system import Entropy


@dataclass(frozen=True, slots=True)
class AgeSealer:
    entropy: Entropy

    def recipient(self, text: str) -> str:
        canonical = text.strip()
        hybrid.parse_recipient(canonical)
        return canonical

    def seal(self, plaintext: bytes, recipients: Sequence[str]) -> SealedFile:
        _check_list(recipients)
        file_key = self.entropy(FILE_KEY)
        header = _header(file_key, recipients)
        return SealedFile(header, stream.seal_payload(plaintext, file_key, self.entropy(stream.NONCE)))


@dataclass(frozen=True, slots=True)
class AgeOpener:
    def open(self, sealed: bytes, identity: str, recipients: int | None = None) -> bytes:
        header = stanzas.parse(sealed)
        wrapped = post_quantum_keys(header, recipients)
        return decrypt(sealed, header, map(hybrid.parse_identity(identity).unwrap_key, wrapped))

    def stanzas(self, sealed: bytes) -> int:
        return len(post_quantum_keys(stanzas.parse(sealed)))


@dataclass(frozen=True, slots=True)
class AgeRewrapper:
    def rewrap(self, sealed: bytes, identity: str, recipients: Sequence[str]) -> bytes:
        _check_list(recipients)
        header = stanzas.parse(sealed)
        wrapped = post_quantum_keys(header)
        file_key = _file_key(header, map(hybrid.parse_identity(identity).unwrap_key, wrapped))
        # Read to its end and forgotten: a header for a payload that nobody could read would help nobody.
        stream.open_payload(memoryview(sealed)[header.length :], file_key)
        return _header(file_key, recipients)


def decrypt(sealed: bytes, header: Header, file_keys: Iterable[bytes | None]) -> bytes:
    """What every age reader does with the first file key its identity finds. Raises Damaged or Forbidden."""
    return stream.open_payload(memoryview(sealed)[header.length :], _file_key(header, file_keys))


def _file_key(header: Header, file_keys: Iterable[bytes | None]) -> bytes:
    file_key = next((each for each in file_keys if each is not None), None)
    if file_key is None:
        raise Forbidden(
            "This file is not sealed to this identity: use the identity of one of its recipients."
        )
    stanzas.verify(header, file_key)
    return file_key


def _header(file_key: bytes, recipients: Sequence[str]) -> bytes:
    header = stanzas.serialise([hybrid.wrap(file_key, each) for each in recipients], file_key)
    if len(header) > HEADER_LIMIT:
        raise Invalid(f"{len(recipients)} recipients are too many for one sealed file: give at most 160.")
    return header


def post_quantum_keys(header: Header, recipients: int | None = None) -> list[bytes]:
    """The wrapped file keys, once our policy is met: mlkem768x25519 stanzas only, as many as announced.

    Raises Damaged: another kind undoes the protection against quantum computers, one stanza more is a reader
    nobody approved.
    """
    if {stanza.arguments[0] for stanza in header.stanzas} != {hybrid.KIND}:
        raise damaged("it is sealed to a key that is not post-quantum")
    if recipients is not None and len(header.stanzas) != recipients:
        raise damaged(f"it is sealed to {len(header.stanzas)} recipients, where {recipients} were announced")
    return [hybrid.wrapped_key(stanza) for stanza in header.stanzas]


def generate_identity(entropy: Entropy) -> str:
    """A fresh `AGE-SECRET-KEY-PQ-1…`: whoever holds it reads everything sealed to its recipient."""
    return bech32.encode(hybrid.IDENTITY_PREFIX, entropy(hybrid.SEED))


def recipient_of(identity: str) -> str:
    """The `age1pq1…` string to hand out. Raises Invalid."""
    return hybrid.parse_identity(identity).recipient


def assert_post_quantum(trial: Callable[[], object] = hybrid.trial) -> None:
    """Raises Misconfigured where `cryptography` has no ML-KEM: better no start than no sealing."""
    try:
        trial()
    except UnsupportedAlgorithm:
        raise Misconfigured(
            "This build of `cryptography` has no ML-KEM, so minutes could not be sealed post-quantum: "
            "install the wheel from PyPI (pip install --only-binary cryptography 'cryptography>=50')."
        ) from None


def _check_list(recipients: Sequence[str]) -> None:
    if not recipients:
        raise Invalid("Nobody could open these minutes: name at least one recipient.")
    if len(set(recipients)) != len(recipients):
        raise Invalid("A recipient is named twice: name each one once.")
