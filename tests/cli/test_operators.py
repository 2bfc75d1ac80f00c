"""What an operator types on the service's own machine."""

import stat
from hashlib import sha256
from pathlib import Path

import pytest

from meetcoord.adapters.lockfile import sole_use
from meetcoord.domain.access import RIGHTS
from tests.cli.conftest import Place


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_keys_are_made_once_and_for_the_owner_alone(bare: Place) -> None:
    made = bare.fine("keys", "new")["made"]
    assert len(made) == 7
    assert {stat.S_IMODE(Path(path).stat().st_mode) for path in made} == {0o600}
    assert stat.S_IMODE((bare.folder / "data").stat().st_mode) == 0o700
    before = tree(bare.folder)
    assert bare.fine("keys", "new") == {"made": []}
    assert "Nothing was missing" in bare.type("keys", "new").out
    assert tree(bare.folder) == before


def test_the_list_of_keys_holds_no_secret(place: Place) -> None:
    said = place.type("keys", "list")
    keys = place.fine("keys", "list")["keys"]
    assert [key["kind"] for key in keys] == ["log", "drafts", "codes", "jitsi", "links", "rooms", "system"]
    secrets = [
        Path(key["file"]).read_text().split("-----")[2 if "PRIVATE" in Path(key["file"]).read_text() else 0]
        for key in keys
    ]
    shown = said.out + str(keys)
    assert [secret for secret in secrets if secret.strip()[:20] in shown] == []


def test_the_public_halves_are_written_for_agencies_and_jitsi(place: Place, tmp_path: Path) -> None:
    said = place.fine("keys", "public", tmp_path / "public")
    (room,) = (tmp_path / "public" / "rooms").iterdir()
    listed = {key["kind"]: key for key in place.fine("keys", "list")["keys"]}
    assert (tmp_path / "public" / "log.vkey").read_text() == f"{said['log_key']}\n"
    assert room.name == f"{listed['rooms']['kid']}.pem"
    assert sha256(room.read_bytes()).hexdigest() == listed["rooms"]["fingerprint"]
    assert b"PRIVATE" not in b"".join(tree(tmp_path / "public").values())


def test_a_key_others_can_read_is_refused(place: Place) -> None:
    key = place.folder / "data" / "keys" / "log.pem"
    key.chmod(0o644)
    said = place.type("agency", "add", "health-agency", "Agence")
    assert said.code == 2
    assert f"chmod 600 {key}" in said.err


def test_migrating_says_what_it_did(bare: Place) -> None:
    first, second = bare.fine("migrate"), bare.fine("migrate")
    assert first["before"] is None
    assert second["before"] == second["after"] == first["after"]
    assert "already" in bare.type("migrate").out


def test_an_agency_is_added_once(place: Place) -> None:
    made = place.fine("agency", "add", "prefecture", "Préfecture du Haut-Rhin", "--language", "de")
    assert made == {"id": "prefecture", "name": "Préfecture du Haut-Rhin", "language": "de"}
    again = place.type("agency", "add", "prefecture", "Autre")
    assert (again.code, again.out) == (1, "")
    assert "choose another id" in again.err
    assert [each["id"] for each in place.fine("agency", "list")["agencies"]] == ["city", "prefecture"]
    assert "Préfecture du Haut-Rhin" in place.type("agency", "list").out


def test_an_id_no_agency_can_have_is_refused(place: Place) -> None:
    assert place.type("agency", "add", "Ville !", "Ville").code == 1


