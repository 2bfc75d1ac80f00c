"""Tries on a live Jitsi what must be refused and what must be granted, and notes what happened; it judges nothing."""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from xml.etree.ElementTree import Element

import httpx
import msgspec

from meetcoord.adapters.jitsi import stanzas
from meetcoord.adapters.jitsi.forgeries import ProbeTokens
from meetcoord.adapters.jitsi.stanzas import element, within
from meetcoord.adapters.jitsi.xmpp import Server, Session
from meetcoord.domain.errors import CannotTell, MeetcoordError, Refused

AT_ONCE = 6
"""Logins at the same time; a browser has no more connections to one server either."""


QUIET = 0.05
"""Seconds to read what has come already."""


class Outcome(Enum):
    LET_IN = "let in"
    REFUSED = "refused"
    UNTOLD = "untold"


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one attempt. `at_login`: refused before any room; `affiliation`: as what the room let it in."""

    outcome: Outcome
    reason: str = ""
    at_login: bool = False
    affiliation: str = ""
    created: bool = False


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds: for one step, for everything, and for somebody's rank in a room to settle."""

    step: float = 10
    total: float = 60
    settle: float = 2


NOT_REACHED = Attempt(outcome=Outcome.UNTOLD, reason="the time for the whole check was over.")
SHUT_OUT = Attempt(outcome=Outcome.UNTOLD, reason="no good token could log in.")
LET_IN = Attempt(outcome=Outcome.LET_IN)
AT_LOGIN = (
    "expired", "not_yet_valid", "without_exp", "foreign_key", "foreign_audience", "foreign_issuer", "public_key",
    "no_token", "guest",
)  # fmt: skip
IN_ROOM = ("wildcard", "foreign_domain", "foreign_room", "initiator")
KEYS = ("good", "joined", *AT_LOGIN, *IN_ROOM, "moderator", "unscheduled", "end_meeting", "census", "version")


