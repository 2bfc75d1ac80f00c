"""A served log of more than one tile, cosigned by three witnesses that keep what they were asked."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from meetcoord.adapters import system
from meetcoord.adapters.witness.server import WitnessParts, create_app
from meetcoord.bootstrap import Keyring
from meetcoord.demo.cast import CITY, SCOPES, TROUPES
from meetcoord.demo.clients import Client
from meetcoord.demo.stage import Stage, build
from meetcoord.demo.watch import POLICY
from meetcoord.domain.cosignatures import Cosignature
from meetcoord.domain.witnessing import AddCheckpoint
from tests.fake_witness import FakeWitness, Hands, new_cosigner, origin_of
from tests.stories.served_minutes import Served, keys_of, serving
from tests.witness.loopback import Network, answering

PERSONS = 270
"""So many entries that the log has a full tile, and one above it."""


@dataclass(slots=True)
class Hearing:
    """A witness that keeps what it was asked."""

    name: str
    behind: FakeWitness
    asked: list[AddCheckpoint] = field(default_factory=list)

    async def add_checkpoint(self, old: int, proof: Sequence[bytes], note: str) -> Cosignature:
        self.asked.append(AddCheckpoint(old, tuple(proof), note))
        return await self.behind.add_checkpoint(old, proof, note)

    async def latest(self, origin: str) -> str | None:
        return await self.behind.latest(origin)


@dataclass(frozen=True, slots=True)
class Left:
    """What a story left for others to check. `fetched`: the same files as in `exported`, taken from the public URLs."""

    exported: Path
    fetched: Path
    evidence: Path
    log_key: str
    witnesses: tuple[Hearing, ...]

    @property
    def note(self) -> str:
        return (self.exported / "checkpoint").read_text(encoding="utf-8")

    @property
    def witness_keys(self) -> list[str]:
        return [each.behind.vkey for each in self.witnesses]


@asynccontextmanager
async def watched(stage: Stage, log_key: str) -> AsyncIterator[tuple[Hearing, ...]]:
    """The policy of the stage names these three; both that are not the operator's have to cosign."""
    found, lines = [], []
    async with AsyncExitStack() as stack:
        for troupe in TROUPES:
            cosigner = new_cosigner(f"{troupe.id}.example.org/w1")
            hearing = Hearing(troupe.id, FakeWitness((log_key,), cosigner, clock=Hands(system.now())))
            network = Network(None)
            url = await stack.enter_async_context(answering(network))
            network.app = create_app(WitnessParts(hearing, (origin_of(log_key),), url))
            lines.append(f"witness {troupe.id} {cosigner.vkey} {url}\n")
            found.append(hearing)
        others = " ".join(troupe.id for troupe in TROUPES if troupe is not CITY)
        policy = "".join([*lines, f"group others all {others}\n", "quorum others\n"])
        (stage.folder / POLICY).write_text(policy, encoding="utf-8")
        yield tuple(found)


async def told(folder: Path) -> Left:
    """Minutes are sealed, many persons registered, and everything is cosigned and exported."""
    stage = build(folder / "stage", 0)
    log_key = Keyring.read(stage.settings.keys_directory, stage.settings.log_origin).signer.vkey
    keys = await keys_of(stage)
    async with watched(stage, log_key) as witnesses, serving(stage) as served:
        served.keys.update(keys)
        await served.gather()
        await cosigned(served.http, 1)
        path = await served.settled()
        sealed = await served.approved(
            path, await served.circulated(path, await served.typed(path, "# Point\n"))
        )
        await cosigned(served.http, sealed["leaf"] + 1)
        for number in range(PERSONS):
            await served.of(CITY).post("/v1/persons", person(number))
        await cosigned(served.http, sealed["leaf"] + 1 + PERSONS)
        evidence = folder / "evidence.zip"
        evidence.write_bytes(await (await auditor(served)).fetch(f"{path}/0/evidence"))
        size = await cosigned(served.http, sealed["leaf"] + 1 + PERSONS + 1)
        await exported(stage, folder / "export")
        await fetched(served.http, folder / "export", folder / "fetched")
        assert size > PERSONS
    return Left(folder / "export", folder / "fetched", evidence, log_key, witnesses)


def person(number: int, *roles: str) -> dict[str, object]:
    address = f"p{number}@city.example.org"
    return {"name": f"Person {number}", "address": address, "function": "On call", "roles": list(roles)}


async def auditor(served: Served) -> Client:
    city = served.of(CITY)
    somebody = await city.post("/v1/persons", person(PERSONS, "auditor"))
    asked = {"person": somebody["id"], "scopes": list(SCOPES["auditor"]), "label": "audit", "days": 1}
    return Client(served.http, (await city.post("/v1/api-keys", asked))["secret"])


async def cosigned(http: httpx.AsyncClient, size: int) -> int:
    """The size of the checkpoint that meets the quorum, once it is at least this."""
    async with asyncio.timeout(30):
        while True:
            lines = (await http.get("/log/cosigned-checkpoint")).text.split("\n")
            if len(lines) > 2 and lines[1].isdigit() and int(lines[1]) >= size:
                return int(lines[1])
            await asyncio.sleep(0.05)


async def exported(stage: Stage, folder: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "meetcoord", "--settings", str(stage.settings_file), "log", "export", str(folder),
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert await process.wait() == 0


def names_in(folder: Path) -> list[Path]:
    return [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]


async def fetched(http: httpx.AsyncClient, names: Path, into: Path) -> None:
    for name in names_in(names):
        answer = await http.get(f"/log/{name.as_posix()}")
        assert answer.status_code == 200, name
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        (into / name).write_bytes(answer.content)
