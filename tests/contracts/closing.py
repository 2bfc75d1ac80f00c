"""What must hold when the storage is closed under blocks that are open. Fixture: `url`, of a migrated SQLite file."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from meetcoord.adapters.sql.storage import SqlStorage, SqlTransaction
from meetcoord.domain.errors import StorageUnavailable
from meetcoord.ports.storage import LogHead, PlacedLeaf
from tests.builders import agency
from tests.contracts.group_commit import in_time, moments
from tests.contracts.storage_contract import add_agency, agencies_of

DEEDS: dict[str, Callable[[SqlTransaction], Awaitable[object]]] = {
    "reads": lambda tx: tx.agencies.every(),
    "writes": lambda tx: tx.agencies.add(agency("late")),
    "writes in parts": lambda tx: tx.log.place([PlacedLeaf(0, "a", b"leaf")], [], LogHead(1, ()), []),
    "raises": lambda tx: asyncio.wait_for(asyncio.Event().wait(), 0),
    "does nothing more": lambda tx: asyncio.sleep(0),
}


@asynccontextmanager
async def closable(url: str) -> AsyncIterator[tuple[SqlStorage, Callable[[], Awaitable[object]]]]:
    """A storage, and what closes it before the block ends."""
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(SqlStorage.open(url)), stack.aclose


def files_beside(url: str) -> set[str]:
    """What lies beside the database, apart from the lock that stays."""
    file = Path(url.removeprefix("sqlite:///"))
    return {path.name for path in file.parent.glob(f"{file.name}-*")}


class ClosingContract:
    @pytest.mark.parametrize("deed", [name for name in DEEDS if name != "raises"])
    async def test_a_transaction_that_outlives_its_storage_is_told_that_it_is_undone(
        self, url: str, deed: str
    ) -> None:
        async with closable(url) as (storage, close):
            with pytest.raises(StorageUnavailable):
                async with storage.transaction() as tx:
                    await tx.agencies.add(agency("early"))
                    await close()
                    await DEEDS[deed](tx)
        async with SqlStorage.open(url) as storage:
            assert await agencies_of(storage) == set()

    @pytest.mark.parametrize("wait", [0, 0.01], ids=["at once", "after others had a turn"])
    async def test_a_snapshot_that_outlives_its_storage_is_told_so(self, url: str, wait: float) -> None:
        async with closable(url) as (storage, close):
            async with storage.snapshot() as tx:
                await close()
                await asyncio.sleep(wait)
                with pytest.raises(StorageUnavailable):
                    await tx.agencies.every()
            with pytest.raises(StorageUnavailable):
                await agencies_of(storage)

    async def test_a_block_begun_after_the_end_is_refused(self, url: str) -> None:
        async with closable(url) as (storage, close):
            await add_agency(storage, "city")
            await close()
            for late in (add_agency(storage, "late"), agencies_of(storage)):
                with pytest.raises(StorageUnavailable):
                    await in_time(late)

    async def test_what_a_block_itself_raises_stays_what_it_is(self, url: str) -> None:
        async with closable(url) as (storage, close):
            with pytest.raises(TimeoutError):
                async with storage.transaction() as tx:
                    await close()
                    await DEEDS["raises"](tx)

    async def test_a_statement_that_lets_others_have_a_turn_may_find_the_storage_closed(
        self, url: str
    ) -> None:
        async with closable(url) as (storage, close):

            async def write_for_long() -> None:
                async with storage.transaction() as tx:
                    for number in range(1_000_000):
                        await tx.agencies.add(agency(f"a{number}"))

            writing = asyncio.create_task(write_for_long())
            await moments(3)
            await close()
            with pytest.raises(StorageUnavailable):
                await in_time(writing)

    async def test_a_snapshot_that_is_open_at_the_end_leaves_no_journal_behind(self, url: str) -> None:
        async with closable(url) as (storage, close):
            await add_agency(storage, "city")
            async with storage.snapshot() as tx:
                await tx.agencies.every()
                await close()
                assert files_beside(url) == set()
            assert storage.reading.free == []  # type: ignore[attr-defined]  # of a file, whose gate is Readers
        gc.collect()
        assert files_beside(url) == set()

    async def test_all_who_wait_for_their_turn_at_the_end_are_told(self, url: str) -> None:
        async with closable(url) as (storage, close):
            held = asyncio.create_task(add_agency(storage, "held", asyncio.Event().wait()))
            waiting = [asyncio.create_task(add_agency(storage, f"n{n}")) for n in range(5)]
            await moments()
            await close()
            held.cancel()
            ends = await in_time(asyncio.gather(*waiting, return_exceptions=True))
        assert [type(end) for end in ends] == [StorageUnavailable] * 5
