"""A meeting proposed and read over HTTP, beside a bare Litestar handler doing one SQLite statement."""

from datetime import timedelta
from pathlib import Path

from bench.results import Row
from bench.rounds import Effort
from bench.serving import Asked, Pair, both
from bench.stage import Stage, build, proposal
from meetcoord.adapters import system

JOB = "api"
CONNECTIONS = 16


async def measure(effort: Effort, folder: Path) -> list[Row]:
    stage = await build(folder)
    async with both(stage.settings_file, folder) as services:
        with services.pair(1) as pair:
            rows = [await asked.rate(effort, pair) for asked in _asked(stage, pair)]
        with services.pair(CONNECTIONS) as pair:
            for asked in _asked(stage, pair):
                rows += [await asked.rate(effort, pair), await asked.cost(effort, pair)]
    return sorted(rows, key=lambda each: each.what.partition(",")[0])


def _asked(stage: Stage, pair: Pair) -> tuple[Asked, Asked]:
    ours, bare, key = pair.ours, pair.bare, stage.api_key
    body = proposal(system.now() + timedelta(days=7))
    create = ours.request("POST", "/v1/meetings", body, key), bare.request("POST", "/v1/meetings", body)
    read = (
        ours.request("GET", f"/v1/meetings/{stage.meeting}", key=key),
        bare.request("GET", "/v1/meetings/1"),
    )
    return (
        Asked(JOB, "meeting created", "Litestar + 1 durable INSERT", lambda: create[0], lambda: create[1]),
        Asked(JOB, "meeting read", "Litestar + 1 SELECT", lambda: read[0], lambda: read[1]),
    )
