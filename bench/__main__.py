"""`python -m bench [job ...]`: run the jobs one after the other, show the table, write it as JSON."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from bench.jobs import JOBS
from bench.machine import commit, this_machine
from bench.results import Report, Row, show, write
from bench.rounds import FULL, QUICK, USUAL, Effort
from meetcoord.bootstrap.serving import new_loop

# Not the system's folder for temporary files: that often lies in memory, where everything is durable at once.
PLACE = Path("build")

WIDTH = 130
"""A table broken into pieces tells nothing; a narrow terminal may scroll."""


@click.command()
@click.argument("jobs", nargs=-1, type=click.Choice(list(JOBS)))
@click.option(
    "--json",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    default="bench-result.json",
    show_default=True,
)
@click.option(
    "--quick",
    "effort",
    flag_value=QUICK,
    type=click.UNPROCESSED,
    help="Smaller logs, few rounds: to see that it works.",
)
@click.option(
    "--full", "effort", flag_value=FULL, type=click.UNPROCESSED, help="Check a log of a million entries."
)
def main(jobs: tuple[str, ...], file: Path, effort: Effort | None) -> None:
    """Measure each job beside the bare mechanism it rests on. Needs nothing but this machine; asserts nothing."""
    machine = this_machine()
    PLACE.mkdir(exist_ok=True)
    with asyncio.Runner(loop_factory=new_loop) as runner:
        rows = runner.run(_measured(jobs or tuple(JOBS), effort or USUAL))
    console = Console(highlight=False)
    console.width = max(console.width, WIDTH)
    show(console, rows)
    date = datetime.now(UTC).isoformat(timespec="seconds")
    options = tuple(sys.argv[1:])
    write(file, Report(commit=commit(), date=date, options=options, machine=machine, rows=tuple(rows)))
    console.print(
        f"Ratios are medians of interleaved rounds; x = times the bare mechanism's time. Written to {file}."
    )


async def _measured(jobs: Sequence[str], effort: Effort) -> list[Row]:
    rows: list[Row] = []
    for name in jobs:
        click.echo(f"{name} ...", err=True)
        with TemporaryDirectory(dir=PLACE, prefix="bench-") as folder:
            rows += await JOBS[name](effort, Path(folder))
    return rows


if __name__ == "__main__":
    main()
