"""What the web adapter is made of, and the two things every handler asks for: who is asking, and what can be asked."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from meetcoord.domain.access import Actor
from meetcoord.domain.evidence import Evidence
from meetcoord.domain.values import Language
from meetcoord.ports.system import Clock, NewId
from meetcoord.usecases.catalogue import UseCases


@dataclass(frozen=True, slots=True)
class JitsiDoor:
    """How Jitsi is known, and how it is spoken to: `tenant` is the one our tokens name, if any.

    Without a `secret` nobody is known to be Jitsi: another video system, or none, has nothing to share one with.
    """

    secret: str = field(default="", repr=False)
    tenant: str = ""
    language: Language = Language.FRENCH


async def _nothing() -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class WebParts:
    """`public_url` is scheme, host and port without a slash at the end; `problem_base_url` ends with one.

    `room_keys` and `system_keys` give the PEM public keys of this moment by the hex SHA-256 of their kid. `ready`
    raises when the service cannot work now; `warnings` are for the operator while it does. `framed_rooms` is the origin
    of the rooms that the join page shows inside itself; empty, it sends people there. `extra_routes` are further
    handlers; they pass the same guards.
    """

    use_cases: UseCases
    public_url: str
    problem_base_url: str
    room_keys: Callable[[], Mapping[str, bytes]]
    system_keys: Callable[[], Mapping[str, bytes]]
    help_phone: str
    ready: Callable[[], Awaitable[None]]
    pack_evidence: Callable[[Evidence], bytes]
    now: Clock
    new_id: NewId
    jitsi: JitsiDoor = JitsiDoor()
    framed_rooms: str = ""
    warnings: Callable[[], Awaitable[Sequence[str]]] = _nothing
    extra_routes: Sequence[ControllerRouterHandler] = ()


# Litestar checks what it injects against the annotation unless told that it is ours already.
Asker = NamedDependency[SkipValidation[Actor]]
Cases = NamedDependency[SkipValidation[UseCases]]
Parts = NamedDependency[SkipValidation[WebParts]]


Instant = Annotated[datetime, Meta(tz=True)]
"""A moment in an answer: RFC 3339, in UTC."""


def raises(*errors: type[Exception]) -> dict[str, Any]:
    """What a handler's use case may raise beyond what its guards do: the OpenAPI document tells it."""
    return {"raises": errors}
