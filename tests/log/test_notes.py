"""Signed notes (C2SP signed-note v1.0.0) and verifier keys."""

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from meetcoord.adapters.sealing.notes import Ed25519Signer, Ed25519Verifier
from meetcoord.domain.checkpoints import (
    COSIGNATURE_ED25519,
    ED25519,
    Note,
    NoteSignature,
    VerifierKey,
    parse_note,
    parse_vkey,
)
from meetcoord.domain.errors import Damaged, Invalid, Misconfigured
from meetcoord.ports.signing import CheckpointSigner, NoteVerifier
from tests.log.builders import ORIGIN, b64

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER: CheckpointSigner = Ed25519Signer(ORIGIN, KEY)
VERIFIER: NoteVerifier = Ed25519Verifier()
TEXT = "a decision\nof three agencies\n"
NOTE = SIGNER.sign(TEXT)
LINE = NOTE.removeprefix(TEXT + "\n")
SIGNED = LINE.split(" ")[2].rstrip("\n")
WITNESS = Ed25519Signer("witness.example.org", Ed25519PrivateKey.from_private_bytes(b"w" * 32))


def signature_of(note: str) -> NoteSignature:
    return parse_note(note).signatures[0]


def test_a_note_is_a_text_an_empty_line_and_a_signature() -> None:
    key = parse_vkey(SIGNER.vkey)
    assert f"{TEXT}\n— {ORIGIN} {b64(key.key_id + KEY.sign(TEXT.encode()))}\n" == NOTE
    assert VERIFIER.verify(NOTE, SIGNER.vkey) == TEXT


def test_the_separator_is_the_last_empty_line() -> None:
    text = "a\n\n— not a signature\n\nb\n"
    assert VERIFIER.verify(SIGNER.sign(text), SIGNER.vkey) == text


def test_cosignatures_of_others_are_passed_over() -> None:
    other = WITNESS.sign(TEXT).removeprefix(TEXT + "\n")
    for lines in (LINE + other, other + LINE):
        note = f"{TEXT}\n{lines}"
        assert VERIFIER.verify(note, SIGNER.vkey) == VERIFIER.verify(note, WITNESS.vkey) == TEXT


@pytest.mark.parametrize(("key_id", "signature"), [(b"abc", b"x"), (b"abcde", b"x"), (b"abcd", b"")])
def test_a_signature_line_that_cannot_be_is_refused(key_id: bytes, signature: bytes) -> None:
    with pytest.raises(Invalid):
        NoteSignature(ORIGIN, key_id, signature)


def test_a_note_is_written_back_as_it_was_read() -> None:
    assert parse_note(NOTE).encode() == NOTE


