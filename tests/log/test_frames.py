"""The frame around the text of minutes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetcoord.domain import leaves
from meetcoord.domain.errors import Damaged, Invalid
from meetcoord.domain.frames import Frame
from tests.log.builders import AUTHOR, BODY, MEETING, ORIGIN, b64, frame

EXACT = (
    f"meetcoord-minutes/v1\nlog: {ORIGIN}\nmeeting: {MEETING}\nseq: 0\nkind: minutes\nauthor: {AUTHOR}\n"
    f"salt: {b64(bytes(range(32)))}\n\n{BODY}"
)


def test_a_frame_is_written_line_by_line() -> None:
    assert frame().encode() == EXACT.encode()
    assert Frame.parse(EXACT.encode()) == frame()


@given(st.text(), st.binary(min_size=32, max_size=32), st.integers(0, 2**53 - 1))
def test_any_text_is_read_back_exactly(body: str, salt: bytes, seq: int) -> None:
    there = frame(body=body, salt=salt, seq=seq)
    assert Frame.parse(there.encode()) == there


@pytest.mark.parametrize(
    "body", ["", "\n", "\n\n", "salt: x\n\n", "meetcoord-minutes/v1\n", "\r\n", "\0", "\ufeff"]
)
def test_a_text_that_looks_like_a_frame_stays_a_text(body: str) -> None:
    assert Frame.parse(frame(body=body).encode()).body == body


def test_the_same_text_under_another_salt_has_another_hash() -> None:
    assert leaves.content_hash(frame().encode()) != leaves.content_hash(frame(salt=bytes(32)).encode())


@pytest.mark.parametrize("field", ["log", "meeting", "kind", "author"])
@pytest.mark.parametrize("bad", ["a\nseq: 9", "a\r", "a\u2028", "a b", "", "A", "a" * 65])
def test_nobody_can_write_a_line_of_her_own_into_the_frame(field: str, bad: str) -> None:
    with pytest.raises(Invalid):
        frame(**{field: f"city/{bad}" if field == "author" and bad else bad})


@pytest.mark.parametrize("changed", [{"seq": -1}, {"seq": 2**53}, {"salt": b"short"}, {"body": "\ud800"}])
def test_a_frame_that_cannot_be_written_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        frame(**changed)


SALT = b64(bytes(range(32)))

DAMAGED = {
    "nothing": "",
    "another version": EXACT.replace("/v1", "/v2"),
    "a missing line": EXACT.replace("seq: 0\n", ""),
    "an extra line": EXACT.replace("seq: 0\n", "seq: 0\nnote: x\n"),
    "a line twice": EXACT.replace("seq: 0\n", "seq: 0\nseq: 0\n"),
    "another order": EXACT.replace("seq: 0\nkind: minutes\n", "kind: minutes\nseq: 0\n"),
    "a leading zero": EXACT.replace("seq: 0", "seq: 00"),
    "a sign": EXACT.replace("seq: 0", "seq: +0"),
    "other digits": EXACT.replace("seq: 0", "seq: ٠"),
    "two spaces": EXACT.replace("kind: ", "kind:  "),
    "carriage returns": EXACT.replace("\n", "\r\n"),
    "no salt": EXACT.replace(SALT, ""),
    "a short salt": EXACT.replace(SALT, "AAAA"),
    "a salt without padding": EXACT.replace(SALT, SALT.rstrip("=")),
    "a salt with blanks": EXACT.replace(SALT, SALT[:4] + " " + SALT[4:]),
    "no empty line": EXACT.replace("\n\n", "\n"),
    "an author without agency": EXACT.replace(AUTHOR, "somebody"),
    "something before": "\n" + EXACT,
}


@pytest.mark.parametrize("name", DAMAGED)
def test_any_other_spelling_is_refused(name: str) -> None:
    assert DAMAGED[name] != EXACT
    with pytest.raises(Damaged):
        Frame.parse(DAMAGED[name].encode())


def test_a_body_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(Damaged):
        Frame.parse(EXACT.encode() + b"\xff")
