"""The service as an operator starts it, and two agencies that take minutes over HTTP until they are sealed."""

import asyncio
import os
import resource
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from meetcoord.demo.cast import CITY, HEALTH_AGENCY, Troupe
from meetcoord.demo.clients import Client
from meetcoord.demo.stage import Stage, first_keys, new_identity
from meetcoord.domain.values import Language

SLOTS = [{"start": "2031-03-04T14:00:00Z", "end": "2031-03-04T15:00:00Z"}]


def as_large_a_core_as_may_be() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


@dataclass(slots=True)
class Served:
    """`process` runs in the stage's folder, where its journal and its temporary files are too."""

    stage: Stage
    process: asyncio.subprocess.Process
    http: httpx.AsyncClient
    keys: dict[str, str]
    meetings: list[str] = field(default_factory=list)

    def of(self, troupe: Troupe) -> Client:
        return Client(self.http, self.keys[troupe.id])

    async def gather(self) -> None:
        """Each agency gives the keys that may open: the service gets their public halves."""
        for troupe in (CITY, HEALTH_AGENCY):
            for kind in ("auditor", "archive"):
                key = new_identity(self.stage.folder / "identities" / f"{troupe.id}-{kind}.txt")
                given = {"kind": kind, "key": key, "label": kind}
                await self.of(troupe).post(f"/v1/agencies/{troupe.id}/recipients", given)

    async def settled(self, profile: str = "standard") -> str:
        """Where the minutes of a settled meeting of both are kept."""
        asked = {"title": "Cellule", "slots": SLOTS, "convened": [{"agency": HEALTH_AGENCY.id}],
                 "time_zone": "Europe/Paris", "profile": profile}  # fmt: skip
        meeting = await self.of(CITY).post("/v1/meetings", asked)
        path, slot = f"/v1/meetings/{meeting['id']}", meeting["slots"][0]["id"]
        yes = {"terms": meeting["terms"], "choices": [{"slot": slot, "choice": "yes"}]}
        await self.of(HEALTH_AGENCY).put(f"{path}/answer", yes)
        await self.of(CITY).put(f"{path}/slot", {"slot": slot})
        self.meetings.append(meeting["id"])
        return f"{path}/minutes"

    async def typed(self, path: str, *bodies: str) -> Any:
        """A draft, saved again and again."""
        first, *later = bodies
        draft = await self.of(CITY).post(path, {"body": first})
        for body in later:
            draft = await self.of(CITY).put(f"{path}/0", {"body": body}, version=draft["version"])
        return draft

    async def circulated(self, path: str, draft: Any) -> Any:
        return await self.of(CITY).post(f"{path}/0/circulation", status=200, version=draft["version"])

    async def approved(self, path: str, fixed: Any) -> Any:
        """By each agency whose approval is wanted."""
        said: Any = fixed
        for troupe in (CITY, HEALTH_AGENCY):
            if said["state"] != "sealed":
                yes = {"content": fixed["content"]}
                said = await self.of(troupe).post(f"{path}/0/approvals", yes, status=200)
        return said


@asynccontextmanager
async def serving(stage: Stage) -> AsyncIterator[Served]:
    """The service, which might leave as large a core file as this machine allows."""
    temporary = stage.folder / "tmp"
    temporary.mkdir(exist_ok=True)
    with (stage.folder / "service.log").open("ab") as journal:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "meetcoord", "--settings", str(stage.settings_file.resolve()), "serve",
            stdout=asyncio.subprocess.PIPE, stderr=journal, cwd=stage.folder,
            env=os.environ | {"TMPDIR": str(temporary.resolve()), "SQLITE_TMPDIR": str(temporary.resolve())},
            preexec_fn=as_large_a_core_as_may_be,
        )  # fmt: skip
    try:
        assert process.stdout
        assert b"ready" in await asyncio.wait_for(process.stdout.readline(), 30)
        async with httpx.AsyncClient(base_url=stage.base_url, timeout=30) as http:
            yield Served(stage, process, http, {})
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), 30)


async def keys_of(stage: Stage) -> dict[str, str]:
    return await first_keys(stage, Language.FRENCH)
