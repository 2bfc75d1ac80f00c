"""Orders to the video server: under a key of their own, to that server alone, and honest when they fail."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from meetcoord.adapters import system
from meetcoord.adapters.jitsi.control import JitsiControl, NoControl, client
from meetcoord.adapters.jitsi.keys import RoomKeys, SystemKeys
from meetcoord.adapters.jitsi.tokens import JitsiRooms
from meetcoord.domain.errors import Conflict, Misconfigured, NotFound, Unavailable
from meetcoord.ports.rooms import RoomControl
from tests.contracts.room_control import ADA, BLAISE, OTHER, ROOM, RoomControlContract, VideoSystem
from tests.fakes import VideoRooms
from tests.jitsi.test_room_tokens import PASS
from tests.jitsi.video_server import CONFERENCES, VideoServer, listening

PATIENCE = 0.3


@cache
def key(name: str) -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


SYSTEM_KID, ROOM_KID = "20261103t080000-0a1b2c3d", "20261103t080000-4e5f6a7b"


@dataclass(slots=True)
class Jitsi:
    """The adapter, and the server it talks to."""

    control: JitsiControl
    server: VideoServer

    def open(self, room: str, *occupants: str) -> None:
        self.server.open(room, *occupants)

    def inside(self, room: str) -> set[str] | None:
        return self.server.rooms.get(room)

    def be_silent(self) -> None:
        self.server.silent = True

    def fail(self) -> None:
        self.server.status = 502

    def lose_the_reply(self) -> None:
        self.server.lost = True

    def distrust(self) -> None:
        async def none(_: str) -> None:
            return None

        self.server.key_file = none


@asynccontextmanager
async def jitsi() -> AsyncIterator[Jitsi]:
    keys = SystemKeys({SYSTEM_KID: key("system")})

    async def key_file(name: str) -> bytes | None:
        return keys.published().get(name)

    async with listening(VideoServer(key_file)) as server, client() as http:
        control = JitsiControl(
            http=http, keys=keys, url=server.url, conference_domain=CONFERENCES, subject="meet.jitsi",
            issuer="meetcoord", audience="jitsi", now=system.now, new_id=system.new_id, patience=PATIENCE,
        )  # fmt: skip
        yield Jitsi(control, server)


@pytest.fixture
async def video() -> AsyncIterator[Jitsi]:
    async with jitsi() as found:
        yield found


class TestJitsiControl(RoomControlContract):
    pass


class TestFake(RoomControlContract):
    @pytest.fixture
    def video(self) -> VideoSystem:
        return VideoRooms()


async def test_the_token_names_the_room_and_lives_for_a_minute(video: Jitsi) -> None:
    video.open(ROOM, ADA)
    before = system.now().timestamp()
    await video.control.end(ROOM)
    (token,) = video.server.bearers
    assert jwt.get_unverified_header(token) == {"typ": "JWT", "alg": "RS256", "kid": SYSTEM_KID}
    claims = jwt.decode(token, options={"verify_signature": False})
    assert set(claims) == {"iss", "aud", "sub", "room", "iat", "nbf", "exp", "jti"}
    assert (claims["iss"], claims["aud"], claims["sub"]) == ("meetcoord", "jitsi", "meet.jitsi")
    assert claims["room"] == ROOM
    assert claims["exp"] - claims["iat"] == 60
    assert int(before) <= claims["iat"] <= before + 10
    assert claims["iat"] - claims["nbf"] == 5


async def test_each_request_has_a_token_of_its_own(video: Jitsi) -> None:
    video.open(ROOM, ADA, BLAISE)
    await video.control.put_out(ROOM, ADA)
    await video.control.put_out(ROOM, BLAISE)
    assert len(set(video.server.bearers)) == len(video.server.bearers)


async def test_what_a_participant_holds_gives_no_orders(video: Jitsi) -> None:
    video.open(PASS.room, ADA)
    now = system.now()
    rooms = JitsiRooms(
        keys=RoomKeys({ROOM_KID: key("room")}), url="https://jitsi.example.org", subject="meet.jitsi",
        issuer="meetcoord", audience="jitsi",
    )  # fmt: skip
    fresh = msgspec.structs.replace(PASS, issued_at=now, expires_at=now + timedelta(minutes=5))
    for token in (rooms.entry(fresh).token, "a.b.c"):
        answer = await video.control.http.post(
            f"{video.server.url}/end-meeting",
            params={"conference": f"{PASS.room}@{CONFERENCES}"},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 401
    assert video.inside(PASS.room) == {ADA}


async def test_no_redirect_is_followed(video: Jitsi) -> None:
    async with jitsi() as elsewhere:
        video.server.status, video.server.location = 307, f"{elsewhere.server.url}/end-meeting"
        with pytest.raises(Misconfigured, match="control_url"):
            await video.control.end(ROOM)
        assert elsewhere.server.bearers == []


async def test_a_server_that_does_not_listen_is_unavailable(video: Jitsi) -> None:
    gone = JitsiControl(
        http=video.control.http, keys=video.control.keys, url="http://127.0.0.1:9",
        conference_domain=CONFERENCES, subject="meet.jitsi", issuer="meetcoord", audience="jitsi",
        now=system.now, new_id=system.new_id,
    )  # fmt: skip
    with pytest.raises(Unavailable, match="try again"):
        await gone.end(ROOM)


async def test_a_wrong_conference_domain_says_what_to_check(video: Jitsi) -> None:
    astray = replace(video.control, conference_domain="rooms.example.org")
    video.open(ROOM, ADA)
    with pytest.raises(Misconfigured, match=r"rooms\.conference_domain"):
        await astray.end(ROOM)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(200, Misconfigured), (204, Misconfigured), (401, Misconfigured), (404, Misconfigured), (418, Misconfigured),
     (503, Unavailable)],
)  # fmt: skip
async def test_every_other_answer_is_a_refusal(video: Jitsi, status: int, kind: type[Exception]) -> None:
    video.server.status = status
    with pytest.raises(kind):
        await video.control.put_out(ROOM, ADA)


async def test_a_kick_that_jitsi_refused_with_an_empty_200_is_not_reported_as_done(video: Jitsi) -> None:
    video.open(ROOM, ADA)
    video.distrust()
    with pytest.raises(Misconfigured, match="prosody_password_public_key_repo_url"):
        await video.control.put_out(ROOM, ADA)
    assert video.inside(ROOM) == {ADA}


async def test_a_kick_from_a_room_that_jitsi_does_not_know_is_not_reported_as_done(video: Jitsi) -> None:
    video.open(OTHER, ADA)
    with pytest.raises(NotFound):
        await video.control.put_out(ROOM, ADA)
    assert video.inside(OTHER) == {ADA}


@pytest.mark.parametrize("absent", ["kick", "end"])
async def test_a_module_that_is_not_loaded_is_named_and_not_taken_for_an_empty_room(
    video: Jitsi, absent: str
) -> None:
    video.open(ROOM, ADA)
    video.server.modules.remove(absent)
    order = video.control.put_out(ROOM, ADA) if absent == "kick" else video.control.end(ROOM)
    with pytest.raises(Misconfigured, match=f"/{absent}-.*muc_kick_participant"):
        await order


async def test_where_only_the_end_module_is_missing_people_are_put_out_all_the_same(video: Jitsi) -> None:
    video.open(ROOM, ADA, BLAISE)
    video.server.modules.remove("end")
    await video.control.put_out(ROOM, ADA)
    assert video.inside(ROOM) == {BLAISE}
    with pytest.raises(Misconfigured, match="muc_end_meeting"):
        await video.control.put_out(OTHER, ADA)


async def test_without_control_it_is_said_each_time() -> None:
    none: RoomControl = NoControl()
    for order in (none.end(ROOM), none.put_out(ROOM, ADA)):
        with pytest.raises(Conflict, match=r"rooms\.control_url is not set"):
            await order
