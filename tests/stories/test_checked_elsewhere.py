"""The log of a real story, checked by code that is not ours: node:crypto, the verifier of Sigstore, pymerkle."""

import asyncio
import json
import shutil
import subprocess
from base64 import b64decode, b64encode
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pymerkle
import pytest

from tests.stories.cosigned_story import Left, told

SCRIPT = Path(__file__).parents[1] / "node" / "log.mjs"

pytestmark = pytest.mark.xdist_group(
    "checked elsewhere"
)  # one process plays it, and all look at what it left


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    return asyncio.run(told(tmp_path_factory.mktemp("story")))


def node(*words: str, given: object = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["node", str(SCRIPT), *words],
        input=json.dumps(given), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def checked(left: Left, folder: Path) -> Any:
    done = node("check", str(folder), left.log_key, *left.witness_keys)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.needs("node")
def test_another_program_recomputes_the_export_and_finds_every_signature(left: Left) -> None:
    origin, size, root = left.note.split("\n")[:3]
    found = checked(left, left.exported)
    assert (found["origin"], found["size"], found["root"]) == (origin, int(size), root)
    assert found["size"] > 256
    assert found["tiles"] == 3, "a full one, the rest, and one above"
    assert {"health-agency.example.org/w1", "prefecture.example.org/w1"} <= found["cosigned"].keys()


@pytest.mark.needs("node")
def test_another_program_finds_the_same_at_the_public_addresses(left: Left) -> None:
    assert checked(left, left.fetched)["root"] == checked(left, left.exported)["root"]


@pytest.mark.needs("node")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tile/entries/000", "lead to another root"),
        ("tile/0/000", "tile 0/0 is another"),
        ("tile/1/000.p/1", "tile 1/0 is another"),
        ("checkpoint", ""),
    ],
)
def test_another_program_notices_one_changed_bit(left: Left, tmp_path: Path, name: str, said: str) -> None:
    copy = shutil.copytree(left.exported, tmp_path / "copy")
    data = bytearray((copy / name).read_bytes())
    data[20] ^= 1
    (copy / name).write_bytes(data)
    done = node("check", str(copy), left.log_key, *left.witness_keys)
    assert done.returncode == 1
    assert said in done.stderr


@pytest.mark.needs("node")
def test_another_program_notices_a_false_cosignature(left: Left, tmp_path: Path) -> None:
    copy = shutil.copytree(left.exported, tmp_path / "copy")
    *lines, last = left.note.rstrip("\n").split("\n")
    name, data = last.split(" ")[1], bytearray(b64decode(last.split(" ")[2]))
    data[11] ^= 1  # the last byte of its time
    (copy / "checkpoint").write_text("\n".join([*lines, f"\u2014 {name} {b64encode(data).decode()}", ""]))
    done = node("check", str(copy), left.log_key, *left.witness_keys)
    assert (done.returncode, done.stderr) == (1, f"{name} did not cosign this\n")


@pytest.mark.needs("node")
def test_another_program_follows_every_proof_that_the_witnesses_were_given(left: Left) -> None:
    roots, proven = {}, 0
    for asked in (each for witness in left.witnesses for each in witness.asked):
        size, root = asked.note.split("\n")[1:3]
        roots[int(size)] = root
        if 0 < asked.old < int(size):
            proof = [b64encode(each).decode() for each in asked.proof]
            given = {
                "old": asked.old,
                "size": int(size),
                "oldRoot": roots[asked.old],
                "root": root,
                "proof": proof,
            }
            assert node("grown", given=given).returncode == 0
            assert node("grown", given=given | {"proof": proof[:-1]}).returncode == 1
            assert node("grown", given=given | {"oldRoot": root}).returncode == 1
            proven += 1
    assert proven >= 6


def entry_of(left: Left) -> tuple[bytes, int, list[bytes], str]:
    """From the evidence: the leaf of the minutes, its index, the path of its proof, and the checkpoint."""
    with ZipFile(left.evidence) as evidence:
        leaf, proof = evidence.read("entry.leaf"), evidence.read("entry.tlog-proof")
    head, _, note = proof.decode().partition("\n\n")
    _, index, *hashes = head.split("\n")
    return leaf, int(index.removeprefix("index ")), list(map(b64decode, hashes)), note


@pytest.mark.needs("node")
def test_the_verifier_of_sigstore_accepts_the_proof_of_the_minutes(left: Left) -> None:
    leaf, index, hashes, note = entry_of(left)
    given: dict[str, Any] = {
        "note": note, "logKey": left.log_key, "index": index, "entry": b64encode(leaf).decode(),
        "hashes": [b64encode(each).decode() for each in hashes],
    }  # fmt: skip
    accepted = node("sigstore", given=given)
    assert accepted.returncode == 0, accepted.stderr
    for spoilt in (
        {"index": index + 1},
        {"hashes": given["hashes"][1:]},
        {"entry": b64encode(leaf + b" ").decode()},
        {"note": note.replace("\n", "x\n", 1)},
    ):
        assert node("sigstore", given=given | spoilt).returncode == 1, spoilt


def entries_of(folder: Path) -> list[bytes]:
    """All of them, read as the standard says: two bytes of length before each."""
    files = sorted((folder / "tile" / "entries").rglob("*"), key=str)
    data, found = b"".join(file.read_bytes() for file in files if file.is_file()), []
    while data:
        end = 2 + int.from_bytes(data[:2])
        found.append(data[2:end])
        data = data[end:]
    return found


@pytest.fixture(scope="module")
def other(left: Left) -> pymerkle.InmemoryTree:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in entries_of(left.exported):
        tree.append_entry(entry)
    return tree


def test_pymerkle_finds_the_root_that_was_signed_and_follows_the_proof(
    left: Left, other: pymerkle.InmemoryTree
) -> None:
    size, root = int(left.note.split("\n")[1]), b64decode(left.note.split("\n")[2])
    assert other.get_root(size) == root
    leaf, index, hashes, note = entry_of(left)
    size, root = int(note.split("\n")[1]), b64decode(note.split("\n")[2])
    shape = other.prove_inclusion(index + 1, size)
    base = sha256(b"\0" + leaf).digest()
    ours = pymerkle.InclusionProof("sha256", True, size, index + 1, shape.rule, [base, *hashes])
    pymerkle.verify_inclusion(base, root, ours, index=index + 1, size=size)


def test_pymerkle_proves_that_each_signed_root_grew_out_of_the_former(
    left: Left, other: pymerkle.InmemoryTree
) -> None:
    """With proofs of its own making: it writes them in another form than RFC 9162."""
    signed = {int(n): b64decode(root) for witness in left.witnesses for each in witness.asked
              for n, root in [each.note.split("\n")[1:3]] if int(n)}  # fmt: skip
    sizes = sorted(signed)
    assert len(sizes) >= 3
    for old, size in pairwise(sizes):
        proof = other.prove_consistency(old, size)
        pymerkle.verify_consistency(signed[old], signed[size], proof, prior_size=old, later_size=size)
