"""The real application on a real service, and clients that hold a key of their agency."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
import pytest
import structlog
from litestar import Litestar

from meetcoord.adapters import system
from meetcoord.adapters.sealing.bundle import pack
from meetcoord.adapters.sql.schema import metadata
from meetcoord.adapters.web.app import create_app
from meetcoord.adapters.web.parts import JitsiDoor, WebParts
from meetcoord.domain.access import Scope
from meetcoord.domain.agencies import Role
from meetcoord.domain.errors import StorageUnavailable
from meetcoord.domain.invitations import Invitation
from meetcoord.domain.meetings import Meeting
from meetcoord.usecases.issue_api_key import NewApiKey
from tests.agencies import MORNING, Acting, World
from tests.worlds import PHONE, PUBLIC_URL


@pytest.fixture(autouse=True)
def journal() -> Iterator[list[Any]]:
    """What the service notes while the test runs."""
    with structlog.testing.capture_logs() as noted:
        yield cast(list[Any], noted)


@dataclass(slots=True)
class Readiness:
    """Says that the service can work, until told otherwise."""

    broken: bool = False

    async def __call__(self) -> None:
        if self.broken:
            raise StorageUnavailable("connection refused by 10.0.0.7")


@dataclass(slots=True)
class Asking:
    """A program that asks over HTTP with one key, or with none."""

    http: httpx.AsyncClient
    key: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        held = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        headers = {**held, **self.headers, **more.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **more)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return await self("POST", path, json=body, **more)

    async def put(self, path: str, body: Any, **more: Any) -> httpx.Response:
        return await self("PUT", path, json=body, **more)


async def key_of(agency: Acting, *roles: Role, scopes: frozenset[Scope] = frozenset(Scope)) -> str:
    """The key of a person of this agency: the secretary, or a new person with these roles."""
    name = " ".join(sorted(role.value for role in roles))
    person = (await agency.person(f"With {name}", frozenset(roles))).id if roles else agency.secretary.person
    asked = NewApiKey(person=person, scopes=scopes, label="tests", days=90)
    return (await agency.use.issue_api_key(agency.console, asked)).secret


def parts_of(world: World, readiness: Readiness, **more: Any) -> WebParts:
    service = world.service
    return WebParts(
        use_cases=service.use_cases,
        public_url=PUBLIC_URL,
        problem_base_url=f"{PUBLIC_URL}/problems/",
        room_keys=service.keyring.room_keys.published,
        system_keys=service.keyring.system_keys.published,
        jitsi=JitsiDoor(secret=service.keyring.jitsi_secret, tenant="town"),
        help_phone=PHONE,
        ready=readiness,
        pack_evidence=pack,
        now=world.clock,
        new_id=system.new_id,
        **more,
    )


@pytest.fixture
def readiness() -> Readiness:
    return Readiness()


@pytest.fixture
def app(world: World, readiness: Readiness) -> Litestar:
    return create_app(parts_of(world, readiness))


@pytest.fixture
async def http(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(cast(Any, app)), base_url=PUBLIC_URL
    ) as client:
        yield client


@pytest.fixture
def nobody(http: httpx.AsyncClient) -> Asking:
    return Asking(http)


@pytest.fixture
def jitsi(world: World, http: httpx.AsyncClient) -> Asking:
    """The video server, which holds its secret."""
    return Asking(http, world.service.keyring.jitsi_secret)


@pytest.fixture
async def seat(world: World, city: Acting, prefecture: Acting, settled: Meeting) -> Invitation:
    """Of a delegate of the prefecture, at the start of the meeting."""
    await prefecture.send(settled, await prefecture.person("Adviser"))
    (invitation,) = await city.invite(settled)
    world.clock.go_to(MORNING)
    return invitation


@pytest.fixture
async def city_program(http: httpx.AsyncClient, city: Acting) -> Asking:
    """Asks for the city, as a person with every role."""
    return Asking(http, await key_of(city, *Role))


@pytest.fixture
async def prefecture_program(http: httpx.AsyncClient, prefecture: Acting) -> Asking:
    return Asking(http, await key_of(prefecture, *Role))


async def stored(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    found = {}
    async with world.service.storage.snapshot() as tx:
        for table in metadata.sorted_tables:
            rows = await tx.block.rows(table.select())
            found[table.name] = sorted((tuple(row) for row in rows), key=repr)
    return found
