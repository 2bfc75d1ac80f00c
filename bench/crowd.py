"""People who click at once: how long each waits for her look and her admission, here and at a bare service."""

from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from statistics import mean, quantiles

from msgspec import Struct

from bench.client import Client
from bench.rounds import Figures, turns

_presses = count()


class Walk(Struct, frozen=True):
    """Seconds per person: of the wall's clock, of the service's CPU, and what 99 of 100 people wait at most."""

    wall: float
    cpu: float
    p99: float


Walked = Callable[[], Awaitable[Walk]]


class Walks(Struct, frozen=True):
    """Round by round."""

    ours: Sequence[Walk]
    beside: Sequence[Walk]

    def figures(self, of: Callable[[Walk], float]) -> Figures:
        return Figures(tuple(map(of, self.ours)), tuple(map(of, self.beside)))


def clicks(client: Client, token: str) -> Sequence[bytes]:
    """The two requests of one person: what her link opens, and her admission, under a new press of the button."""
    pressed = {"token": token, "click": f"press-{next(_presses):08}"}
    return client.request("POST", "/j/look", {"token": token}), client.request(
        "POST", "/j/admission", pressed
    )


async def walk(client: Client, tokens: Sequence[str]) -> Walk:
    await client.reopen()
    people = [clicks(client, token) for token in tokens]
    before = await client.cpu()
    wall, took = await client.walk(people)
    spent = await client.cpu() - before
    return Walk(
        wall / len(took), spent / len(took), quantiles(took, n=100)[-1] if len(took) > 1 else mean(took)
    )


async def compared(rounds: int, ours: Walked, beside: Walked) -> Walks:
    """The two take turns; a first walk of each warms it up and is not counted."""
    seen: tuple[list[Walk], list[Walk]] = ([], [])
    for side in turns(rounds + 1):
        seen[side].append(await (ours, beside)[side]())
    return Walks(seen[0][1:], seen[1][1:])
