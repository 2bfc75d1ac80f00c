"""The secret half of an approver's key, in the spelling of Go's sumdb/note: `PRIVATE+KEY+name+key id+base64`."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from meetcoord.adapters.sealing.notes import Ed25519Signer
from meetcoord.domain.checkpoints import ED25519, b64, parse_vkey, unb64
from meetcoord.domain.errors import CannotTell

_MARK = "PRIVATE+KEY+"
_SEED = 32


def generate(name: str) -> Ed25519Signer:
    """A fresh key under this name."""
    return Ed25519Signer(name, Ed25519PrivateKey.generate())


def written(signer: Ed25519Signer) -> str:
    """The secret half as one line."""
    key_id = parse_vkey(signer.vkey).key_id.hex()
    return f"{_MARK}{signer.name}+{key_id}+{b64(bytes([ED25519]) + signer.key.private_bytes_raw())}"


def read(text: str) -> Ed25519Signer:
    """The key whose secret half stands among the lines of `text`. Raises CannotTell, quoting nothing of it."""
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith(_MARK)]
    try:
        (line,) = lines
        name, _, encoded = line.removeprefix(_MARK).split("+", 2)
        data = unb64(encoded)
        if data[0] != ED25519 or len(data) != 1 + _SEED:
            raise ValueError
        signer = Ed25519Signer(name, Ed25519PrivateKey.from_private_bytes(data[1:]))
        if written(signer) != line:
            raise ValueError
    except (ValueError, IndexError):
        raise CannotTell(
            "This file does not hold one approver's key: name the file that `meetcoord keys approver new` made."
        ) from None
    return signer
