"""The table of refusals is whole: every row has a test that exists and runs, or says why it has none."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.refusals.row import NOT_HERE, NOT_YET, Row
from tests.refusals.table import PAGE, ROWS, page

ROOT = Path(__file__).parents[2]
KEYS = [
    *(f"J{n}" for n in range(1, 7)),
    *(f"T{n}" for n in (*range(1, 19), *range(35, 39))),
    *(f"M{n}" for n in range(1, 36)),
]


@cache
def written_in(file: str) -> dict[str, str]:
    """The tests of a file by name, with what is written above each."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    found = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {
        node.name: " ".join(map(ast.unparse, node.decorator_list))
        for node in found
        if node.name.startswith("test_")
    }


def test_every_threat_that_was_thought_of_has_its_row() -> None:
    keys = [row.key for row in ROWS]
    assert len(set(keys)) == len(keys)
    assert set(keys) >= set(KEYS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_a_row_is_shown_by_tests_that_run_or_says_why_not(row: Row) -> None:
    assert row.shown or row.limits.startswith((NOT_YET, NOT_HERE))
    assert len(set(row.shown)) == len(row.shown)
    for shown in row.shown:
        file, _, name = shown.partition("::")
        assert name in written_in(file), shown
        assert "skip" not in written_in(file)[name], shown
        assert "xfail" not in written_in(file)[name], shown
    for sentence in (row.threat, row.promise, row.limits):
        assert not sentence or sentence.endswith(".")


def test_every_test_of_this_folder_stands_in_a_row() -> None:
    shown = {each for row in ROWS for each in row.shown}
    own = {
        f"tests/refusals/{path.name}::{name}"
        for path in Path(__file__).parent.glob("test_*.py")
        for name in written_in(f"tests/refusals/{path.name}")
        if path != Path(__file__)
    }
    assert own - shown == set()


def test_the_page_for_readers_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m tests.refusals.table"
