"""The web application: routes, guards and hooks put together. Nothing it serves comes from another host."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from meetcoord.adapters.web import (
    agencies,
    api_keys,
    assets,
    attendance,
    health,
    invitations,
    jitsi,
    join,
    log,
    meetings,
    minutes,
    pages,
    persons,
    room_control,
)
from meetcoord.adapters.web.address import host_guard, path_is_well_formed, query_is_known
from meetcoord.adapters.web.body import BODY_MAX, StrictRequest, body_is_json
from meetcoord.adapters.web.heads import Application
from meetcoord.adapters.web.identity import key_guard, secret_guard
from meetcoord.adapters.web.parts import WebParts
from meetcoord.adapters.web.problems import ProblemWriter
from meetcoord.adapters.web.security import SecurityHeaders
from meetcoord.domain.access import Actor
from meetcoord.usecases.catalogue import UseCases

__all__ = ["WebParts", "create_app"]

KEYED_ROUTES: tuple[ControllerRouterHandler, ...] = (
    *agencies.ROUTES,
    *persons.ROUTES,
    *api_keys.ROUTES,
    *meetings.ROUTES,
    *invitations.ROUTES,
    *attendance.ROUTES,
    *room_control.ROUTES,
    *minutes.ROUTES,
    *log.KEYED_ROUTES,
)
PUBLIC_ROUTES: tuple[ControllerRouterHandler, ...] = (
    *pages.ROUTES,
    *join.ROUTES,
    *log.PUBLIC_ROUTES,
    *health.ROUTES,
    *assets.ROUTES,
)


def create_app(parts: WebParts) -> Litestar:
    """The order of checks is: host, query, path, key, body; then the use case."""
    return Application(
        route_handlers=[
            keyed_router(guards=[key_guard(parts.use_cases.authenticate)]),
            Router("/jitsi", route_handlers=jitsi.ROUTES, guards=[secret_guard(parts.jitsi.secret)]),
            *PUBLIC_ROUTES,
            *parts.extra_routes,
        ],
        guards=[host_guard(parts.public_url), query_is_known, path_is_well_formed],
        before_request=body_is_json,
        request_class=StrictRequest,
        request_max_body_size=BODY_MAX,
        dependencies=_dependencies(parts),
        exception_handlers={Exception: ProblemWriter(parts)},
        before_send=[SecurityHeaders(https=urlsplit(parts.public_url).scheme == "https")],
        openapi_config=None,
        logging_config=None,
    )


def keyed_router(guards: list[Any]) -> Router:
    return Router("/v1", route_handlers=KEYED_ROUTES, guards=guards)


def _dependencies(parts: WebParts) -> dict[str, Provide]:
    async def actor(request: StrictRequest) -> Actor:
        found: Actor = request.user
        return found

    async def cases() -> UseCases:
        return parts.use_cases

    async def all_parts() -> WebParts:
        return parts

    return {"actor": Provide(actor), "cases": Provide(cases), "parts": Provide(all_parts)}
