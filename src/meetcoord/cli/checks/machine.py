"""The machine: Python, SQLite, the post-quantum backend, the clock."""

import email.message
import platform
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from email.errors import MessageError

from meetcoord.cli.checks.finding import Finding, fail, ok, warn
from meetcoord.domain.errors import Misconfigured
from meetcoord.settings import Settings

WAL_RESET_FIXED = (3, 51, 3)
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is right shows an earlier time than this program was written."""


def look(settings: Settings) -> Iterator[Finding]:
    yield _python()
    if settings.database_url.startswith("sqlite:"):
        yield sqlite(sqlite3.sqlite_version_info)
    yield _post_quantum()
    yield _clock()


def _python() -> Finding:
    version = platform.python_version()
    if _header_can_be_smuggled():
        return warn(
            "Python",
            f"{version} lets a mail header through that another text holds (CVE-2024-6923). Each message is read "
            "again before it leaves, so nothing is sent; still, install a newer Python of this series.",
        )
    return ok("Python", version)


def _header_can_be_smuggled() -> bool:
    message = email.message.EmailMessage()
    try:
        message["Subject"] = "a =?UTF-8?Q?=0A?=Bcc: nobody@example.org"
        return b"\nBcc:" in message.as_bytes()
    except (MessageError, ValueError):
        return False


def sqlite(version: tuple[int, int, int]) -> Finding:
    shown = ".".join(map(str, version))
    if version < WAL_RESET_FIXED:
        return warn(
            "SQLite",
            f"{shown} can damage a file that two processes write to; meetcoord lets one process write, so nothing "
            "happens. Never write to the file with other tools while the service runs.",
        )
    return ok("SQLite", shown)


def _post_quantum() -> Finding:
    from meetcoord.adapters.sealing.age import assert_post_quantum

    try:
        assert_post_quantum()
    except Misconfigured as error:
        return fail("post-quantum", error.detail)
    return ok("post-quantum", "minutes can be sealed to ML-KEM-768 and X25519 together.")


def _clock() -> Finding:
    from meetcoord.adapters import system

    now = system.now()
    if now < WRITTEN:
        return fail(
            "clock", f"it shows {now:%Y-%m-%d %H:%M}Z, which is past: type `timedatectl set-ntp true`."
        )
    return ok("clock", f"{now:%Y-%m-%d %H:%M:%S}Z; later than everything this program knows.")
