"""The real service among three real witnesses: cosigned, one of them dead, rolled back, forked."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from meetcoord.adapters.sealing.notes import Ed25519Signer
from meetcoord.domain.checkpoints import parse_checkpoint, parse_note
from tests.cli.conftest import Place
from tests.cli.test_processes import free_port
from tests.witness.test_processes import AGENCIES, Running, answering, begun, new_folder, stopped

pytestmark = pytest.mark.xdist_group("witnesses")

STORIES = ("cosigned", "rolled", "forked")
PATIENCE = 20.0

T = TypeVar("T")


def within(seconds: float, look: Callable[[], T | None]) -> T:
    """What `look` finds at last, asked again and again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.05)  # another process calls nobody: it is asked again until the time is over
    raise AssertionError("it did not come about in time")


@dataclass(slots=True)
class Operated:
    """A service's folder, the port it answers at, and a key to it."""

    place: Place
    port: int
    secret: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def begin(self) -> "subprocess.Popen[str]":
        words = [sys.executable, "-m", "meetcoord", "--settings", str(self.place.settings_file), "serve"]
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    @contextmanager
    def serving(self) -> Iterator[httpx.Client]:
        process = self.begin()
        headers = {"Authorization": f"Bearer {self.secret}"}
        try:
            assert process.stdout
            said = process.stdout.readline()
            assert "ready" in said, process.communicate()[1]
            with httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False) as http:
                yield http
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)

    def keep_copy(self) -> Path:
        copy = self.place.folder / "copy.db"
        shutil.copy(self.place.database, copy)
        return copy

    def restore(self, copy: Path) -> None:
        for path in self.place.database.parent.glob("meetcoord.db*"):
            path.unlink()
        shutil.copy(copy, self.place.database)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Operated:
    place = Place(tmp_path_factory.mktemp("operator"))
    place.say("")
    place.fine("keys", "new")
    place.fine("migrate")
    place.fine("agency", "add", "city", "Ville", "--language", "fr")
    person = place.fine(
        "person", "add", "city", "--name", "Secretary", "--address", "secretary@city.example.org",
        "--function", "Secretary", "--role", "secretary", "--role", "administrator",
    )  # fmt: skip
    key = place.fine("apikey", "new", "city", person["id"], "--all-of-role", "--label", "test")
    return Operated(place, 0, key["secret"])


def origin_of(story: str) -> str:
    return f"log.example.org/service/{story}"


def keys_of(place: Place) -> list[str]:
    """The one key under the name of each story's log."""
    pem = (place.folder / "data" / "keys" / "log.pem").read_bytes()
    return [Ed25519Signer.from_pem(origin_of(story), pem).vkey for story in STORIES]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory, furnished: Operated) -> Iterator[list[Running]]:
    """Each story has a log of its own name, so that all are told to the same three processes."""
    parent = tmp_path_factory.mktemp("witnesses")
    logs = keys_of(furnished.place)
    folders = [new_folder(parent, agency) for agency in AGENCIES]
    processes = [begun(folder, logs=logs) for folder in folders]
    running = [answering(folder, process) for folder, process in zip(folders, processes, strict=True)]
    try:
        yield running
    finally:
        for each in running:
            each.process.terminate()
            each.process.communicate(timeout=30)


@pytest.fixture
def operated(
    request: pytest.FixtureRequest, tmp_path: Path, furnished: Operated, three: list[Running]
) -> Operated:
    """The city operates the service, so that both others have to cosign."""
    place = Place(tmp_path / "service")
    shutil.copytree(furnished.place.folder, place.folder)
    mine = Operated(place, free_port(), furnished.secret)
    lines = [f"witness {name} {each.vkey} {each.url}\n" for name, each in zip(AGENCIES, three, strict=True)]
    policy = place.folder / "policy.tlog"
    policy.write_text("".join([*lines, "group others all health prefecture\n", "quorum others\n"]))
    place.settings_file.write_text(
        f'[service]\npublic_url = "{mine.url}"\nlisten_port = {mine.port}\n'
        f'data_directory = "{place.folder / "data"}"\n'
        f'[log]\norigin = "{origin_of(request.param)}"\n'
        f'[witnesses]\npolicy_file = "{policy}"\nown = "city"\npatience_seconds = 2\n'
    )
    return mine


