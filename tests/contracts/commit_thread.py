"""What must hold when the commit thread fails, or a statement finds no memory.

Fixtures: `url`, migrated, and `storage`.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from meetcoord.adapters.sql.storage import SqlStorage
from meetcoord.domain.errors import StorageUnavailable
from tests.contracts.group_commit import in_time
from tests.contracts.storage_contract import add_agency, agencies_of

FAR_TOO_MUCH = 1 << 62
"""Bytes of stack that no machine gives to a thread."""


class Forgetful(sqlite3.Connection):
    """Says as the driver does that there is no memory: at the first COMMIT, and at each BEGIN that is waited for."""

    waits = commits = 0

    def commit(self) -> None:
        self.commits += 1
        if self.commits == 1:
            raise MemoryError
        super().commit()

    def execute(self, words: str, *values: Any) -> sqlite3.Cursor:
        if words == "BEGIN IMMEDIATE" and threading.current_thread() is not threading.main_thread():
            self.waits += 1
            if self.waits == 1:
                raise MemoryError
        return super().execute(words, *values)


@contextmanager
def forgetting() -> Iterator[None]:
    """Every connection made meanwhile is Forgetful."""

    def connect(_: object, __: object, ___: object, options: dict[str, Any]) -> None:
        options["factory"] = Forgetful

    event.listen(Engine, "do_connect", connect)
    try:
        yield
    finally:
        event.remove(Engine, "do_connect", connect)


@contextmanager
def no_thread_to_be_had() -> Iterator[None]:
    former = threading.stack_size(FAR_TOO_MUCH)
    try:
        yield
    finally:
        threading.stack_size(former)


@contextmanager
def another_program_writing(url: str) -> Iterator[None]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def no_memory() -> None:
    raise MemoryError


def forget(connection: sqlite3.Connection, _: object) -> None:
    """Its statements may ask for `no_memory()`: SQLite then ends them as it does when it finds none itself."""
    connection.create_function("no_memory", 0, no_memory)


@contextmanager
def statements_without_memory() -> Iterator[None]:
    event.listen(Engine, "connect", forget)
    try:
        yield
    finally:
        event.remove(Engine, "connect", forget)


class CommitThreadContract:
    async def test_a_statement_that_finds_no_memory_is_told_and_the_next_goes_through(self, url: str) -> None:
        words = text("UPDATE log_head SET size = no_memory()")
        with statements_without_memory():
            async with SqlStorage.open(url) as storage:
                with pytest.raises(StorageUnavailable):
                    async with storage.transaction() as tx:
                        await tx.block.change(words)
                await in_time(add_agency(storage, "city"))
                assert await agencies_of(storage) == {"city"}

    async def test_a_commit_that_finds_no_memory_is_told_and_the_next_goes_through(self, url: str) -> None:
        with forgetting():
            async with SqlStorage.open(url) as storage:
                deeds = (add_agency(storage, f"lost-{n}", asyncio.sleep(0)) for n in range(5))
                ends = await in_time(asyncio.gather(*deeds, return_exceptions=True))
                assert [type(end) for end in ends] == [StorageUnavailable] * 5
                await in_time(add_agency(storage, "city"))
                assert await agencies_of(storage) == {"city"}

    async def test_waiting_for_another_program_without_memory_is_told_and_the_next_goes_through(
        self, url: str
    ) -> None:
        with forgetting():
            async with SqlStorage.open(url) as storage:
                with another_program_writing(url), pytest.raises(StorageUnavailable):
                    await in_time(add_agency(storage, "lost"))
                with pytest.raises(StorageUnavailable):
                    await in_time(add_agency(storage, "lost-at-its-commit"))
                await in_time(add_agency(storage, "city"))
                assert await agencies_of(storage) == {"city"}

    async def test_a_commit_thread_that_cannot_be_started_is_told_and_started_later(
        self, storage: SqlStorage
    ) -> None:
        with no_thread_to_be_had():
            deeds = (add_agency(storage, f"lost-{n}", asyncio.sleep(0)) for n in range(5))
            ends = await in_time(asyncio.gather(*deeds, return_exceptions=True))
            assert [type(end) for end in ends] == [StorageUnavailable] * 5
        await in_time(add_agency(storage, "city"))
        assert await agencies_of(storage) == {"city"}

    async def test_waiting_for_another_program_without_a_thread_is_told(
        self, storage: SqlStorage, url: str
    ) -> None:
        with another_program_writing(url), no_thread_to_be_had(), pytest.raises(StorageUnavailable):
            await in_time(add_agency(storage, "lost"))
        await in_time(add_agency(storage, "city"))
        assert await agencies_of(storage) == {"city"}
