"""`meetcoord witness`: making a key, looking at what was cosigned, and refusing what cannot work."""

import asyncio
import stat
from pathlib import Path

import pytest

from meetcoord.adapters.witness.store import opened
from meetcoord.bootstrap.witness import MEMORY, WitnessFolder
from meetcoord.domain.checkpoints import COSIGNATURE_ED25519, b64, parse_vkey
from meetcoord.domain.witnessing import Cosigned
from tests.cli.conftest import typed
from tests.fake_witness import new_cosigner
from tests.log.builders import ORIGIN, log_of, new_signer

NAME = "city.example.org/w1"
LOG = log_of(5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "witness"
    assert typed("witness", "new", folder, "--name", NAME).code == 0
    return folder


def test_a_new_witness_says_its_key_and_what_to_send_to_whom(tmp_path: Path) -> None:
    folder = tmp_path / "witness"
    said = typed("witness", "new", folder, "--name", NAME)
    key = parse_vkey(said.out.strip())
    assert (said.code, key.name, key.algorithm) == (0, NAME, COSIGNATURE_ED25519)
    assert key.fingerprint in said.err
    assert "operator" in said.err
    assert (folder / "witness.vkey").read_text() == said.out
    assert stat.S_IMODE((folder / "witness.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "PRIVATE" not in said.out + said.err


def test_a_witness_is_never_overwritten(folder: Path) -> None:
    before = (folder / "witness.pem").read_bytes()
    said = typed("witness", "new", folder, "--name", "other.example.org/w1", "--json")
    assert (said.code, said.document["error"]["code"]) == (2, "misconfigured")
    assert (folder / "witness.pem").read_bytes() == before


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\nbreak"])
def test_a_name_that_no_key_can_have_is_refused_before_anything_is_made(tmp_path: Path, name: str) -> None:
    said = typed("witness", "new", tmp_path / "witness", "--name", name)
    assert said.code == 1
    assert not (tmp_path / "witness").exists()


def test_before_the_first_checkpoint_nothing_is_shown(folder: Path) -> None:
    assert typed("witness", "show", folder).out == "Nothing has been cosigned yet.\n"


def test_what_was_cosigned_last_is_shown_also_while_the_witness_runs(folder: Path) -> None:
    with opened(folder / MEMORY) as store:
        asyncio.run(store.replace(None, Cosigned(LOG.checkpoint(5), 1_800_000_000)))
        shown = typed("witness", "show", folder)
        document = typed("witness", "show", folder, "--json").document
    assert [word in shown.out for word in (ORIGIN, "5", b64(LOG.root()), "2027-01-15 08:00:00Z")] == [
        True
    ] * 4
    assert document["vkey"] == WitnessFolder(folder).cosigner().vkey
    (log,) = document["logs"]
    assert (log["origin"], log["size"], log["note"]) == (ORIGIN, 5, LOG.checkpoint(5))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--log", "nothing"), "cannot be read"),
        ((), "Missing option '--log'"),
        (("--log", new_cosigner().vkey), "not that of a log"),
        (("--log", LOG.signer.vkey, "--listen", "8470"), "HOST:PORT"),
        (("--log", LOG.signer.vkey, "--listen", "127.0.0.1:99999"), "HOST:PORT"),
        (("--log", LOG.signer.vkey, "--listen", "192.0.2.1:8470"), "change --listen"),
        (("--log", LOG.signer.vkey, "--url", "witness.city.example.org"), "--url"),
        (("--log", LOG.signer.vkey, "--url", "https://a@b.example.org"), "--url"),
        (("--log", LOG.signer.vkey, "--url", "https://b.example.org/?x"), "--url"),
    ],
)
def test_what_cannot_be_served_is_refused_with_one_sentence(
    folder: Path, words: tuple[str, ...], sentence: str
) -> None:
    said = typed("witness", "serve", folder, *words)
    assert (said.code, said.out) == (2, "")
    assert sentence in said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("command", [("show",), ("serve", "--log", new_signer().vkey)])
def test_where_no_witness_is_one_is_told_what_to_type(tmp_path: Path, command: tuple[str, ...]) -> None:
    said = typed("witness", command[0], tmp_path, *command[1:])
    assert said.code == 2
    assert "type `meetcoord witness new`" in said.err


def test_a_key_that_others_can_read_is_not_used(folder: Path) -> None:
    (folder / "witness.pem").chmod(0o640)
    said = typed("witness", "show", folder)
    assert said.code == 2
    assert "chmod 600" in said.err


def test_a_name_that_belongs_to_another_key_is_noticed(folder: Path) -> None:
    (folder / "witness.vkey").write_text(new_cosigner(NAME).vkey)
    said = typed("witness", "show", folder)
    assert said.code == 2
    assert "is not that of witness.pem" in said.err
