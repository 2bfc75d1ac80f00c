"""What looking at one item found."""

from enum import Enum

import msgspec


class State(Enum):
    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


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
