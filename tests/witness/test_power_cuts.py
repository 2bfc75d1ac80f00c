"""The memory of a witness, killed or failed by the disk at each single write: what it acknowledged, it knows."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from meetcoord.adapters.witness.store import opened
from meetcoord.domain.witnessing import Cosigned
from tests.log.builders import ORIGIN, log_of

PROGRAM = """
import asyncio, sys
from pathlib import Path
from meetcoord.adapters.witness.store import opened
from meetcoord.domain.witnessing import Cosigned

async def grow(store):
    await store.replace(await store.latest(sys.argv[2]), Cosigned(sys.argv[3], 1_800_000_060))
    print("kept", flush=True)

with opened(Path(sys.argv[1])) as store:
    asyncio.run(grow(store))
"""
WRITING = ("pwrite64", "fdatasync", "fsync", "unlink", "ftruncate")
LOG = log_of(9)
BEFORE, AFTER = Cosigned(LOG.checkpoint(4), 1_800_000_000), Cosigned(LOG.checkpoint(9), 1_800_000_060)


def grow(file: Path, *strace: str) -> "subprocess.CompletedProcess[str]":
    # With a filter in the kernel strace is quicker, but its version 6.1 then forgets to send the signal.
    quicker = [] if any("signal=" in word for word in strace) else ["--seccomp-bpf"]
    words = [sys.executable, "-B", "-c", PROGRAM, str(file), ORIGIN, AFTER.note]
    return subprocess.run(
        ["strace", "-f", *quicker, "-o", f"{file}.trace", "-e", f"trace={','.join(WRITING)}", *strace, *words],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def killed(done: "subprocess.CompletedProcess[str]") -> bool:
    """By the signal, which strace hands on to itself."""
    return done.returncode in {-signal.SIGKILL, 128 + signal.SIGKILL}


def writes(trace: Path) -> Iterator[tuple[str, int]]:
    """Each call that was traced, with its place among those of its name."""
    text = trace.read_text(encoding="utf-8")
    return ((call, n) for call in WRITING for n in range(1, text.count(f" {call}(") + 1))


def copy(of: Path, name: str) -> Path:
    mine = of.with_name(name)
    shutil.copy(of, mine)
    return mine


@pytest.fixture
async def made(tmp_path: Path) -> Path:
    file = tmp_path / "witness.db"
    with opened(file) as store:
        await store.replace(None, BEFORE)
    return file


@pytest.mark.needs("strace")
@pytest.mark.parametrize("misfortune", ["signal=KILL", "error=EIO"])
async def test_at_every_write_the_memory_is_whole_and_what_was_acknowledged_is_there(
    made: Path, misfortune: str
) -> None:
    whole = copy(made, "whole.db")
    assert grow(whole).stdout == "kept\n"
    points = list(writes(Path(f"{whole}.trace")))
    assert len(points) >= 6
    found = []
    for call, n in points:
        file = copy(made, f"{call}-{n}.db")
        done = grow(file, "-e", f"inject={call}:{misfortune}:when={n}")
        with opened(file) as store:
            latest = await store.latest(ORIGIN)
        assert latest in {BEFORE, AFTER}, (call, n)
        assert latest == AFTER or "kept" not in done.stdout, (call, n)
        assert done.returncode != 0 or latest == AFTER, (call, n)
        assert killed(done) == (misfortune == "signal=KILL"), (call, n, done)
        found.append(latest)
    assert BEFORE in found
