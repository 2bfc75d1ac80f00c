"""The storage contract on SQLite, and what only SQLite must do."""

import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, exc

from meetcoord.adapters.lockfile import sole_use
from meetcoord.adapters.sql.engine import READING, STRONG, must_be_strong, sqlite_readers
from meetcoord.adapters.sql.migrate import current, migrate
from meetcoord.adapters.sql.schema import REVISIONS
from meetcoord.adapters.sql.storage import SqlStorage, SqlTransaction
from meetcoord.domain.errors import Conflict, Damaged, Misconfigured, StorageUnavailable
from meetcoord.domain.values import MeetingId
from meetcoord.ports.storage import PageMark, Storage
from tests.builders import CITY, NOW, agency, meeting, person, settled
from tests.contracts.asking import said
from tests.contracts.closing import ClosingContract
from tests.contracts.commit_thread import CommitThreadContract
from tests.contracts.group_commit import GroupCommitContract
from tests.contracts.schema_contract import SchemaContract
from tests.contracts.storage_contract import (
    ROOT,
    InterruptionContract,
    RivalsContract,
    StorageContract,
    add_agency,
    agencies_of,
)
from tests.contracts.stored_meetings import GUESTS, MeetingsContract, with_meeting
from tests.contracts.stored_minutes import LogContract, MinutesContract
from tests.contracts.stored_people import PeopleContract
from tests.contracts.stored_proofs import ProofsContract
from tests.contracts.stored_rooms import RoomsContract
from tests.contracts.stored_witnesses import WitnessRecordsContract

STRONGEST = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "secure_delete": 1,
    "busy_timeout": 5000,
}


def opened(url: str, read_only: bool = False) -> AbstractAsyncContextManager[SqlStorage]:
    return SqlStorage.open(url, read_only=read_only)


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "meetcoord.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def url(tmp_path: Path, migrated: Path) -> str:
    return f"sqlite:///{shutil.copy(migrated, tmp_path / 'meetcoord.db')}"


@pytest.fixture
def empty(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'new.db'}"


@pytest.fixture
async def storage(url: str) -> AsyncIterator[SqlStorage]:
    async with SqlStorage.open(url) as storage:
        yield storage


@contextmanager
def overheard() -> Iterator[dict[str, str]]:
    """Each statement said to SQLite from now on, and how SQLite finds the rows for it."""
    plans: dict[str, str] = {}

    def hear(_: object, cursor: sqlite3.Cursor, words: str, values: Any, __: object, many: bool) -> None:
        if words.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            plan = cursor.connection.execute(f"EXPLAIN QUERY PLAN {words}", values[0] if many else values)
            plans[words] = " / ".join(step for *_, step in plan)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield plans
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def reads_everything(words: str, plan: str) -> bool:
    """Whether the statement reads, or sorts, more the more there is. There are few agencies, and all are wanted."""
    walks = "LIMIT" in words and "TEMP B-TREE" not in plan
    return not walks and bool(re.search(r"SCAN (?!agencies|wanted|(\d+ )?CONSTANT ROW|\()", plan))


class TestSqlite(StorageContract):
    def opened(self, url: str, read_only: bool = False) -> AbstractAsyncContextManager[Storage]:
        return opened(url, read_only)

    def while_another_process_runs(self, url: str) -> None:
        with (
            pytest.raises(Misconfigured, match="in use by another meetcoord process: stop it first"),
            sole_use(file_of(url)),
        ):
            pass


class TestSqliteGroupCommit(GroupCommitContract, ClosingContract, CommitThreadContract):
    pass


class TestSqliteSchema(SchemaContract):
    def opened(self, url: str) -> AbstractAsyncContextManager[SqlStorage]:
        return opened(url)


class TestSqliteInMemory(
    PeopleContract,
    MeetingsContract,
    ProofsContract,
    RoomsContract,
    MinutesContract,
    LogContract,
    WitnessRecordsContract,
    RivalsContract,
    InterruptionContract,
):
    @pytest.fixture
    async def storage(self) -> AsyncIterator[SqlStorage]:
        """As nothing is waited for here, it is here that every statement must show how it finds its rows."""
        with overheard() as plans:
            async with SqlStorage.open("sqlite://") as storage:
                yield storage
        assert {said: plan for said, plan in plans.items() if reads_everything(said, plan)} == {}


@pytest.mark.parametrize(("name", "weak"), [("journal_mode", "delete"), ("synchronous", 1), ("foreign_keys", 0),
                                            ("secure_delete", 0), ("busy_timeout", 0)])  # fmt: skip
def test_anything_weaker_than_promised_is_refused(name: str, weak: object) -> None:
    must_be_strong(STRONGEST, STRONG)
    with pytest.raises(Misconfigured, match=name):
        must_be_strong({**STRONGEST, name: weak}, STRONG)


