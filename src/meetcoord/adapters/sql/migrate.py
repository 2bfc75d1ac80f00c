"""Bring a database to the newest schema. Explicit: nothing migrates itself when the service starts."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, create_engine, text

from meetcoord.adapters.lockfile import sole_use
from meetcoord.adapters.sql.block import plainly
from meetcoord.adapters.sql.engine import database, file_of, sqlite_for_a_look, sqlite_for_migration
from meetcoord.adapters.sql.revision import revision
from meetcoord.domain.errors import Misconfigured

# Any number will do, as long as every version of meetcoord knows it.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(6332830157)")


def migrate(url: str, password: str | None = None) -> None:
    """Create what is missing, in one transaction: after a failure the database is as it was.

    A SQLite file is created for its owner alone. Raises Misconfigured, StorageUnavailable.
    """
    with plainly(), _connected(url, password) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(_ONE_AT_A_TIME)
        try:
            command.upgrade(_configuration(connection), "head")
        except CommandError as error:
            raise Misconfigured(
                "The database has a schema that this version does not know: install the version that wrote it."
            ) from error


def current(url: str, password: str | None = None) -> str | None:
    """The schema of the database, None when it has none yet. Looks only, also while the service runs."""
    address = database(url, password)
    file = file_of(address)
    if file is not None and not file.exists():
        return None
    engine = sqlite_for_a_look(file) if file else create_engine(address, hide_parameters=True)
    with plainly(), _begun(engine) as connection:
        return revision(connection)


@contextmanager
def _connected(url: str, password: str | None) -> Iterator[Connection]:
    address = database(url, password)
    file = file_of(address)
    if address.drivername != "sqlite":
        with _begun(create_engine(address, hide_parameters=True)) as connection:
            yield connection
    elif file is None:
        raise Misconfigured("A database in memory has nothing to migrate: name a file.")
    else:
        with sole_use(file):
            _own(file)
            with _begun(sqlite_for_migration(file)) as connection:
                yield connection


@contextmanager
def _begun(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _own(file: Path) -> None:
    """Make sure the file is there; SQLite's own files beside it take over its mode."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def _configuration(connection: Connection) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", "meetcoord.adapters.sql:migrations")
    configuration.attributes["connection"] = connection
    return configuration
