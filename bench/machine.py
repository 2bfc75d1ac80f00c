"""Where the figures come from: without it they mean nothing later."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from sqlite3 import sqlite_version

from cryptography.hazmat.backends.openssl import backend
from msgspec import Struct

LIBRARIES = (
    "cryptography", "httptools", "litestar", "msgspec", "psycopg", "PyJWT", "SQLAlchemy", "uvicorn", "uvloop",
)  # fmt: skip


class Machine(Struct, frozen=True, kw_only=True):
    cores: int
    cpu: str
    system: str
    load: float
    python: str
    sqlite: str
    openssl: str
    libraries: dict[str, str]


def this_machine() -> Machine:
    return Machine(
        cores=os.cpu_count() or 0,
        cpu=_cpu(),
        system=platform.platform(),
        load=round(os.getloadavg()[0], 2),
        python=platform.python_version(),
        sqlite=sqlite_version,
        openssl=backend.openssl_version_text(),
        libraries={name: version(name) for name in LIBRARIES},
    )


def commit() -> str:
    """The commit of the working tree, with a `+` when it holds changes; empty outside a repository."""
    named, changed = _git("rev-parse", "HEAD"), _git("status", "--porcelain")
    return named + ("+" if named and changed else "")


def _git(*words: str) -> str:
    try:
        asked = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""


def _cpu() -> str:
    """The model's name where the system tells it (Linux), else the kind of processor."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
