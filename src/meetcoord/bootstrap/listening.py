"""Answering at an address of this machine, from the open door to an orderly stop."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
import uvloop
from litestar.types import ASGIApp

from meetcoord.domain.errors import Misconfigured

STOP_SECONDS = 7
"""How long requests under way may still take once the service is told to stop."""

_STOPPING = (signal.SIGTERM, signal.SIGINT)


def new_loop() -> asyncio.AbstractEventLoop:
    """The loop to run `serve` on; it also runs on asyncio's own, more slowly."""
    return uvloop.new_event_loop()


class Server(uvicorn.Server):
    """Says when it answers, and leaves the signals to us: uvicorn would raise them again before all is closed."""

    def __init__(self, app: ASGIApp, answers: Callable[[], None]) -> None:
        super().__init__(_configuration(app))
        self._answers = answers

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._answers()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run(server: Server, door: socket.socket) -> None:
    """Serve what comes through `door` until SIGTERM, SIGINT or cancellation."""
    serving = asyncio.create_task(server.serve([door]))
    with _stopped_by_signals(server):
        try:
            await asyncio.shield(serving)
        finally:
            # Also when cancelled: whoever waits for an answer gets it before the storage is closed.
            server.should_exit = True
            await serving


@contextmanager
def _stopped_by_signals(server: Server) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True

    # Only the main thread receives signals.
    with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
        for each in _STOPPING:
            loop.add_signal_handler(each, stop)
    try:
        yield
    finally:
        with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
            for each in _STOPPING:
                loop.remove_signal_handler(each)


@contextmanager
def listening(host: str, port: int, setting: str) -> Iterator[socket.socket]:
    """An open door while the block lasts. Raises Misconfigured, naming the `setting` to change."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        door = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Misconfigured(
            f"The service cannot listen at {host} port {port} ({error.strerror}): change {setting}, "
            "or stop what is there."
        ) from error
    with door:
        yield door


def address(door: socket.socket) -> str:
    """Where a browser on this machine finds it."""
    host, port = door.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _configuration(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="none",
        log_config=None,
        access_log=False,
        ws="none",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
