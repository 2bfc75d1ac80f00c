"""The disk fails, or the service is killed, at single writes of sealing, appending, signing: nothing said is lost."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.stories.power_cut import TRACED, calls, cut_behind, everything_lost
from tests.stories.said import everything_said_is_there

WRITING = ("pwrite64", "fdatasync", "fsync", "ftruncate", "unlink")
SAMPLE = 1000 if os.environ.get("EVERY_WRITE") else 3
"""Places tried of those of one call, among them the first and the last; the same ones each time."""

CUTS = 1000 if os.environ.get("EVERY_WRITE") else 10
DEEDS = 12

Point = tuple[str, int]
Ending = tuple[Path, Point, "subprocess.CompletedProcess[str]"]


def play(folder: Path, *strace: str, traced: str = ",".join(WRITING)) -> "subprocess.CompletedProcess[str]":
    # With a filter in the kernel strace is quicker, but its version 6.1 then forgets to send the signal.
    quicker = [] if any("signal=" in word for word in strace) else ["--seccomp-bpf"]
    words = [sys.executable, "-B", "-m", "tests.stories.sealing", str(folder)]
    return subprocess.run(
        ["strace", "-f", *quicker, "-o", str(folder / "trace"), "-e", f"trace={traced}", *strace, *words],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def points(trace: Path) -> Iterator[Point]:
    """Where to let something happen. strace counts the calls of each thread for itself."""
    lines = [line.split(maxsplit=1) for line in trace.read_text(encoding="utf-8").splitlines()]
    for call in WRITING:
        threads = [thread for thread, said in lines if said.startswith(f"{call}(")]
        most = max(map(threads.count, set(threads)), default=0)
        places = range(2, most)
        chosen = random.Random(call).sample(places, min(SAMPLE - 2, len(places)))
        yield from ((call, n) for n in sorted({1, *chosen, most}) if 0 < n <= most)


def copy(stage: Path, name: str) -> Path:
    return shutil.copytree(stage, stage.with_name(name))


def all_endings(stage: Path, misfortune: str, places: Sequence[Point]) -> list[Ending]:
    def ending(point: Point) -> Ending:
        call, n = point
        folder = copy(stage, f"{call}-{n}")
        return folder, point, play(folder, "-e", f"inject={call}:{misfortune}:when={n}")

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(ending, places))


@pytest.mark.needs("strace")
@pytest.mark.parametrize("misfortune", ["signal=KILL", "error=EIO"])
async def test_nothing_said_is_lost_when_a_write_is_the_last_or_fails(stage: Path, misfortune: str) -> None:
    whole = copy(stage, "whole")
    undisturbed = play(whole)
    assert (undisturbed.returncode, undisturbed.stdout.count("\n")) == (0, DEEDS), undisturbed
    await everything_said_is_there(whole, undisturbed.stdout)
    places = list(points(whole / "trace"))
    assert len(places) >= 8
    disturbed = 0
    for folder, point, done in all_endings(stage, misfortune, places):
        await everything_said_is_there(folder, done.stdout)
        assert "Traceback" not in done.stderr, (point, done.stderr)
        assert done.returncode in ({0, 2} if misfortune == "error=EIO" else {0, -9, 137}), (point, done)
        disturbed += done.returncode != 0 or "unavailable" in done.stdout
    # A run may make one or two calls fewer than the one whose calls were counted.
    assert disturbed >= (3 if misfortune == "error=EIO" else len(places) - 2)


@pytest.mark.needs("strace")
async def test_nothing_said_is_lost_when_the_power_is_cut(stage: Path) -> None:
    before = copy(stage, "before")
    done = play(stage, "-y", "-xx", "-s", "1000000", traced=TRACED)
    assert done.returncode == 0, done
    happened = list(calls(stage / "trace"))
    lasting = cut_behind(happened, before, everything_lost)
    assert lasting[1] == done.stdout
    chance = random.Random("power cut")
    cuts = range(1, len(happened) + 1)
    for cut in sorted(chance.sample(cuts, min(CUTS, len(cuts)))):
        for lost in (everything_lost, chance.random):
            files, told = cut_behind(happened[:cut], before, lost)
            folder = copy(before, f"{cut}-{lost.__name__}")
            for name, content in files.items():
                (folder / name).write_bytes(content)
            await everything_said_is_there(folder, told)
