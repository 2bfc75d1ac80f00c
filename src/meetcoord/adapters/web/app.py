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
    audit,
    health,
    invitations,
    jitsi,
    join,
    log,
    meetings,
    minutes,
    pages,
    persons,
    policies,
    room_control,
    sealed,
)
from meetcoord.adapters.web.address import address_guard
from meetcoord.adapters.web.body import BODY_MAX, StrictRequest, body_is_json
from meetcoord.adapters.web.heads import Application
from meetcoord.adapters.web.identity import key_guard, secret_guard
from meetcoord.adapters.web.parts import Cases, Parts, WebParts
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
    *audit.KEYED_ROUTES,
    *policies.ROUTES,
    *sealed.ROUTES,
    *log.KEYED_ROUTES,
)
PUBLIC_ROUTES: tuple[ControllerRouterHandler, ...] = (
    *pages.ROUTES,
    *join.ROUTES,
    *audit.PUBLIC_ROUTES,
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
        guards=[address_guard(parts.public_url)],
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


def _dependencies(given: WebParts) -> dict[str, Provide]:
    """Each asks for the one before it: for those that need nothing from each other Litestar starts a task each."""

    async def all_parts() -> WebParts:
        return given

    async def cases(parts: Parts) -> UseCases:
        return parts.use_cases

    async def actor(request: StrictRequest, cases: Cases) -> Actor:
        found: Actor = request.user
        return found

    return {"actor": Provide(actor), "cases": Provide(cases), "parts": Provide(all_parts)}
