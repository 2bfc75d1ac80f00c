"""One kind of request to our service and to the bare one, both running: by the wall's clock and by their own CPU."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from bench.client import Client, Write
from bench.results import Row, row
from bench.rounds import Effort, Measure, Timed, interleaved
from bench.served import child

ROUNDS, LONGER = 5, 6
"""Few rounds and long turns: short ones would be unfair to the service that places leaves once a second."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Clients of our service and of the bare one, with equally many connections."""

    ours: Client
    bare: Client

    @property
    def connections(self) -> int:
        return self.ours.connections


@dataclass(frozen=True, slots=True)
class Addresses:
    ours: str
    bare: str

    @contextmanager
    def pair(self, connections: int) -> Iterator[Pair]:
        with closing(Client(self.ours, connections)) as ours, closing(Client(self.bare, connections)) as bare:
            yield Pair(ours, bare)


@asynccontextmanager
async def both(settings_file: Path, folder: Path) -> AsyncIterator[Addresses]:
    """The two services, running while the block lasts."""
    place = folder / "bare"
    place.mkdir()
    async with child("ours", settings_file) as ours, child("bare", place) as bare:
        yield Addresses(ours, bare)


@dataclass(frozen=True, slots=True)
class Asked:
    """The same question as each of the two services is asked it."""

    job: str
    what: str
    against: str
    ours: Write
    bare: Write

    async def rate(self, effort: Effort, pair: Pair) -> Row:
        figures = await interleaved(
            _longer(effort),
            _by_wall(pair.ours, self.ours),
            _by_wall(pair.bare, self.bare),
            multiple=pair.connections,
        )
        return row(self.job, f"{self.what}, {_named(pair)}", self.against, figures)

    async def cost(self, effort: Effort, pair: Pair, goal: float | None = None) -> Row:
        figures = await interleaved(
            _longer(effort),
            _by_cpu(pair.ours, self.ours),
            _by_cpu(pair.bare, self.bare),
            multiple=pair.connections,
        )
        return row(self.job, f"{self.what}, {_named(pair)}, CPU", self.against, figures, Measure.COST, goal)


def _named(pair: Pair) -> str:
    return f"{pair.connections} client{'s' if pair.connections > 1 else ''}"


def _longer(effort: Effort) -> Effort:
    return replace(effort.few(ROUNDS), turn=LONGER * effort.turn)


def _by_wall(client: Client, write: Write) -> Timed:
    async def timed(count: int) -> float:
        await client.reopen()
        return await client.send(count, write)

    return timed


def _by_cpu(client: Client, write: Write) -> Timed:
    async def timed(count: int) -> float:
        await client.reopen()
        before = await client.cpu()
        await client.send(count, write)
        return await client.cpu() - before

    return timed
