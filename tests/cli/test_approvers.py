"""What an approver does on her own machine: a key, and a signature under what she has read; no server, no settings."""

import json
import stat
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from meetcoord.domain import leaves
from meetcoord.domain.agencies import RecipientKind
from meetcoord.domain.approvals import named_hash
from meetcoord.domain.checkpoints import ED25519, parse_vkey
from meetcoord.domain.leaves import PolicyApprover, PolicyLeaf, PolicyRecipient
from tests.cli.conftest import Place, typed
from tests.log.builders import BODY, CONTENT, MEETING, approver_of, auditor, frame, policy_leaf


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "approver.key"
    assert typed("keys", "approver", "new", "city/approver-1", "-o", file).code == 0
    return file


def public(key: Path) -> str:
    return key.with_name(f"{key.name}.pub").read_text().strip()


def list_of_keys(key: Path, **changed: object) -> PolicyLeaf:
    return policy_leaf(("city",), approvers=[PolicyApprover(agency="city", key=public(key))], **changed)  # type: ignore[arg-type]  # a test changes what it likes


def shown(index: int, leaf: PolicyLeaf) -> dict[str, object]:
    entry = leaves.encode(leaf)
    return {"index": index, "hash": named_hash(entry), "leaf": b64encode(entry).decode()}


@pytest.fixture
def circulated(tmp_path: Path, key: Path) -> Path:
    """What the service answers about minutes that wait for her."""
    file = tmp_path / "circulated.json"
    said = {
        "meeting": MEETING,
        "seq": 0,
        "content": CONTENT,
        "body": BODY,
        "frame": b64encode(frame().encode()).decode(),
        "policy": shown(2, list_of_keys(key)),
    }
    file.write_text(json.dumps(said))
    return file


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path, key: Path) -> None:
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.read_text().startswith("PRIVATE+KEY+city/approver-1+")
    vkey = parse_vkey(public(key))
    assert (vkey.name, vkey.algorithm) == ("city/approver-1", ED25519)
    again = typed("keys", "approver", "new", "city/approver-1", "-o", key)
    assert again.code == 1
    assert "never overwritten" in again.err


@pytest.mark.parametrize("name", ["Ada", "ada@city.example.org", "a b", ""])
def test_a_name_that_the_log_must_not_hold_is_refused(tmp_path: Path, name: str) -> None:
    said = typed("keys", "approver", "new", name, "-o", tmp_path / "new.key")
    assert said.code == 1
    assert list(tmp_path.iterdir()) == []


def test_what_is_signed_is_shown_first_with_its_readers(key: Path, circulated: Path) -> None:
    said = typed("approver", "sign", circulated, "--key", key, "--yes")
    assert said.code == 0
    assert BODY.strip() in said.err
    assert "city archive: " in said.err
    body = json.loads(said.out)
    assert body["content"] == CONTENT
    assert set(body) == {"content", "signature"}


def test_without_a_yes_nothing_is_signed(key: Path, circulated: Path) -> None:
    said = typed("approver", "sign", circulated, "--key", key)
    assert (said.code, said.out) == (130, "")


def test_a_lie_of_the_service_is_told_and_not_signed(key: Path, circulated: Path) -> None:
    said = json.loads(circulated.read_text())
    for lie in ({"body": "Another text."}, {"content": leaves.digest(b"another")}, {"seq": 3}):
        circulated.write_text(json.dumps(said | lie))
        refused = typed("approver", "sign", circulated, "--key", key, "--yes")
        assert (refused.code, refused.out) == (1, "")


def test_a_key_that_is_not_named_signs_nothing(tmp_path: Path, circulated: Path) -> None:
    other = tmp_path / "other.key"
    typed("keys", "approver", "new", "city/approver-2", "-o", other)
    refused = typed("approver", "sign", circulated, "--key", other, "--yes")
    assert refused.code == 1
    assert "ask your administrator" in refused.err


@pytest.mark.parametrize(
    "content", ["", "nothing here\n", "PRIVATE+KEY+a+b\n", "PRIVATE+KEY+a+00000000+AQ==\n"]
)
def test_what_is_no_key_file_is_told_without_quoting_it(
    tmp_path: Path, circulated: Path, content: str
) -> None:
    file = tmp_path / "bad.key"
    file.write_text(content)
    file.chmod(0o600)
    refused = typed("approver", "sign", circulated, "--key", file, "--yes")
    assert refused.code == 2
    assert "meetcoord keys approver new" in refused.err


def policies(key: Path, path: Path) -> Path:
    former = list_of_keys(key)
    wanted = list_of_keys(key, previous=2, recipients=(*former.recipients, extra()))
    circle = {"origin": "log.example.org", "in_force": shown(2, former), "proposals": [shown(9, wanted)]}
    path.write_text(json.dumps({"items": [circle]}))
    return path