async def test_the_settings_in_force_are_the_strong_ones(storage: SqlStorage) -> None:
    async with storage.transaction() as tx, storage.snapshot() as reading:
        assert await pragmas(tx, STRONGEST) == STRONGEST
        must_be_strong(await pragmas(reading, READING), READING)


async def pragmas(tx: SqlTransaction, names: Iterable[str]) -> dict[str, object]:
    found = {}
    for name in names:
        found[name] = (await said(tx, f"PRAGMA {name}")).scalar()
    return found


async def test_a_reader_is_held_back_by_the_database_as_well(storage: SqlStorage) -> None:
    async with storage.snapshot() as tx:
        with pytest.raises(exc.OperationalError, match="readonly"):
            await said(tx, "DELETE FROM log_head")


async def test_a_file_that_is_not_journalled_ahead_can_be_read_but_not_beside_a_writer(url: str) -> None:
    async with SqlStorage.open(url) as storage:
        await add_agency(storage, "city")
    file = file_of(url)
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode=DELETE")
    async with SqlStorage.open(url, read_only=True) as storage:
        assert await agencies_of(storage) == {"city"}
    readers = sqlite_readers(file, 1)
    with pytest.raises(Misconfigured, match="journal_mode=delete"):
        readers.connect()
    readers.dispose()


async def test_two_writers_of_one_file_are_refused_but_readers_are_welcome(url: str) -> None:
    async with SqlStorage.open(url):
        with pytest.raises(Misconfigured, match="in use by another meetcoord process"):
            async with SqlStorage.open(url):
                pass
        async with SqlStorage.open(url, read_only=True):
            pass
        assert current(url) == REVISIONS[-1]
        with pytest.raises(Misconfigured, match="in use"):
            migrate(url)
    async with SqlStorage.open(url):
        pass


def test_the_files_belong_to_their_owner_alone(empty: str) -> None:
    migrate(empty)
    modes = {path.suffix: stat.S_IMODE(path.stat().st_mode) for path in file_of(empty).parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert {".db", ".lock"} <= set(modes)


@pytest.mark.parametrize("url", ["mysql://host/db", "no url", "sqlite:////tmp/a.db?mode=ro"])
async def test_an_address_that_means_nothing_to_us_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured):
        async with SqlStorage.open(url):
            pass


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear colleagues, " * 500)
    with pytest.raises(Misconfigured):
        async with SqlStorage.open(f"sqlite:///{tmp_path / 'letter.db'}"):
            pass


async def test_a_full_disk_is_told_and_passes(storage: SqlStorage) -> None:
    unit, _ = await with_meeting(storage)
    with pytest.raises(StorageUnavailable):
        async with storage.transaction() as tx:
            await tx.agencies.add(agency("small"))
            await said(tx, "PRAGMA max_page_count = 1")
            await tx.minutes.keep_text(unit.id, 1, bytes(1_000_000))
    async with storage.snapshot() as tx:
        assert len(await tx.agencies.every()) == 3
    async with storage.transaction() as tx:
        await said(tx, "PRAGMA max_page_count = 1000000")
        await tx.agencies.add(agency("small"))


async def test_errors_do_not_repeat_what_was_to_be_stored(storage: SqlStorage) -> None:
    stray = person(agency="nowhere")
    with pytest.raises(Conflict) as refused:
        async with storage.transaction() as tx:
            await tx.persons.add(stray)
    assert stray.address not in f"{refused.value} {refused.value.__cause__}"


async def test_a_damaged_row_is_named_and_not_taken_for_the_callers_fault(storage: SqlStorage) -> None:
    unit, _ = await with_meeting(storage)
    async with storage.transaction() as tx:
        await said(tx, "UPDATE agencies SET name = ' ' WHERE id = 'city'")
    async with storage.snapshot() as tx:
        with pytest.raises(Damaged):
            await tx.agencies.get(CITY)
    async with storage.transaction() as tx:
        await said(tx, "UPDATE meetings SET body = '{}'")
        with pytest.raises(Damaged):
            await tx.meetings.get(MeetingId(unit.id))


async def test_a_page_is_one_statement(storage: SqlStorage) -> None:
    await with_meeting(storage)
    with overheard() as plans:
        async with storage.snapshot() as tx:
            await tx.meetings.page(CITY, PageMark(created_at=NOW, id=MeetingId("")), 10)
    assert len(plans) == 1


async def test_the_stored_form_of_a_meeting_changes_only_with_a_migration(storage: SqlStorage) -> None:
    await with_meeting(storage)
    unit = settled(meeting("Golden", convened=("prefecture",), delegates=GUESTS[:1]))
    async with storage.transaction() as tx:
        await tx.meetings.add(unit)
        body = await said(tx, "SELECT body FROM meetings WHERE id = :id", id=unit.id)
        assert body.scalar() == (ROOT / "tests/contracts/meeting.golden.json").read_text().strip()


def test_serving_does_not_load_the_migrations() -> None:
    program = "import sys, meetcoord.adapters.sql.storage; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
