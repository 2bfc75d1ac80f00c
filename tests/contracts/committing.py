"""A process that commits until it is killed, and says after each commit what it was: python -m … URL."""

import asyncio
import sys
from itertools import count

from meetcoord.adapters.sql.storage import SqlStorage
from tests.builders import agency


async def commit_for_ever(url: str) -> None:
    async with SqlStorage.open(url) as storage:
        for number in count():
            id_ = f"agency-{number}"
            async with storage.transaction() as tx:
                await tx.agencies.add(agency(id_))
                await tx.log.promise(id_, b"leaf")
            print(id_, flush=True)


if __name__ == "__main__":
    asyncio.run(commit_for_ever(sys.argv[1]))
