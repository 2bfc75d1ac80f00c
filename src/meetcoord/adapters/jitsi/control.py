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
"""Seconds for the whole of one order: somebody waits for it in front of a button."""


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
        # The kick module answers 200 with nothing also where it refuses our token or knows no such room. Of a stranger
        # it says 404, and only once it has looked into the room: whoever hears that may believe its 200.
        async with self._patience():
            if await self._kick(room, self.new_id()) == httpx.codes.OK:
                await self._end(room, self.new_id())
                _refuse(httpx.codes.OK, "end-meeting")
            if await self._kick(room, occupant) == httpx.codes.NOT_FOUND:
                await self._not_found("PUT", "kick-participant", json={"participantId": occupant})

    async def end(self, room: str) -> None:
        async with self._patience():
            await self._end(room, room)

    async def _kick(self, room: str, occupant: str) -> int:
        return await self._ask(
            "PUT", "kick-participant", self._bearer(room), {"room": room}, json={"participantId": occupant}
        )

    async def _end(self, claimed: str, room: str) -> None:
        """End `room` with a token for `claimed`: Prosody compares the two nowhere."""
        where = {"conference": f"{room}@{self.conference_domain}"}
        if await self._ask("POST", "end-meeting", self._bearer(claimed), where) == httpx.codes.NOT_FOUND:
            await self._not_found("POST", "end-meeting")

    async def _not_found(self, method: str, what: str, **body: Any) -> NoReturn:
        """A server without that module says 404 too, but also to who brings no token."""
        nowhere = {"room": self.new_id(), "conference": f"{self.new_id()}@{self.conference_domain}"}
        if await self._status(method, what, {}, nowhere, **body) == httpx.codes.NOT_FOUND:
            raise Misconfigured(
                f"rooms.control_url answers nothing under /{what}: add muc_end_meeting and muc_kick_participant to "
                "XMPP_MODULES, and check that it is the address of Prosody's own HTTP server."
            )
        raise NotFound("The room is not open, or nobody of that name is in it.")

    async def _ask(
        self, method: str, what: str, headers: Mapping[str, str], where: Mapping[str, str], **body: Any
    ) -> int:
        """200 or 404. Raises Misconfigured, Unavailable for every other answer."""
        status = await self._status(method, what, headers, where, **body)
        if status not in {httpx.codes.OK, httpx.codes.NOT_FOUND}:
            _refuse(status, what)
        return status

    async def _status(
        self, method: str, what: str, headers: Mapping[str, str], where: Mapping[str, str], **body: Any
    ) -> int:
        answer = await self.http.request(method, f"{self.url}/{what}", headers=headers, params=where, **body)
        return answer.status_code

    @asynccontextmanager
    async def _patience(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self.patience):
                yield
        except (httpx.HTTPError, TimeoutError) as fault:
            raise Unavailable(
                "The video server does not answer: try again, or let a moderator act inside the room."
            ) from fault

    def _bearer(self, room: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._token(room)}"}

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
