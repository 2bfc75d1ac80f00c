"""A client so light that it is the service one measures: kept connections, requests written beforehand."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from typing import cast
from urllib.parse import urlsplit

import msgspec

Write = Callable[[], bytes]
"""Writes the next request."""


class Refused(Exception):
    """The service answered something else than it was asked for: the figures would mean nothing."""


class _Line(asyncio.Protocol):
    """One connection, one request at a time. Reads answers with a Content-Length, which all of ours have."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.received, self.expected = b"", b"2"
        self.answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    async def ask(self, request: bytes, expected: bytes = b"2") -> bytes:
        """The body of the answer, whose status begins with `expected`. Raises Refused for any other."""
        if self.transport is None or self.transport.is_closing():
            raise Refused("the connection is closed")
        self.received, self.expected = b"", expected
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self.answer

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if end and len(body) >= _length(head) and self.answer and not self.answer.done():
            self._take(head, body)

    def _take(self, head: bytes, body: bytes) -> None:
        if self.answer is None:
            return
        if head[9:].startswith(self.expected):
            self.answer.set_result(body)
        else:
            self.answer.set_exception(Refused(f"{head[:60]!r} {body[:300]!r}"))

    def connection_lost(self, exc: Exception | None) -> None:
        if self.answer and not self.answer.done():
            self.answer.set_exception(Refused("the connection was lost"))


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


class Client:
    """Several connections to one address, none of them open before `reopen`."""

    def __init__(self, address: str, connections: int) -> None:
        self.parts, self.connections = urlsplit(address), connections
        self.lines: list[_Line] = []

    async def reopen(self) -> None:
        """Fresh connections: a server closes those that rest for some seconds, as they may between two turns."""
        self.close()
        loop, host, port = asyncio.get_running_loop(), str(self.parts.hostname), self.parts.port or 80
        self.lines = [(await loop.create_connection(_Line, host, port))[1] for _ in range(self.connections)]

    def close(self) -> None:
        for line in self.lines:
            if line.transport:
                line.transport.close()

    def request(self, method: str, path: str, body: object = None, key: str = "", form: str = "") -> bytes:
        content = form.encode() if body is None else msgspec.json.encode(body)
        head = [f"{method} {path} HTTP/1.1", f"Host: {self.parts.netloc}", f"Content-Length: {len(content)}"]
        if content:
            head.append(f"Content-Type: application/{'x-www-form-urlencoded' if form else 'json'}")
        if key:
            head.append(f"Authorization: Bearer {key}")
        return "\r\n".join([*head, "", ""]).encode() + content

    async def send(self, count: int, write: Write) -> float:
        """The seconds it took to have so many answers, the connections being equally busy."""
        start = time.perf_counter()
        share = count // len(self.lines)
        await asyncio.gather(*(self._send(line, share, write) for line in self.lines))
        return time.perf_counter() - start

    async def _send(self, line: _Line, count: int, write: Write) -> None:
        for _ in range(count):
            await line.ask(write())

    async def walk(self, people: Sequence[Sequence[bytes]]) -> tuple[float, list[float]]:
        """Everybody's requests, one after the other for each, all connections busy: the seconds of all, and of each."""
        waiting, took, begin = iter(people), list[float](), time.perf_counter()

        async def serve(line: _Line) -> None:
            for requests in waiting:
                start = time.perf_counter()
                for request in requests:
                    await line.ask(request)
                took.append(time.perf_counter() - start)

        await asyncio.gather(*map(serve, self.lines))
        return time.perf_counter() - begin, took

    @asynccontextmanager
    async def flooding(self, requests: Sequence[bytes]) -> AsyncIterator[None]:
        """While the block lasts, each connection sends these over and over; every one must be refused."""

        async def flood(line: _Line) -> None:
            for request in cycle(requests):
                await line.ask(request, b"4")

        await self.reopen()
        floods = [asyncio.create_task(flood(line)) for line in self.lines]
        try:
            yield
        finally:
            for task in floods:
                task.cancel()
            found = await asyncio.gather(*floods, return_exceptions=True)
            self.close()
        for error in found:
            if isinstance(error, Exception):
                raise error

    async def cpu(self) -> float:
        """Seconds of CPU the service has used since it was started."""
        answer = await self.lines[0].ask(self.request("GET", "/bench/cpu"))
        return float(answer)
