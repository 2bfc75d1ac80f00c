"""What must hold where many blocks share one commit. Fixtures: `url`, migrated, and `storage`."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable
from contextlib import closing
from typing import TypeVar

import pytest
from sqlalchemy import exc

from meetcoord.adapters.sql.storage import SqlStorage
from meetcoord.domain.errors import Conflict, NotFound, StorageUnavailable
from meetcoord.ports.storage import LogHead, PlacedLeaf
from tests.builders import agency
from tests.contracts.asking import said
from tests.contracts.storage_contract import ROOT, add_agency, agencies_of
from tests.contracts.stored_meetings import with_meeting

T = TypeVar("T")


async def moments(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def in_time(work: Awaitable[T]) -> T:
    async with asyncio.timeout(5):
        return await work


class GroupCommitContract:
    async def test_a_block_that_ended_is_answered_and_seen_with_its_batch(self, storage: SqlStorage) -> None:
        async with storage.transaction() as tx:
            first = asyncio.create_task(add_agency(storage, "first"))
            await moments()
            second = asyncio.create_task(add_agency(storage, "second", moments(40)))
            await moments()
            await tx.agencies.add(agency("zeroth"))
        await in_time(first)
        assert await agencies_of(storage) == {"zeroth", "first", "second"}
        assert second.done()

    async def test_a_snapshot_sees_nothing_of_an_open_batch(self, storage: SqlStorage) -> None:
        go_on = asyncio.Event()
        first = asyncio.create_task(add_agency(storage, "first", moments(3)))
        second = asyncio.create_task(add_agency(storage, "second", go_on.wait()))
        await moments()
        assert await agencies_of(storage) == set()
        assert not first.done(), "it is not on disk yet"
        go_on.set()
        await in_time(asyncio.gather(first, second))
        assert await agencies_of(storage) == {"first", "second"}

    async def test_who_saw_what_is_not_committed_is_refused_only_after_its_commit(
        self, storage: SqlStorage
    ) -> None:
        go_on = asyncio.Event()
        first = asyncio.create_task(add_agency(storage, "city", moments(3)))
        late = asyncio.create_task(add_agency(storage, "city"))
        third = asyncio.create_task(add_agency(storage, "health-agency", go_on.wait()))
        await moments()
        assert not late.done()
        go_on.set()
        with pytest.raises(Conflict):
            await in_time(late)
        assert await agencies_of(storage) == {"city", "health-agency"}
        await asyncio.gather(first, third)

    async def test_a_batch_is_committed_when_the_last_of_it_fails_or_goes_away(
        self, storage: SqlStorage
    ) -> None:
        first = asyncio.create_task(add_agency(storage, "first", moments(3)))
        second = asyncio.create_task(add_agency(storage, "second", asyncio.Event().wait()))
        waiting = asyncio.create_task(add_agency(storage, "third"))
        await moments()
        second.cancel()
        waiting.cancel()
        await in_time(first)
        assert await agencies_of(storage) == {"first"}

    async def test_whoever_is_called_up_and_gone_at_once_holds_nobody_up(self, storage: SqlStorage) -> None:
        go_on = asyncio.Event()
        first = asyncio.create_task(add_agency(storage, "first", go_on.wait()))
        await moments()
        second = asyncio.create_task(add_agency(storage, "second"))
        await moments()
        go_on.set()
        await asyncio.sleep(0)
        second.cancel()
        await in_time(asyncio.wait([first, second]))
        await in_time(add_agency(storage, "third"))
        assert await agencies_of(storage) >= {"first", "third"}

    async def test_a_commit_that_fails_is_told_to_all_and_leaves_nothing(self, url: str) -> None:
        command = [sys.executable, "-m", "tests.contracts.out_of_space", url]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: ASYNC221  nothing else is to run meanwhile
        assert ended.stdout.split() == ["StorageUnavailable"] * 32
        async with SqlStorage.open(url) as storage:
            assert await agencies_of(storage) == {"before", "after"}

    async def test_a_transaction_given_up_by_the_database_is_lost_for_all_of_its_blocks(
        self, storage: SqlStorage
    ) -> None:
        await add_agency(storage, "city")

        async def lose() -> None:
            async with storage.transaction() as tx:
                with pytest.raises(exc.IntegrityError):
                    await said(tx, "INSERT OR ROLLBACK INTO agencies SELECT * FROM agencies")
                with pytest.raises(StorageUnavailable):
                    await tx.agencies.add(agency("alone"))
                with pytest.raises(StorageUnavailable):
                    await tx.log.place([PlacedLeaf(0, "alone", b"leaf")], [], LogHead(1, ()), [])

        deeds = (add_agency(storage, "first", moments(3)), lose(), add_agency(storage, "third"))
        ends = await in_time(asyncio.gather(*deeds, return_exceptions=True))
        assert [type(end) for end in ends] == [StorageUnavailable, StorageUnavailable, type(None)]
        assert await agencies_of(storage) == {"city", "third"}
        async with storage.snapshot() as tx:
            assert list(await tx.log.leaves(0, 1)) == []

    async def test_who_breaks_a_rule_that_is_checked_at_the_end_is_refused_alone(
        self, storage: SqlStorage
    ) -> None:
        unit, _ = await with_meeting(storage)

        async def keep_stray_text() -> None:
            async with storage.transaction() as tx:
                await tx.agencies.add(agency("stray"))
                await tx.minutes.keep_text(unit.id, 7, b"text of no minutes")

        deeds = (add_agency(storage, "before", moments(3)), keep_stray_text(), add_agency(storage, "behind"))
        ends = await in_time(asyncio.gather(*deeds, return_exceptions=True))
        assert [type(end) for end in ends] == [type(None), Conflict, type(None)]
        assert {"before", "behind"} <= await agencies_of(storage)
        async with storage.snapshot() as tx:
            with pytest.raises(NotFound):
                await tx.minutes.text(unit.id, 7)
            assert "stray" not in {one.id for one in await tx.agencies.every()}

    async def test_another_program_that_writes_holds_up_the_writers_only(
        self, storage: SqlStorage, url: str
    ) -> None:
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            writing = asyncio.create_task(add_agency(storage, "city"))
            await moments()
            assert await agencies_of(storage) == set()
            assert not writing.done()
            other.execute("COMMIT")
            await in_time(writing)
        assert await agencies_of(storage) == {"city"}

    async def test_whoever_waits_for_a_commit_when_the_storage_closes_is_told(self, url: str) -> None:
        async with SqlStorage.open(url) as storage:
            first = asyncio.create_task(add_agency(storage, "first", moments(3)))
            second = asyncio.create_task(add_agency(storage, "second", asyncio.Event().wait()))
            await moments()
        with pytest.raises(StorageUnavailable):
            await in_time(first)
        second.cancel()
        await in_time(asyncio.wait([second]))
        async with SqlStorage.open(url) as storage:
            assert await agencies_of(storage) == set()

    async def test_a_long_block_lets_others_have_the_event_loop(self, storage: SqlStorage) -> None:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0)
                ticks += 1

        ticking = asyncio.create_task(tick())
        async with storage.transaction() as tx:
            written = 0
            while ticks <= 2 and written < 100_000:
                await tx.log.promise("about", b"leaf %d" % written)
                written += 1
        assert ticks > 2
        ticking.cancel()
