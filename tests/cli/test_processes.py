"""Real processes: what is loaded, how they stop, and what they do when nobody reads."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from meetcoord.adapters.sealing.bundle import pack
from tests.cli.conftest import Place
from tests.cli.test_log_commands import alter
from tests.log.builders import identities, written

HEAVY = {"litestar", "sqlalchemy", "uvicorn", "alembic"}
TELL = "import sys; from meetcoord.__main__ import main\ntry: main()\nfinally: print(*sys.modules, file=sys.stderr)"


def meetcoord(*words: object, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "meetcoord", *map(str, words)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("offline")
    sealed = written()
    (folder / "minutes.age").write_bytes(sealed.sealed.file)
    (folder / "evidence.zip").write_bytes(pack(sealed.evidence()))
    (folder / "identity.txt").write_text(identities()["city"])
    return folder


@pytest.mark.parametrize(
    "command",
    [
        "--help",
        "version",
        "evidence verify evidence.zip --identity identity.txt",
        "minutes open minutes.age --identity identity.txt --evidence evidence.zip",
    ],
)
def test_what_an_auditor_types_loads_neither_server_nor_database(folder: Path, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TELL, *command.split()],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = {module.partition(".")[0] for module in done.stderr.splitlines()[-1].split()}
    assert "meetcoord" in loaded
    assert loaded & HEAVY == set()


def test_noise_is_a_verdict_and_never_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "noise.zip").write_bytes(os.urandom(4000))
    done = meetcoord("evidence", "verify", "noise.zip", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_reader_who_leaves_early_is_not_complained_about(folder: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    words = [sys.executable, "-m", "meetcoord", "evidence", "verify", "evidence.zip"]
    done = subprocess.run(words, cwd=folder, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def opened(place: Place) -> "subprocess.Popen[str]":
    port = free_port()
    place.settings_file.write_text(
        f'[service]\npublic_url = "http://127.0.0.1:{port}"\nlisten_port = {port}\n'
        f'data_directory = "{place.folder / "data"}"\n'
    )
    words = [sys.executable, "-m", "meetcoord", "--settings", str(place.settings_file), "serve", "--json"]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_service_says_where_it_is_and_stops_when_told(place: Place, ending: signal.Signals) -> None:
    with opened(place) as service:
        try:
            assert service.stdout
            lines = "".join(service.stdout.readline() for _ in range(3))
            address = json.loads(lines)["address"]
            assert httpx.get(f"{address}/log/checkpoint").text == place.type("log", "checkpoint").out
            httpx.get(
                f"{address}/log/checkpoint?token=secret-of-a-link", headers={"X-Forwarded-For": "192.0.2.7"}
            )
            found = {
                each["item"]: each["state"] for each in place.type("check", "--json").document["findings"]
            }
            assert found["room keys"] == "ok"
        except (ValueError, httpx.HTTPError) as error:
            service.kill()
            pytest.fail(f"{error}: {service.communicate()}")
        service.send_signal(ending)
        out, err = service.communicate(timeout=10)
    assert (service.returncode, out) == (0, "")
    assert "secret-of-a-link" not in err
    assert "127.0.0.1" not in err
    assert "192.0.2.7" not in err
    assert [line for line in err.splitlines() if not isinstance(json.loads(line), dict)] == []


def test_a_damaged_log_keeps_the_service_from_starting(place: Place) -> None:
    alter(place.database, "UPDATE log_leaves SET entry = CAST(replace(entry, 'city', 'town') AS BLOB)")
    with opened(place) as service:
        out, err = service.communicate(timeout=30)
    assert service.returncode == 1
    assert "entry 0" in json.loads(out)["error"]["detail"]
    assert err == ""
