"""One of each kind of secret that this service gives out or takes, all of them good, for one seat."""

from dataclasses import dataclass

import jwt
import pytest

from meetcoord.domain.meetings import Meeting
from meetcoord.domain.profiles import ProfileName
from tests.agencies import World
from tests.guests import DESK, Guest, invited
from tests.web.conftest import key_of

SECRETS = (
    "join link",
    "room token",
    "system token",
    "API key",
    "Jitsi's secret",
    "device",
    "code",
    "log note",
)


@dataclass(frozen=True, slots=True)
class Held:
    """`secrets` by kind; the seat is that of a sensitive meeting, proven on the device, with its doors open."""

    world: World
    guest: Guest
    secrets: dict[str, str]

    def all(self) -> tuple[str, ...]:
        return tuple(self.secrets.values())


async def held_by(world: World) -> Held:
    city, prefecture = await world.agency("city"), await world.agency("prefecture")
    guest = await invited(world, city, prefecture, ProfileName.SENSITIVE)
    code = await guest.mailed()
    room_token = await guest.enter(code, DESK)
    ring = world.service.keyring
    note = ring.signer.sign(f"{ring.signer.name}\n1\n{'A' * 43}=\n")
    return Held(
        world,
        guest,
        {
            "join link": guest.link,
            "room token": room_token,
            "system token": system_token(world, guest.meeting),
            "API key": await key_of(prefecture),
            "Jitsi's secret": ring.jitsi_secret,
            "device": DESK,
            "code": code,
            "log note": note.split()[-1],
        },
    )


def system_token(world: World, meeting: Meeting) -> str:
    """As it goes to the video server with an order about this room."""
    now = world.clock()
    at = int(now.timestamp())
    claims = {
        "iss": "meetcoord", "aud": "jitsi", "sub": "meet.jitsi", "room": meeting.room,
        "iat": at, "nbf": at - 5, "exp": at + 60, "jti": "a" * 26,
    }  # fmt: skip
    return world.service.keyring.system_keys.signed(claims, now)


@pytest.fixture
async def held(world: World) -> Held:
    return await held_by(world)


def claims_of(token: str) -> dict[str, object]:
    """What stands in a token, whoever signed it."""
    found: dict[str, object] = jwt.decode(token, options={"verify_signature": False})
    return found
