"""What looking at one item found."""

from enum import Enum

import msgspec


class State(Enum):
    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"
    UNKNOWN = "?"


class Finding(msgspec.Struct, frozen=True):
    """`sentence` says what is so; where it is not well, it ends with what to type or to change."""

    item: str
    state: State
    sentence: str


def ok(item: str, sentence: str) -> Finding:
    return Finding(item, State.OK, sentence)


def warn(item: str, sentence: str) -> Finding:
    return Finding(item, State.WARN, sentence)


def fail(item: str, sentence: str) -> Finding:
    return Finding(item, State.FAIL, sentence)


def unknown(item: str, why: str) -> Finding:
    """There is no verdict, and that is not the same as a good one."""
    return Finding(item, State.UNKNOWN, f"cannot tell: {why}")
