"""The real application on a real service, on each kind of database, and clients that hold a key of their agency."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
import structlog
from litestar import Litestar
from psycopg import sql

from meetcoord.adapters import system
from meetcoord.adapters.sealing.bundle import pack
from meetcoord.adapters.sql.migrate import migrate
from meetcoord.adapters.sql.schema import metadata
from meetcoord.adapters.web.app import create_app
from meetcoord.adapters.web.parts import WebParts
from meetcoord.bootstrap import compose, create_missing
from meetcoord.domain.access import Scope
from meetcoord.domain.agencies import Role
from meetcoord.domain.errors import StorageUnavailable
from meetcoord.domain.meetings import Meeting
from meetcoord.settings import Settings
from meetcoord.settings.sections import Database, Keys, Service
from meetcoord.usecases.issue_api_key import NewApiKey
from tests.agencies import YES, Acting, FakeClock, World
from tests.fakes import PostBox

PUBLIC_URL = "https://meet.example.org"
PHONE = "+33 3 00 00 00 00"
DATABASE = "meetcoord_web"
on_every_database = pytest.mark.parametrize(
    "database_url",
    ["memory", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))],
    indirect=True,
)


@pytest.fixture(autouse=True)
def journal() -> Iterator[list[Any]]:
    """What the service notes while the test runs."""
    with structlog.testing.capture_logs() as noted:
        yield cast(list[Any], noted)


@pytest.fixture(scope="session")
def keys_of_the_service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("keys")
    directory.chmod(0o700)
    create_missing(directory, system.now, system.entropy)
    return directory


@pytest.fixture(scope="session")
def web_database(postgresql_url: str) -> str:
    with psycopg.connect(postgresql_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    url = urlsplit(postgresql_url)._replace(path=f"/{DATABASE}").geturl()
    migrate(url)
    return url


@pytest.fixture
def empty_web_database(web_database: str) -> str:
    with psycopg.connect(web_database, autocommit=True) as server:
        server.execute(
            sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, metadata.tables)))
        )
        server.execute("INSERT INTO log_head (id, size, frontier) VALUES (1, 0, '')")
    return web_database


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """In memory, unless a test is told `on_every_database`."""
    if getattr(request, "param", "memory") == "memory":
        return "sqlite://"
    return str(request.getfixturevalue("empty_web_database"))


@pytest.fixture
async def world(database_url: str, keys_of_the_service: Path) -> AsyncIterator[World]:
    clock, post = FakeClock(), PostBox()
    settings = Settings(
        service=Service(public_url=PUBLIC_URL, help_phone=PHONE),
        database=Database(url=database_url),
        keys=Keys(directory=str(keys_of_the_service)),
    )
    async with compose(settings, now=clock, postman=post) as service:
        yield World(service, clock, post)


@pytest.fixture
async def city(world: World) -> Acting:
    return await world.agency("city")


@pytest.fixture
async def prefecture(world: World) -> Acting:
    return await world.agency("prefecture")


@pytest.fixture
async def settled(city: Acting, prefecture: Acting) -> Meeting:
    """A meeting of the city and the prefecture, agreed and settled on the morning."""
    meeting = await city.propose(prefecture)
    await prefecture.answer(meeting, YES)
    return await city.settle(meeting)


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
    asked = NewApiKey(person=person, scopes=scopes, label="tests", days=30)
    return (await agency.use.issue_api_key(agency.console, asked)).secret


def parts_of(world: World, readiness: Readiness, **more: Any) -> WebParts:
    service = world.service
    return WebParts(
        use_cases=service.use_cases,
        public_url=PUBLIC_URL,
        problem_base_url=f"{PUBLIC_URL}/problems/",
        room_keys=service.keyring.room_keys.published(),
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
