"""A witness behind real HTTP on this machine, with a network between that can be told to fail."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx

from meetcoord.adapters.sealing.cosignatures import Ed25519CosignatureVerifier
from meetcoord.adapters.witness.client import HttpWitness
from meetcoord.adapters.witness.server import WitnessParts, create_app
from meetcoord.bootstrap.listening import Server, address, listening
from tests.fake_witness import FakeWitness, origin_of


@dataclass(slots=True)
class Network:
    """An ASGI application in front of another."""

    app: Any
    silent: bool = False
    lost: bool = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if self.silent:
            await asyncio.Event().wait()
        lost, self.lost = self.lost, False
        await self.app(scope, receive, _nowhere if lost else send)
        if lost:
            await send({"type": "http.response.start", "status": 504, "headers": []})
            await send({"type": "http.response.body", "body": b""})


async def _nowhere(_: Any) -> None:
    return None


@dataclass(slots=True)
class Remote:
    """A FarWitness at the other end of a connection."""

    witness: HttpWitness
    vkey: str
    network: Network

    def be_silent(self) -> None:
        self.network.silent = True
        self.witness = replace(self.witness, patience=0.2)

    def lose_the_reply(self) -> None:
        self.network.lost = True


@asynccontextmanager
async def answering(app: Any, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """The address at which `app` answers while the block lasts."""
    ready = asyncio.Event()
    with listening("127.0.0.1", 0, "the test") as door:
        server = Server(app, ready.set)
        if tls:
            server.config.load()
            server.config.ssl = tls
        task = asyncio.create_task(server.serve([door]))
        await ready.wait()
        try:
            yield address(door)
        finally:
            server.should_exit = server.force_exit = True
            await task


@asynccontextmanager
async def remote(*vkeys: str) -> AsyncIterator[Remote]:
    behind = FakeWitness(vkeys)
    network = Network(None)
    async with answering(network) as url, httpx.AsyncClient(trust_env=False) as http:
        network.app = create_app(WitnessParts(behind, tuple(map(origin_of, vkeys)), url))
        witness = HttpWitness(http, url, behind.vkey, Ed25519CosignatureVerifier())
        yield Remote(witness, behind.vkey, network)
