"""The jobs, one file each: what is measured, and what stands beside it."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from bench.jobs import (
    admissions,
    api,
    durable_appends,
    evidence,
    full_check,
    placing,
    proofs,
    room_tokens,
    rush,
    sealing,
)
from bench.results import Row
from bench.rounds import Effort

Job = Callable[[Effort, Path], Awaitable[Sequence[Row]]]
"""Measures in an empty folder of its own."""

JOBS: dict[str, Job] = {
    "room-tokens": room_tokens.measure,
    "sealing": sealing.measure,
    "full-check": full_check.measure,
    "proofs": proofs.measure,
    "evidence": evidence.measure,
    "durable-appends": durable_appends.measure,
    "placing": placing.measure,
    "api": api.measure,
    "admissions": admissions.measure,
    "rush": rush.measure,
}
