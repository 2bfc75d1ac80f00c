"""The little of XMPP over WebSocket (RFC 7395) that it takes to enter a Jitsi room as a browser does."""

import asyncio
import itertools
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.typing import Origin, Subprotocol

from meetcoord.adapters.jitsi import stanzas
from meetcoord.adapters.jitsi.stanzas import element, within, written
from meetcoord.domain.errors import CannotTell, Refused

LARGEST_MESSAGE = 64 * 1024
FORBIDDEN = {401, 403}
REFUSALS = {"host-unknown", "not-authorized", "policy-violation"}

# The address holds the token, and a library that is told to be talkative writes down each address.
_silent = logging.getLogger("meetcoord.unheard")
_silent.disabled = True


class _Unbending(connect):
    """Follows no redirection: the token is for the server that the settings name."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


@dataclass(frozen=True, slots=True)
class Session:
    """One login. Each method waits at most `seconds`; raises Refused when the server says no, else CannotTell."""

    jid: str
    seconds: float
    _connection: ClientConnection = field(repr=False)
    _numbers: Iterator[int] = field(repr=False)

    async def ask(self, to: str, question: Element, kind: str = "get") -> Element:
        """The answer to an <iq/>, also when it is an error."""
        number = f"q{next(self._numbers)}"
        await _send(
            self._connection, within(element("iq", stanzas.CLIENT, type=kind, id=number, to=to), question)
        )
        return await self._first(lambda s: stanzas.name(s) == "iq" and s.get("id") == number)

    async def join(self, room: str, *extra: Element) -> Element:
        """Enter `room` (its JID), with `extra` in the presence; returns our own presence in it (XEP-0045, 7.2)."""
        # Jitsi lets nobody enter under another nickname than the beginning of the JID.
        nick = self.jid[:8]
        presence = element("presence", stanzas.CLIENT, to=f"{room}/{nick}")
        await _send(self._connection, within(presence, element("x", stanzas.MUC), *extra))
        answer = await self._first(lambda s: _answers_join(s, room, nick))
        if answer.get("type"):
            raise Refused(stanzas.reason(answer))
        return answer

    async def last_presence(self, room: str, within_seconds: float) -> Element | None:
        """The newest presence about ourselves that comes within that time; None when none comes."""
        newest = None
        with _understood():
            try:
                async with asyncio.timeout(within_seconds):
                    while True:
                        stanza = await _receive(self._connection)
                        newest = stanza if _answers_join(stanza, room, self.jid[:8]) else newest
            except TimeoutError:
                return newest

    async def _first(self, wanted: Callable[[Element], bool]) -> Element:
        with _understood():
            async with asyncio.timeout(self.seconds):
                while not wanted(stanza := await _receive(self._connection)):
                    pass
        return stanza


@dataclass(frozen=True, slots=True)
class Server:
    """`url` is the page address of Jitsi, `domain` its XMPP domain; `direct` passes by any proxy."""

    url: str
    domain: str
    seconds: float
    direct: bool = False

    @asynccontextmanager
    async def login(self, room: str, token: str | None, domain: str = "") -> AsyncIterator[Session]:
        """Log in anonymously with `token` and stay while the block runs (RFC 6120, 6 and 7; XEP-0175).

        Raises Refused when the server says no, CannotTell when it says nothing that can be understood.
        """
        with _understood():
            async with (
                asyncio.timeout(self.seconds) as patience,
                _closed_for_good(self._connection(room, token)) as connection,
            ):
                jid = await _log_in(connection, domain or self.domain)
                patience.reschedule(None)
                yield Session(jid, self.seconds, connection, itertools.count(1))

    def _connection(self, room: str, token: str | None) -> connect:
        query = urlencode({"room": room} | ({"token": token} if token is not None else {}))
        return _Unbending(
            f"ws{self.url.removeprefix('http')}/xmpp-websocket?{query}",
            origin=Origin("/".join(self.url.split("/")[:3])),
            subprotocols=[Subprotocol("xmpp")],
            compression=None,
            proxy=None if self.direct else True,
            open_timeout=None,
            close_timeout=1,
            ping_interval=None,
            max_size=LARGEST_MESSAGE,
            logger=_silent,
        )


@asynccontextmanager
async def _closed_for_good(opening: connect) -> AsyncIterator[ClientConnection]:
    """Left politely; and if our time runs out while the server keeps us from leaving, the line is cut."""
    connection = await opening
    try:
        yield connection
    finally:
        try:
            await connection.close()
        finally:
            connection.transport.abort()


async def _log_in(connection: ClientConnection, domain: str) -> str:
    features = await _open(connection, domain)
    offered = [inner.text for inner in features.iter() if stanzas.name(inner) == "mechanism"]
    if "ANONYMOUS" not in offered:
        shown = stanzas.harmless(", ".join(filter(None, offered))) or "none"
        raise Refused(f"anonymous login is not offered, only: {shown}")
    await _send(connection, element("auth", stanzas.SASL, mechanism="ANONYMOUS"))
    answer = await _receive(connection)
    if stanzas.name(answer) == "failure":
        raise Refused(stanzas.reason(answer))
    if stanzas.name(answer) != "success":
        raise CannotTell("its answer to the login is not one of XMPP's.")
    await _open(connection, domain)
    return await _bind(connection)


async def _open(connection: ClientConnection, domain: str) -> Element:
    """Open the stream and return its features."""
    await _send(connection, element("open", stanzas.FRAMING, to=domain, version="1.0"))
    if stanzas.name(await _receive(connection)) != "open":
        raise CannotTell("what answers there does not speak XMPP.")
    return await _receive(connection)


async def _bind(connection: ClientConnection) -> str:
    await _send(
        connection,
        within(element("iq", stanzas.CLIENT, type="set", id="bind"), element("bind", stanzas.BIND)),
    )
    answer = await _receive(connection)
    jid = stanzas.first(answer, "jid")
    if jid is None or not jid.text:
        raise CannotTell(f"it let us in and gave us no name ({stanzas.reason(answer)}).")
    return jid.text


async def _send(connection: ClientConnection, stanza: Element) -> None:
    await connection.send(written(stanza))


async def _receive(connection: ClientConnection) -> Element:
    """The next stanza. Some stream errors are the server's no; others say that we do not understand each other."""
    stanza = stanzas.read(await connection.recv())
    if stanzas.name(stanza) == "error":
        conditions = {stanzas.name(inner) for inner in stanza} - {"text"}
        said = (
            f"the stream was closed ({stanzas.harmless(', '.join(sorted(conditions))) or 'no reason given'})"
        )
        raise Refused(said) if conditions & REFUSALS else CannotTell(f"{said}.")
    if stanzas.name(stanza) == "close":
        raise CannotTell("it closed the stream without a reason.")
    return stanza


