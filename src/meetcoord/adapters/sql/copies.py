"""Copies of a SQLite database: taken whole beside whoever writes to it, and put back where no other lies."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from sqlalchemy import exc

from meetcoord.adapters.lockfile import sole_use
from meetcoord.adapters.sql import engine as engines
from meetcoord.domain.errors import Conflict, Misconfigured

_BESIDE = ("", "-wal", "-shm", "-journal")


def back_up(database: Path, target: Path) -> None:
    """Write a new file, for its owner alone, with all that is committed; it is there whole and durable, or not at all.

    Raises Conflict when `target` exists, Misconfigured when the one cannot be read or the other not written.
    """
    if not database.is_file():
        raise Misconfigured(f"There is no database at {database}: check the path.")
    with _workplace(target) as folder:
        fresh = folder / target.name
        _copy(database, fresh)
        _place(fresh, target)


@contextmanager
def put_back(copy: Path, database: Path) -> Iterator[Path]:
    """A private copy of `copy` that takes the place of `database` when the block, which may change it, ends well.

    Raises Conflict when there is such a database, Misconfigured while a process uses it, or when a file cannot be used.
    """
    with sole_use(database):
        for name in _BESIDE:
            if os.path.lexists(f"{database}{name}"):
                raise Conflict(
                    f"{database}{name} is there and is never overwritten: move away all of {database}*, and keep it."
                )
        with _workplace(database) as folder:
            fresh = folder / database.name
            _copy(copy, fresh)
            yield fresh
            _place(fresh, database)


@contextmanager
def _workplace(target: Path) -> Iterator[Path]:
    """A folder beside `target` that nobody else can enter; nothing of it stays."""
    try:
        folder = TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise Misconfigured(f"{target} cannot be written ({error.strerror}): check the folder.") from error
    with folder as name:
        yield Path(name)


def _copy(source: Path, target: Path) -> None:
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    engine = engines.sqlite_read_alone(source, 1)
    try:
        with engine.connect() as connection, closing(sqlite3.connect(target)) as fresh:
            cast(sqlite3.Connection, connection.connection.dbapi_connection).backup(fresh)
            # One file that leaves nothing beside it when it is read; the service turns the journal on again.
            fresh.execute("PRAGMA journal_mode = DELETE")
    except (exc.DBAPIError, sqlite3.Error) as error:
        reason = error.orig if isinstance(error, exc.DBAPIError) else error
        raise Misconfigured(
            f"{source} cannot be copied ({reason}): check the file and the free space."
        ) from error
    finally:
        engine.dispose()


def _place(fresh: Path, target: Path) -> None:
    """Make `fresh` durable under its name, for the owner of the folder. A link fails where a rename would replace."""
    owner = target.parent.stat()
    try:
        with suppress(PermissionError):
            os.chown(fresh, owner.st_uid, owner.st_gid)
        _sync(fresh, os.O_RDONLY)
        target.hardlink_to(fresh)
        _sync(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    except FileExistsError as error:
        raise Conflict(f"{target} exists already and is never overwritten: name another file.") from error
    except OSError as error:
        raise Misconfigured(f"{target} cannot be written ({error.strerror}): check the folder.") from error


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
