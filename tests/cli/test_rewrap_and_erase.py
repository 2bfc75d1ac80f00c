"""What auditors and approvers do on their own machines after the seal: another header, a word on an erasure."""

import json
from base64 import b64decode, b64encode
from pathlib import Path

import pytest

from meetcoord.adapters.sealing.age import AgeOpener
from meetcoord.domain import leaves
from meetcoord.domain.approvals import named_hash
from meetcoord.domain.leaves import Leaf, PolicyApprover, PolicyLeaf
from meetcoord.domain.sealing import split_sealed
from tests.cli.conftest import Said, typed
from tests.log.builders import (
    BODY,
    ORIGIN,
    auditor,
    erasure_leaf,
    frame,
    identities,
    minutes_leaf,
    policy_leaf,
    written,
)


def shown(index: int, leaf: Leaf) -> dict[str, object]:
    entry = leaves.encode(leaf)
    return {"index": index, "hash": named_hash(entry), "leaf": b64encode(entry).decode()}


def policies(*lists: tuple[int, PolicyLeaf]) -> str:
    circles = [{"origin": ORIGIN, "in_force": shown(*each), "proposals": []} for each in lists]
    return json.dumps({"items": circles})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What an auditor of the city has: a file sealed to her, and the lists now in force."""
    (tmp_path / "minutes.age").write_bytes(written().sealed.file)
    for name in ("city", "health"):
        (tmp_path / f"{name}.txt").write_text(f"{identities()[name]}\n")
    (tmp_path / "policies.json").write_text(policies((9, policy_leaf(("city", "health")))))
    return tmp_path


def rewrap(folder: Path, *words: object, identity: str = "city.txt") -> Said:
    file, out = folder / "minutes.age", folder / "header.age"
    return typed("minutes", "rewrap", file, "--identity", folder / identity, "-o", out, *words)


def test_a_new_header_is_made_for_the_list_in_force_and_nothing_readable_is_written(folder: Path) -> None:
    said = rewrap(folder, "--policy", folder / "policies.json")
    assert said.code == 0, said
    header = (folder / "header.age").read_bytes()
    assert b64decode(json.loads(said.out)["header"]) == header
    payload = split_sealed((folder / "minutes.age").read_bytes()).payload
    for name in ("city", "health"):
        assert AgeOpener().open(header + payload, identities()[name], 2) == frame().encode()
    everything = b"".join(path.read_bytes() for path in folder.iterdir()) + f"{said.out}{said.err}".encode()
    assert BODY.encode() not in everything
    again = rewrap(folder, "--policy", folder / "policies.json")
    assert (again.code, "never overwritten" in again.err) == (1, True)


def test_keys_may_be_named_one_by_one(folder: Path) -> None:
    said = rewrap(folder, "--recipient", auditor("health").recipient)
    assert said.code == 0, said
    assert AgeOpener().stanzas((folder / "header.age").read_bytes()) == 1


def test_among_several_lists_in_force_one_is_named(folder: Path) -> None:
    both = policies((9, policy_leaf(("city", "health"))), (12, policy_leaf()))
    (folder / "policies.json").write_text(both)
    refused = rewrap(folder, "--policy", folder / "policies.json")
    assert (refused.code, "--index" in refused.err) == (2, True)
    assert rewrap(folder, "--policy", folder / "policies.json", "--index", 12).code == 0


@pytest.mark.parametrize("words", [[], ["--recipient", "age1pq1", "--policy", "policies.json"]])
def test_for_whom_is_said_once(folder: Path, words: list[str]) -> None:
    assert rewrap(folder, *words).code == 2
    assert not (folder / "header.age").exists()


def test_whoever_cannot_open_it_is_told_so(folder: Path) -> None:
    said = rewrap(folder, "--policy", folder / "policies.json", identity="health.txt")
    assert (said.code, "not sealed to this identity" in said.err) == (2, True)
    assert not (folder / "header.age").exists()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "approver.key"
    assert typed("keys", "approver", "new", "city/approver-1", "-o", file).code == 0
    return file


def erasure(key: Path) -> dict[str, object]:
    """What the service answers about an erasure that waits for her agency."""
    public = key.with_name(f"{key.name}.pub").read_text().strip()
    policy = policy_leaf(("city",), approvers=[PolicyApprover(agency="city", key=public)])
    request = erasure_leaf(visa="da-2026/14")
    entry = {"index": request.target, "leaf": b64encode(leaves.encode(minutes_leaf())).decode()}
    return {"origin": ORIGIN, **shown(11, request), "entry": entry, "in_force": shown(2, policy)}


@pytest.mark.parametrize(("words", "verdict"), [([], "approve"), (["--reject"], "reject")])
def test_what_would_be_erased_is_shown_and_the_word_signed(
    tmp_path: Path, key: Path, words: list[str], verdict: str
) -> None:
    file = tmp_path / "erasure.json"
    file.write_text(json.dumps(erasure(key)))
    said = typed("approver", "consent", file, "--key", key, "--yes", *words)
    assert said.code == 0, said
    for part in (minutes_leaf().meeting, "reason: retention; visa of the archives: da-2026/14", "for ever"):
        assert part in said.err
    assert json.loads(said.out) | {"signature": ""} == {
        "verdict": verdict, "leaf": erasure(key)["hash"], "signature": ""
    }  # fmt: skip
    assert "erasure/consents" in said.err


def test_a_lie_about_what_would_be_erased_is_told_and_not_signed(tmp_path: Path, key: Path) -> None:
    true, file = erasure(key), tmp_path / "erasure.json"
    other = shown(11, erasure_leaf(target=5))
    # Another document of the log, said to be the entry that the request names.
    another = {"index": 4, "leaf": b64encode(leaves.encode(minutes_leaf(seq=3))).decode()}
    lies: tuple[dict[str, object], ...] = (
        {"entry": another},
        {"leaf": other["leaf"]},
        {"hash": other["hash"]},
        other,
        {"entry": {**shown(4, policy_leaf())}},
    )
    for lie in lies:
        file.write_text(json.dumps(true | lie))
        refused = typed("approver", "consent", file, "--key", key, "--yes")
        assert (refused.code, refused.out) == (1, ""), lie
