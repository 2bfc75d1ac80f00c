"""How every database comes to its schema and refuses any other. Fixtures: `url`, migrated, and `empty`, not."""

import asyncio
from contextlib import AbstractAsyncContextManager

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from meetcoord.adapters.sql.migrate import current, migrate
from meetcoord.adapters.sql.schema import REVISIONS, metadata
from meetcoord.adapters.sql.storage import SqlStorage
from meetcoord.domain.errors import Misconfigured
from tests.contracts.stored_meetings import with_meeting


def drift(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


class SchemaContract:
    async def test_migrating_leaves_a_schema_of_the_future_alone(self, url: str) -> None:
        async with self.opened(url) as storage, storage.transaction() as tx:
            await tx.block.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(Misconfigured, match="does not know"):
            await asyncio.to_thread(migrate, url)
        assert await asyncio.to_thread(current, url) == "9999"

    def opened(self, url: str) -> AbstractAsyncContextManager[SqlStorage]:
        raise NotImplementedError

    def test_migrating_an_empty_database_brings_the_newest_schema(self, empty: str) -> None:
        assert current(empty) is None
        migrate(empty)
        migrate(empty)
        assert current(empty) == REVISIONS[-1]

    async def test_the_migrations_make_exactly_what_the_code_expects(self, url: str) -> None:
        async with self.opened(url) as storage, storage.snapshot() as tx:
            assert await tx.block.connection.run_sync(drift) == []
            assert await tx.block.connection.run_sync(tables) == {*metadata.tables, "alembic_version"}

    async def test_migrating_keeps_what_is_stored(self, url: str) -> None:
        async with self.opened(url) as storage:
            unit, _ = await with_meeting(storage)
        await asyncio.to_thread(migrate, url)
        async with self.opened(url) as storage, storage.snapshot() as tx:
            assert await tx.meetings.get(unit.id) == unit

    async def test_a_database_that_was_never_migrated_is_refused(self, empty: str) -> None:
        with pytest.raises(Misconfigured, match="meetcoord migrate"):
            async with self.opened(empty):
                pass

    @pytest.mark.parametrize("number", ["0000", "9999"])
    async def test_an_unknown_schema_is_refused(self, url: str, number: str) -> None:
        async with self.opened(url) as storage, storage.transaction() as tx:
            await tx.block.connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{number}'")
        with pytest.raises(Misconfigured, match="meetcoord migrate"):
            async with self.opened(url):
                pass
