"""A sentence that is typed, circulated and sealed, and looked for in all that the served process leaves behind.

What is searched are files: the memory of the living process is not. It held the text, and Python does not say when the
freed pages are written over; that a crash does not put this memory on a disk is what the second half shows.
"""

import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from meetcoord.demo.cast import CITY, HEALTH_AGENCY
from meetcoord.demo.stage import Stage, build
from tests.refusals.traces import spellings, traces
from tests.stories.served_minutes import Served, as_large_a_core_as_may_be, keys_of, serving
from tests.witness.test_processes import answering, begun, new_folder, stopped

TYPED = "Le barrage de Montcel cède à quatre heures du matin"
CIRCULATED = "La digue nord sera ouverte avant le lever du jour"
COMMENT = "Nous ne voulons pas que la cote soit nommée"
SECRETS = {"typed": TYPED, "circulated": CIRCULATED, "comment": COMMENT}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return build(tmp_path / "stage", 0)


def kept(stage: Stage) -> dict[str, bytes]:
    """Every file there is but the agencies' own keys, and each row of the database."""
    own = stage.folder / "identities"
    files = (path for path in stage.folder.rglob("*") if path.is_file() and own not in path.parents)
    found = {str(path.relative_to(stage.folder)): path.read_bytes() for path in files}
    with closing(
        sqlite3.connect(f"file:{stage.folder / 'data' / 'meetcoord.db'}?mode=ro", uri=True)
    ) as reader:
        return {**found, "rows": "\n".join(reader.iterdump()).encode()}


async def backed_up(stage: Stage, name: str) -> Path:
    file = stage.folder / name
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "meetcoord", "--settings", str(stage.settings_file), "backup", str(file),
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert await process.wait() == 0
    return file


async def must_hold_nothing(served: Served, when: str) -> None:
    await backed_up(served.stage, f"{when}.backup")
    found = kept(served.stage)
    assert {"data/meetcoord.db", "data/meetcoord.db-wal", "service.log", f"{when}.backup"} <= found.keys()
    assert traces(SECRETS, found) == [], when


async def test_a_sentence_is_in_no_file_after_typing_circulating_and_sealing(stage: Stage) -> None:
    keys = await keys_of(stage)
    async with serving(stage) as served:
        served.keys.update(keys)
        await served.gather()
        path = await served.settled("sensitive")
        draft = await served.typed(path, f"# Cellule\n\n{TYPED}\n", f"# Cellule\n\n{TYPED} {CIRCULATED}\n")
        await must_hold_nothing(served, "typed")
        fixed = await served.circulated(path, draft)
        wanted = {"content": fixed["content"], "comment": COMMENT}
        await served.of(HEALTH_AGENCY).post(f"{path}/0/change-requests", wanted, status=200)
        assert COMMENT in str(await served.of(CITY).get(f"{path}/0")), "it is there for those who may read it"
        await must_hold_nothing(served, "circulated")
        sealed = await served.approved(path, fixed)
        assert sealed["state"] == "sealed"
        await must_hold_nothing(served, "sealed")
    assert traces(SECRETS, kept(stage)) == [], "nor once it has stopped"


def test_the_search_finds_the_sentence_in_every_spelling() -> None:
    for name, secret in SECRETS.items():
        for spelling in spellings(secret):
            assert traces({name: secret}, {"here": b"x " + spelling + b" y"}) == [(name, "here")]


def soft_limit_of_cores(process: int) -> str:
    lines = Path(f"/proc/{process}/limits").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith("Max core file size")).split()[4]


async def test_a_crash_leaves_no_core_file(stage: Stage) -> None:
    keys = await keys_of(stage)
    async with serving(stage) as served:
        served.keys.update(keys)
        await served.gather()
        await served.typed(await served.settled(), f"# Cellule\n\n{TYPED}\n")
        assert soft_limit_of_cores(served.process.pid) == "0"
        served.process.send_signal(signal.SIGABRT)
        assert await served.process.wait() == -signal.SIGABRT
    assert [path.name for path in stage.folder.rglob("*core*")] == []
    assert traces(SECRETS, kept(stage)) == []


def test_a_witness_leaves_none_either(tmp_path: Path) -> None:
    """Its key is in its memory."""
    folder = new_folder(tmp_path, "city")
    former = resource.getrlimit(resource.RLIMIT_CORE)
    as_large_a_core_as_may_be()
    try:
        witness = answering(folder, begun(folder))
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, former)
    assert soft_limit_of_cores(witness.process.pid) == "0"
    assert stopped(witness)[0] == 0


SILENT = "from meetcoord.bootstrap.core_dumps import leave_no_core; leave_no_core()"


def crashed(folder: Path, words: str) -> tuple[bool, list[str]]:
    """Whether the kernel says that it dumped the memory of this program, and what it left."""
    folder.mkdir()
    program = f"import os, signal\n{words}\nos.kill(os.getpid(), signal.SIGABRT)"
    python = [sys.executable, "-c", program]
    process = subprocess.Popen(python, cwd=folder, preexec_fn=as_large_a_core_as_may_be)  # noqa: PLW1509  no threads
    _, status = os.waitpid(process.pid, 0)
    process.returncode = -os.WTERMSIG(status)
    assert process.returncode == -signal.SIGABRT
    return os.WCOREDUMP(status), [path.name for path in folder.iterdir()]


def files_of_cores_are_written_here() -> bool:
    """Beside the program that crashed, and not by a collector or not at all."""
    pattern = Path("/proc/sys/kernel/core_pattern").read_text(encoding="utf-8")
    return "/" not in pattern and resource.getrlimit(resource.RLIMIT_CORE)[1] != 0


def test_it_is_what_the_service_tells_the_kernel_that_keeps_the_core_from_being_left(tmp_path: Path) -> None:
    assert crashed(tmp_path / "silent", SILENT) == (False, [])
    if files_of_cores_are_written_here():
        dumped, left = crashed(tmp_path / "plain", "")
        assert dumped
        assert left
