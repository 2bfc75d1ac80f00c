"""Keys rotate while people enter: every good token is good to whoever asks for its key, and former keys go."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import httpx
import jwt
import pytest

from meetcoord.adapters import system
from meetcoord.adapters.web.app import create_app
from meetcoord.bootstrap import Keyring, compose, create_missing
from meetcoord.bootstrap.key_folders import KeyKind, rotate
from meetcoord.bootstrap.keyring import FollowKeys
from meetcoord.domain.rotation import MARGIN, SETTLING
from meetcoord.ports.rooms import RoomEntry
from tests.agencies import MORNING, FakeClock, World
from tests.fakes import PostBox
from tests.web.conftest import Asking, Readiness, parts_of
from tests.web.test_join import SOON, seat
from tests.worlds import PUBLIC_URL, settings_for

PASS_LIFE = timedelta(minutes=15)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
UNTIMED: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


@dataclass(slots=True)
class Running:
    """A service whose keys lie in a folder, and a Prosody that has none of them in its memory."""

    world: World
    directory: Path
    http: httpx.AsyncClient
    follow: FollowKeys
    alive: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def rotate(self, kind: KeyKind = KeyKind.ROOMS) -> str:
        return rotate(self.directory, kind, self.world.clock, system.entropy).stem

    async def key_file(self, kid: str, under: str = "asap") -> bytes | None:
        answer = await self.http.get(f"/{under}/{sha256(kid.encode()).hexdigest()}.pem")
        return answer.content if answer.status_code == 200 else None

    async def check(self) -> None:
        """Log in with every token that has not expired; note those that are refused."""
        now = self.world.clock().timestamp()
        self.alive = [token for token in self.alive if _claims(token)["exp"] > now]
        served = {kid: await self.key_file(kid) for kid in {kid_of(token) for token in self.alive}}
        self.refused += [token for token in self.alive if not _opens(token, served[kid_of(token)])]

    async def enter(self, link: str, click: str) -> RoomEntry:
        entry = await self.world.press(link, click)
        self.alive.append(entry.token)
        return entry


def _claims(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def _opens(token: str, pem: bytes | None) -> bool:
    if pem is None:
        return False
    claims = jwt.decode(
        token, pem, algorithms=["RS256"], audience="jitsi", issuer="meetcoord", options=UNTIMED
    )
    return bool(claims["room"])


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    clock, post = FakeClock(), PostBox()
    create_missing(tmp_path / "keys", clock, system.entropy)
    settings = settings_for("sqlite://")
    keyring = Keyring.read(tmp_path / "keys", settings.log_origin)
    async with compose(settings, now=clock, postman=post, keyring=keyring) as service:
        world = World(service, clock, post)
        transport = httpx.ASGITransport(cast(Any, create_app(parts_of(world, Readiness()))))
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as http:
            yield Running(world, tmp_path / "keys", http, FollowKeys(keyring.folders, clock))


async def test_no_good_token_is_refused_while_keys_rotate_and_former_keys_go_in_time(
    running: Running,
) -> None:
    _, link = await seat(running.world)
    clock = running.world.clock
    clock.go_to(MORNING - SOON)
    made: list[tuple[str, datetime]] = []
    for step in range(66):
        if step % 12 == 3:
            made.append((running.rotate(), clock()))
        await asyncio.gather(*(running.enter(link, f"click-{step}-{n}") for n in range(5)), running.follow())
        await running.check()
        clock.pass_by(MINUTE)
    assert running.refused == []
    assert len({kid_of(token) for token in running.alive}) > 1
    held = running.world.service.keyring.room_keys
    for (kid, _), (_, next_made) in pairwise(made):
        gone = clock() >= next_made + SETTLING + PASS_LIFE + MARGIN + MINUTE
        assert (kid not in held.keys) == gone
        assert (await running.key_file(kid) is None) == gone
        assert KeyKind.ROOMS.file(running.directory, kid).exists() != gone
    assert len(KeyKind.ROOMS.retired(running.directory)) == 4
    assert kid_of((await running.enter(link, "the-last-one")).token) == made[-1][0]


async def test_a_fresh_key_is_published_before_it_signs(running: Running) -> None:
    _, link = await seat(running.world)
    running.world.clock.go_to(MORNING)
    former = kid_of((await running.enter(link, "click-0")).token)
    fresh = running.rotate()
    await running.follow()
    assert await running.key_file(fresh) is not None
    assert kid_of((await running.enter(link, "click-1")).token) == former
    running.world.clock.pass_by(SETTLING)
    assert kid_of((await running.enter(link, "click-2")).token) == fresh


async def test_the_former_key_stays_to_the_second_its_last_token_needs(running: Running) -> None:
    (former,) = running.world.service.keyring.room_keys.keys
    running.world.clock.go_to(MORNING)
    running.rotate()
    await running.follow()
    running.world.clock.pass_by(SETTLING + PASS_LIFE + MARGIN - SECOND)
    await running.follow()
    assert await running.key_file(former) is not None
    running.world.clock.pass_by(SECOND)
    await running.follow()
    assert await running.key_file(former) is None
    (retired,) = KeyKind.ROOMS.retired(running.directory)
    assert retired.stem == former


async def test_a_double_click_across_a_rotation_is_one_token(running: Running) -> None:
    _, link = await seat(running.world)
    running.world.clock.go_to(MORNING)
    first = await running.enter(link, "one-click")
    running.rotate()
    await running.follow()
    running.world.clock.pass_by(SETTLING + SECOND)
    assert await running.enter(link, "one-click") == first


async def test_system_keys_rotate_likewise_under_their_own_address(running: Running) -> None:
    (former,) = running.world.service.keyring.system_keys.keys
    running.world.clock.go_to(MORNING)
    fresh = running.rotate(KeyKind.SYSTEM)
    await running.follow()
    assert await running.key_file(fresh, "syskeys") is not None
    assert await running.key_file(former, "syskeys") is not None
    running.world.clock.pass_by(SETTLING + PASS_LIFE + MARGIN)
    await running.follow()
    assert await running.key_file(former, "syskeys") is None


async def test_each_kind_of_key_is_served_under_its_own_address_only(world: World, nobody: Asking) -> None:
    ring = world.service.keyring
    for own, other, keys in (
        ("asap", "syskeys", ring.room_keys.published()),
        ("syskeys", "asap", ring.system_keys.published()),
    ):
        for name, pem in keys.items():
            answer = await nobody.get(f"/{own}/{name}.pem")
            assert (answer.status_code, answer.content) == (200, pem)
            assert b"PRIVATE" not in pem
            assert (await nobody.get(f"/{other}/{name}.pem")).status_code == 404
            assert (await nobody.get(f"/{own}/{name}")).status_code == 404
    assert not set(ring.room_keys.published()) & set(ring.system_keys.published())
    assert set(ring.room_keys.published().values()).isdisjoint(ring.system_keys.published().values())