DAMAGED = {
    "nothing": "",
    "no signature": TEXT,
    "no signature after the empty line": TEXT + "\n",
    "no empty line": TEXT + LINE,
    "only a signature": LINE,
    "no line break at the end": NOTE[:-1],
    "an empty line at the end": NOTE + "\n",
    "a line that is no signature": NOTE + "hello\n",
    "a hyphen for the dash": NOTE.replace("—", "-"),
    "an en dash": NOTE.replace("—", "–"),
    "no space after the dash": NOTE.replace("— ", "—"),
    "two spaces after the dash": NOTE.replace("— ", "—  "),
    "a no-break space": NOTE.replace("— ", "—\u00a0"),
    "no name": NOTE.replace(ORIGIN + " ", " "),
    "a plus in the name": NOTE.replace(ORIGIN, "log+a"),
    "a tab in the name": NOTE.replace(ORIGIN, "log\ta"),
    "no base64": NOTE.replace(SIGNED, ""),
    "base64 without padding": NOTE.replace(SIGNED, SIGNED.rstrip("=")),
    "base64 of the other alphabet": NOTE.replace(SIGNED, "-_" + SIGNED[2:]),
    "base64 that is not canonical": NOTE.replace(SIGNED, b64(b"\0" * 68)[:-2] + "B="),
    "something after the base64": NOTE.replace(SIGNED, SIGNED + " x"),
    "only a key id": NOTE.replace(SIGNED, b64(b"\0\0\0\0")),
    "less than a key id": NOTE.replace(SIGNED, b64(b"\0\0")),
    "a carriage return": NOTE.replace("\n", "\r\n"),
    "a tab in the text": "a\tb\n" + NOTE,
    "a zero byte in the text": "a\0b\n" + NOTE,
    "an escape in the text": "a\x1bb\n" + NOTE,
    "half of a character pair": "a\ud800b\n" + NOTE,
    "a hundred and one signatures": NOTE + LINE * 100,
    "more than a megabyte": "a" * 1_100_000 + NOTE,
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_malformed_note_is_refused(name: str) -> None:
    with pytest.raises(Damaged):
        parse_note(DAMAGED[name])
    with pytest.raises(Damaged):
        VERIFIER.verify(DAMAGED[name], SIGNER.vkey)


FORGED = {
    "another text": NOTE.replace("three", "four"),
    "a longer text": "before\n" + NOTE,
    "a text cut short": NOTE.removeprefix("a decision\n"),
    "a signature cut short": Note(
        TEXT, (NoteSignature(ORIGIN, parse_vkey(SIGNER.vkey).key_id, signature_of(NOTE).signature[:63]),)
    ).encode(),
    "the signature of another text": TEXT + "\n" + SIGNER.sign("other\n").removeprefix("other\n\n"),
    "another name": NOTE.replace(ORIGIN, "log.example.org/2025"),
    "another key under our name": Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate()).sign(TEXT),
    "another key under our name and key id": Note(
        TEXT,
        (NoteSignature(ORIGIN, parse_vkey(SIGNER.vkey).key_id, signature_of(WITNESS.sign(TEXT)).signature),),
    ).encode(),
    "a good signature beside a bad one": NOTE + SIGNER.sign("other\n").removeprefix("other\n\n"),
    "only a witness": WITNESS.sign(TEXT),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_the_key_did_not_sign_is_refused(name: str) -> None:
    parse_note(FORGED[name])
    with pytest.raises(Damaged):
        VERIFIER.verify(FORGED[name], SIGNER.vkey)


@given(st.integers(0, len(SIGNED.encode()) - 1), st.integers(1, 127))
def test_a_changed_signature_is_refused(at: int, change: int) -> None:
    changed = SIGNED[:at] + chr(ord(SIGNED[at]) ^ change) + SIGNED[at + 1 :]
    with pytest.raises(Damaged):
        VERIFIER.verify(NOTE.replace(SIGNED, changed), SIGNER.vkey)


@pytest.mark.parametrize("text", ["", "no line break", "a\rb\n", "a\tb\n", "\ud800\n"])
def test_what_cannot_be_a_note_is_not_signed(text: str) -> None:
    with pytest.raises((Invalid, UnicodeEncodeError)):
        SIGNER.sign(text)


def test_a_verifier_key_names_its_key() -> None:
    key = parse_vkey(SIGNER.vkey)
    assert (key.name, key.algorithm, key.public) == (ORIGIN, ED25519, KEY.public_key().public_bytes_raw())
    assert key.encode() == SIGNER.vkey
    assert key.fingerprint.startswith(key.key_id.hex())


def test_base64_with_plus_signs_does_not_split_a_verifier_key() -> None:
    key = VerifierKey("log", ED25519, b"\0\0" + b"\xfb\xef\xbe" * 10)
    assert key.encode().count("+") > 2
    assert parse_vkey(key.encode()) == key


def spelled(name: str, algorithm: int, public: bytes) -> str:
    """A verifier key whose key id is right, whatever the rest."""
    data = bytes([algorithm]) + public
    key_id = sha256(name.encode() + b"\n" + data).hexdigest()[:8]
    return f"{name}+{key_id}+{b64(data)}"


NAME, KEY_ID, ENCODED = SIGNER.vkey.split("+", 2)

BAD_KEYS = {
    "nothing": "",
    "a name": NAME,
    "no key": f"{NAME}+{KEY_ID}",
    "an empty key": f"{NAME}+{KEY_ID}+",
    "no name": f"+{KEY_ID}+{ENCODED}",
    "another name": f"other+{KEY_ID}+{ENCODED}",
    "another key id": f"{NAME}+00000000+{ENCODED}",
    "a short key id": f"{NAME}+{KEY_ID[:7]}+{ENCODED}",
    "capitals in the key id": f"{NAME}+{KEY_ID.upper()}+{ENCODED}" if KEY_ID.upper() != KEY_ID else "",
    "a line break": SIGNER.vkey + "\n",
    "a blank before": " " + SIGNER.vkey,
    "half the key": SIGNER.vkey[:-22],
    "padding too many": SIGNER.vkey + "====",
    "a blank in the name": spelled("a b", 1, bytes(32)),
    "a short key": spelled(NAME, 1, bytes(31)),
    "a long key": spelled(NAME, 1, bytes(33)),
    "an unknown algorithm": spelled(NAME, 2, bytes(32)),
}


@pytest.mark.parametrize("name", BAD_KEYS)
def test_a_malformed_verifier_key_is_refused(name: str) -> None:
    with pytest.raises(Damaged):
        parse_vkey(BAD_KEYS[name])
    with pytest.raises(Damaged):
        VERIFIER.verify(NOTE, BAD_KEYS[name])


def test_a_cosigners_key_does_not_pass_for_a_log_key() -> None:
    public = KEY.public_key().public_bytes_raw()
    key = VerifierKey(ORIGIN, COSIGNATURE_ED25519, public)
    note = Note(TEXT, (NoteSignature(ORIGIN, key.key_id, KEY.sign(TEXT.encode())),)).encode()
    with pytest.raises(Damaged):
        VERIFIER.verify(note, key.encode())


def test_a_signer_is_made_from_a_key_file() -> None:
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert Ed25519Signer.from_pem(ORIGIN, pem).sign(TEXT) == NOTE


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")),
        generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    ],
)
def test_another_key_file_is_refused(pem: bytes) -> None:
    with pytest.raises(Misconfigured):
        Ed25519Signer.from_pem(ORIGIN, pem)


def test_a_signer_does_not_print_its_key() -> None:
    assert "key" not in repr(SIGNER)
