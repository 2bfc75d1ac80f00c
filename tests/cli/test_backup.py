"""`meetcoord backup` and `restore`: a whole copy beside the running service, and nothing overwritten or sent twice."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from meetcoord.bootstrap import compose
from meetcoord.settings import load
from tests.builders import agency, invitation, meeting, message, settled
from tests.cli.conftest import ACTS, Place
from tests.cli.test_log_commands import alter, one_more_act


def owe_one_message(place: Place) -> None:
    async def work() -> None:
        async with compose(load(place.settings_file, {})) as service, service.storage.transaction() as tx:
            (person,) = await tx.persons.of_agency((await tx.agencies.every())[0].id)
            await tx.agencies.add(agency("prefecture"))
            unit = settled(meeting(convened=("prefecture",)))
            seat = invitation(unit, person)
            await tx.meetings.add(unit)
            await tx.invitations.add([seat])
            await tx.outbox.add([message(seat, "message 1")])

    asyncio.run(work())


@pytest.fixture
def copy(place: Place) -> Path:
    """A backup of the service, whose database is then moved away."""
    file = place.folder / "copy.db"
    place.fine("backup", file)
    return file


def lose(place: Place) -> None:
    for file in place.database.parent.glob("meetcoord.db*"):
        file.unlink()


def test_a_backup_is_whole_private_and_can_be_checked(place: Place, copy: Path) -> None:
    assert copy.stat().st_mode & 0o777 == 0o600
    assert place.fine("log", "fsck", "--database", copy)["size"] == ACTS
    assert [path.name for path in place.folder.iterdir() if path.name.startswith((".", "copy"))] == [
        "copy.db"
    ]


def test_a_backup_holds_what_only_the_journal_of_a_running_service_holds(place: Place) -> None:
    async def beside(file: Path) -> None:
        async with compose(load(place.settings_file, {})) as service:
            async with service.storage.transaction() as tx:
                await tx.log.promise("about", b"leaf")
            assert (await asyncio.to_thread(place.type, "backup", file)).code == 0

    file = place.folder / "beside.db"
    asyncio.run(beside(file))
    with closing(sqlite3.connect(file)) as found:
        assert found.execute("SELECT count(*) FROM log_pending WHERE about = 'about'").fetchone() == (1,)


def test_a_backup_never_overwrites(place: Place, copy: Path) -> None:
    before = copy.read_bytes()
    said = place.type("backup", copy)
    assert (said.code, "never overwritten" in said.err, copy.read_bytes()) == (1, True, before)
    assert place.type("backup", place.folder / "nowhere" / "copy.db").code == 2


def test_there_is_nothing_to_back_up_before_the_first_migration(bare: Place) -> None:
    said = bare.type("backup", bare.folder / "copy.db")
    assert (said.code, list(bare.folder.glob("*.db"))) == (2, [])


def test_what_was_restored_is_what_was_there(place: Place, copy: Path) -> None:
    one_more_act(place)
    lose(place)
    restored = place.fine("restore", copy)
    assert (restored["size"], restored["held"]) == (ACTS, 0)
    assert place.database.stat().st_mode & 0o777 == 0o600
    assert place.fine("log", "fsck")["damages"] == []
    one_more_act(place)


def test_a_database_that_is_there_is_never_overwritten(place: Place, copy: Path) -> None:
    before = place.database.read_bytes()
    said = place.type("restore", copy)
    assert (said.code, "move away" in said.err) == (1, True)
    assert place.database.read_bytes() == before


def test_a_journal_left_behind_is_not_read_into_the_restored_file(place: Place, copy: Path) -> None:
    lose(place)
    place.database.with_name("meetcoord.db-wal").write_bytes(b"an old journal")
    assert place.type("restore", copy).code == 1
    assert not place.database.exists()


def test_a_damaged_copy_is_not_put_back(place: Place, copy: Path) -> None:
    alter(copy, "DELETE FROM log_leaves")
    lose(place)
    said = place.type("restore", copy)
    assert (said.code, "entry 0" in said.err, place.database.exists()) == (1, True, False)
    assert not list(place.database.parent.glob(".meetcoord.db*"))


def test_a_copy_of_another_schema_is_not_put_back(place: Place, copy: Path) -> None:
    alter(copy, "UPDATE alembic_version SET version_num = '0001'")
    lose(place)
    said = place.type("restore", copy)
    assert (said.code, "then upgrade" in said.err, place.database.exists()) == (2, True, False)


def test_mail_that_may_have_left_since_the_backup_waits_for_a_word(place: Place) -> None:
    owe_one_message(place)
    copy = place.folder / "copy.db"
    place.fine("backup", copy)
    lose(place)
    assert place.fine("restore", copy)["held"] == 1
    with closing(sqlite3.connect(place.database)) as found:
        assert found.execute("SELECT delivery, uncertain FROM outbox").fetchall() == [("given_up", 1)]
    assert place.fine("restore", "--resume-mail") == {"released": 1}
    assert place.fine("restore", "--hold-mail") == {"held": 1}


def test_a_restore_needs_one_thing_to_do(place: Place, copy: Path) -> None:
    assert place.type("restore").code == 2
    assert place.type("restore", copy, "--resume-mail").code == 2


@pytest.mark.parametrize(("command", "tool"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_for_a_server_one_is_told_what_to_type(place: Place, command: str, tool: str) -> None:
    place.say('[database]\nurl = "postgresql://meetcoord@db.example.org/meetcoord"\n')
    said = place.type(command, place.folder / "a copy.dump")
    assert said.code == 2
    assert f"`{tool} " in said.err
    assert "--dbname=postgresql://meetcoord@db.example.org/meetcoord" in said.err
    assert f"'{place.folder / 'a copy.dump'}'" in said.err


def test_a_copy_on_another_machine_is_put_back_with_the_keys(
    place: Place, copy: Path, tmp_path: Path
) -> None:
    there = Place(tmp_path / "there")
    (there.folder / "data").mkdir(parents=True)
    there.say("")
    shutil.copytree(place.folder / "data" / "keys", there.folder / "data" / "keys")
    assert there.fine("restore", copy)["size"] == ACTS
