"""Three agencies' witnesses as real processes: rollback, fork, split view, lost reply, race, and a clean stop."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from meetcoord.adapters.sealing.cosignatures import Ed25519CosignatureVerifier
from meetcoord.adapters.witness.client import HttpWitness, client
from meetcoord.bootstrap.witness import WitnessFolder
from meetcoord.domain.checkpoints import parse_checkpoint, parse_note
from meetcoord.domain.cosignatures import Cosignature
from meetcoord.domain.errors import Damaged, Forked, Invalid, OtherSize, Unavailable
from meetcoord.domain.quorum import Policy, assert_one_history, parse_policy
from meetcoord.domain.witnessing import AddCheckpoint
from tests.log.builders import SmallLog
from tests.witness.histories import add, forked, named, proof

pytestmark = pytest.mark.xdist_group("witnesses")  # three processes, to which every story is told

AGENCIES = ("city", "health", "prefecture")
STORIES = ("rollback", "fork", "split", "lost", "race", "killed")
LOGS = {story: named(40, f"log.example.org/{story}") for story in STORIES}
"""Each story has a log of its own, so that all can be told to the same three processes."""

KEYS = [each.signer.vkey for each in LOGS.values()]

COSIGNED = Ed25519CosignatureVerifier()
PATIENCE = 30.0


@dataclass(slots=True)
class Running:
    """One agency's witness, in a process of its own."""

    folder: Path
    vkey: str
    process: "subprocess.Popen[str]"
    url: str


def begun(
    folder: Path,
    listen: str = "127.0.0.1:0",
    logs: Sequence[str] = KEYS,
) -> "subprocess.Popen[str]":
    keys = [word for vkey in logs for word in ("--log", vkey)]
    words = [
        sys.executable,
        "-m",
        "meetcoord",
        "witness",
        "serve",
        str(folder),
        *keys,
        "--listen",
        listen,
        "--json",
    ]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def answering(folder: Path, process: "subprocess.Popen[str]") -> Running:
    """The witness, once it has said where it is."""
    assert process.stdout
    said = ""
    while not said.endswith("}\n"):
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        said += line
    vkey = (folder / "witness.vkey").read_text(encoding="utf-8").strip()
    return Running(folder, vkey, process, json.loads(said)["address"])


def new_folder(parent: Path, agency: str) -> Path:
    WitnessFolder(parent / agency).create(f"{agency}.example.org/w1")
    return parent / agency


def stopped(running: Running, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
    running.process.send_signal(how)
    _, err = running.process.communicate(timeout=30)
    return running.process.returncode, err


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, ...]]:
    parent = tmp_path_factory.mktemp("witnesses")
    folders = [new_folder(parent, agency) for agency in AGENCIES]
    processes = [begun(folder) for folder in folders]
    try:
        yield tuple(answering(folder, process) for folder, process in zip(folders, processes, strict=True))
    finally:
        for process in processes:
            process.terminate()
            process.communicate(timeout=30)


@pytest.fixture
async def doors(three: tuple[Running, ...]) -> AsyncIterator[tuple[HttpWitness, ...]]:
    async with client() as http:
        yield tuple(HttpWitness(http, each.url, each.vkey, COSIGNED, PATIENCE) for each in three)


async def all_cosign(doors: Sequence[HttpWitness], log: SmallLog, old: int, size: int) -> list[Cosignature]:
    return list(await asyncio.gather(*(add(door, log, old, size) for door in doors)))


async def sizes(doors: Sequence[HttpWitness], log: SmallLog) -> list[int]:
    notes = [await door.latest(log.signer.name) for door in doors]
    return [parse_checkpoint(parse_note(note).text).size if note else 0 for note in notes]


async def until_it_holds(door: HttpWitness, log: SmallLog, size: int) -> int:
    """Ask until it holds at least this size; returns what it holds."""
    while (held := (await sizes([door], log))[0]) < size:
        pass
    return held


def policy_of(doors: Sequence[HttpWitness]) -> Policy:
    lines = [f"witness {name} {door.vkey}\n" for name, door in zip(AGENCIES, doors, strict=True)]
    policy = parse_policy(
        "".join([*lines, f"group agencies all {' '.join(AGENCIES)}\n", "quorum agencies\n"])
    )
    assert_one_history(policy, own={"city"})
    return policy


def who_cosigned(policy: Policy, note: str) -> set[str]:
    found = set()
    for witness in policy.witnesses:
        try:
            COSIGNED.verify(note, witness.key.encode())
        except Damaged:
            continue
        found.add(witness.name)
    return found


async def test_a_service_restored_from_an_old_backup_learns_that_it_is_behind(
    doors: tuple[HttpWitness, ...],
) -> None:
    log = LOGS["rollback"]
    await all_cosign(doors, log, 0, 30)
    for door in doors:
        with pytest.raises(OtherSize) as told:
            await add(door, log, 0, 20)
        assert told.value.size == 30
        with pytest.raises(Invalid):
            await door.add_checkpoint(30, [], log.checkpoint(20))
    assert await sizes(doors, log) == [30, 30, 30]


