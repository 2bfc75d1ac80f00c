"""How every database comes to its schema and refuses any other. Fixtures: `url`, migrated, and `empty`, not."""

import asyncio
from contextlib import AbstractAsyncContextManager

import msgspec
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from meetcoord.adapters.sql.migrate import _configuration, _connected, current, migrate
from meetcoord.adapters.sql.schema import REVISIONS, metadata
from meetcoord.adapters.sql.storage import SqlStorage
from meetcoord.domain.errors import Misconfigured
from tests.builders import meeting
from tests.contracts.asking import looked_at, said
from tests.contracts.stored_meetings import with_meeting


def drift(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


class SchemaContract:
    async def test_migrating_leaves_a_schema_of_the_future_alone(self, url: str) -> None:
        async with self.opened(url) as storage, storage.transaction() as tx:
            await said(tx, "UPDATE alembic_version SET version_num = '9999'")
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
            assert await looked_at(tx, drift) == []
            assert await looked_at(tx, tables) == {*metadata.tables, "alembic_version"}

    async def test_migrating_keeps_what_is_stored(self, url: str) -> None:
        async with self.opened(url) as storage:
            unit, _ = await with_meeting(storage)
        await asyncio.to_thread(migrate, url)
        async with self.opened(url) as storage, storage.snapshot() as tx:
            assert await tx.meetings.get(unit.id) == unit

    def test_a_database_of_a_former_version_is_told_to_migrate_and_keeps_what_it_holds(
        self, empty: str
    ) -> None:
        for former in REVISIONS[:-1]:
            with _connected(empty, None) as connection:
                command.upgrade(_configuration(connection), former)
                if former == REVISIONS[0]:
                    connection.exec_driver_sql("INSERT INTO agencies VALUES ('city', 'City', 'fr')")
            with pytest.raises(Misconfigured, match=f"schema {former}.*meetcoord migrate"):
                asyncio.run(self.opening(empty))
        migrate(empty)
        with _connected(empty, None) as connection:
            kept = connection.exec_driver_sql("SELECT name FROM agencies").scalars().all()
            assert (kept, drift(connection)) == (["City"], [])

    async def test_a_meeting_of_a_former_version_is_found_by_its_room(self, empty: str) -> None:
        unit = meeting()
        with _connected(empty, None) as connection:
            command.upgrade(_configuration(connection), "0002")
            connection.exec_driver_sql("INSERT INTO agencies VALUES ('city', 'City', 'fr')")
            row = "id, version, organiser, agencies, state, created_at, body"
            values = "'{}', 1, 'city', '', 'proposed', '2027-03-01T09:00:00.000000Z', '{}'"
            body = msgspec.json.encode(unit).decode()
            connection.exec_driver_sql(
                f"INSERT INTO meetings ({row}) VALUES ({values.format(unit.id, body)})"
            )
        await asyncio.to_thread(migrate, empty)
        async with self.opened(empty) as storage, storage.snapshot() as tx:
            assert await tx.meetings.in_room(unit.room) == unit

    async def opening(self, url: str) -> None:
        async with self.opened(url):
            pass

    async def test_a_database_that_was_never_migrated_is_refused(self, empty: str) -> None:
        with pytest.raises(Misconfigured, match="meetcoord migrate"):
            async with self.opened(empty):
                pass

    @pytest.mark.parametrize("number", ["0000", "9999"])
    async def test_an_unknown_schema_is_refused(self, url: str, number: str) -> None:
        async with self.opened(url) as storage, storage.transaction() as tx:
            await said(tx, f"UPDATE alembic_version SET version_num = '{number}'")
        with pytest.raises(Misconfigured, match="meetcoord migrate"):
            async with self.opened(url):
                pass
