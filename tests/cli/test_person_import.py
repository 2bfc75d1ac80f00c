"""An operator imports a file of persons: it is shown, the next command is typed out, and that does it."""

import shlex
from pathlib import Path

import pytest

from meetcoord.adapters.lockfile import sole_use
from tests.cli.conftest import Place, typed

HEAD = "Nom;Prénom;Fonction;Courriel;Téléphone\r\n"
GOOD = "de permanence;Cadre;Santé;cadre@city.example.org;1\r\n"
KNOWN = "Ada;;Secrétaire générale;ada@city.example.org;2\r\n"
BAD = "=cmd();Cadre;Santé;mal@city.example.org;3\r\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "agents de la ville.csv"


def names(place: Place) -> list[str]:
    return [each["name"] for each in place.fine("person", "list", "city")["persons"]]


def test_the_command_that_was_typed_out_does_what_was_shown(place: Place, file: Path) -> None:
    file.write_bytes((HEAD + GOOD + KNOWN).encode("cp1252"))
    said = place.type("person", "import", file, "--agency", "city")
    assert said.code == 0
    assert "0 refused, 1 changed, 1 new, 0 duplicate, 0 known" in said.out
    assert "this encoding is a guess" in said.out
    assert "Ignored columns: Téléphone." in said.out
    assert "function: Secretary -> Secrétaire générale" in said.out
    assert names(place) == ["Ada"]
    command = shlex.split(said.err.splitlines()[-1])
    assert command[0] == "meetcoord"
    done = typed(*command[1:])
    assert (done.code, done.out) == (0, "1 registered, 1 changed (0 known already, 0 refused).\n")
    assert names(place) == ["Ada", "Cadre de permanence"]
    assert "Nothing was left to do" in typed(*command[1:]).out


def test_refused_rows_come_first_and_hold_the_others_back_until_they_are_skipped(
    place: Place, file: Path
) -> None:
    file.write_text(HEAD + GOOD + BAD, encoding="utf-8-sig")
    asked = ("person", "import", file, "--agency", "city")
    said = place.type(*asked)
    assert said.code == 1
    rows = [line.split()[1] for line in said.out.splitlines() if line[:1].isdigit() and "," not in line]
    assert rows == ["refused", "new"]
    assert "--skip-refused" in said.err
    refused = place.type(*asked, "--commit")
    assert (refused.code, refused.out) == (1, "")
    assert "line 3" in refused.err
    assert names(place) == ["Ada"]
    assert place.type(*asked, "--skip-refused").code == 0
    assert place.fine(*asked, "--skip-refused", "--commit")["new"] == 1


def test_what_is_no_longer_as_shown_is_shown_again(place: Place, file: Path) -> None:
    file.write_text(HEAD + GOOD, encoding="utf-8")
    asked = ("person", "import", file, "--agency", "city")
    digest = place.fine(*asked)["digest"]
    file.write_text(HEAD + GOOD + KNOWN, encoding="utf-8")
    said = place.type(*asked, "--commit", "--digest", digest)
    assert (said.code, names(place)) == (1, ["Ada"])
    assert "1 changed, 1 new" in said.out
    assert "is not what would be done now" in said.err
    told = place.type(*asked, "--commit", "--digest", digest, "--json").document
    assert (told["error"]["code"], told["preview"]["counts"]["new"]) == ("stale", 1)


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (None, 2, "cannot be read"),
        (b"", 1, "headings"),
        (b"PK\x03\x04", 1, "save it as CSV UTF-8"),
        (b"x" * 5_000_000, 1, "256 KiB"),
    ],
)
def test_what_is_no_file_of_persons_is_one_sentence(
    place: Place, file: Path, data: bytes | None, code: int, said: str
) -> None:
    if data is not None:
        file.write_bytes(data)
    for more in ((), ("--commit",)):
        answer = place.type("person", "import", file, "--agency", "city", *more)
        assert (answer.code, answer.out, len(answer.err.splitlines())) == (code, "", 1)
        assert said in answer.err


def test_an_unknown_agency_gets_nobody(place: Place, file: Path) -> None:
    file.write_text(HEAD + GOOD, encoding="utf-8")
    for more in ((), ("--commit",)):
        assert place.type("person", "import", file, "--agency", "nowhere", *more).code == 1


def test_beside_a_running_service_it_is_shown_and_not_done(place: Place, file: Path) -> None:
    file.write_text(HEAD + GOOD, encoding="utf-8")
    with sole_use(place.database):
        assert place.type("person", "import", file, "--agency", "city").code == 0
        said = place.type("person", "import", file, "--agency", "city", "--commit")
    assert (said.code, said.out) == (2, "")
    assert "in use by another meetcoord process: stop it first" in said.err
