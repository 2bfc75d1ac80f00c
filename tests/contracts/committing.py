"""A process whose callers commit until it is killed, and say after each commit what it was: python -m … URL."""

import asyncio
import sys
from itertools import count

from meetcoord.adapters.sql.storage import SqlStorage
from tests.builders import agency

CALLERS = 8


async def commit_for_ever(storage: SqlStorage, caller: int) -> None:
    for number in count():
        id_ = f"agency-{caller}-{number}"
        async with storage.transaction() as tx:
            await tx.agencies.add(agency(id_))
            await tx.log.promise(id_, b"leaf")
        print(id_, flush=True)


async def commit_together(url: str) -> None:
    async with SqlStorage.open(url) as storage:
        await asyncio.gather(*(commit_for_ever(storage, caller) for caller in range(CALLERS)))


if __name__ == "__main__":
    asyncio.run(commit_together(sys.argv[1]))
