"""The text of a checkpoint (C2SP tlog-checkpoint v1.0.0), strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetcoord.domain.checkpoints import Checkpoint, b64, parse_checkpoint
from meetcoord.domain.errors import Damaged, Invalid
from tests.log.builders import ORIGIN

ROOT = bytes(range(32))
TEXT = f"{ORIGIN}\n42\n{b64(ROOT)}\n"


def test_a_checkpoint_is_three_lines() -> None:
    assert Checkpoint(ORIGIN, 42, ROOT).encode() == TEXT
    assert parse_checkpoint(TEXT) == Checkpoint(ORIGIN, 42, ROOT)


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_any_checkpoint_is_read_back(size: int, root: bytes) -> None:
    there = Checkpoint(ORIGIN, size, root)
    assert parse_checkpoint(there.encode()) == there


DAMAGED = {
    "nothing": "",
    "one line": ORIGIN + "\n",
    "two lines": f"{ORIGIN}\n42\n",
    "no line break at the end": TEXT[:-1],
    "an empty line at the end": TEXT + "\n",
    "an extension line": TEXT + "extension\n",
    "something after the last line break": TEXT + "x",
    "an empty line before": "\n" + TEXT,
    "no origin": TEXT.removeprefix(ORIGIN),
    "a control character in the origin": TEXT.replace(ORIGIN, "log\x01"),
    "carriage returns": TEXT.replace("\n", "\r\n"),
    "no size": TEXT.replace("42", ""),
    "a leading zero": TEXT.replace("42", "042"),
    "double nought": TEXT.replace("42", "00"),
    "a plus": TEXT.replace("42", "+42"),
    "a minus": TEXT.replace("42", "-42"),
    "a blank before the size": TEXT.replace("42", " 42"),
    "a blank after the size": TEXT.replace("42", "42 "),
    "an underscore": TEXT.replace("42", "4_2"),
    "hexadecimal": TEXT.replace("42", "0x2a"),
    "a fraction": TEXT.replace("42", "42.0"),
    "other digits": TEXT.replace("42", "٤٢"),
    "too large a size": TEXT.replace("42", str(2**63)),
    "far too large a size": TEXT.replace("42", "9" * 5000),
    "no root": TEXT.replace(b64(ROOT), ""),
    "a root of 31 bytes": TEXT.replace(b64(ROOT), b64(ROOT[:31])),
    "a root of 33 bytes": TEXT.replace(b64(ROOT), b64(ROOT + b"\0")),
    "a root without padding": TEXT.replace("=", ""),
    "a root that is not canonical": TEXT.replace("8=", "9="),
    "a root in hexadecimal": TEXT.replace(b64(ROOT), ROOT.hex()),
    "a root in the other alphabet": TEXT.replace(b64(ROOT), "-_" + b64(ROOT)[2:]),
    "a blank in the root": TEXT.replace(b64(ROOT), b64(ROOT)[:8] + " " + b64(ROOT)[8:]),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_any_other_spelling_is_refused(name: str) -> None:
    assert DAMAGED[name] != TEXT
    with pytest.raises(Damaged):
        parse_checkpoint(DAMAGED[name])


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [
        ("", 0, ROOT),
        ("a\nb", 0, ROOT),
        ("a\tb", 0, ROOT),
        (ORIGIN, -1, ROOT),
        (ORIGIN, 2**63, ROOT),
        (ORIGIN, 0, b""),
    ],
)
def test_a_checkpoint_that_cannot_be_is_refused(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(Invalid):
        Checkpoint(origin, size, root)