def test_a_recipient_comes_from_a_file_or_a_key(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "auditor.txt"
    key = place.fine("keys", "auditor", "new", file)["recipient"]
    other = place.fine("keys", "auditor", "new", tmp_path / "archive.txt")["recipient"]
    place.fine("agency", "recipient", "add", "city", f"{file}.pub", "--kind", "auditor", "--label", "Cour")
    place.fine("agency", "recipient", "add", "city", other, "--kind", "archive", "--label", "Coffre")
    found = place.fine("agency", "recipient", "list", "city")["recipients"]
    assert {(each["kind"], each["label"], each["key"]) for each in found} == {
        ("auditor", "Cour", key),
        ("archive", "Coffre", other),
    }
    twice = place.type("agency", "recipient", "add", "city", key, "--kind", "auditor", "--label", "Cour")
    assert twice.code == 1


def test_a_secret_identity_is_never_taken_for_a_recipient(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "auditor.txt"
    place.fine("keys", "auditor", "new", file)
    said = place.type("agency", "recipient", "add", "city", file, "--kind", "auditor", "--label", "x")
    assert said.code == 1
    assert "give the .pub file" in said.err
    assert "AGE-SECRET-KEY-PQ-1" not in said.err


@pytest.mark.parametrize("key", ["age1qqqq", "missing.pub"])
def test_what_is_no_recipient_is_refused(place: Place, key: str) -> None:
    said = place.type("agency", "recipient", "add", "city", key, "--kind", "auditor", "--label", "x")
    assert said.code in {1, 2}
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("command", [("agency", "recipient", "list"), ("person", "list"), ("apikey", "list")])
def test_an_unknown_agency_is_not_an_empty_one(place: Place, command: tuple[str, ...]) -> None:
    said = place.type(*command, "nowhere", "--json")
    assert (said.code, said.document["error"]["code"]) == (1, "not_found")


def test_a_person_is_added_and_listed(place: Place) -> None:
    made = place.fine(
        "person", "add", "city", "--name", "Blaise", "--address", "blaise@city.example.org",
        "--function", "Auditeur", "--language", "en", "--role", "auditor",
    )  # fmt: skip
    found = {each["id"]: each for each in place.fine("person", "list", "city")["persons"]}
    assert found[made["id"]] == made
    assert made["roles"] == ["auditor"]
    assert "Auditeur" in place.type("person", "list", "city").out


def test_an_address_that_is_none_is_refused(place: Place) -> None:
    said = place.type("person", "add", "city", "--name", "A", "--address", "nobody", "--function", "B")
    assert (said.code, len(said.err.splitlines())) == (1, 1)


def holder(place: Place) -> str:
    return str(place.fine("person", "list", "city")["persons"][0]["id"])


def test_the_secret_of_a_key_is_printed_once_alone(place: Place) -> None:
    said = place.type(
        "apikey", "new", "city", holder(place), "--scope", "log:read", "--label", "script", "--days", 7
    )
    (secret,) = said.out.splitlines()
    assert (said.code, secret.startswith("mtc_")) == (0, True)
    assert secret not in said.err
    key_id, tail = secret.split("_")[1:]
    for listing in (place.type("apikey", "list", "city"), place.type("apikey", "list", "city", "--json")):
        assert key_id in listing.out
        assert tail not in listing.out
    assert tail.encode() not in place.database.read_bytes()
    assert "digest" not in place.type("apikey", "list", "city", "--json").out


def test_all_scopes_of_a_role_are_those_the_role_may_use(place: Place) -> None:
    issued = place.fine("apikey", "new", "city", holder(place), "--all-of-role", "--label", "all")
    roles = {"secretary", "administrator"}
    wanted = {scope.value for _, scope, allowed in RIGHTS if {role.value for role in allowed} & roles}
    assert set(issued["key"]["scopes"]) == wanted


@pytest.mark.parametrize("scopes", [[], ["--all-of-role", "--scope", "log:read"], ["--scope", "everything"]])
def test_scopes_are_named_or_left_to_the_role(place: Place, scopes: list[str]) -> None:
    assert place.type("apikey", "new", "city", "x", "--label", "x", *scopes).code == 2


def test_a_revoked_key_is_listed_as_such(place: Place) -> None:
    (key,) = place.fine("apikey", "list", "city")["keys"]
    assert place.fine("apikey", "revoke", "city", key["id"])["key"]["revoked_at"]
    assert "revoked" in place.type("apikey", "list", "city").out
    assert place.type("apikey", "revoke", "city", "unknown").code == 1


def test_beside_a_running_service_one_reads_and_does_not_write(place: Place) -> None:
    with sole_use(place.database):
        assert place.type("agency", "list").code == 0
        assert place.type("log", "fsck").code == 0
        said = place.type("agency", "add", "prefecture", "Préfecture")
        assert (said.code, said.out) == (2, "")
        assert "in use by another meetcoord process: stop it first" in said.err
        assert place.type("migrate").code == 2
