"""What was seen: a table to read, and JSON to compare with."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from statistics import median

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from bench.machine import Machine
from bench.rounds import Figures, Measure


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table. `ours` and `beside` are per second, `goal` is empty where none was set."""

    job: str
    what: str
    against: str
    ours: float
    beside: float
    measure: Measure
    ratio: float
    lowest: float
    highest: float
    goal: str
    met: bool | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    commit: str
    date: str
    options: tuple[str, ...]
    machine: Machine
    rows: tuple[Row, ...]


def row(
    job: str,
    what: str,
    against: str,
    figures: Figures,
    measure: Measure = Measure.RATE,
    goal: float | None = None,
) -> Row:
    """`goal` is the least ratio wanted of a rate, the greatest of a cost."""
    ratios, (ours, beside) = figures.ratios(measure), figures.per_second()
    ratio, at_least = median(ratios), measure is Measure.RATE
    return Row(
        job=job,
        what=what,
        against=against,
        ours=ours,
        beside=beside,
        measure=measure,
        ratio=ratio,
        lowest=min(ratios),
        highest=max(ratios),
        goal="" if goal is None else f"{'≥' if at_least else '≤'} {goal:g}",
        met=None if goal is None else (ratio >= goal if at_least else ratio <= goal),
    )


def wanted_per_second(seen: Row, least: float) -> Row:
    """The same row with a goal in figures of its own instead of one for the ratio."""
    return msgspec.structs.replace(seen, goal=f"≥ {least:,.0f}/s", met=seen.ours >= least)


def show(console: Console, rows: Sequence[Row]) -> None:
    """A section for each job; `x` marks a cost, how many times the bare mechanism's time ours takes."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("measured", "beside it"):
        table.add_column(heading, no_wrap=True)
    for heading in ("ours /s", "bare /s", "ratio", "spread", "goal"):
        table.add_column(heading, justify="right", no_wrap=True)
    for job, of_job in groupby(rows, key=lambda each: each.job):
        table.add_row(f"[bold]{job}[/]")
        for each in of_job:
            table.add_row(*_cells(each))
    console.print(table)


def _cells(seen: Row) -> tuple[str, ...]:
    colour = {None: "default", True: "green", False: "red"}[seen.met]
    sign = "" if seen.measure is Measure.RATE else "x"
    return (
        f"  {seen.what}",
        seen.against,
        _figure(seen.ours),
        _figure(seen.beside),
        f"[{colour}]{seen.ratio:.2f}{sign}[/]",
        f"{seen.lowest:.2f}-{seen.highest:.2f}",
        seen.goal,
    )


def _figure(number: float) -> str:
    if number >= 100_000:
        return f"{number / 1e6:.2f} M"
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}"


def write(path: Path, report: Report) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
