"""Proofs that travel alone (C2SP tlog-proof, @v1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetcoord.domain.checkpoints import LogProof, b64, parse_proof
from meetcoord.domain.errors import Damaged, Invalid
from tests.log.builders import log_of

LOG = log_of(7)
NOTE = LOG.checkpoint()
HASH = bytes(range(32))
PROOF = LogProof(5, (HASH, bytes(32)), NOTE)
TEXT = PROOF.encode()


def test_a_proof_is_written_line_by_line() -> None:
    assert f"c2sp.org/tlog-proof@v1\nindex 5\n{b64(HASH)}\n{b64(bytes(32))}\n\n{NOTE}" == TEXT
    assert parse_proof(TEXT) == PROOF


def test_extra_data_comes_before_the_index() -> None:
    proof = LogProof(0, (), NOTE, extra=b"more")
    assert proof.encode() == f"c2sp.org/tlog-proof@v1\nextra {b64(b'more')}\nindex 0\n\n{NOTE}"
    assert parse_proof(proof.encode()) == proof


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.none() | st.binary(max_size=40),
)
def test_any_proof_is_read_back(index: int, hashes: list[bytes], extra: bytes | None) -> None:
    proof = LogProof(index, tuple(hashes), NOTE, extra)
    assert parse_proof(proof.encode()) == proof


HEAD = "c2sp.org/tlog-proof@v1\n"

DAMAGED = {
    "nothing": "",
    "only a note": NOTE,
    "another version": TEXT.replace("@v1", "@v2"),
    "no version": TEXT.replace("@v1", ""),
    "something before": "\n" + TEXT,
    "a blank before": " " + TEXT,
    "no index": TEXT.replace("index 5\n", ""),
    "an empty index": TEXT.replace("index 5", "index "),
    "no number": TEXT.replace("index 5", "index"),
    "a leading zero": TEXT.replace("index 5", "index 05"),
    "a negative index": TEXT.replace("index 5", "index -1"),
    "two blanks": TEXT.replace("index 5", "index  5"),
    "too large an index": TEXT.replace("index 5", f"index {2**63}"),
    "another label": TEXT.replace("index 5", "leaf 5"),
    "the index twice": TEXT.replace("index 5\n", "index 5\nindex 5\n"),
    "extra after the index": TEXT.replace("index 5\n", "index 5\nextra AAAA\n"),
    "extra twice": TEXT.replace(HEAD, HEAD + "extra AAAA\nextra AAAA\n"),
    "extra that is not base64": TEXT.replace(HEAD, HEAD + "extra !\n"),
    "a hash of 31 bytes": TEXT.replace(b64(HASH), b64(HASH[:31])),
    "a hash of 33 bytes": TEXT.replace(b64(HASH), b64(HASH + b"\0")),
    "a hash without padding": TEXT.replace(b64(HASH), b64(HASH).rstrip("=")),
    "a hash that is not canonical": TEXT.replace(b64(HASH), b64(HASH).replace("8=", "9=")),
    "a blank after a hash": TEXT.replace(b64(HASH), b64(HASH) + " "),
    "an empty line among the hashes": TEXT.replace(b64(HASH) + "\n", b64(HASH) + "\n\n"),
    "sixty-four hashes": TEXT.replace(b64(HASH) + "\n", (b64(HASH) + "\n") * 63),
    "no empty line": TEXT.replace(f"\n\n{LOG.signer.name}", f"\n{LOG.signer.name}"),
    "carriage returns": TEXT.replace("\n", "\r\n"),
    "no note": TEXT.removesuffix(NOTE),
    "a note without signature": TEXT.removesuffix(NOTE) + NOTE.split("\n\n")[0] + "\n",
    "something after": TEXT + "more",
    "a cut": TEXT[:-1],
}


@pytest.mark.parametrize("name", DAMAGED)
def test_any_other_spelling_is_refused(name: str) -> None:
    assert DAMAGED[name] != TEXT
    with pytest.raises(Damaged):
        parse_proof(DAMAGED[name])


@pytest.mark.parametrize(("index", "hashes"), [(-1, ()), (2**63, ()), (0, (b"short",)), (0, (HASH,) * 64)])
def test_a_proof_that_cannot_be_is_refused(index: int, hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(Invalid):
        LogProof(index, hashes, NOTE)
