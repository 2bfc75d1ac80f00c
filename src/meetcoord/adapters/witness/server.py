"""A witness' door (C2SP tlog-witness v1.0.0): add-checkpoint, the newest checkpoint of each log, and a sign of life."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import structlog
from litestar import Litestar, Request, Response, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import HTTPException, InternalServerException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler, Message, Scope

from meetcoord.domain import errors
from meetcoord.domain.witnessing import AddCheckpoint, address_of, parse_add_checkpoint
from meetcoord.ports.witnesses import Witness

BODY_MAX = 64 * 1024
READ_SECONDS = 15.0
RETRY_AFTER_SECONDS = 5
TEXT = "text/plain"
SIZE = "text/x.tlog.size"

STATUS: Mapping[type[errors.MeetcoordError], int] = {
    errors.Invalid: 400,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.OtherSize: 409,
    errors.Forked: 409,
    errors.Damaged: 422,
    errors.Unavailable: 503,
}
"""An error has the status of the nearest of its ancestors named here."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}
TRANSPORT = "max-age=63072000"

_journal = structlog.get_logger("meetcoord.witness")
Asked = Request[Any, Any, State]


@dataclass(frozen=True, slots=True)
class WitnessParts:
    """`url` is the submission prefix that logs are given, without a slash at the end; `origins` are the logs cosigned.

    `listening` is the port it answers at on this machine, where a health check asks; 0 for none.
    """

    witness: Witness
    origins: Collection[str]
    url: str
    listening: int = 0
    addresses: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "addresses", {address_of(origin): origin for origin in self.origins})


def create_app(parts: WitnessParts) -> Litestar:
    url = urlsplit(parts.url)

    async def host_is_ours(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        _host_must_be(connection, _hosts(parts))

    return Litestar(
        route_handlers=[*_routes(parts, url.path), _healthz(parts)],
        guards=[host_is_ours],
        request_max_body_size=BODY_MAX,
        exception_handlers={Exception: _say},
        before_send=[_Headers(https=url.scheme == "https")],
        openapi_config=None,
        logging_config=None,
    )


def _routes(parts: WitnessParts, prefix: str) -> list[ControllerRouterHandler]:
    @post(f"{prefix}/add-checkpoint", status_code=200, media_type=TEXT)
    async def add_checkpoint(request: Asked) -> Response[bytes]:
        asked = _parsed(await _body(request))
        try:
            cosignature = await parts.witness.add_checkpoint(asked.old, asked.proof, asked.note)
        except errors.Forked as fork:
            _journal.error("fork refused", origin=asked.checkpoint.origin, size=asked.old, note=asked.note)
            return _size(asked.old, fork)
        except errors.OtherSize as conflict:
            return _size(conflict.size, conflict)
        if asked.checkpoint.size > asked.old:
            _journal.info("cosigned", origin=asked.checkpoint.origin, size=asked.checkpoint.size)
        return Response(cosignature.line.encode(), media_type=TEXT)

    @get(f"{prefix}/{{digest:str}}/checkpoint", media_type=TEXT)
    async def read_checkpoint(digest: FromPath[str]) -> str:
        origin = parts.addresses.get(f"{digest}/checkpoint", "")
        note = await parts.witness.latest(origin) if origin else None
        if note is None:
            raise errors.NotFound("This witness has cosigned no checkpoint of such a log.")
        return note

    return [add_checkpoint, read_checkpoint]


def _healthz(parts: WitnessParts) -> ControllerRouterHandler:
    @get("/healthz", media_type=TEXT)
    async def healthz() -> str:
        """The process answers, and its memory can be read."""
        for origin in parts.origins:
            await parts.witness.latest(origin)
        return "ok\n"

    return healthz


def _parsed(body: bytes) -> AddCheckpoint:
    """Raises Invalid for what is malformed: Damaged is kept for proofs."""
    try:
        return parse_add_checkpoint(body.decode())
    except (UnicodeDecodeError, errors.Damaged) as fault:
        raise errors.Invalid(f"The request cannot be read: {fault}.") from None


async def _body(request: Asked) -> bytes:
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await request.body()
    except TimeoutError:
        raise HTTPException(status_code=408, detail="The body did not arrive in time.") from None
    except InternalServerException:
        # Litestar's word for a connection that was closed meanwhile: no fault of ours.
        raise HTTPException(status_code=400, detail="The body did not arrive whole.") from None


def _size(size: int, why: errors.MeetcoordError) -> Response[bytes]:
    # Named as a header: Litestar would add a charset to the type, which the standard does not have.
    return Response(f"{size}\n".encode(), status_code=STATUS[type(why)], headers={"Content-Type": SIZE})


def _say(request: Asked, error: Exception) -> Response[str]:
    """One sentence, and for our own faults not even that: what failed goes to the journal alone."""
    status, sentence = _found(error)
    # Only our own errors are quoted: they name neither who asked nor anything secret.
    why = error.detail if isinstance(error, errors.MeetcoordError) else ""
    if status >= 500:
        _journal.error("request failed", status=status, why=why, exc_info=error)
    elif status in {403, 422}:
        _journal.warning("cosigning refused", status=status, why=why)
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else {}
    return Response(f"{sentence}\n", status_code=status, media_type=TEXT, headers=headers)


def _found(error: Exception) -> tuple[int, str]:
    if isinstance(error, HTTPException) and error.status_code < 500:
        return error.status_code, "This request cannot be taken: see C2SP tlog-witness."
    for kind in type(error).__mro__:
        if kind in STATUS and isinstance(error, errors.MeetcoordError):
            return STATUS[kind], "This witness cannot sign now." if STATUS[kind] == 503 else error.detail
    return 500, "This witness has failed: its operator finds the reason in the journal."


def _hosts(parts: WitnessParts) -> frozenset[str]:
    """The Host headers that mean us: the public name, and on this machine any of its names."""
    url = urlsplit(parts.url)
    public = url.netloc.lower()
    standard = {"http": ":80", "https": ":443"}[url.scheme]
    here = {f"{name}:{parts.listening}" for name in ("localhost", "127.0.0.1", "[::1]") if parts.listening}
    return frozenset(
        {public, f"{public}{standard}" if url.port is None else public.removesuffix(standard), *here}
    )


def _host_must_be(connection: ASGIConnection[Any, Any, Any, Any], ours: frozenset[str]) -> None:
    stated = [value for name, value in connection.scope["headers"] if name.lower() == b"host"]
    if len(stated) != 1 or stated[0].decode("latin-1").lower() not in ours:
        raise HTTPException(status_code=421, detail="This host name is not served here.")


@dataclass(frozen=True, slots=True)
class _Headers:
    """A hook for the start of each answer."""

    https: bool

    async def __call__(self, message: Message, scope: Scope) -> None:
        if message["type"] == "http.response.start":
            every = {**HEADERS, "Strict-Transport-Security": TRANSPORT} if self.https else HEADERS
            written = [(name.lower().encode(), value.encode()) for name, value in every.items()]
            message["headers"] = [*message["headers"], *written]
