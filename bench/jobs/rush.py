"""A thousand people click at once from one address, alone and beside floods of what must be refused."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from bench.client import Client
from bench.crowd import Walk, Walks, compared, walk
from bench.results import Row, row
from bench.rounds import Effort, Figures, Measure, repeated
from bench.served import SIGNED
from bench.serving import Addresses, both
from bench.stage import build
from meetcoord.adapters.jitsi.keys import KEY_BITS, published_name

JOB = "rush"
CONNECTIONS = 32
FLOODS = 8
"""Connections of whoever floods us."""

SLOWED = 2.0
"""A flood may at most double what good people wait."""


async def measure(effort: Effort, folder: Path) -> list[Row]:
    stage = await build(folder, effort.people)
    async with both(stage.settings_file, folder) as services:
        rows = await _rush(effort, services, stage.join_tokens)
        good = stage.join_tokens[: max(effort.people // 5, CONNECTIONS)]
        for what, requests in _floods(services, good[0]).items():
            rows += await _beside(effort, services, good, what, requests)
    return rows


async def _rush(effort: Effort, services: Addresses, tokens: Sequence[str]) -> list[Row]:
    with services.pair(CONNECTIONS) as pair:
        walks = await compared(
            effort.few(5).rounds, partial(walk, pair.ours, tokens), partial(walk, pair.bare, tokens)
        )
    what, bare = f"look + admission, {len(tokens):,} people", "Litestar: nothing, then 1 RS256"
    cpu = Figures(tuple(each.cpu for each in walks.ours), await _signatures(walks))
    return [
        row(JOB, what, bare, walks.figures(_wall)),
        row(JOB, f"{what}, p99", bare, walks.figures(_p99), Measure.COST),
        row(JOB, f"{what}, CPU", bare, walks.figures(_cpu), Measure.COST),
        row(JOB, f"{what}, CPU", "RS256 signature alone", cpu, Measure.COST),
    ]


async def _signatures(walks: Walks) -> tuple[float, ...]:
    """The CPU of one signature, measured once for each round."""
    key = generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    sign = repeated(lambda: key.sign(SIGNED, PKCS1v15(), SHA256()))
    return tuple([await sign(100) / 100 for _ in walks.ours])


async def _beside(
    effort: Effort, services: Addresses, tokens: Sequence[str], what: str, requests: Sequence[bytes]
) -> list[Row]:
    """Good people beside the flood, compared with the same people alone."""
    with closing(Client(services.ours, CONNECTIONS)) as good, closing(Client(services.ours, FLOODS)) as flood:

        async def flooded() -> Walk:
            async with flood.flooding(requests):
                return await walk(good, tokens)

        walks = await compared(effort.few(3).rounds, flooded, partial(walk, good, tokens))
    named = f"good people beside {what}"
    return [
        row(JOB, f"{named}, each", "the same alone", walks.figures(_wall), Measure.COST, SLOWED),
        row(JOB, f"{named}, p99", "the same alone", walks.figures(_p99), Measure.COST, SLOWED),
    ]


def _floods(services: Addresses, token: str) -> Mapping[str, Sequence[bytes]]:
    with closing(Client(services.ours, FLOODS)) as client:
        unknown = [f"/asap/{published_name(str(number))}.pem" for number in range(100)]
        wrong = {"path": "/jitsi/conference", "key": "not-the-secret", "form": "name=room"}
        return {
            "bad links": [client.request("POST", "/j/look", {"token": bad}) for bad in _bad(token)],
            "unknown keys": [client.request("GET", path) for path in unknown],
            "wrong secrets": [client.request("POST", **wrong)],
        }


def _bad(token: str) -> Sequence[str]:
    """Altered in its signature, under a key nobody knows, and no token at all."""
    _, claims, signature = token.split(".")
    other = "B" if signature[0] == "A" else "A"
    unknown = "eyJhbGciOiJIUzI1NiIsImtpZCI6Im5vYm9keSIsInR5cCI6ImpvaW4rand0In0"
    return token.replace(signature, other + signature[1:]), f"{unknown}.{claims}.{signature}", "garbage"


def _wall(seen: Walk) -> float:
    return seen.wall


def _cpu(seen: Walk) -> float:
    return seen.cpu


def _p99(seen: Walk) -> float:
    return seen.p99