def _answers_join(stanza: Element, room: str, nick: str) -> bool:
    sender = stanza.get("from", "")
    if stanzas.name(stanza) != "presence" or sender.partition("/")[0] != room:
        return False
    statuses = {inner.get("code") for inner in stanza.iter() if stanzas.name(inner) == "status"}
    return stanza.get("type") == "error" or "110" in statuses or sender == f"{room}/{nick}"


@contextmanager
def _understood() -> Iterator[None]:
    """Whatever goes wrong on the way becomes one sentence; the address, which holds the token, is never in it."""
    try:
        yield
    except TimeoutError as error:
        raise CannotTell("it did not answer in time.") from error
    except InvalidStatus as error:
        status = error.response.status_code
        if status in FORBIDDEN:
            raise Refused(f"HTTP status {status}") from error
        raise CannotTell(f"it answers the WebSocket with HTTP status {status}.") from error
    except ssl.SSLError as error:
        raise CannotTell(f"its certificate cannot be trusted ({error.reason}).") from error
    except OSError as error:
        raise CannotTell(f"it cannot be reached ({error.strerror or type(error).__name__}).") from error
    except (WebSocketException, EOFError, UnicodeError) as error:
        raise CannotTell(f"it broke off the conversation ({type(error).__name__}).") from error
