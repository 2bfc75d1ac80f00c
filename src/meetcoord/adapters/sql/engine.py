"""How each database is opened, and what it must promise before anything is trusted to it."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    QueuePool,
    create_engine,
    event,
    exc,
    make_url,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from meetcoord.domain.errors import Misconfigured

BUSY = 5000
"""Milliseconds SQLite waits for a lock of another process."""

STRONG: Mapping[str, frozenset[object]] = {
    "journal_mode": frozenset({"wal"}),
    "synchronous": frozenset({2, 3}),
    "foreign_keys": frozenset({1}),
    "secure_delete": frozenset({1}),
    "busy_timeout": frozenset({BUSY}),
}
READING: Mapping[str, frozenset[object]] = {"journal_mode": frozenset({"wal"}), "query_only": frozenset({1})}
IN_MEMORY: Mapping[str, frozenset[object]] = {"foreign_keys": frozenset({1})}

_WRITER = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    f"busy_timeout={BUSY}",
)
_READER = ("query_only=ON", f"busy_timeout={BUSY}")

# Values never appear in errors, which end up in logs: each engine is made with hide_parameters.
# The count of inserted rows tells whether ON CONFLICT DO NOTHING did something.
_COUNTING = {"preserve_rowcount": True}

_SECONDS_UNASKED = 10.0
# A lost server is noticed in half a minute rather than in the two hours of the system's own settings.
_PATIENT_FOR = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "application_name": "meetcoord",
}


def database(url: str, password: str | None = None) -> URL:
    """The address of the database; raises Misconfigured unless it is SQLite or PostgreSQL."""
    try:
        parsed = make_url(url)
    except exc.ArgumentError as error:
        raise Misconfigured(
            "The database URL cannot be read: write `sqlite:////path/to/meetcoord.db`."
        ) from error
    match parsed.drivername:
        case "sqlite":
            if parsed.query:
                raise Misconfigured(
                    "The URL of a SQLite database takes no options: remove everything from `?` on."
                )
            return parsed
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg", password=password or parsed.password)
    raise Misconfigured(f"There is no storage for `{parsed.drivername}`: use `sqlite:` or `postgresql:`.")


def file_of(url: URL) -> Path | None:
    """The file of a SQLite database; None for one in memory or on a server."""
    if url.drivername != "sqlite" or url.database in {None, "", ":memory:"}:
        return None
    return Path(str(url.database)).resolve()


def sqlite_writer(file: Path) -> Engine:
    """For one connection."""
    engine = _sqlite(_address(file, "rw"), size=1)
    _promise(engine, _WRITER, STRONG)
    return engine


def sqlite_readers(file: Path, size: int) -> Engine:
    """Opened read-only: such a connection can neither write nor checkpoint, so it never meets the writer."""
    engine = _sqlite(_address(file, "ro"), size)
    _promise(engine, _READER, READING)
    return engine


def sqlite_read_alone(file: Path, size: int) -> Engine:
    """For reading only, also a copy that is not journalled ahead, or lies where nothing can be written."""
    engine = _sqlite(_address(file, "ro", still=_cannot_change(file)), size)
    _promise(engine, _READER, {"query_only": READING["query_only"]})
    return engine


def sqlite_in_memory() -> Engine:
    """For one connection, with which the database ends."""
    engine = _sqlite(make_url("sqlite://"), size=1)
    _promise(engine, ("foreign_keys=ON",), IN_MEMORY)
    return engine


def sqlite_for_migration(file: Path) -> Engine:
    engine = create_engine(
        _address(file, "rwc"), connect_args={"isolation_level": None}, hide_parameters=True
    )
    _promise(engine, _WRITER, STRONG)
    _begin_with(engine, "BEGIN IMMEDIATE")
    return engine


def sqlite_for_a_look(file: Path) -> Engine:
    engine = create_engine(_address(file, "ro"), connect_args={"isolation_level": None}, hide_parameters=True)
    _promise(engine, _READER, {"query_only": READING["query_only"]})
    return engine


def postgresql(url: URL, size: int) -> AsyncEngine:
    """A pool whose connections are asked for a sign of life after resting, and thrown away when lost."""
    options = {name: value for name, value in _PATIENT_FOR.items() if name not in url.query}
    engine = create_async_engine(
        url,
        pool_size=size,
        max_overflow=0,
        connect_args=options,
        execution_options=_COUNTING,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _server_must_be_strong)
    event.listen(engine.sync_engine, "checkin", _rests)
    event.listen(engine.sync_engine, "checkout", _must_be_alive)
    return engine


def must_be_strong(found: Mapping[str, object], wanted: Mapping[str, frozenset[object]]) -> None:
    """Raises Misconfigured naming the first setting that is not as wanted."""
    for name, allowed in wanted.items():
        if found.get(name) not in allowed:
            raise Misconfigured(
                f"The database runs with {name}={found.get(name)}, where {' or '.join(map(str, allowed))} is needed: "
                "change that setting, and keep a SQLite file on a local disk."
            )


def _sqlite(address: URL, size: int) -> Engine:
    """Transactions are left to whoever holds a connection, and so is the care that one thread at a time uses it."""
    return create_engine(
        address,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        pool_reset_on_return=None,
        connect_args={"isolation_level": None, "check_same_thread": False},
        execution_options=_COUNTING,
        hide_parameters=True,
    )


def _address(file: Path, mode: str, *, still: bool = False) -> URL:
    query = {"mode": mode, "uri": "true"} | ({"immutable": "1"} if still else {})
    return URL.create("sqlite", database=f"file:{quote(str(file))}", query=query)


def _cannot_change(file: Path) -> bool:
    """Whether SQLite must do without the files it lays beside one that was journalled ahead, and may."""
    return not os.access(file.parent, os.W_OK) and not file.with_name(f"{file.name}-wal").exists()


def _promise(engine: Engine, settings: tuple[str, ...], wanted: Mapping[str, frozenset[object]]) -> None:
    def settle(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        for setting in settings:
            _ask(connection, f"PRAGMA {setting}")
        must_be_strong({name: _ask(connection, f"PRAGMA {name}") for name in wanted}, wanted)

    event.listen(engine, "connect", settle)


def _begin_with(engine: Engine, words: str) -> None:
    # The driver's own idea of when to begin is switched off (isolation_level=None).
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(words)

    event.listen(engine, "begin", begin)


def _ask(connection: DBAPIConnection, question: str) -> object:
    cursor = connection.cursor()
    try:
        cursor.execute(question)
        row = cursor.fetchone()
        return row[0] if row else None
    finally:
        cursor.close()


def _server_must_be_strong(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    commit = _ask(connection, "SHOW synchronous_commit")
    encoding = _ask(connection, "SHOW server_encoding")
    connection.rollback()
    must_be_strong(
        {"synchronous_commit": commit, "server_encoding": encoding},
        {"synchronous_commit": frozenset({"on", "remote_apply"}), "server_encoding": frozenset({"UTF8"})},
    )


def _rests(_: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    entry.info["resting since"] = asyncio.get_running_loop().time()


def _must_be_alive(connection: DBAPIConnection, entry: ConnectionPoolEntry, _: Any) -> None:
    since = entry.info.get("resting since")
    if since is None or asyncio.get_running_loop().time() - since < _SECONDS_UNASKED:
        return
    try:
        _ask(connection, "SELECT 1")
        connection.rollback()
    except Exception as error:
        raise exc.DisconnectionError("the connection was lost while it rested") from error
