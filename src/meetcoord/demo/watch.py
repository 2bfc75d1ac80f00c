"""A witness for each agency, beside the service here; in earnest each runs on that agency's own machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from meetcoord.bootstrap import Keyring
from meetcoord.bootstrap.witness import WitnessFolder, serve_witness
from meetcoord.bootstrap.witnesses import policy_of
from meetcoord.demo.cast import CITY, TROUPES
from meetcoord.domain.quorum import Group, KnownWitness, Policy
from meetcoord.settings import Settings

POLICY = "policy.tlog"


def found_witnesses(folder: Path, ports: dict[str, int]) -> str:
    """Make a key for each agency's witness; returns the policy, by which the city's own does not count."""
    witnesses = []
    for troupe in TROUPES:
        key = WitnessFolder(folder / troupe.id).create(f"{troupe.id}.example.org/w1")
        witnesses.append(KnownWitness(troupe.id, key, f"http://127.0.0.1:{ports[troupe.id]}"))
    others = tuple(troupe.id for troupe in TROUPES if troupe is not CITY)
    return Policy((), tuple(witnesses), (Group("others", len(others), others),), "others").encode()


@asynccontextmanager
async def watching(folder: Path, settings: Settings) -> AsyncIterator[None]:
    """The three witnesses, answering while the block lasts."""
    log_key = Keyring.read(settings.keys_directory, settings.log_origin).signer.vkey
    policy = policy_of(settings, log_key)
    async with AsyncExitStack() as stack:
        for each in policy.witnesses if policy else ():
            await stack.enter_async_context(_answering(WitnessFolder(folder / each.name), each.url, log_key))
        yield


@asynccontextmanager
async def _answering(folder: WitnessFolder, url: str, log_key: str) -> AsyncIterator[None]:
    ready, port = asyncio.Event(), int(url.rpartition(":")[2])
    serving = asyncio.create_task(
        serve_witness(folder, [log_key], host="127.0.0.1", port=port, ready=lambda _: ready.set())
    )
    waiting = asyncio.create_task(ready.wait())
    try:
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            await serving
        yield
    finally:
        waiting.cancel()
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