async def test_a_fork_finds_no_witness_and_both_notes_prove_it(doors: tuple[HttpWitness, ...]) -> None:
    log = LOGS["fork"]
    other = forked(log, 12)
    await all_cosign(doors, log, 0, 25)
    for door in doors:
        with pytest.raises(Forked):
            await add(door, other, 25, 25)
        with pytest.raises(Damaged):
            await add(door, other, 25, 40)
        kept = await door.latest(log.signer.name)
        assert kept
        assert kept.startswith(log.checkpoint(25))
        assert parse_checkpoint(parse_note(kept).text).root != other.root(25)
    await all_cosign(doors, log, 25, 40)


async def test_a_view_split_between_agencies_reaches_no_quorum(doors: tuple[HttpWitness, ...]) -> None:
    log = LOGS["split"]
    other = forked(log, 10)
    policy = policy_of(doors)
    await all_cosign(doors, log, 0, 10)
    shown = [(await add(door, log, 10, 20)).line for door in doors[:2]]
    hidden = (await add(doors[2], other, 10, 20)).line
    for door, history in ((doors[2], log), (doors[0], other)):
        with pytest.raises(Forked):
            await add(door, history, 20, 20)
    for note in (log.checkpoint(20) + "".join(shown), other.checkpoint(20) + hidden):
        assert not policy.met_by(who_cosigned(policy, note))
    assert who_cosigned(policy, log.checkpoint(20) + "".join(shown)) == {"city", "health"}
    assert who_cosigned(policy, log.checkpoint(20) + "".join(shown) + hidden) == {"city", "health"}


async def test_after_a_lost_reply_the_same_checkpoint_is_cosigned(doors: tuple[HttpWitness, ...]) -> None:
    log, door = LOGS["lost"], doors[1]
    await add(door, log, 0, 5)
    await ask_and_never_listen(door.url, AddCheckpoint(5, tuple(proof(log, 5, 9)), log.checkpoint(9)))
    await until_it_holds(door, log, 9)
    with pytest.raises(OtherSize) as told:
        await add(door, log, 5, 9)
    cosignature = await add(door, log, told.value.size, 9)
    assert COSIGNED.verify(log.checkpoint(9) + cosignature.line, door.vkey) == cosignature


async def ask_and_never_listen(url: str, asked: AddCheckpoint) -> None:
    place, body = urlsplit(url), asked.encode().encode()
    _, out = await asyncio.open_connection(place.hostname, place.port)
    head = f"POST /add-checkpoint HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: {len(body)}\r\n\r\n"
    out.write(head.encode() + body)
    await out.drain()
    out.close()


async def test_in_a_race_each_witness_only_grows(doors: tuple[HttpWitness, ...]) -> None:
    log = LOGS["race"]
    await all_cosign(doors, log, 0, 6)
    seen = await asyncio.gather(*(hurry(door, log, size) for size in (9, 33, 7, 40, 20) for door in doors))
    for each in seen:
        assert each == sorted(each)
    assert await sizes(doors, log) == [40, 40, 40]


async def hurry(door: HttpWitness, log: SmallLog, size: int) -> list[int]:
    """Ask for this size until it is cosigned or too late; returns what the witness held each time."""
    held = [6]
    while held[-1] < size:
        try:
            await add(door, log, held[-1], size)
        except OtherSize as told:
            held.append(told.size)
        else:
            held += [size, *await sizes([door], log)]
    return held


async def test_a_witness_killed_at_any_moment_forgets_nothing_it_signed(tmp_path: Path) -> None:
    folder, log = new_folder(tmp_path, "rescue"), LOGS["killed"]
    running = answering(folder, begun(folder))
    async with client() as http:
        door = HttpWitness(http, running.url, running.vkey, COSIGNED, PATIENCE)
        growing = asyncio.create_task(grow(door, log))
        answered = await until_it_holds(door, log, 10)
        stopped(running, signal.SIGKILL)
        with pytest.raises(Unavailable):
            await growing
        running = answering(folder, begun(folder, running.url.removeprefix("http://")))
        try:
            (held,) = await sizes([door], log)
            assert held >= answered
            await add(door, log, held, held)
            with pytest.raises(Forked):
                await add(door, forked(log, 3), held, held)
        finally:
            code, err = stopped(running)
    assert (code, [line for line in err.splitlines() if "cosigned" in line]) == (0, [])


async def grow(door: HttpWitness, log: SmallLog) -> None:
    for size in range(1, log.size + 1):
        await add(door, log, size - 1, size)
    while True:
        await add(door, log, log.size, log.size)


def test_two_processes_do_not_serve_one_folder(three: tuple[Running, ...]) -> None:
    words = [sys.executable, "-m", "meetcoord", "witness", "serve", str(three[0].folder)]
    second = subprocess.run(
        [*words, "--log", LOGS["race"].signer.vkey, "--listen", "127.0.0.1:0"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert second.returncode == 2
    assert "in use by another meetcoord process" in second.stderr
    assert len(second.stderr.splitlines()) == 1
