"""The running service: HTTP and errands in one process, from a checked log to an orderly stop."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import uvicorn
import uvloop
from litestar import Litestar
from litestar.types import ControllerRouterHandler

from meetcoord.adapters import system
from meetcoord.adapters.sealing.bundle import pack
from meetcoord.adapters.web.app import create_app
from meetcoord.adapters.web.parts import JitsiDoor, WebParts
from meetcoord.bootstrap.errands import Errand, errands
from meetcoord.bootstrap.keyring import FollowKeys
from meetcoord.bootstrap.service import Service, compose
from meetcoord.domain.errors import Damaged, Misconfigured
from meetcoord.domain.values import Language
from meetcoord.settings import Settings
from meetcoord.usecases.check_log import CheckLog

STOP_SECONDS = 7
"""How long requests under way may still take once the service is told to stop."""

NAMED = 10
_STOPPING = (signal.SIGTERM, signal.SIGINT)


async def serve(
    settings: Settings,
    *,
    ready: Callable[[str], None] | None = None,
    extra_routes: Sequence[ControllerRouterHandler] = (),
) -> None:
    """Serve until SIGTERM, SIGINT or cancellation; `ready` is told the address once it answers.

    Raises Misconfigured, StorageUnavailable, and Damaged when the log is not as it was signed.
    """
    async with compose(settings) as service:
        await _must_be_intact(service.use_cases.check_log)
        app = create_app(_parts(service, extra_routes))
        with _listening(settings.service.listen_host, settings.service.listen_port) as door:
            server = _Server(_configuration(app), lambda: ready(_address(door)) if ready else None)
            async with errands(service.use_cases, _more_errands(service)):
                await _run(server, door)


def _more_errands(service: Service) -> Mapping[str, Errand]:
    found: dict[str, Errand] = {"follow keys": FollowKeys(service.keyring.folders, system.now)}
    if service.settings.rooms.control_url:
        found["clear rooms"] = service.use_cases.clear_rooms
    return found


def _configuration(app: Litestar) -> uvicorn.Config:
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


def new_loop() -> asyncio.AbstractEventLoop:
    """The loop to run `serve` on; it also runs on asyncio's own, more slowly."""
    return uvloop.new_event_loop()


class _Server(uvicorn.Server):
    """Says when it answers, and leaves the signals to us: uvicorn would raise them again before all is closed."""

    def __init__(self, config: uvicorn.Config, answers: Callable[[], None]) -> None:
        super().__init__(config)
        self._answers = answers

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._answers()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _run(server: _Server, door: socket.socket) -> None:
    serving = asyncio.create_task(server.serve([door]))
    with _stopped_by_signals(server):
        try:
            await asyncio.shield(serving)
        finally:
            # Also when cancelled: whoever waits for an answer gets it before the storage is closed.
            server.should_exit = True
            await serving


@contextmanager
def _stopped_by_signals(server: _Server) -> Iterator[None]:
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
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        door = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Misconfigured(
            f"The service cannot listen at {host} port {port} ({error.strerror}): change service.listen_port, "
            "or stop what is there."
        ) from error
    with door:
        yield door


def _address(door: socket.socket) -> str:
    host, port = door.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _must_be_intact(check_log: CheckLog) -> None:
    damages = (await check_log()).damages
    if damages:
        rest = f"; and {len(damages) - NAMED} more" if len(damages) > NAMED else ""
        raise Damaged(
            "The log is not as it was signed, so the service does not start",
            f"{'; '.join(damages[:NAMED])}{rest}. Keep this database, restore a backup, type `meetcoord log fsck`.",
        )


def _parts(service: Service, extra_routes: Sequence[ControllerRouterHandler]) -> WebParts:
    settings = service.settings

    async def ready() -> None:
        async with service.storage.snapshot() as tx:
            await tx.log.head()

    return WebParts(
        use_cases=service.use_cases,
        public_url=settings.service.public_url,
        problem_base_url=settings.problem_base_url,
        room_keys=service.keyring.room_keys.published,
        system_keys=service.keyring.system_keys.published,
        jitsi=JitsiDoor(
            secret=service.keyring.jitsi_secret,
            tenant=settings.rooms.subject,
            language=Language(settings.service.language),
        ),
        help_phone=settings.service.help_phone,
        ready=ready,
        pack_evidence=pack,
        now=system.now,
        new_id=system.new_id,
        extra_routes=extra_routes,
    )
