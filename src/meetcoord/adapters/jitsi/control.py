"""Putting people out of rooms through two of Jitsi's Prosody modules, muc_kick_participant and muc_end_meeting."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

import httpx

from meetcoord.adapters.jitsi.keys import SystemKeys
from meetcoord.adapters.jitsi.tokens import SKEW
from meetcoord.domain.errors import Conflict, Misconfigured, NotFound, Unavailable
from meetcoord.ports.system import Clock, NewId

LIFE = timedelta(seconds=60)
PATIENCE = 5.0
"""Seconds for the whole of one answer: somebody waits for it in front of a button."""


@dataclass(frozen=True, slots=True)
class JitsiControl:
    """`url` is where Prosody's HTTP server answers for the virtual host; `conference_domain` that of the rooms.

    `subject`, `issuer` and `audience` are as for room tokens: Prosody checks both kinds with the same settings.
    """

    http: httpx.AsyncClient
    keys: SystemKeys
    url: str
    conference_domain: str
    subject: str
    issuer: str
    audience: str
    now: Clock
    new_id: NewId
    patience: float = PATIENCE

    async def put_out(self, room: str, occupant: str) -> None:
        await self._ask(
            "PUT", "kick-participant", room, params={"room": room}, json={"participantId": occupant}
        )

    async def end(self, room: str) -> None:
        await self._ask(
            "POST", "end-meeting", room, params={"conference": f"{room}@{self.conference_domain}"}
        )

    async def _ask(self, method: str, what: str, room: str, **more: Any) -> None:
        headers = {"Authorization": f"Bearer {self._token(room)}"}
        try:
            async with asyncio.timeout(self.patience):
                answer = await self.http.request(method, f"{self.url}/{what}", headers=headers, **more)
        except (httpx.HTTPError, TimeoutError) as fault:
            raise Unavailable(
                "The video server does not answer: try again, or let a moderator act inside the room."
            ) from fault
        if answer.status_code != httpx.codes.OK:
            _refuse(answer.status_code, what)

    def _token(self, room: str) -> str:
        now = self.now()
        return self.keys.signed(self._claims(room, now), now)

    def _claims(self, room: str, now: datetime) -> Mapping[str, object]:
        return {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": self.subject,
            "room": room,
            "iat": int(now.timestamp()),
            "nbf": int((now - SKEW).timestamp()),
            "exp": int((now + LIFE).timestamp()),
            "jti": self.new_id(),
        }


@dataclass(frozen=True, slots=True)
class NoControl:
    """Where no `rooms.control_url` is set: says so, each time."""

    async def put_out(self, room: str, occupant: str) -> None:
        _have_no_control()

    async def end(self, room: str) -> None:
        _have_no_control()


@asynccontextmanager
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """No redirect is followed and no proxy asked: the token goes to the video server and nowhere else."""
    async with httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False, trust_env=False) as http:
        yield http


def _refuse(status: int, what: str) -> NoReturn:
    match status:
        case 404:
            raise NotFound("The room is not open, or nobody of that name is in it.")
        case 401 | 403:
            raise Misconfigured(
                "The video server refuses our system token: check that its prosody_password_public_key_repo_url is "
                "our public address with /syskeys, and its accepted issuers and audiences are rooms.issuer and "
                "rooms.audience."
            )
        case 400:
            raise Misconfigured(
                f"The video server does not understand {what}: check rooms.conference_domain and its version."
            )
        case _ if status >= 500:
            raise Unavailable(
                f"The video server could not do it just now (it says {status}): try again, or let a moderator act "
                "inside the room."
            )
        case _:
            raise Misconfigured(
                f"rooms.control_url is not that of Prosody's own HTTP server: it answers {what} with HTTP {status}."
            )


def _have_no_control() -> NoReturn:
    raise Conflict(
        "This service has no power over open rooms: rooms.control_url is not set. A moderator must put people out "
        "inside the room; passes already given expire by themselves."
    )
