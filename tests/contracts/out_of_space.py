"""A process whose files cannot grow for a moment, while 32 callers write. It says how they ended: python -m … URL."""

import asyncio
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from meetcoord.adapters.sql.storage import SqlStorage
from tests.builders import agency


@contextmanager
def no_space_beyond(file: Path) -> Iterator[None]:
    """Writing to a file beyond the present size of `file` is an error, as on a full disk."""
    size = file.stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def add(storage: SqlStorage, id_: str) -> None:
    async with storage.transaction() as tx:
        await tx.agencies.add(agency(id_))


async def run_out_of_space(url: str) -> None:
    journal = Path(f"{url.removeprefix('sqlite:///')}-wal")
    async with SqlStorage.open(url) as storage:
        await add(storage, "before")
        with no_space_beyond(journal):
            rivals = (add(storage, f"rival-{n}") for n in range(32))
            ends = await asyncio.gather(*rivals, return_exceptions=True)
        await add(storage, "after")
    print(*(type(end).__name__ for end in ends))


if __name__ == "__main__":
    asyncio.run(run_out_of_space(sys.argv[1]))
