"""The house itself: what the machine lends to the tests."""

import asyncio

import psycopg
import pytest


async def test_async_tests_run_on_asyncio() -> None:
    assert asyncio.get_running_loop().is_running()


def test_each_test_gets_its_own_empty_database(postgresql_database: str) -> None:
    with psycopg.connect(postgresql_database) as connection:
        connection.execute("CREATE TABLE mine (id bigint)")
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert found == (1,)


def test_the_next_test_sees_nothing_of_it(postgresql_database: str) -> None:
    with psycopg.connect(postgresql_database) as connection:
        assert connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone() == (0,)


@pytest.mark.needs("browser")
def test_a_browser_is_there_where_a_test_needs_one(chromium: str) -> None:
    assert chromium
