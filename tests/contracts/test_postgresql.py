"""The storage contract on PostgreSQL, and what only PostgreSQL must do."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from itertools import count
from urllib.parse import urlsplit

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import sql
from sqlalchemy import exc

from meetcoord.adapters.sql.migrate import migrate
from meetcoord.adapters.sql.schema import metadata
from meetcoord.adapters.sql.schema_log import log_head
from meetcoord.adapters.sql.storage import CONNECTIONS, SqlStorage
from meetcoord.domain.errors import Invalid, Misconfigured, StorageUnavailable
from meetcoord.ports.storage import Storage
from tests.builders import NOW, admission, agency, api_key, message, person
from tests.contracts.asking import said
from tests.contracts.schema_contract import SchemaContract
from tests.contracts.storage_contract import StorageContract
from tests.contracts.stored_meetings import with_invitations, with_meeting

pytestmark = pytest.mark.needs("postgresql")
_numbers = count(1)


def opened(url: str, read_only: bool = False) -> AbstractAsyncContextManager[SqlStorage]:
    return SqlStorage.open(url, read_only=read_only)


@pytest.fixture(scope="session")
def migrated(postgresql_url: str) -> str:
    """The name of a migrated database, to be copied."""
    with psycopg.connect(postgresql_url, autocommit=True) as server:
        server.execute("CREATE DATABASE contract_template")
    migrate(urlsplit(postgresql_url)._replace(path="/contract_template").geturl())
    return "contract_template"


@pytest.fixture
def own_url(postgresql_url: str, migrated: str) -> Iterator[str]:
    """A migrated database for one test that does more to it than fill it."""
    name = f"contract_{next(_numbers)}"
    with psycopg.connect(postgresql_url, autocommit=True) as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, migrated)))
        )
        yield urlsplit(postgresql_url)._replace(path=f"/{name}").geturl()
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def shared_url(postgresql_url: str, migrated: str) -> str:
    with psycopg.connect(postgresql_url, autocommit=True) as server:
        server.execute(
            sql.SQL("CREATE DATABASE contract_shared TEMPLATE {}").format(sql.Identifier(migrated))
        )
    return urlsplit(postgresql_url)._replace(path="/contract_shared").geturl()


@pytest.fixture
def url(shared_url: str) -> str:
    """A migrated database without content: emptying one is much quicker than making one."""
    emptied = [table.name for table in reversed(metadata.sorted_tables) if table is not log_head]
    with psycopg.connect(shared_url) as connection:
        connection.execute("; ".join(f"DELETE FROM {table}" for table in emptied))
        connection.execute("UPDATE log_head SET size = 0, frontier = ''")
    return shared_url


@pytest.fixture
def empty(postgresql_database: str) -> str:
    return postgresql_database


@pytest.fixture
async def storage(url: str) -> AsyncIterator[SqlStorage]:
    async with SqlStorage.open(url) as storage:
        yield storage


class TestPostgresql(StorageContract):
    def opened(self, url: str, read_only: bool = False) -> AbstractAsyncContextManager[Storage]:
        return opened(url, read_only)


class TestPostgresqlSchema(SchemaContract):
    @pytest.fixture
    def url(self, own_url: str) -> str:
        return own_url

    def opened(self, url: str) -> AbstractAsyncContextManager[SqlStorage]:
        return opened(url)


async def test_a_lost_connection_does_not_poison_the_pool(storage: SqlStorage, url: str) -> None:
    async def look() -> None:
        async with storage.snapshot() as tx:
            await tx.agencies.every()

    await asyncio.gather(*(look() for _ in range(CONNECTIONS)))
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    with pytest.raises(StorageUnavailable):
        await look()
    await asyncio.gather(*(look() for _ in range(CONNECTIONS)))


async def test_a_connection_lost_inside_a_block_is_told_and_undoes_it(storage: SqlStorage) -> None:
    with pytest.raises(StorageUnavailable):
        async with storage.transaction() as tx:
            await tx.agencies.add(agency())
            await said(tx, "SELECT 1")
            async with storage.transaction() as other:
                await said(
                    other,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND datname = current_database() AND xact_start IS NOT NULL",
                )
            await tx.agencies.every()
    async with storage.transaction() as tx:
        assert list(await tx.agencies.every()) == []


async def test_nobody_answering_is_told(postgresql_url: str) -> None:
    nowhere = postgresql_url.replace("host=", "host=/nowhere")
    with pytest.raises(StorageUnavailable):
        async with SqlStorage.open(nowhere):
            pass


async def test_the_password_may_come_apart(url: str) -> None:
    async with SqlStorage.open(url, password="given apart") as storage, storage.snapshot() as tx:
        assert list(await tx.agencies.every()) == []


async def test_a_server_that_does_not_wait_for_its_disk_is_refused(own_url: str) -> None:
    with psycopg.connect(own_url, autocommit=True) as server:
        name = sql.Identifier(urlsplit(own_url).path[1:])
        server.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(name))
    with pytest.raises(Misconfigured, match="synchronous_commit=off"):
        async with SqlStorage.open(own_url):
            pass


async def test_a_text_that_cannot_be_stored_is_the_callers_fault(storage: SqlStorage) -> None:
    await with_meeting(storage)
    holder = person("Delegate")
    for label in ("nul \x00", "half \ud800"):
        with pytest.raises(Invalid):
            async with storage.transaction() as tx:
                await tx.api_keys.add(replace(api_key(holder), label=label))


async def test_a_snapshot_is_read_only_for_the_database_as_well(storage: SqlStorage) -> None:
    async with storage.snapshot() as tx:
        with pytest.raises(exc.InternalError, match="read-only"):
            await said(tx, "DELETE FROM log_head")
    async with storage.transaction() as tx:
        await tx.agencies.add(agency())


async def test_many_enter_one_meeting_at_the_same_time(storage: SqlStorage) -> None:
    seats = await with_invitations(storage)
    async with asyncio.timeout(5), storage.transaction() as one, storage.transaction() as other:
        await one.invitations.with_meeting(seats[0].id)
        await other.invitations.with_meeting(seats[1].id)
        await one.admissions.add(admission(seats[0]))
        await other.admissions.add(admission(seats[1]))


async def test_two_postmen_work_side_by_side(storage: SqlStorage) -> None:
    seats = await with_invitations(storage)
    async with storage.transaction() as tx:
        await tx.outbox.add([message(seats[0], f"message {n}") for n in range(4)])
    async with asyncio.timeout(5), storage.transaction() as one, storage.transaction() as other:
        first, second = await one.outbox.due(NOW, 2), await other.outbox.due(NOW, 4)
        assert (len(first), len(second)) == (2, 2)
        assert not {m.id for m in first} & {m.id for m in second}
