"""Checkpoints, signed notes, verifier keys and log proofs as C2SP writes them; nothing here signs.

Specifications: signed-note v1.0.0, tlog-checkpoint v1.0.0, tlog-proof (draft, `@v1`).
"""

import re
from base64 import b64decode, b64encode
from hashlib import sha256

from msgspec import Struct

from meetcoord.domain.errors import Damaged, Invalid
from meetcoord.domain.merkle import HASH_BYTES, MAX_SIZE

ED25519 = 0x01
COSIGNATURE_ED25519 = 0x04
COSIGNATURE_ML_DSA_44 = 0x06
KEY_BYTES = {ED25519: 32, COSIGNATURE_ED25519: 32, COSIGNATURE_ML_DSA_44: 1312}

MAX_NOTE = 1 << 20
MAX_SIGNATURES = 100
MAX_PROOF = 63
PROOF_HEADER = "c2sp.org/tlog-proof@v1"

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


class Checkpoint(Struct, frozen=True):
    """What a log says of itself: its name, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not self.origin or _CONTROL.search(self.origin) or "\n" in self.origin:
            raise Invalid("The origin of a log is one line without control characters.", "/origin")
        if not 0 <= self.size < MAX_SIZE or len(self.root) != HASH_BYTES:
            raise Invalid(f"A checkpoint has a size of at least 0 and a root of {HASH_BYTES} bytes.", "/size")

    def encode(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64(self.root)}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint note; extension lines are refused. Raises Damaged."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise Damaged("checkpoint", "it has three lines: origin, size and root")
    try:
        return Checkpoint(lines[0], number(lines[1]), unb64(lines[2]))
    except (Invalid, ValueError) as fault:
        raise Damaged("checkpoint", str(fault)) from fault


class NoteSignature(Struct, frozen=True):
    """One signature line: who is said to have signed, the key's id (4 bytes) and the signature."""

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.key_id) != 4 or not self.signature:
            raise Invalid("A signature follows a key id of 4 bytes.", "/signature")

    def encode(self) -> str:
        return f"— {self.name} {b64(self.key_id + self.signature)}\n"


class Note(Struct, frozen=True):
    """A text and the signatures under it, none of them checked yet."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        if not self.text.endswith("\n") or _CONTROL.search(self.text):
            raise Invalid(
                "The text of a note ends with a line break and holds no control characters.", "/text"
            )
        if not 0 < len(self.signatures) <= MAX_SIGNATURES:
            raise Invalid(f"A note has 1 to {MAX_SIGNATURES} signatures.", "/signatures")

    def encode(self) -> str:
        return self.text + "\n" + "".join(signature.encode() for signature in self.signatures)


def parse_note(note: str) -> Note:
    """Split a note at its last empty line; every line after it is a signature. Raises Damaged."""
    text, separator, below = note.rpartition("\n\n")
    if len(note) > MAX_NOTE or not separator or not below.endswith("\n"):
        raise Damaged("note", "it is a text, an empty line, then signature lines, and ends with a line break")
    try:
        return Note(text + "\n", tuple(_parse_signature(line) for line in below[:-1].split("\n")))
    except (Invalid, ValueError) as fault:
        raise Damaged("note", str(fault)) from fault


class VerifierKey(Struct, frozen=True):
    """A named public key, as given to those who verify: `name+key id+base64(algorithm, key)`."""

    name: str
    algorithm: int
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if KEY_BYTES.get(self.algorithm) != len(self.public):
            raise Invalid("This is not a public key of a kind that signs notes.", "/public")

    @property
    def key_id(self) -> bytes:
        return self._hash()[:4]

    @property
    def fingerprint(self) -> str:
        """The whole hash that the key id abridges, in eight groups: for comparing by eye or by telephone."""
        digits = self._hash().hex()
        return " ".join(digits[at : at + 8] for at in range(0, len(digits), 8))

    def encode(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64(bytes([self.algorithm]) + self.public)}"

    def _hash(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public).digest()


def parse_vkey(vkey: str) -> VerifierKey:
    """Read a verifier key; raises Damaged, also when its key id is not that of the key."""
    # Base64 has plus signs of its own, so only the first two separate.
    name, _, rest = vkey.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        data = unb64(encoded)
        key = VerifierKey(name, data[0], data[1:])
    except (Invalid, ValueError, IndexError) as fault:
        raise Damaged("verifier key", str(fault)) from fault
    if key.key_id.hex() != key_id:
        raise Damaged("verifier key", "its key id does not belong to its name and key")
    return key


class LogProof(Struct, frozen=True):
    """A proof that travels alone: leaf index, audit path and the checkpoint note it leads to."""

    index: int
    hashes: tuple[bytes, ...]
    note: str
    extra: bytes | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.index < MAX_SIZE or len(self.hashes) > MAX_PROOF:
            raise Invalid(f"A proof has an index and at most {MAX_PROOF} hashes.", "/hashes")
        if any(len(each) != HASH_BYTES for each in self.hashes):
            raise Invalid(f"Every hash of a proof has {HASH_BYTES} bytes.", "/hashes")

    def encode(self) -> str:
        extra = [] if self.extra is None else [f"extra {b64(self.extra)}"]
        lines = [PROOF_HEADER, *extra, f"index {self.index}", *(b64(each) for each in self.hashes)]
        return "\n".join(lines) + "\n\n" + self.note


def parse_proof(text: str) -> LogProof:
    """Read a tlog-proof; the signatures on its checkpoint are not verified. Raises Damaged."""
    head, _, note = text.partition("\n\n")
    header, *lines = head.split("\n")
    if header != PROOF_HEADER:
        raise Damaged("log proof", f"it does not begin with {PROOF_HEADER}")
    parse_checkpoint(parse_note(note).text)
    try:
        extra = unb64(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
        label, _, index = lines.pop(0).partition(" ") if lines else ("", "", "")
        if label != "index":
            raise Invalid("the index of the leaf is missing")
        return LogProof(number(index), tuple(unb64(line) for line in lines), note, extra)
    except (Invalid, ValueError) as fault:
        raise Damaged("log proof", str(fault)) from fault


def b64(data: bytes) -> str:
    return b64encode(data).decode()


def unb64(text: str) -> bytes:
    """Padded base64 in its one canonical spelling; raises ValueError for any other."""
    data = b64decode(text, validate=True)
    if b64(data) != text:
        raise ValueError("this base64 is not canonical")
    return data


def number(text: str) -> int:
    """Decimal digits without sign or leading zero; raises ValueError for anything else."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("a number is written in digits, without sign or leading zero")
    return int(text)


def _parse_signature(line: str) -> NoteSignature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—":
        raise ValueError("a signature line begins with an em dash and a space")
    data = unb64(encoded)
    return NoteSignature(name, data[:4], data[4:])


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() for character in name) or _CONTROL.search(name):
        raise Invalid("A key name is not empty and holds neither blanks nor plus signs.", "/name")
