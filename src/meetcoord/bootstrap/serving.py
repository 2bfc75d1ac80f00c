"""The running service: HTTP and errands in one process, from a checked log to an orderly stop."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import structlog
from litestar.types import ControllerRouterHandler

from meetcoord.adapters import system
from meetcoord.adapters.sealing.bundle import pack
from meetcoord.adapters.web.app import create_app
from meetcoord.adapters.web.parts import JitsiDoor, WebParts
from meetcoord.bootstrap.errands import Errand, errands
from meetcoord.bootstrap.keyring import FollowKeys
from meetcoord.bootstrap.listening import STOP_SECONDS, Server, address, listening, new_loop, run
from meetcoord.bootstrap.service import Service, compose
from meetcoord.bootstrap.witnesses import Witnesses
from meetcoord.domain.errors import Damaged, Forked
from meetcoord.domain.values import Language
from meetcoord.settings import Settings
from meetcoord.usecases.ask_witness import AskWitness
from meetcoord.usecases.catalogue import UseCases
from meetcoord.usecases.witnessed import FORKED, silence

__all__ = ["STOP_SECONDS", "new_loop", "serve"]

NAMED = 10

_log = structlog.get_logger()


async def serve(
    settings: Settings,
    *,
    ready: Callable[[str], None] | None = None,
    extra_routes: Sequence[ControllerRouterHandler] = (),
) -> None:
    """Serve until SIGTERM, SIGINT or cancellation; `ready` is told the address once it answers.

    Raises Misconfigured, StorageUnavailable, Damaged when the log is not as it was signed, and Forked, at once or
    later, when a witness has seen another history of it.
    """
    async with compose(settings) as service:
        await _must_be_intact(service.use_cases)
        await service.witnesses.compare()
        for warning in await _warnings(service):
            _log.warning("witnesses", told=warning)
        app = create_app(_parts(service, extra_routes))
        with listening(
            settings.service.listen_host, settings.service.listen_port, "service.listen_port"
        ) as door:
            server = Server(app, lambda: ready(address(door)) if ready else None)
            standing = service.witnesses.standing
            asking = _asking(service.witnesses, server)
            more = _more_errands(service)
            async with errands(service.use_cases, more, always=asking, may_write=lambda: standing.may_write):
                await run(server, door)
        standing.must_not_be_forked()


def _more_errands(service: Service) -> Mapping[str, Errand]:
    found: dict[str, Errand] = {"follow keys": FollowKeys(service.keyring.folders, system.now)}
    if service.settings.rooms.control_url:
        found["clear rooms"] = service.use_cases.clear_rooms
    return found


def _asking(witnesses: Witnesses, server: Server) -> Mapping[str, Errand]:
    """An errand for each witness, so that none waits for another. A fork stops the service."""

    def errand(ask: AskWitness) -> Errand:
        async def do() -> None:
            try:
                await ask()
            except Forked:
                server.should_exit = True
                raise

        return do

    return {f"ask witness {each.name}": errand(each) for each in witnesses.asking}


async def _warnings(service: Service) -> Sequence[str]:
    """What the operator should know of the witnesses."""
    why = service.witnesses.standing.why
    if not service.witnesses.asking:
        return ()
    now = await service.witnesses.read.now()
    silent = (silence(each) for each in now.witnesses if each.answer.failures)
    return [*([why] if why else []), *([FORKED] if now.forks else []), *silent]


async def _must_be_intact(use_cases: UseCases) -> None:
    """What a restored backup brought back against the agencies' consent is erased again, before anybody reads it."""
    report = await use_cases.check_log()
    damages = report.damages
    if damages:
        rest = f"; and {len(damages) - NAMED} more" if len(damages) > NAMED else ""
        raise Damaged(
            "The log is not as it was signed, so the service does not start",
            f"{'; '.join(damages[:NAMED])}{rest}. Keep this database, restore a backup, type `meetcoord log fsck`.",
        )
    if report.unerased:
        _log.warning("erased again", files=await use_cases.honour_erasures(report.unerased))


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
        framed_rooms=settings.rooms.framed_origin,
        help_phone=settings.service.help_phone,
        ready=ready,
        warnings=partial(_warnings, service),
        pack_evidence=pack,
        now=system.now,
        new_id=system.new_id,
        extra_routes=extra_routes,
    )