@dataclass(frozen=True, slots=True)
class Probe:
    """`muc` is the domain of the rooms, `control_url` where Prosody takes orders, or empty.

    `tokens.room` is a room that the service lets be opened now, `shut` one that it refuses.

    Nothing is changed on the server but an empty room that passes away.
    """

    server: Server
    muc: str
    control_url: str
    tokens: ProbeTokens
    shut: str
    pace: Pace
    _found: dict[str, Attempt] = field(default_factory=dict)
    _inside: list[Session] = field(default_factory=list)
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def run(self) -> Mapping[str, Attempt]:
        """One Attempt for each of KEYS, within `pace.total` seconds. Raises nothing for what the server does."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.pace.total), asyncio.TaskGroup() as tasks:
                tasks.create_task(_outcome(self._stay))
                for key, token in self._bad_logins().items():
                    tasks.create_task(self._note(key, partial(self._log_in, key, token)))
                tasks.create_task(self._note("end_meeting", self._end_meeting))
                tasks.create_task(self._note("census", self._census))
        shut_out = self._found.get("good", LET_IN).outcome is not Outcome.LET_IN
        return {key: self._found.get(key, SHUT_OUT if shut_out else NOT_REACHED) for key in KEYS}

    def _bad_logins(self) -> dict[str, str | None]:
        tokens = self.tokens
        return {
            **{key: tokens.changed(key) for key in ("expired", "not_yet_valid", "without_exp")},
            **{key: tokens.changed(key) for key in ("foreign_audience", "foreign_issuer")},
            "foreign_key": tokens.of_a_foreign_key(),
            "public_key": tokens.of_the_public_key(),
            "no_token": None,
            "guest": None,
        }

    async def _note(self, key: str, attempt: Callable[[], Awaitable[Attempt]]) -> None:
        self._found[key] = await _outcome(attempt)

    async def _log_in(self, key: str, token: str | None) -> Attempt:
        domain = f"guest.{self.server.domain}" if key == "guest" else ""
        async with self._turn, self.server.login(self.tokens.room, token, domain):
            return LET_IN

    async def _stay(self) -> Attempt:
        """Enter with a good token and stay in the room: only while somebody is in it does a refusal tell anything."""
        async with contextlib.AsyncExitStack() as stack:
            await self._note("good", lambda: self._settle_in(stack))
            await self._try_room()
            await self._must_have_stayed()
        return LET_IN

    async def _settle_in(self, stack: contextlib.AsyncExitStack) -> Attempt:
        login = self.server.login(self.tokens.room, self.tokens.good())
        session = await stack.enter_async_context(login)
        self._found["good"] = LET_IN
        self._inside.append(session)
        await self._note("version", lambda: self._version(session))
        await self._note("unscheduled", lambda: self._open_room(session, self.shut))
        await _outcome(lambda: self._open_room(session, self.tokens.room))
        await self._note("joined", lambda: self._join(session, settle=self.pace.settle))
        return LET_IN

    async def _must_have_stayed(self) -> None:
        """Whoever was put out meanwhile left an empty room behind, whose refusals tell nothing."""
        for session in self._inside:
            left = await _outcome(partial(self._rank, session, LET_IN, QUIET))
            if left.outcome is Outcome.UNTOLD and self._found["joined"].outcome is Outcome.LET_IN:
                self._found["joined"] = left

    async def _try_room(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for key, token in {
                "wildcard": self.tokens.changed("wildcard"),
                "foreign_domain": self.tokens.changed("foreign_domain"),
                "foreign_room": self.tokens.for_another_room(),
                "initiator": self.tokens.for_another_room(),
                "moderator": self.tokens.good(moderator=True),
            }.items():
                tasks.create_task(self._note(key, partial(self._enter, key, token)))

    async def _enter(self, key: str, token: str) -> Attempt:
        extra = [element("initiator", stanzas.JIGASI)] if key == "initiator" else []
        async with self._turn, contextlib.AsyncExitStack() as stack:
            try:
                session = await stack.enter_async_context(self.server.login(self.tokens.room, token))
            except Refused as error:
                return Attempt(outcome=Outcome.REFUSED, reason=error.detail, at_login=True)
            return await self._join(session, *extra, settle=self.pace.settle if key == "moderator" else 0)

    async def _join(self, session: Session, *extra: Element, settle: float) -> Attempt:
        presence = await session.join(self._room, *extra)
        created = any(s.get("code") == "201" for s in presence.iter() if stanzas.name(s) == "status")
        if created:
            # Until its maker accepts the settings, a room of plain XMPP is closed to all others (XEP-0045, 10.1.2).
            form = within(element("query", stanzas.MUC_OWNER), element("x", stanzas.FORM, type="submit"))
            await _outcome(lambda: self._configure(session, form))
        entered = Attempt(outcome=Outcome.LET_IN, affiliation=_affiliation(presence), created=created)
        return await self._rank(session, entered, settle) if settle else entered

    async def _configure(self, session: Session, form: Element) -> Attempt:
        await session.ask(self._room, form, "set")
        return LET_IN

    async def _rank(self, session: Session, entered: Attempt, settle: float) -> Attempt:
        """`entered` with the rank that is told within `settle` seconds. Raises CannotTell when we are put out."""
        newest = await session.last_presence(self._room, settle)
        if newest is None:
            return entered
        if newest.get("type"):
            raise CannotTell("we were put out of the room again.")
        return msgspec.structs.replace(entered, affiliation=_affiliation(newest))

    @property
    def _room(self) -> str:
        return f"{self.tokens.room}@{self.muc}"

    async def _open_room(self, session: Session, room: str) -> Attempt:
        """Ask Jicofo for a room as the web client does; REFUSED only when a reservation server was asked."""
        wanted = element("conference", stanzas.FOCUS, room=f"{room}@{self.muc}")
        wanted.set("machine-uid", self.tokens.room)
        wanted.set("token", self.tokens.good())
        answer = await session.ask(f"focus.{self.server.domain}", wanted, "set")
        if answer.get("type") == "result":
            return LET_IN
        if stanzas.first(answer, "reservation-error") is None:
            raise CannotTell(f"Jicofo does not open rooms ({stanzas.reason(answer)}).")
        raise Refused(stanzas.reason(answer))

    async def _version(self, session: Session) -> Attempt:
        answer = await session.ask(self.server.domain, element("query", stanzas.VERSION))
        texts = [(found.text or "") for found in answer.iter() if stanzas.name(found) in {"name", "version"}]
        return Attempt(outcome=Outcome.LET_IN, reason=stanzas.harmless(" ".join(texts)))

    async def _end_meeting(self) -> Attempt:
        """POST /end-meeting for a room that does not exist, with a participant's token and with none.

        The module answers 401 to a token it does not take and looks for the room only then, so that 404 means that
        the token was taken. A web server that does not know the address treats it as it treats any other.
        """
        statuses = []
        for url in filter(None, (self.server.url, self.control_url)):
            query = f"?conference=check-{self.tokens.new_id()}@{self.muc}"
            async with self._http(url) as http:
                bare = await http.post(f"/end-meeting{query}")
                elsewhere = await http.post(f"/{self.tokens.new_id()}{query}", headers=self._bearer())
                answer = await http.post(f"/end-meeting{query}", headers=self._bearer())
            statuses.append(f"HTTP status {answer.status_code}")
            unknown_there = answer.status_code == bare.status_code == elsewhere.status_code
            if not unknown_there and answer.status_code not in {401, 403}:
                return Attempt(outcome=Outcome.LET_IN, reason=statuses[-1])
        raise Refused(", ".join(statuses))

    async def _census(self) -> Attempt:
        async with (
            self._http(self.server.url) as http,
            http.stream("GET", "/room-census", headers=self._bearer()) as answer,
        ):
            head = await anext(answer.aiter_bytes(1024), b"")
        # The web server shows its meeting page under any name, also under this one.
        if answer.status_code == 200 and b"room_census" in head and not _is_page(answer):
            return LET_IN
        raise Refused(f"HTTP status {answer.status_code}")

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens.good()}"}

    def _http(self, url: str) -> httpx.AsyncClient:
        # The system's authorities, as for the WebSocket: an agency's own is known there, and not to httpx.
        return httpx.AsyncClient(
            base_url=url,
            timeout=self.pace.step,
            trust_env=not self.server.direct,
            verify=ssl.create_default_context(),
        )


def _affiliation(presence: Element) -> str:
    item = stanzas.first(presence, "item")
    return "" if item is None else stanzas.harmless(item.get("affiliation", ""))


def _is_page(answer: httpx.Response) -> bool:
    return bool(answer.headers.get("content-type", "").startswith("text/html"))


async def _outcome(attempt: Callable[[], Awaitable[Attempt]]) -> Attempt:
    try:
        return await attempt()
    except Refused as error:
        return Attempt(outcome=Outcome.REFUSED, reason=error.detail)
    except MeetcoordError as error:
        return Attempt(outcome=Outcome.UNTOLD, reason=error.detail)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Attempt(outcome=Outcome.UNTOLD, reason=f"it does not answer ({type(error).__name__}).")
