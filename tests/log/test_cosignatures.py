"""Cosignatures with Ed25519 (C2SP tlog-cosignature v1.0.1, type 0x04)."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from meetcoord.adapters.sealing.cosignatures import Ed25519CosignatureVerifier, Ed25519Cosigner
from meetcoord.adapters.sealing.notes import Ed25519Signer, Ed25519Verifier
from meetcoord.domain.checkpoints import (
    COSIGNATURE_ED25519,
    NoteSignature,
    VerifierKey,
    parse_note,
    parse_vkey,
)
from meetcoord.domain.cosignatures import TimedSignature, cosigned_message, parse_timed_signature
from meetcoord.domain.errors import Damaged, Invalid, Misconfigured
from meetcoord.ports.witnesses import CosignatureVerifier, Cosigner
from tests.log.builders import ORIGIN, b64, log_of

NAME = "witness.example.com/w1"
AT = 1_679_315_147
LOG = log_of(9)
NOTE = LOG.checkpoint(9)
TEXT = parse_note(NOTE).text
KEY = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
COSIGNER: Cosigner = Ed25519Cosigner(NAME, KEY)
VERIFIER: CosignatureVerifier = Ed25519CosignatureVerifier()
COSIGNATURE = COSIGNER.cosign(TEXT, AT)
COSIGNED = NOTE + COSIGNATURE.line
KEY_ID = parse_vkey(COSIGNER.vkey).key_id


def line(signature: bytes, name: str = NAME, key_id: bytes = KEY_ID) -> str:
    return NoteSignature(name, key_id, signature).encode()


def signed(text: str) -> bytes:
    """Whatever the text is."""
    return AT.to_bytes(8, "big") + KEY.sign(f"cosignature/v1\ntime {AT}\n{text}".encode())


def test_what_is_signed_is_two_lines_before_the_checkpoint() -> None:
    assert cosigned_message(TEXT, AT) == b"cosignature/v1\ntime 1679315147\n" + TEXT.encode()


def test_a_cosignature_is_a_time_of_eight_bytes_and_the_signature() -> None:
    signature = KEY.sign(f"cosignature/v1\ntime {AT}\n{TEXT}".encode())
    assert COSIGNATURE.line == f"— {NAME} {b64(KEY_ID + AT.to_bytes(8, 'big') + signature)}\n"
    assert VERIFIER.verify(COSIGNED, COSIGNER.vkey) == COSIGNATURE


def test_the_line_of_the_standards_example_is_read() -> None:
    example = "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=="
    (read,) = parse_note(f"{TEXT}\n— {NAME} {example}\n").signatures
    assert read.key_id.hex() == "8d66cf3f"
    assert parse_timed_signature(read.signature).at == 1_679_315_147


def test_it_is_the_same_line_each_time() -> None:
    assert COSIGNER.cosign(TEXT, AT) == COSIGNATURE


def test_of_two_times_the_later_counts() -> None:
    later = COSIGNER.cosign(TEXT, AT + 60)
    for lines in (COSIGNATURE.line + later.line, later.line + COSIGNATURE.line):
        assert VERIFIER.verify(NOTE + lines, COSIGNER.vkey) == later


@given(st.integers(1, 2**63 - 1), st.binary(min_size=64, max_size=64))
def test_any_timed_signature_is_read_back(at: int, signature: bytes) -> None:
    there = TimedSignature(at, signature)
    assert parse_timed_signature(there.encode()) == there


@pytest.mark.parametrize(
    "data",
    [b"", bytes(8), bytes(72), b"\x80" + bytes(71), AT.to_bytes(8, "big") + bytes(63), bytes(7) + b"\1" + bytes(65)],
    ids=["nothing", "no signature", "no time", "beyond 63 bits", "too short", "too long"],
)  # fmt: skip
def test_any_other_length_or_time_is_refused(data: bytes) -> None:
    with pytest.raises(Damaged):
        parse_timed_signature(data)


@pytest.mark.parametrize("at", [0, -1, 2**63])
def test_a_time_that_cannot_be_is_not_signed(at: int) -> None:
    with pytest.raises(Invalid):
        COSIGNER.cosign(TEXT, at)


@pytest.mark.parametrize("text", ["", "hello\n", TEXT + "extension\n", TEXT[:-1], TEXT.replace("9", "09", 1)])
def test_only_checkpoints_are_cosigned(text: str) -> None:
    with pytest.raises(Damaged):
        COSIGNER.cosign(text, AT)


OTHER = Ed25519Cosigner("witness.example.com/w2", Ed25519PrivateKey.generate())
TIMED = parse_note(COSIGNED).signatures[1].signature
THEIRS = parse_note(NOTE + OTHER.cosign(TEXT, AT).line).signatures[1].signature
SMALLER = parse_note(LOG.checkpoint(8)).text
FORGED = {
    "no cosignature": NOTE,
    "another text": COSIGNED.replace(ORIGIN, "log.elsewhere.example.org"),
    "another checkpoint": LOG.checkpoint(8) + COSIGNATURE.line,
    "another time": NOTE + line((AT + 1).to_bytes(8, "big") + TIMED[8:]),
    "a cosignature of another checkpoint": NOTE + COSIGNER.cosign(SMALLER, AT).line,
    "another witness": NOTE + OTHER.cosign(TEXT, AT).line,
    "another witness' under our name": NOTE + line(THEIRS),
    "ours under another name": NOTE + line(TIMED, OTHER.name),
    "ours under another key id": NOTE + line(TIMED, key_id=b"\0\0\0\0"),
    "no time": NOTE + line(TIMED[8:]),
    "a time of zero": NOTE + line(bytes(8) + KEY.sign(b"cosignature/v1\ntime 0\n" + TEXT.encode())),
    "without the header": NOTE + line(AT.to_bytes(8, "big") + KEY.sign(f"time {AT}\n{TEXT}".encode())),
    "as a plain note": NOTE + line(AT.to_bytes(8, "big") + KEY.sign(TEXT.encode())),
    "a good one beside a bad one": COSIGNED + line(TIMED[:-1] + bytes([TIMED[-1] ^ 1])),
    "cut short": NOTE + line(TIMED[:-1]),
    "longer": NOTE + line(TIMED + b"\0"),
    "of what is no checkpoint": "hello\n\n" + line(signed("hello\n")),
    "of a checkpoint with an extension": f"{TEXT}x\n\n" + line(signed(f"{TEXT}x\n")),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_what_the_witness_did_not_cosign_is_refused(name: str) -> None:
    parse_note(FORGED[name])
    with pytest.raises(Damaged):
        VERIFIER.verify(FORGED[name], COSIGNER.vkey)


def test_a_relabelled_cosignature_does_not_count_for_another_witness() -> None:
    """The signature does not say who signed: only the key that belongs to the name does."""
    relabelled = NOTE + line(TIMED, OTHER.name, parse_vkey(OTHER.vkey).key_id)
    with pytest.raises(Damaged):
        VERIFIER.verify(relabelled, OTHER.vkey)


@given(st.integers(0, 71), st.integers(1, 255))
def test_a_changed_byte_is_noticed(at: int, change: int) -> None:
    changed = TIMED[:at] + bytes([TIMED[at] ^ change]) + TIMED[at + 1 :]
    with pytest.raises(Damaged):
        VERIFIER.verify(NOTE + line(changed), COSIGNER.vkey)


def test_log_keys_and_witness_keys_do_not_pass_for_each_other() -> None:
    as_log = Ed25519Signer(NAME, KEY)
    for note, vkey in ((COSIGNED, as_log.vkey), (as_log.sign(TEXT), COSIGNER.vkey)):
        with pytest.raises(Damaged):
            VERIFIER.verify(note, vkey)
        with pytest.raises(Damaged):
            Ed25519Verifier().verify(note, COSIGNER.vkey)
    with pytest.raises(Damaged):
        Ed25519Verifier().verify(COSIGNED, as_log.vkey)


def test_the_verifier_key_is_of_type_four() -> None:
    key = parse_vkey(COSIGNER.vkey)
    assert key == VerifierKey(NAME, COSIGNATURE_ED25519, KEY.public_key().public_bytes_raw())
    Ed25519PublicKey.from_public_bytes(key.public).verify(TIMED[8:], cosigned_message(TEXT, AT))


def test_a_cosigner_is_made_from_a_key_file_and_does_not_print_it() -> None:
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert Ed25519Cosigner.from_pem(NAME, pem).cosign(TEXT, AT) == COSIGNATURE
    assert "key" not in repr(COSIGNER)
    with pytest.raises(Misconfigured, match="witness key"):
        Ed25519Cosigner.from_pem(NAME, b"")


def test_the_logs_own_signature_stays_valid_beside_cosignatures() -> None:
    assert Ed25519Verifier().verify(COSIGNED, LOG.signer.vkey) == TEXT
