"""`meetcoord check`: one line per item, and what to type."""

from pathlib import Path
from typing import Any

import pytest
import trustme

from meetcoord.cli.checks.finding import State
from meetcoord.cli.checks.machine import sqlite
from tests.cli.conftest import ACTS, Place, typed
from tests.cli.test_log_commands import alter
from tests.mail.post_office import Town

ITEMS = {
    "settings", "Python", "SQLite", "post-quantum", "clock", "data directory", "keys", "database",
    "witnesses", "log",
    "public address", "room keys", "mail",
}  # fmt: skip


def findings(place: Place, code: int) -> dict[str, Any]:
    said = place.type("check", "--json")
    assert said.code == code, said
    return {each["item"]: each for each in said.document["findings"]}


def test_every_item_is_looked_at(bare: Place) -> None:
    found = findings(bare, 1)
    assert set(found) == ITEMS
    assert found["keys"]["state"] == "FAIL"
    assert "`meetcoord keys new`" in found["keys"]["sentence"]
    assert "`meetcoord migrate`" in found["database"]["sentence"]


def test_each_item_is_one_line(bare: Place) -> None:
    lines = bare.type("check").out.splitlines()
    assert len(lines) == len(ITEMS)
    assert {line.split()[0] for line in lines} <= {"ok", "warn", "FAIL"}


def test_a_furnished_service_fails_only_where_nobody_answers(place: Place) -> None:
    found = findings(place, 1)
    assert [item for item, each in found.items() if each["state"] == "FAIL"] == ["mail"]
    assert f"{ACTS} entries under the newest checkpoint" in found["log"]["sentence"]


def test_an_unsafe_folder_or_key_is_named(place: Place) -> None:
    (place.folder / "data").chmod(0o777)
    (place.folder / "data" / "keys" / "drafts.key").chmod(0o640)
    found = findings(place, 1)
    assert "chmod 700" in found["data directory"]["sentence"]
    assert "chmod 600" in found["keys"]["sentence"]


def test_the_settings_file_that_the_environment_names_is_told(place: Place) -> None:
    told, *_ = typed("check", "--json", MEETCOORD_SETTINGS=place.settings_file).document["findings"]
    assert told["sentence"].startswith(f"{place.settings_file};")


def apart(place: Place) -> str:
    """The keys moved to a folder of their own, and what the settings then say."""
    (place.folder / "data" / "keys").rename(place.folder / "keys")
    return f'[keys]\ndirectory = "{place.folder / "keys"}"\n'


def test_keys_that_share_the_folder_of_the_database_are_a_warning(place: Place) -> None:
    shared = findings(place, 1)["keys"]
    assert (shared["state"], "keys.directory" in shared["sentence"]) == ("warn", True)
    place.say(apart(place))
    assert findings(place, 1)["keys"]["state"] == "ok"


def test_a_missing_secret_of_jitsi_is_a_warning_once_there_are_rooms(place: Place) -> None:
    settings = apart(place)
    (place.folder / "keys" / "jitsi.key").unlink()
    place.say(settings)
    assert findings(place, 1)["keys"]["state"] == "ok"
    place.say(f'{settings}[rooms]\nurl = "https://video.example.org"\n')
    missing = findings(place, 1)["keys"]
    assert (missing["state"], "`meetcoord keys new`" in missing["sentence"]) == ("warn", True)


@pytest.mark.parametrize(
    "sql", ["DELETE FROM log_nodes", "UPDATE checkpoints SET note = replace(note, '1', '2')"]
)
def test_a_log_that_contradicts_its_checkpoint_is_seen(place: Place, sql: str) -> None:
    alter(place.database, sql)
    found = findings(place, 1)
    assert found["log"]["state"] == "FAIL"
    assert "`meetcoord log fsck`" in found["log"]["sentence"]


def test_an_older_sqlite_is_a_warning_only() -> None:
    assert sqlite((3, 40, 1)).state is State.WARN
    assert sqlite((3, 51, 3)).state is State.OK


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    authority = trustme.CA()
    ca_file: Path = tmp_path_factory.mktemp("town") / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    return Town(authority, ca_file)


def mail_settings(place: Place, port: int, tls: str, ca_file: Path, password: str = "") -> None:
    login = ""
    if password:
        (place.folder / "password").write_text(password)
        login = f'username = "meetcoord"\npassword_file = "{place.folder / "password"}"\n'
    place.say(f'[mail]\nhost = "localhost"\nport = {port}\ntls = "{tls}"\nca_file = "{ca_file}"\n{login}')


def test_the_mail_server_is_greeted_and_nothing_is_sent(place: Place, town: Town) -> None:
    with town.office(password="right") as office:
        mail_settings(place, office.postman.port, "starttls", town.ca_file, password="right")
        found = findings(place, 0)["mail"]
        assert (found["state"], "login accepted" in found["sentence"]) == ("ok", True)
        mail_settings(place, office.postman.port, "starttls", town.ca_file, password="wrong")
        refused = findings(place, 1)["mail"]
        assert "mail.password_file" in refused["sentence"]
        assert "wrong" not in refused["sentence"]
        assert office.clerk.taken == []


def test_tls_from_the_first_byte_is_checked_too(place: Place, town: Town) -> None:
    with town.office("implicit") as office:
        mail_settings(place, office.postman.port, "implicit", town.ca_file)
        assert findings(place, 0)["mail"]["state"] == "ok"


def test_a_mail_server_without_the_promised_tls_fails(place: Place, town: Town) -> None:
    with town.office("stripped") as office:
        mail_settings(place, office.postman.port, "starttls", town.ca_file)
        found = findings(place, 1)["mail"]
    assert found["state"] == "FAIL"
    assert "mail.tls" in found["sentence"]


def test_a_mail_server_nobody_vouches_for_fails(place: Place, town: Town) -> None:
    with town.office("implicit", certificate=trustme.CA().issue_cert("localhost")) as office:
        mail_settings(place, office.postman.port, "implicit", town.ca_file)
        assert findings(place, 1)["mail"]["state"] == "FAIL"
