"""The service is killed without warning while people work: nothing that was answered is lost."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.bootstrap import Keyring, storage_of
from meetcoord.demo.cast import CITY, HEALTH_AGENCY
from meetcoord.demo.stage import Stage, build, first_keys, new_identity
from meetcoord.domain.minutes import MinutesState
from meetcoord.domain.values import Language, MeetingId, PersonId
from meetcoord.usecases.check_log import CheckLog

SLOTS = [{"start": "2031-03-04T14:00:00Z", "end": "2031-03-04T15:00:00Z"}]


@asynccontextmanager
async def serving(stage: Stage) -> AsyncIterator[asyncio.subprocess.Process]:
    """The service as an operator starts it, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "meetcoord", "--settings", str(stage.settings_file), "serve",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert process.stdout
        assert b"ready" in await asyncio.wait_for(process.stdout.readline(), 30)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def work_until_it_dies(http: httpx.AsyncClient, worker: str, done: dict[str, list[str]]) -> None:
    """Register persons and take meetings all the way to sealed minutes, writing down only what was answered."""
    number = 0
    while True:
        number += 1
        try:
            await one_round(http, f"{worker}{number}", done)
        except httpx.TransportError:
            return


async def one_round(http: httpx.AsyncClient, name: str, done: dict[str, list[str]]) -> None:
    person = await http.post(
        "/v1/persons",
        json={
            "name": f"Astreinte {name}",
            "function": "Astreinte",
            "address": f"astreinte-{name}@city.example.org",
        },
    )
    done["persons"].append(person.json()["id"])
    meeting = await http.post(
        "/v1/meetings",
        json={
            "title": "Point",
            "slots": SLOTS,
            "convened": [{"agency": HEALTH_AGENCY.id, "required": False}],
            "time_zone": "Europe/Paris",
        },
    )
    seen = meeting.json()
    done["meetings"].append(seen["id"])
    path = f"/v1/meetings/{seen['id']}"
    settled = await http.put(f"{path}/slot", json={"slot": seen["slots"][0]["id"]})
    assert settled.status_code == 200, settled.text
    draft = (await http.post(f"{path}/minutes", json={"body": "Décidé."})).json()
    fixed = (
        await http.post(f"{path}/minutes/0/circulation", headers={"If-Match": f'"{draft["version"]}"'})
    ).json()
    sealed = await http.post(f"{path}/minutes/0/approvals", json={"content": fixed["content"]})
    assert sealed.status_code == 200, sealed.text
    done["sealed"].append(seen["id"])


@pytest.mark.parametrize("answered", [1, 7, 20])
async def test_nothing_that_was_answered_is_lost_when_the_service_is_killed(
    tmp_path: Path, answered: int
) -> None:
    stage = build(tmp_path / "demo-out", 0)
    keys = await first_keys(stage, Language.FRENCH)
    done: dict[str, list[str]] = {"persons": [], "meetings": [], "sealed": []}
    async with serving(stage) as process, httpx.AsyncClient(base_url=stage.base_url, timeout=30) as http:
        for troupe in (CITY, HEALTH_AGENCY):
            http.headers["Authorization"] = f"Bearer {keys[troupe.id]}"
            for kind in ("auditor", "archive"):
                key = new_identity(tmp_path / f"{troupe.id}-{kind}.txt")
                added = await http.post(
                    f"/v1/agencies/{troupe.id}/recipients", json={"kind": kind, "key": key, "label": kind}
                )
                assert added.status_code == 201, added.text
        http.headers["Authorization"] = f"Bearer {keys[CITY.id]}"
        workers = [asyncio.create_task(work_until_it_dies(http, worker, done)) for worker in "ab"]
        while len(done["meetings"]) < answered:
            finished, _ = await asyncio.wait(workers, timeout=0.01)
            assert not finished, await asyncio.gather(*finished)
        process.send_signal(signal.SIGKILL)
        await asyncio.gather(*workers)
    await everything_answered_is_there(stage, done)


async def everything_answered_is_there(stage: Stage, done: dict[str, list[str]]) -> None:
    vkey = Keyring.read(stage.settings.keys_directory, stage.settings.log_origin).signer.vkey
    async with storage_of(stage.settings) as storage:
        async with storage.snapshot() as tx:
            found = await tx.persons.several([PersonId(p) for p in done["persons"]])
            assert {p.id for p in found} == set(done["persons"])
            for meeting in done["meetings"]:
                assert (await tx.meetings.get(MeetingId(meeting))).id == meeting
            for meeting in done["sealed"]:
                assert (await tx.minutes.get(MeetingId(meeting), 0)).state is MinutesState.SEALED
        report = await CheckLog(storage, Ed25519Verifier(), vkey)()
    assert report.damages == ()
    async with serving(stage), httpx.AsyncClient(base_url=stage.base_url, timeout=30) as http:
        assert (await http.get("/readyz")).status_code == 200