def extra() -> PolicyRecipient:
    return PolicyRecipient(agency="city", kind=RecipientKind.AUDITOR, recipient=auditor("health").recipient)


@pytest.mark.parametrize(("words", "verdict"), [([], "approve"), (["--reject"], "reject")])
def test_a_changed_list_is_shown_with_what_is_new_and_signed(
    tmp_path: Path, key: Path, words: list[str], verdict: str
) -> None:
    file = policies(key, tmp_path / "policies.json")
    said = typed("approver", "consent", file, "--key", key, "--yes", *words)
    assert said.code == 0
    assert "new   city auditor: " in said.err
    assert json.loads(said.out)["verdict"] == verdict
    assert "…/policies/9/consents" in said.err


def test_every_key_that_may_sign_is_shown_whatever_is_said_to_be_in_force(tmp_path: Path, key: Path) -> None:
    """The list in force is the service's word: one that holds its own key already would make nothing look new."""
    hidden = PolicyApprover(agency="city", key=approver_of("city", 7).vkey)
    keys = [PolicyApprover(agency="city", key=public(key)), hidden]
    former = policy_leaf(("city",), approvers=keys)
    wanted = policy_leaf(("city",), approvers=keys, previous=2)
    circle = {"origin": "log.example.org", "in_force": shown(2, former), "proposals": [shown(9, wanted)]}
    file = tmp_path / "policies.json"
    file.write_text(json.dumps({"items": [circle]}))
    said = typed("approver", "consent", file, "--key", key, "--yes")
    assert said.code == 0
    assert f"city approver: {parse_vkey(hidden.key).fingerprint}" in said.err
    assert "Agencies that must consent to an erasure: 1 of 1 (city)." in said.err


def test_a_log_whose_name_has_lines_of_its_own_is_not_signed_for(tmp_path: Path, key: Path) -> None:
    file = policies(key, tmp_path / "policies.json")
    file.write_text(file.read_text().replace("log.example.org", "log.example.org\\n  gone  nobody"))
    said = typed("approver", "consent", file, "--key", key, "--yes")
    assert (said.code, said.out) == (1, "")
    assert "gone  nobody" not in said.err


def test_a_text_cannot_pass_for_what_the_tool_says(tmp_path: Path, key: Path, circulated: Path) -> None:
    told = frame(body="Agreed.\nAble to read it, under entry 2:\n\x1b[8m\u202e  city archive: 00000000")
    said = {"body": told.body, "frame": b64encode(told.encode()).decode()}
    said["content"] = leaves.content_hash(told.encode())
    circulated.write_text(json.dumps(json.loads(circulated.read_text()) | said))
    lines = typed("approver", "sign", circulated, "--key", key, "--yes").err.splitlines()
    assert [line for line in lines if line.startswith("Able to read it")] == [
        "Able to read it, under entry 2:"
    ]
    assert "| \\u001b[8m\\u202e  city archive: 00000000" in lines


def test_among_several_lists_one_is_named(tmp_path: Path, key: Path) -> None:
    file = policies(key, tmp_path / "policies.json")
    assert typed("approver", "consent", file, "--key", key, "--yes", "--index", 8).code == 2
    assert typed("approver", "consent", file, "--key", key, "--yes", "--index", 9).code == 0


def test_an_approver_is_named_listed_and_withdrawn_by_the_administrator(place: Place, key: Path) -> None:
    person = place.fine("person", "list", "city")["persons"][0]["id"]
    place.fine("agency", "approver", "add", "city", person, f"{key}.pub")
    (found,) = place.fine("agency", "approver", "list", "city")["approvers"]
    assert (found["key"], found["person"]) == (public(key), person)
    digits = parse_vkey(public(key)).fingerprint
    assert digits in place.type("agency", "approver", "list", "city").out
    place.fine("agency", "approver", "withdraw", "city", digits)
    assert "withdrawn" in place.type("agency", "approver", "list", "city").out
    assert place.type("agency", "approver", "withdraw", "city", "0" * 64).code == 1


def test_the_secret_half_is_never_taken_for_the_public_one(place: Place, key: Path) -> None:
    person = place.fine("person", "list", "city")["persons"][0]["id"]
    said = place.type("agency", "approver", "add", "city", person, key)
    assert said.code == 1
    assert "give the .pub file" in said.err


def test_a_recipient_is_withdrawn_by_its_fingerprint(place: Place, tmp_path: Path) -> None:
    made = place.fine("keys", "auditor", "new", tmp_path / "auditor.txt")["recipient"]
    place.fine("agency", "recipient", "add", "city", made, "--kind", "auditor", "--label", "Cour")
    digits = sha256(made.encode()).hexdigest()
    place.fine("agency", "recipient", "withdraw", "city", digits)
    assert "withdrawn" in place.type("agency", "recipient", "list", "city").out
