"""The moment people remember: one byte of the database is altered, and the log says which entry it was."""

import sqlite3
from pathlib import Path


def altered_copy(database: Path, copy: Path, entry: int) -> None:
    """A copy of the database in which one byte of one log entry is another."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as source, sqlite3.connect(copy) as target:
        source.backup(target)
        (stored,) = target.execute('SELECT entry FROM log_leaves WHERE "index" = ?', (entry,)).fetchone()
        middle = len(stored) // 2
        altered = stored[:middle] + bytes([stored[middle] ^ 1]) + stored[middle + 1 :]
        target.execute('UPDATE log_leaves SET entry = ? WHERE "index" = ?', (altered, entry))
    source.close()
    target.close()
