"""A video server as far as its operator's HTTP doors go: Prosody's kick and end modules, with their bearer check.

As lax as they are: the kick module says 200 with nothing also where it refuses a token or knows no such room.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from socket import socket
from typing import Any
from urllib.parse import parse_qsl

import jwt
import uvicorn

CONFERENCES = "muc.meet.example.org"
LOGIN: Any = {"require": ["iss", "aud", "sub", "room"], "verify_exp": True, "verify_nbf": True}


@dataclass(slots=True)
class VideoServer:
    """`key_file` answers as the key repository does: a PEM by the hex SHA-256 of the kid, or None.

    `status` is given instead of doing anything; `lost` spoils the next answer to what was done; `modules` are loaded.
    """

    key_file: Callable[[str], Awaitable[bytes | None]]
    url: str = ""
    rooms: dict[str, set[str]] = field(default_factory=dict)
    bearers: list[str] = field(default_factory=list)
    silent: bool = False
    status: int | None = None
    location: str = ""
    lost: bool = False
    modules: set[str] = field(default_factory=lambda: {"kick", "end"})

    def open(self, room: str, *occupants: str) -> None:
        self.rooms[room] = set(occupants)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = (await receive()).get("body", b"")
        if self.silent:
            await asyncio.Event().wait()
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        query = dict(parse_qsl(scope["query_string"].decode()))
        doing = self.status is None
        done = (
            await self._answer(f"{scope['method']} {scope['path']}", headers, query, body) if doing else 200
        )
        if self.lost and done == 200:
            self.lost, done = False, 504
        extra = [(b"location", self.location.encode())] if self.location else []
        await send({"type": "http.response.start", "status": self.status or done, "headers": extra})
        await send({"type": "http.response.body", "body": b""})

    async def _answer(self, what: str, headers: dict[str, str], query: dict[str, str], body: bytes) -> int:
        match what:
            case "PUT /kick-participant":
                return await self._kick(headers, query, body) if "kick" in self.modules else 404
            case "POST /end-meeting":
                return await self._end(headers, query) if "end" in self.modules else 404
        return 404

    async def _kick(self, headers: dict[str, str], query: dict[str, str], body: bytes) -> int:
        try:
            occupant = json.loads(body)["participantId"]
        except (ValueError, KeyError, TypeError):
            return 400
        if headers.get("content-type") != "application/json":
            return 400
        inside = self.rooms.get(query.get("room", ""))
        if not await self._trusts(headers) or inside is None:
            return 200
        if occupant not in inside:
            return 404
        inside.remove(occupant)
        return 200

    async def _end(self, headers: dict[str, str], query: dict[str, str]) -> int:
        room, at, domain = query.get("conference", "").partition("@")
        if not room or not at or domain != CONFERENCES:
            return 400
        if not await self._trusts(headers):
            return 401
        return 200 if self.rooms.pop(room, None) is not None else 404

    async def _trusts(self, headers: dict[str, str]) -> bool:
        """As a login token is checked, with the keys of the second repository."""
        kind, _, token = headers.get("authorization", "").partition(" ")
        self.bearers += [token] if token else []
        try:
            header = jwt.get_unverified_header(token)
            pem = await self.key_file(sha256(header["kid"].encode()).hexdigest())
            if kind != "Bearer" or header["typ"] != "JWT" or pem is None:
                return False
            claims = jwt.decode(
                token, pem, algorithms=["RS256"], audience="jitsi", issuer="meetcoord", options=LOGIN
            )
        except (jwt.PyJWTError, KeyError):
            return False
        return isinstance(claims["aud"], str) and claims["sub"] == "meet.jitsi"


class _Server(uvicorn.Server):
    """Says when it answers, and leaves the signals to the test run."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def listening(server: VideoServer) -> AsyncIterator[VideoServer]:
    """It answers at `url` while the block lasts."""
    config = uvicorn.Config(server, port=0, lifespan="off", log_config=None, access_log=False, loop="none")
    running = _Server(config)
    task = asyncio.create_task(running.serve())
    await running.answers.wait()
    host, port = running.servers[0].sockets[0].getsockname()[:2]
    server.url = f"http://{host}:{port}"
    try:
        yield server
    finally:
        running.should_exit = running.force_exit = True
        await task
