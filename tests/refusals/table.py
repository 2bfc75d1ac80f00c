"""The table of refusals: what somebody may try, what is promised, and the tests that show it.

`python -m tests.refusals.table` writes docs/threats.md; a test compares the two.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.refusals.guests import FORMER, INPUT, PARTICIPANTS, READERS
from tests.refusals.log_history import BYTES_AND_CLOCKS, HISTORY
from tests.refusals.row import NOT_HERE, NOT_YET, Row
from tests.refusals.sealed_files import AGREED, SEALED_FILES
from tests.refusals.strangers import OUTSIDERS, TOKENS

PAGE = Path(__file__).parents[2] / "docs" / "threats.md"

CHAPTERS = {
    "Tokens": TOKENS,
    "Strangers": OUTSIDERS,
    "Participants": PARTICIPANTS,
    "Links that no longer stand": FORMER,
    "Readers of mail, and the video server": READERS,
    "Input": INPUT,
    "Sealed minutes": SEALED_FILES,
    "Approvals, lists of keys, erasures": AGREED,
    "The history of the log, and its witnesses": HISTORY,
    "Bytes, clocks, crashes and places": BYTES_AND_CLOCKS,
}
ROWS = tuple(row for rows in CHAPTERS.values() for row in rows)

OPENING = """# What is refused, and which test shows it

Written from tests/refusals/table.py, which a test compares with this page: write it anew with
`python -m tests.refusals.table`. A row names its tests, or says honestly why it has none. Tests show what the program
does on the machine that runs them; they certify nothing.
"""


def page() -> str:
    return OPENING + "".join(f"\n## {title}\n{''.join(map(_told, rows))}" for title, rows in CHAPTERS.items())


def _told(row: Row) -> str:
    promise = "Wanted, and not promised" if _open(row) else "Promised"
    lines = [f"\n### {row.key}\n", row.threat, "", f"**{promise}:** {row.promise}"]
    if row.limits:
        lines += ["", row.limits if _open(row) else f"**Limits:** {row.limits}"]
    if row.shown:
        lines += ["", "Shown by:", "", *_tests(row)]
    return "\n".join(lines) + "\n"


def _tests(row: Row) -> Iterator[str]:
    for shown in row.shown:
        file, _, name = shown.partition("::")
        yield f"- {name.removeprefix('test_').replace('_', ' ')} (`{file}`)"


def _open(row: Row) -> bool:
    return row.limits.startswith((NOT_YET, NOT_HERE))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
