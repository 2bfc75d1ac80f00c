"""What an auditor does on her own machine: keys, opening, verifying; no server, no database, no settings."""

import stat
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetcoord.adapters.sealing.bundle import pack
from tests.cli.conftest import typed
from tests.log.builders import BODY, frame, identities, new_signer, written


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an agency received: the sealed file, its evidence, the log key, an auditor's identity."""
    folder = tmp_path_factory.mktemp("auditor")
    sealed = written()
    (folder / "minutes.age").write_bytes(sealed.sealed.file)
    (folder / "evidence.zip").write_bytes(pack(sealed.evidence()))
    (folder / "other.zip").write_bytes(pack(written(("city", "health")).evidence()))
    (folder / "log.vkey").write_text(f"{sealed.key}\n")
    (folder / "identity.txt").write_text(f"# created: 2026-01-01T00:00:00Z\n{identities()['city']}\n")
    (folder / "stranger.txt").write_text(f"{identities()['stranger']}\n")
    (folder / "nothing.txt").write_text("# nothing here\n")
    return folder


def test_an_identity_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "auditor.txt"
    said = typed("keys", "auditor", "new", file)
    recipient = said.out.strip()
    assert said.code == 0
    assert recipient.startswith("age1pq1")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    created, public, identity = file.read_text().splitlines()
    assert created.startswith("# created: 20")
    assert public == f"# public key: {recipient}"
    assert identity.startswith("AGE-SECRET-KEY-PQ-1")
    assert (tmp_path / "auditor.txt.pub").read_text() == f"{recipient}\n"
    assert identity not in said.out + said.err
    assert typed("keys", "auditor", "recipient", file).out == said.out


@pytest.mark.parametrize("there", ["auditor.txt", "auditor.txt.pub"])
def test_an_identity_is_never_overwritten(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("precious")
    said = typed("keys", "auditor", "new", tmp_path / "auditor.txt", "--json")
    assert said.code == 1
    assert "never overwritten" in said.document["error"]["detail"]
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "precious"


def test_the_text_of_sealed_minutes_is_printed_and_nothing_else(folder: Path) -> None:
    said = typed("minutes", "open", folder / "minutes.age", "--identity", folder / "identity.txt")
    assert (said.code, said.out, said.err) == (0, BODY, "")


def test_raw_shows_the_lines_above_the_text_too(folder: Path) -> None:
    said = typed("minutes", "open", folder / "minutes.age", "--identity", folder / "identity.txt", "--raw")
    assert said.out.encode() == frame().encode()


def test_in_json_the_place_of_the_minutes_is_told(folder: Path) -> None:
    said = typed("minutes", "open", folder / "minutes.age", "--identity", folder / "identity.txt", "--json")
    assert said.document["text"] == BODY
    assert said.document["meeting"] == frame().meeting
    assert said.document["verdict"] is None


def opened(folder: Path, file: str = "minutes.age", identity: str = "identity.txt", *more: object) -> int:
    said = typed("minutes", "open", folder / file, "--identity", folder / identity, *more)
    assert said.code == 0 or (said.out == "" and len(said.err.splitlines()) == 1)
    return said.code


def test_with_evidence_the_text_is_shown_only_when_it_is_intact(folder: Path, tmp_path: Path) -> None:
    altered = bytearray((folder / "evidence.zip").read_bytes())
    altered[-2000] ^= 1
    (tmp_path / "altered.zip").write_bytes(altered)
    assert opened(folder, "minutes.age", "identity.txt", "--evidence", folder / "evidence.zip") == 0
    assert opened(folder, "minutes.age", "identity.txt", "--evidence", tmp_path / "altered.zip") == 1
    assert opened(folder, "minutes.age", "identity.txt", "--evidence", folder / "other.zip") == 1


def test_what_cannot_be_opened_is_told_apart_from_what_was_altered(folder: Path, tmp_path: Path) -> None:
    altered = bytearray((folder / "minutes.age").read_bytes())
    altered[-1] ^= 1
    (tmp_path / "altered.age").write_bytes(altered)
    assert opened(folder, str(tmp_path / "altered.age")) == 1
    assert opened(folder, "minutes.age", "stranger.txt") == 2
    assert opened(folder, "minutes.age", "nothing.txt") == 2
    assert opened(folder, "missing.age") == 2


def test_intact_evidence_shows_its_steps_and_one_sentence(folder: Path) -> None:
    said = typed(
        "evidence", "verify", folder / "evidence.zip", "--identity", folder / "identity.txt",
        "--log-key", folder / "log.vkey",
    )  # fmt: skip
    assert said.code == 0
    assert said.out.count("passed") == 9
    assert said.out.splitlines()[-1].startswith("Intact: ")


def test_the_log_key_can_be_written_out(folder: Path) -> None:
    key = (folder / "log.vkey").read_text()
    said = typed("evidence", "verify", folder / "evidence.zip", "--log-key", key, "--json")
    assert said.document["outcome"] == "intact"
    not_run = [step["name"] for step in said.document["steps"] if step["state"] == "not run"]
    assert not_run == ["witnesses", "first policy", "content"]


def test_the_first_list_of_keys_is_pinned_by_its_fingerprint(folder: Path) -> None:
    told = typed("evidence", "verify", folder / "evidence.zip", "--json").document["steps"]
    first = next(step["sentence"] for step in told if step["name"] == "first policy").rpartition(": ")[2]
    for pinned, code in ((first, 0), ("0" * 64, 1), ("nonsense", 2)):
        said = typed("evidence", "verify", folder / "evidence.zip", "--genesis", pinned)
        assert said.code == code


def test_another_log_is_not_taken_for_the_one_we_trust(folder: Path) -> None:
    said = typed("evidence", "verify", folder / "evidence.zip", "--log-key", new_signer().vkey)
    assert said.code == 1


@pytest.mark.parametrize("given", [["--log-key", "nothing.txt"], ["--identity", "stranger.txt"]])
def test_without_the_right_keys_nothing_is_claimed(folder: Path, given: list[str]) -> None:
    said = typed("evidence", "verify", folder / "evidence.zip", given[0], folder / given[1])
    assert said.code == 2


def test_missing_evidence_is_no_verdict(tmp_path: Path) -> None:
    assert typed("evidence", "verify", tmp_path / "missing.zip").code == 2
    assert typed("evidence", "verify", tmp_path).code == 2


def test_evidence_cannot_steer_the_terminal(tmp_path: Path) -> None:
    evidence = written().evidence()
    changed = msgspec.structs.replace(evidence, log_key=evidence.log_key.replace("log.", "log\u202e."))
    (tmp_path / "steering.zip").write_bytes(pack(changed))
    said = typed("evidence", "verify", tmp_path / "steering.zip")
    assert said.code == 1
    assert "\u202e" not in said.out


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_bytes_are_given_there_is_a_verdict(folder: Path, data: st.DataObject) -> None:
    whole = (folder / "evidence.zip").read_bytes()
    noise = data.draw(st.binary(max_size=300))
    at = data.draw(st.integers(0, len(whole) - 1))
    flipped = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    given_bytes = data.draw(st.sampled_from([noise, flipped, whole[:at], whole + noise + b"\0"]))
    (folder / "noise.zip").write_bytes(given_bytes)
    said = typed("evidence", "verify", folder / "noise.zip", "--json")
    assert said.code == 1
    assert said.document["outcome"] == "altered"
    assert said.err == ""
