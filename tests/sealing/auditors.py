"""Three auditors with keys of their own, and the other implementation of age that some of them use."""

import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from meetcoord.adapters.sealing import bech32
from meetcoord.adapters.sealing.age import AgeOpener, AgeSealer, generate_identity, recipient_of
from meetcoord.adapters.sealing.hybrid import wrap
from meetcoord.adapters.sealing.stanzas import Stanza
from meetcoord.adapters.system import entropy

SCRIPT = Path(__file__).parents[1] / "node" / "age.mjs"
BORDER = 65_536
MINUTES = b"Decided: the hall opens on Monday.\n"

sealer = AgeSealer(entropy)
opener = AgeOpener()


@dataclass(frozen=True, slots=True)
class Auditor:
    recipient: str
    identity: str = field(repr=False)


def new_auditor() -> Auditor:
    identity = generate_identity(entropy)
    return Auditor(recipient_of(identity), identity)


@cache
def auditors() -> tuple[Auditor, Auditor, Auditor]:
    """Of the city, the health agency and the prefecture."""
    return new_auditor(), new_auditor(), new_auditor()


def recipients() -> list[str]:
    return [auditor.recipient for auditor in auditors()]


def classical_recipient() -> str:
    """A key as age had them before the post-quantum ones."""
    return bech32.encode("age", X25519PrivateKey.generate().public_key().public_bytes_raw())


def stanza_for(auditor: Auditor, file_key: bytes) -> Stanza:
    return wrap(file_key, auditor.recipient)


def elsewhere(*arguments: str, given: bytes = b"") -> bytes:
    """What the other implementation answers; raises CalledProcessError when it refuses."""
    command = ["node", str(SCRIPT), *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout
