"""One process per SQLite file: a lock that the system itself takes back when its holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from meetcoord.domain.errors import Misconfigured


@contextmanager
def sole_use(file: Path, or_else: str = "") -> Iterator[None]:
    """Hold `<file>.lock`. Raises Misconfigured while another process does; `or_else` says what would serve several."""
    try:
        handle = os.open(f"{file}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Misconfigured(f"{file}.lock cannot be written ({error.strerror}): check the folder.") from error
    try:
        _lock(handle, file, or_else)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, file: Path, or_else: str) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Misconfigured(
            f"{file} is in use by another meetcoord process: stop it first{or_else}."
        ) from error
    except OSError as error:
        raise Misconfigured(f"{file}.lock cannot be locked ({error.strerror}): use a local disk.") from error
