"""What an approver signs, to the letter (C2SP signed-note, type 0x01), and by which of the named keys it was signed."""

from base64 import b64encode
from collections.abc import Sequence

from msgspec import UNSET, Struct, UnsetType

from meetcoord.domain.checkpoints import Note, NoteSignature, parse_note, parse_vkey, unb64
from meetcoord.domain.errors import Damaged
from meetcoord.domain.leaves import ConsentVerdict
from meetcoord.domain.merkle import leaf_hash

APPROVAL_HEADER = "meetcoord-approval/v1"
CONSENT_HEADER = "meetcoord-consent/v1"
_KEY_ID = 4


def named_hash(leaf: bytes) -> str:
    """The hash under which a leaf stands in the tree (RFC 9162, 2.1.1), in base64: how signed texts name it."""
    return b64encode(leaf_hash(leaf)).decode()


class SignedNote(Struct, frozen=True):
    """A note rebuilt from what leaves keep of it, and the one key that must have signed it: for a NoteVerifier."""

    note: str
    vkey: str


def approval_text(origin: str, meeting: str, seq: int, content: str, policy: int, policy_hash: str) -> str:
    """Whoever approves this text of minutes also approves who will be able to read it."""
    return f"{APPROVAL_HEADER}\n{origin}\n{meeting}\n{seq}\n{content}\n{policy} {policy_hash}\n"


def consent_text(origin: str, target: int, leaf: str, verdict: ConsentVerdict) -> str:
    return f"{CONSENT_HEADER}\n{origin}\n{target}\n{leaf}\n{verdict.value}\n"


def kept_signature(note: str) -> str:
    """Key id and signature of the one signature line of a note, in base64, as leaves keep it. Raises Damaged."""
    lines = parse_note(note).signatures
    if len(lines) != 1:
        raise Damaged("note", f"it has {len(lines)} signatures, an approval has one")
    return b64encode(lines[0].key_id + lines[0].signature).decode()


def note_to_verify(text: str, signature: str | UnsetType, keys: Sequence[str]) -> SignedNote | None:
    """What must be verified before `text` counts; None where no keys are named and nothing was signed.

    `keys` are the verifier keys of those who may sign. Raises Damaged: no signature, or by none of them.
    """
    if signature is UNSET:
        if keys:
            raise Damaged("signature", "none is there, and signing keys are named for this agency")
        return None
    data = unb64(signature)
    for key in map(parse_vkey, keys):
        if key.key_id == data[:_KEY_ID]:
            line = NoteSignature(key.name, key.key_id, data[_KEY_ID:])
            return SignedNote(Note(text, (line,)).encode(), key.encode())
    raise Damaged("signature", f"the key {data[:_KEY_ID].hex()} is none of those named for this agency")
