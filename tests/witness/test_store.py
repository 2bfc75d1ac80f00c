"""A witness' memory: nothing is lost, nothing goes back, one process at a time."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from meetcoord.adapters.witness.store import opened, remembered
from meetcoord.domain.errors import Conflict, Damaged, Misconfigured, Stale, StorageUnavailable
from meetcoord.domain.witnessing import Cosigned
from meetcoord.ports.witnesses import WitnessStore
from tests.fake_witness import WitnessMemory
from tests.log.builders import ORIGIN, log_of
from tests.witness.histories import forked, named

LOG = log_of(40)
OTHER = named(5, "log.elsewhere.example.org")


def at(size: int, seconds: int = 1_800_000_000) -> Cosigned:
    return Cosigned(LOG.checkpoint(size), seconds)


@pytest.fixture(params=["SQLite", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WitnessStore]:
    if request.param == "memory":
        yield WitnessMemory()
        return
    with opened(tmp_path / "witness.db") as store:
        yield store


async def test_what_was_kept_is_the_latest(store: WitnessStore) -> None:
    assert await store.latest(ORIGIN) is None
    await store.replace(None, at(3))
    await store.replace(at(3), at(7))
    assert await store.latest(ORIGIN) == at(7)


async def test_each_log_has_a_latest_of_its_own(store: WitnessStore) -> None:
    other = Cosigned(OTHER.checkpoint(5), 1_800_000_000)
    await store.replace(None, at(3))
    await store.replace(None, other)
    assert await store.every() == (other, at(3))


@pytest.mark.parametrize(
    "held", [None, at(3), at(5, 1_799_999_999), Cosigned(forked(LOG, 2).checkpoint(5), 1)]
)
async def test_only_what_is_held_is_replaced(store: WitnessStore, held: Cosigned | None) -> None:
    await store.replace(None, at(5))
    with pytest.raises(Stale):
        await store.replace(held, at(9))
    assert await store.latest(ORIGIN) == at(5)


async def test_what_is_not_there_is_not_replaced(store: WitnessStore) -> None:
    with pytest.raises(Stale):
        await store.replace(at(3), at(7))
    assert await store.latest(ORIGIN) is None


@pytest.mark.parametrize("fresh", [at(4), at(5, 1_799_999_999), Cosigned(OTHER.checkpoint(5), 1_800_000_000)])
async def test_it_never_goes_back(store: WitnessStore, fresh: Cosigned) -> None:
    await store.replace(None, at(5))
    with pytest.raises(Conflict):
        await store.replace(at(5), fresh)
    assert await store.every() == (at(5),)


async def test_of_many_at_once_one_wins(store: WitnessStore) -> None:
    done = await asyncio.gather(
        *(store.replace(None, at(size)) for size in range(1, 30)), return_exceptions=True
    )
    assert done.count(None) == 1
    assert sum(isinstance(each, Stale) for each in done) == 28
    assert await store.latest(ORIGIN) == at(done.index(None) + 1)


async def test_it_is_there_after_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path / "witness.db") as store:
        await store.replace(None, at(5))
    with opened(tmp_path / "witness.db") as store:
        assert await store.latest(ORIGIN) == at(5)


def test_two_processes_do_not_share_it_but_one_may_look(tmp_path: Path) -> None:
    file = tmp_path / "witness.db"
    program = (
        "import sys; from pathlib import Path; from meetcoord.adapters.witness.store import opened\n"
        "with opened(Path(sys.argv[1])): print('open', flush=True); sys.stdin.read()"
    )
    with opened(file) as store:
        asyncio.run(store.replace(None, at(5)))
    words = [sys.executable, "-c", program, str(file)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "open\n"
        with pytest.raises(Misconfigured, match="another meetcoord process"), opened(file):
            pass
        assert remembered(file) == (at(5),)
        other.kill()
    with opened(file) as store:
        assert asyncio.run(store.latest(ORIGIN)) == at(5)


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "witness.db"
    file.write_bytes(b"not a database, but long enough to be looked at as one" * 20)
    with pytest.raises(Misconfigured), opened(file):
        pass
    with pytest.raises(Misconfigured):
        remembered(file)


@pytest.mark.parametrize("change", ["size = 4", "note = 'x'", "origin = 'log.elsewhere.example.org'"])
async def test_a_row_that_was_edited_is_not_believed(tmp_path: Path, change: str) -> None:
    file = tmp_path / "witness.db"
    with opened(file) as store:
        await store.replace(None, at(5))
        with closing(sqlite3.connect(file)) as connection:
            connection.execute(f"UPDATE cosigned SET {change}")
            connection.commit()
        with pytest.raises(StorageUnavailable):
            await store.every()
    with pytest.raises(Damaged):
        remembered(file)
