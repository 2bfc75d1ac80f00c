"""The demo is the README's first promise: it runs by itself, and what it leaves stands on its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jwt
import pytest

from meetcoord.adapters.lockfile import sole_use
from meetcoord.demo.stage import build
from meetcoord.domain.checkpoints import parse_checkpoint, parse_note
from meetcoord.domain.errors import Misconfigured

ROOT = Path(__file__).parents[2]
FILES = (
    "summary.json",
    "invitation.eml",
    "minutes.age",
    "auditor-identity.txt",
    "evidence.zip",
    "room-token.txt",
)


pytestmark = pytest.mark.xdist_group("demo")  # one process plays it, and all look at what it left


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one run of the demo left, after it ended by itself without a terminal."""
    out = tmp_path_factory.mktemp("stage") / "demo-out"
    played = meetcoord("demo", "--out", out, cwd=out.parent)
    assert played.returncode == 0, played.stdout + played.stderr
    return out


def meetcoord(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "meetcoord", *map(str, words)],
        cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def summary(demo: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((demo / "summary.json").read_text())
    return read


def test_every_step_succeeds_in_less_than_a_minute_of_story(demo: Path) -> None:
    told = summary(demo)
    assert told["ok"] is True
    assert len(told["steps"]) == 8
    assert all(step["ok"] for step in told["steps"])
    assert told["seconds"] < 60


def test_it_leaves_what_it_promises(demo: Path) -> None:
    assert all((demo / name).stat().st_size for name in FILES)
    assert (demo / "public" / "log.vkey").exists()
    assert list((demo / "public" / "rooms").glob("*.pem"))
    assert set(FILES) <= {*summary(demo)["files"], "summary.json"}


def test_it_refuses_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    refused = meetcoord("demo", "--out", tmp_path, cwd=tmp_path)
    assert refused.returncode == 2
    assert (tmp_path / "thesis.txt").read_text() == "ten years of work"


def test_it_leaves_a_demo_that_still_serves_alone(tmp_path: Path) -> None:
    database = build(tmp_path / "demo-out", 0).settings.data_directory / "meetcoord.db"
    with sole_use(database), pytest.raises(Misconfigured, match="in use"):
        build(tmp_path / "demo-out", 0)
    assert database.exists()
    build(tmp_path / "demo-out", 0)


def test_the_room_token_verifies_with_the_published_key(demo: Path) -> None:
    token = (demo / "room-token.txt").read_text().strip()
    header = jwt.get_unverified_header(token)
    key = (demo / "public" / "rooms" / f"{header['kid']}.pem").read_bytes()
    options: Any = {"verify_exp": False, "verify_nbf": False}
    claims = jwt.decode(
        token, key, algorithms=["RS256"], audience="jitsi", issuer="meetcoord", options=options
    )
    assert set(header) == {"alg", "kid", "typ"}
    assert summary(demo)["room"].endswith("/" + claims["room"])


def test_the_exported_log_has_every_tile_its_checkpoint_needs(demo: Path) -> None:
    checkpoint = parse_checkpoint(parse_note((demo / "log" / "checkpoint").read_text()).text)
    assert checkpoint.size > 20
    assert (demo / "log" / "tile" / "0" / "000.p" / str(checkpoint.size)).exists()
    assert (demo / "log" / "tile" / "entries" / "000.p" / str(checkpoint.size)).exists()


def test_the_evidence_verifies_where_there_is_no_database(demo: Path, tmp_path: Path) -> None:
    (tmp_path / "evidence.zip").write_bytes((demo / "evidence.zip").read_bytes())
    verified = meetcoord("evidence", "verify", "evidence.zip", cwd=tmp_path)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    pinned = meetcoord(
        "evidence", "verify", "evidence.zip", "--log-key", demo / "public" / "log.vkey",
        "--identity", demo / "auditor-identity.txt", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert json.loads(pinned.stdout)["outcome"] == "intact"


@pytest.mark.parametrize("place", [0.0, 0.3, 0.6, 0.999])
def test_one_flipped_byte_of_the_evidence_is_an_exit_code_of_one_with_the_reason(
    demo: Path, tmp_path: Path, place: float
) -> None:
    data = bytearray((demo / "evidence.zip").read_bytes())
    data[int(len(data) * place)] ^= 1
    (tmp_path / "evidence.zip").write_bytes(data)
    verified = meetcoord("evidence", "verify", "evidence.zip", cwd=tmp_path)
    assert verified.returncode == 1
    assert "Altered: evidence file: " in verified.stdout


@pytest.mark.needs("node")
def test_the_sealed_minutes_open_with_another_program(demo: Path) -> None:
    script = """
import { Decrypter } from "age-encryption"; import { readFileSync } from "node:fs";
const [file, identity] = process.argv.slice(1);
const d = new Decrypter();
d.addIdentity(readFileSync(identity, "utf8").split("\\n").find((line) => line.startsWith("AGE-SECRET-KEY-PQ-1")));
process.stdout.write(await d.decrypt(readFileSync(file), "text"));
"""
    opened = subprocess.run(
        ["node", "--input-type=module", "-e", script, str(demo / "minutes.age"), str(demo / "auditor-identity.txt")],
        cwd=ROOT / "tests" / "node", capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert opened.returncode == 0, opened.stderr
    assert opened.stdout.startswith("meetcoord-minutes/v1\nlog: log.127.0.0.1\n")
    assert "salle de commandement" in opened.stdout


def test_the_readable_text_is_nowhere_in_what_the_server_keeps(demo: Path) -> None:
    canary = b"salle de commandement"
    kept = [p for p in (demo / "data").rglob("*") if p.is_file()]
    assert len(kept) >= 5
    assert not [p for p in kept if canary in p.read_bytes()]


def test_no_invitation_or_token_rests_in_the_database(demo: Path) -> None:
    token = (demo / "room-token.txt").read_bytes().strip()
    links = [
        p.read_text().partition("/j#")[2].split()[0]
        for p in (demo / "mail").glob("*.eml")
        if "/j#" in p.read_text()
    ]
    assert links
    for file in (demo / "data").glob("meetcoord.db*"):
        data = file.read_bytes()
        assert token not in data
        assert not [link for link in links if link[:60].rstrip("=").encode() in data]
