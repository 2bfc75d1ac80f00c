"""Sealed minutes and the rest of the world: the format's public vectors, and another implementation."""

import base64
import hashlib
import json
import subprocess
import zlib

import pytest
from msgspec import Struct

from meetcoord.adapters.sealing import hybrid, stanzas, x25519
from meetcoord.adapters.sealing.age import decrypt, recipient_of
from meetcoord.domain.errors import Damaged, Forbidden
from tests.sealing.auditors import (
    BORDER,
    MINUTES,
    auditors,
    classical_recipient,
    elsewhere,
    opener,
    recipients,
    sealer,
)

pytestmark = pytest.mark.needs("node")

SIZES = [0, 1, BORDER - 1, BORDER, BORDER + 1, 1024 * 1024]
REFUSALS = {
    "header failure": "damaged",
    "HMAC failure": "damaged",
    "payload failure": "damaged",
    "no match": "not ours",
}


class Vector(Struct, frozen=True):
    expected: str
    file: bytes
    identities: tuple[str, ...]

    @property
    def kinds(self) -> list[hybrid.HybridIdentity | x25519.X25519Identity]:
        return [
            (hybrid if each.startswith(hybrid.IDENTITY_PREFIX) else x25519).parse_identity(each)
            for each in self.identities
        ]


def read_vector(raw: bytes) -> Vector | None:
    """A vector of ours; nothing when it needs a passphrase or armour, which we do not have."""
    head, _, file = raw.partition(b"\n\n")
    pairs = [line.split(": ", 1) for line in head.decode().splitlines()]
    said = dict(pairs)
    if "passphrase" in said or "armored" in said:
        return None
    if said.get("compressed") == "zlib":
        file = zlib.decompress(file)
    success = f"opened {said.get('payload')}"
    identities = tuple(value for key, value in pairs if key == "identity")
    return Vector(REFUSALS.get(said["expect"], success), file, identities)


def verdict(vector: Vector) -> str:
    try:
        header = stanzas.parse(vector.file)
        keys = (identity.unwrap(stanza) for identity in vector.kinds for stanza in header.stanzas)
        return f"opened {hashlib.sha256(decrypt(vector.file, header, keys)).hexdigest()}"
    except Damaged:
        return "damaged"
    except Forbidden:
        return "not ours"


def test_every_public_vector_of_the_format_comes_out_as_stated() -> None:
    published = {name: base64.b64decode(raw) for name, raw in json.loads(elsewhere("vectors")).items()}
    vectors = {name: vector for name, raw in published.items() if (vector := read_vector(raw))}
    assert len(vectors) >= 85
    stated = {name: vector.expected for name, vector in vectors.items()}
    assert {name: verdict(vector) for name, vector in vectors.items()} == stated


def test_our_door_opens_a_public_vector_only_when_all_its_recipients_are_post_quantum() -> None:
    published = json.loads(elsewhere("vectors"))
    alone, mixed = (
        read_vector(base64.b64decode(published[name])) for name in ("hybrid", "hybrid_and_x25519")
    )
    assert alone
    assert mixed
    assert hashlib.sha256(opener.open(alone.file, alone.identities[0])).hexdigest() in alone.expected
    with pytest.raises(Damaged, match="not post-quantum"):
        opener.open(mixed.file, mixed.identities[0])


@pytest.mark.parametrize("size", SIZES)
def test_what_we_seal_opens_elsewhere(size: int) -> None:
    plaintext = (MINUTES * (size // len(MINUTES) + 1))[:size]
    sealed = sealer.seal(plaintext, recipients()).file
    assert elsewhere("open", auditors()[size % 3].identity, given=sealed) == plaintext


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_elsewhere_opens_here(size: int) -> None:
    plaintext = (MINUTES * (size // len(MINUTES) + 1))[:size]
    sealed = elsewhere("seal", *recipients(), given=plaintext)
    for auditor in auditors():
        assert opener.open(sealed, auditor.identity, recipients=3) == plaintext


def test_a_key_pair_made_elsewhere_has_the_same_recipient_here() -> None:
    identity, recipient = elsewhere("identity").decode().split()
    assert recipient_of(identity) == sealer.recipient(recipient) == recipient


def test_a_file_that_is_also_sealed_to_a_classical_key_elsewhere_is_refused() -> None:
    sealed = elsewhere("seal", auditors()[0].recipient, classical_recipient(), given=MINUTES)
    with pytest.raises(Damaged, match="not post-quantum"):
        opener.open(sealed, auditors()[0].identity)


def test_an_altered_file_is_refused_elsewhere_too() -> None:
    sealed = bytearray(sealer.seal(MINUTES, recipients()).file)
    sealed[-1] ^= 1
    with pytest.raises(subprocess.CalledProcessError):
        elsewhere("open", auditors()[0].identity, given=bytes(sealed))
