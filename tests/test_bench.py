"""The benchmarks still run: each job once, with so little effort that its figures mean nothing."""

from math import isfinite
from pathlib import Path

import pytest
from bench.jobs import JOBS
from bench.rounds import Effort

LEAST = Effort(rounds=1, turn=0.001, leaves=300, large_log=1_100, people=3)


@pytest.mark.anyio
@pytest.mark.parametrize("job", JOBS)
async def test_every_job_measures_us_beside_the_bare_mechanism(job: str, tmp_path: Path) -> None:
    rows = await JOBS[job](LEAST, tmp_path)
    assert rows
    for row in rows:
        assert row.what
        assert row.against
        assert row.ours > 0
        assert row.beside > 0
        assert isfinite(row.ratio)
