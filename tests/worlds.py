"""A whole service on each kind of database, with a clock that can be moved and mailboxes that can be read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import sql

from meetcoord.adapters import system
from meetcoord.adapters.sql.migrate import migrate
from meetcoord.adapters.sql.schema import metadata
from meetcoord.bootstrap import Keyring, compose, create_missing
from meetcoord.domain.meetings import Meeting
from meetcoord.settings import Settings
from meetcoord.settings.sections import Database, ProfileTable, Service
from tests.agencies import YES, Acting, FakeClock, World
from tests.fakes import PostBox, VideoRooms

PUBLIC_URL = "https://meet.example.org"
PHONE = "+33 3 00 00 00 00"
WORLDS = "meetcoord_worlds"

on_every_database = pytest.mark.parametrize(
    "database_url",
    ["memory", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))],
    indirect=True,
)
"""For what must be told on every database; the rest is told in memory, where it is quick."""


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    """The service's own keys, read once: proving an RSA key takes longer than most stories."""
    directory = tmp_path_factory.mktemp("keys")
    create_missing(directory, system.now, system.entropy)
    return Keyring.read(directory, settings_for("sqlite://").log_origin)


@pytest.fixture(scope="session")
def shared_database(postgresql_url: str) -> str:
    """One migrated database that every world empties: much quicker than a database for each."""
    with psycopg.connect(postgresql_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(WORLDS)))
    url = urlsplit(postgresql_url)._replace(path=f"/{WORLDS}").geturl()
    migrate(url)
    return url


@pytest.fixture
def emptied_database(shared_database: str) -> str:
    with psycopg.connect(shared_database, autocommit=True) as server:
        server.execute(
            sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, metadata.tables)))
        )
        server.execute("INSERT INTO log_head (id, size, frontier) VALUES (1, 0, '')")
    return shared_database


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """In memory, unless the test is told `on_every_database`."""
    if getattr(request, "param", "memory") == "memory":
        return "sqlite://"
    return str(request.getfixturevalue("emptied_database"))


def settings_for(url: str) -> Settings:
    return Settings(
        service=Service(public_url=PUBLIC_URL, help_phone=PHONE),
        database=Database(url=url),
    )


@asynccontextmanager
async def world_on(url: str, keyring: Keyring, profiles: ProfileTable | None = None) -> AsyncIterator[World]:
    clock, post, video = FakeClock(), PostBox(), VideoRooms()
    settings = replace(settings_for(url), profiles=profiles or ProfileTable())
    async with compose(settings, now=clock, postman=post, keyring=keyring, control=video) as service:
        yield World(service, clock, post, video)


@pytest.fixture
async def world(database_url: str, keyring: Keyring) -> AsyncIterator[World]:
    async with world_on(database_url, keyring) as world:
        yield world


@pytest.fixture
def database_file(tmp_path: Path) -> Path:
    file = tmp_path / "meetcoord.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
async def world_on_disk(database_file: Path, keyring: Keyring) -> AsyncIterator[World]:
    async with world_on(f"sqlite:///{database_file}", keyring) as world:
        yield world


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
