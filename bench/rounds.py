"""Interleaved rounds: ours and the bare mechanism take turns, so that a busy machine is unfair to both alike."""

import time
from collections.abc import Awaitable, Callable, Iterable
from enum import Enum
from statistics import median

from msgspec import Struct
from msgspec.structs import replace

Timed = Callable[[int], Awaitable[float]]
"""Does something so many times and returns the seconds it took, all together."""

Clock = Callable[[], float]


class Effort(Struct, frozen=True):
    """How much is measured: `turn` is about how many seconds each side takes in each of the rounds.

    `leaves` and `large_log` are sizes of logs, `people` is how many click at once.
    """

    rounds: int
    turn: float
    leaves: int
    large_log: int
    people: int

    def few(self, rounds: int = 5) -> "Effort":
        """For jobs whose every turn is long."""
        return replace(self, rounds=min(rounds, self.rounds))


QUICK = Effort(rounds=3, turn=0.02, leaves=2_000, large_log=10_000, people=32)
USUAL = Effort(rounds=11, turn=0.05, leaves=20_000, large_log=1_000_000, people=1_000)
FULL = replace(USUAL, leaves=1_000_000)


class Measure(Enum):
    """RATE: how many we do for each one of the bare mechanism's. COST: how many times its time we take."""

    RATE = "rate"
    COST = "cost"


class Figures(Struct, frozen=True):
    """Seconds per operation, round by round."""

    ours: tuple[float, ...]
    bare: tuple[float, ...]

    def ratios(self, measure: Measure) -> tuple[float, ...]:
        pairs = zip(self.ours, self.bare, strict=True)
        return tuple(bare / ours if measure is Measure.RATE else ours / bare for ours, bare in pairs)

    def each(self, count: int) -> "Figures":
        """Of one of the `count` things that every operation does."""
        return Figures(tuple(t / count for t in self.ours), tuple(t / count for t in self.bare))

    def per_second(self) -> tuple[float, float]:
        return 1 / median(self.ours), 1 / median(self.bare)


def repeated(work: Callable[[], object], clock: Clock = time.process_time) -> Timed:
    """By default in seconds of this process's CPU, all threads together."""

    async def timed(count: int) -> float:
        start = clock()
        for _ in range(count):
            work()
        return clock() - start

    return timed


def awaited(work: Callable[[], Awaitable[object]], clock: Clock = time.process_time) -> Timed:
    async def timed(count: int) -> float:
        start = clock()
        for _ in range(count):
            await work()
        return clock() - start

    return timed


async def interleaved(effort: Effort, ours: Timed, bare: Timed, *, multiple: int = 1) -> Figures:
    """The two take turns, the one that begins changing each round; counts are multiples of `multiple`."""
    counts = [await _count(effort.turn, each, multiple) for each in (ours, bare)]
    spent: tuple[list[float], list[float]] = ([], [])
    for side in turns(effort.rounds):
        spent[side].append(await (ours, bare)[side](counts[side]) / counts[side])
    return Figures(tuple(spent[0]), tuple(spent[1]))


def turns(rounds: int) -> Iterable[int]:
    """Whose turn it is: 0 for ours, 1 for what stands beside it; the one that begins changes each round."""
    for number in range(rounds):
        yield from (1, 0) if number % 2 else (0, 1)


async def _count(turn: float, work: Timed, multiple: int) -> int:
    """How often `work` fits into a turn; finding it out warms it up."""
    count = multiple
    while (took := await work(count)) < turn / 4:
        count *= 4
    return max(multiple, round(count * turn / took / multiple) * multiple)
