"""A proof from stored hashes: how its time grows with the log."""

import random
from pathlib import Path

from bench.logs import fill, new_database, new_signer
from bench.results import Row, row, wanted_per_second
from bench.rounds import Effort, Measure, Timed, awaited, interleaved
from meetcoord.adapters.sql.storage import SqlStorage
from meetcoord.usecases.fetch_sealed import prove

SMALL = 1_000
WANTED = 1_000
"""Proofs per second of CPU: at most a millisecond for each."""


async def measure(effort: Effort, folder: Path) -> list[Row]:
    small, large = new_database(folder / "small.db"), new_database(folder / "large.db")
    async with SqlStorage.open(small) as few, SqlStorage.open(large) as many:
        await fill(few, SMALL, new_signer())
        await fill(many, effort.large_log, new_signer())
        figures = await interleaved(effort, _proving(many, effort.large_log), _proving(few, SMALL))
    what, against = f"proof in a log of {effort.large_log:,}", f"the same in one of {SMALL:,}"
    growth = row("proofs", what, against, figures, Measure.COST, goal=2.2)
    return [growth, wanted_per_second(row("proofs", f"{what}, CPU", against, figures, Measure.COST), WANTED)]


def _proving(storage: SqlStorage, size: int) -> Timed:
    chance = random.Random(size)

    async def proven() -> None:
        index = chance.randrange(size)
        async with storage.snapshot() as tx:
            checkpoint = await tx.log.checkpoint_covering(index)
            if checkpoint is None:
                raise LookupError("the log has no checkpoint")
            await prove(tx, checkpoint, [await tx.log.leaf(index)])

    return awaited(proven)