def told_by(story: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operated", [story], indirect=True)


def act(http: httpx.Client, number: int) -> httpx.Response:
    """Something that leaves an entry."""
    person = {"name": f"Delegate {number}", "address": f"d{number}@city.example.org", "function": "Delegate"}
    return http.post("/v1/persons", json=person)


def size_of(note: str) -> int:
    return parse_checkpoint(parse_note(note).text).size


def signed_by(note: str) -> set[str]:
    return {each.name.partition(".")[0] for each in parse_note(note).signatures[1:]}


def cosigned(http: httpx.Client, size: int) -> str:
    """The checkpoint that meets the quorum, once it has this many entries."""

    def look() -> str | None:
        answer = http.get("/log/cosigned-checkpoint")
        return answer.text if answer.status_code == 200 and size_of(answer.text) >= size else None

    return within(PATIENCE, look)


def entries(http: httpx.Client, size: int) -> str:
    """The newest checkpoint, once it has this many entries: five seconds are promised."""

    def look() -> str | None:
        note = http.get("/log/checkpoint").text
        return note if size_of(note) >= size else None

    return within(5, look)


@told_by("cosigned")
def test_a_log_is_cosigned_to_its_newest_entry_and_goes_on_while_a_witness_is_down(
    operated: Operated, three: list[Running]
) -> None:
    with operated.serving() as http:
        assert signed_by(cosigned(http, 3)) >= {"health", "prefecture"}
        assert "warnings" not in http.get("/readyz").json()
        health = three[1]
        stopped(health, signal.SIGKILL)
        assert act(http, 1).status_code == 201
        newest = entries(http, 4)
        assert size_of(newest) == 4
        assert size_of(http.get("/log/cosigned-checkpoint").text) == 3
        warned = within(PATIENCE, lambda: http.get("/readyz").json().get("warnings"))
        assert warned[0].startswith("health has not answered as a witness since 20")
        told = http.get("/v1/log/witnesses").json()
        assert (told["size"], told["cosigned_size"]) == (4, 3)
        assert told["sentence"].startswith("Cosigned by")
        checked = operated.place.type("check").out
        assert "warn  witness health" in checked
        assert "ok    witness prefecture" in checked
        restarted = begun(health.folder, health.url.removeprefix("http://"), keys_of(operated.place))
        three[1] = answering(health.folder, restarted)
        assert size_of(cosigned(http, 4)) == 4
    assert "up to entry 3 of 3" in operated.place.type("log", "witnesses").out
    assert size_of(operated.place.type("log", "checkpoint", "--cosigned").out) == 4


@told_by("rolled")
def test_a_restored_older_copy_is_read_only_until_the_missing_entries_are_back(
    operated: Operated, tmp_path: Path
) -> None:
    place = operated.place
    with operated.serving() as http:
        cosigned(http, 3)
    copy = operated.keep_copy()
    with operated.serving() as http:
        assert act(http, 1).status_code == 201
        cosigned(http, 4)
    place.fine("log", "export", tmp_path / "export")
    assert {"health", "prefecture"} <= signed_by((tmp_path / "export" / "checkpoint").read_text())
    operated.restore(copy)
    typed = place.type("agency", "add", "health", "Santé", "--language", "fr")
    assert (typed.code, "older copy" in typed.err) == (2, True)
    with operated.serving() as http:
        refused = act(http, 2)
        assert (refused.status_code, refused.json()["code"]) == (503, "read_only")
        assert "has cosigned 4 entries of this log and only 3 are here" in refused.json()["detail"]
        assert http.get("/v1/persons").status_code == 200
        assert size_of(http.get("/log/checkpoint").text) == 3
        assert "older copy" in http.get("/readyz").json()["warnings"][0]
    assert "FAIL  witness health" in place.type("check").out
    assert place.fine("log", "import", tmp_path / "export") == {"before": 3, "size": 4, "sealed": 0}
    assert place.fine("log", "fsck")["damages"] == []
    with operated.serving() as http:
        assert act(http, 2).status_code == 201
        cosigned(http, 5)


@told_by("forked")
def test_a_forked_database_halts_the_service_and_both_notes_are_kept(operated: Operated) -> None:
    place = operated.place
    with operated.serving() as http:
        cosigned(http, 3)
    copy = operated.keep_copy()
    with operated.serving() as http:
        assert act(http, 1).status_code == 201
        theirs = cosigned(http, 4)
    operated.restore(copy)
    # Nothing is written over the copy while the witnesses are asked: whoever forks the log leaves them out.
    asking = place.settings_file.read_text()
    place.settings_file.write_text(asking.partition("[witnesses]")[0])
    place.fine("agency", "add", "elsewhere", "Elsewhere", "--language", "fr")
    place.publish()
    place.settings_file.write_text(asking)
    process = operated.begin()
    _, err = process.communicate(timeout=30)
    sentences = [line for line in err.splitlines() if not line.startswith("{")]
    assert process.returncode == 1
    assert len(sentences) == 1
    assert "another history of this log than the one here" in sentences[0]
    said = place.type("log", "forks", "--json")
    (fork, *_) = json.loads(said.out)["forks"]
    assert said.code == 1
    assert size_of(fork["ours"]) == size_of(fork["theirs"]) == 4
    assert parse_note(fork["theirs"]).text == parse_note(theirs).text != parse_note(fork["ours"]).text
