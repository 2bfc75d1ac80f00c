"""From the link to the room: an admission over HTTP, beside a bare Litestar handler making one RS256 signature."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

from bench.client import Client, Write
from bench.results import Row
from bench.rounds import Effort
from bench.serving import Asked, both
from bench.stage import build

CONNECTIONS = 16


async def measure(effort: Effort, folder: Path) -> list[Row]:
    stage = await build(folder)
    press = _pressing(stage.join_tokens[0])
    async with both(stage.settings_file, folder) as services:
        with services.pair(CONNECTIONS) as pair:
            asked = Asked(
                "admissions", "admission", "Litestar + 1 RS256 signature", press(pair.ours), press(pair.bare)
            )
            return [await asked.rate(effort, pair), await asked.cost(effort, pair, goal=2)]


def _pressing(token: str) -> Callable[[Client], Write]:
    """Every press of the button is a new one, so each is an admission of its own."""
    presses = count()

    def of(client: Client) -> Write:
        return lambda: client.request(
            "POST", "/j/admission", {"token": token, "click": f"press-{next(presses):08}"}
        )

    return of
