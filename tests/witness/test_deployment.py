"""What `deploy/WITNESS.md` and the unit say: it exists, it is tight, and it is the program that is shipped."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from meetcoord.adapters.witness.server import WitnessParts, create_app
from meetcoord.bootstrap.listening import STOP_SECONDS
from meetcoord.bootstrap.witness import KEY, MEMORY, VKEY
from meetcoord.cli.witness import DEFAULT_LISTEN
from tests.fake_witness import FakeWitness
from tests.test_deploy_page import code_blocks, commands, unknown_in

DEPLOY = Path(__file__).parents[2] / "deploy"
PAGE = DEPLOY / "WITNESS.md"
UNIT = (DEPLOY / "meetcoord-witness.service").read_text(encoding="utf-8")


def typed_on_the_page() -> list[list[str]]:
    """What stands behind the word that the page makes for `meetcoord witness`."""
    lines = [line for line in code_blocks(PAGE) if line.startswith("sudo meetcoord-witness ")]
    return [["witness", *shlex.split(line)[2:]] for line in lines]


def start() -> list[str]:
    """The command of the unit, in one line."""
    found = re.search(r"^ExecStart=\S+/meetcoord ((?:.*\\\n)*.*)$", UNIT, re.MULTILINE)
    assert found
    return shlex.split(found[1].replace("\\\n", " "))


def test_every_command_of_the_page_and_of_the_unit_exists() -> None:
    found = [*typed_on_the_page(), *commands(PAGE), start()]
    assert {words[1] for words in found if words[0] == "witness"} == {"new", "show", "serve"}
    for words in found:
        assert unknown_in(list(words)) == "", " ".join(words)


def test_the_page_and_the_unit_speak_of_the_same_places() -> None:
    page, words = PAGE.read_text(encoding="utf-8"), start()
    folder, key, listen, url = (words[2], words[4], words[6], words[8])
    assert listen == DEFAULT_LISTEN
    for place in (folder, key, listen, url, KEY, VKEY, MEMORY):
        assert place in page
    assert f"StateDirectory={Path(folder).name}" in UNIT.splitlines()


def test_every_path_the_page_names_is_served() -> None:
    app = create_app(WitnessParts(FakeWitness(()), (), "https://witness.city.example.org"))
    named = re.findall(
        r"^\| `(GET|POST) (\S+?)( of .*?)?(/\S+)?`", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(named) == 3
    served = {(method, route.path) for route in app.routes for method in getattr(route, "methods", ())}
    assert served >= {("POST", "/add-checkpoint"), ("GET", "/healthz"), ("GET", "/{digest:str}/checkpoint")}


def test_the_unit_is_as_tight_as_the_services() -> None:
    service = (DEPLOY / "meetcoord.service").read_text(encoding="utf-8").splitlines()
    begin = service.index("NoNewPrivileges=true")
    hardening = [line for line in service[begin:] if re.match(r"[A-Z]\w+=", line)]
    assert [line for line in hardening if line not in UNIT.splitlines()] == []
    for line in ("User=meetcoord-witness", "StateDirectoryMode=0700", "UMask=0077", "LimitCORE=0"):
        assert line in UNIT.splitlines()
    assert STOP_SECONDS < 15
    assert "TimeoutStopSec=15" in UNIT


@pytest.mark.needs("systemd-analyze")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    file = tmp_path / "meetcoord-witness.service"
    file.write_text(UNIT.replace("/opt/meetcoord/.venv/bin/meetcoord", "/bin/true"), encoding="utf-8")
    verified = subprocess.run(
        ["systemd-analyze", "verify", file], check=False, capture_output=True, text=True, timeout=60
    )
    assert (verified.returncode, verified.stderr) == (0, "")
