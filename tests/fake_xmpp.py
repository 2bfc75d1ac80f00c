"""A stand-in for a strict Jitsi: XMPP over WebSocket and its HTTP modules, with rules that can be broken one by one."""

import asyncio
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

import jwt
import uvicorn
from jwt.api_jws import PyJWS
from jwt.utils import base64url_decode

DOMAIN, MUC, AUDIENCE, ISSUER = "meet.jitsi", "muc.meet.jitsi", "jitsi", "meetcoord"
FEATURES = (
    "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>{}</stream:features>"
)  # fmt: skip
ANONYMOUS = (
    "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>ANONYMOUS</mechanism></mechanisms>"
)
Message = MutableMapping[str, Any]
Claims = dict[str, Any]


class NotAllowed(Exception):
    """The login or the join is refused with this text."""


@dataclass
class FakeJitsi:
    """`keys` are PEM public keys under their published names; `broken` names the rules that do not hold.

    Besides: "focus" is absent; "staying" puts everybody out at once but moderators. Before it opens a room it asks
    `reservations`, which returns None or what it says in refusing; "unscheduled" asks nobody.
    """

    keys: Mapping[str, bytes]
    reservations: Callable[[str], str | None] = lambda room: None
    broken: frozenset[str] = frozenset()
    refusal: str = ""
    seen: list[str] = field(default_factory=list)
    open_rooms: set[str] = field(default_factory=set)

    async def __call__(
        self, scope: Message, receive: Callable[[], Any], send: Callable[[Message], Any]
    ) -> None:
        if scope["type"] == "http":
            await self._http(scope, send)
        if scope["type"] == "websocket":
            query = parse_qs(scope["query_string"].decode())
            token = query.get("token", [None])[0]
            self.seen += [token] if token else []
            await receive()
            await send({"type": "websocket.accept", "subprotocol": "xmpp"})
            await _Conversation(self, token, receive, send).run()

    async def _http(self, scope: Message, send: Callable[[Message], Any]) -> None:
        bearer = dict(scope["headers"]).get(b"authorization", b"").decode().removeprefix("Bearer ")
        status, body = 404, b""
        if scope["path"] == "/end-meeting":
            assert scope["method"] == "POST"
            status = 404 if bearer and "end_meeting" in self.broken else 401
        if scope["path"] == "/room-census" and "census" in self.broken:
            status, body = 200, json.dumps({"room_census": []}).encode()
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})

    def admitted(self, token: str | None) -> Claims:
        """What process_and_verify_token does. Raises NotAllowed."""
        if token is None:
            return self._unless("no_token", "token required", {"room": "*", "sub": DOMAIN})
        header = jwt.get_unverified_header(token)
        pem = self.keys.get(sha256(header.get("kid", "").encode()).hexdigest())
        if header.get("typ") != "JWT" or pem is None:
            raise NotAllowed("no such key")
        self._signature(token, header["alg"], pem)
        claims: Claims = jwt.decode(token, options={"verify_signature": False})
        self._times(claims)
        for claim, wanted, rule in (("aud", AUDIENCE, "foreign_audience"), ("iss", ISSUER, "foreign_issuer")):
            if claims.get(claim) != wanted:
                self._unless(rule, f"Invalid {claim}", claims)
        return claims

    def _signature(self, token: str, algorithm: str, pem: bytes) -> None:
        if algorithm == "HS256" and "public_key" in self.broken:
            text, _, signature = token.rpartition(".")
            if hmac.compare_digest(hmac.digest(pem, text.encode(), "sha256"), base64url_decode(signature)):
                return
        if algorithm != "RS256":
            raise NotAllowed("algorithm")
        try:
            PyJWS().decode(token, pem, algorithms=["RS256"])
        except jwt.InvalidSignatureError:
            self._unless("foreign_key", "Invalid signature", {})

    def _times(self, claims: Claims) -> None:
        now = int(time.time())
        if "exp" not in claims:
            self._unless("without_exp", "exp claim is missing", claims)
        elif now >= claims["exp"]:
            self._unless("expired", "Not acceptable by exp", claims)
        if now < claims["nbf"]:
            self._unless("not_yet_valid", "Not acceptable by nbf", claims)

    def enter(self, claims: Claims, room: str, presence: ET.Element) -> str:
        """What verify_room and token_affiliation do: the affiliation. Raises NotAllowed."""
        if room not in self.open_rooms:
            raise NotAllowed("Room does not exist")
        caller = any("jigasi" in inner.tag for inner in presence.iter()) and "initiator" in self.broken
        if not caller:
            self._room(claims, room)
        affiliation = claims.get("context", {}).get("user", {}).get("affiliation")
        owner = (affiliation == "owner" and "moderator" not in self.broken) or "member" in self.broken
        return "owner" if owner else "member"

    def _room(self, claims: Claims, room: str) -> None:
        if claims["room"] == "*":
            self._unless("wildcard", "no wildcard", claims)
        elif claims["room"] != room:
            self._unless("foreign_room", "Room and token mismatched", claims)
        if claims["sub"] != DOMAIN:
            self._unless("foreign_domain", "Room and token mismatched", claims)

    def refuses(self, room: str) -> str | None:
        """What the reservation server says against it."""
        return None if "unscheduled" in self.broken else self.reservations(room)

    def _unless(self, rule: str, text: str, claims: Claims) -> Claims:
        if rule not in self.broken:
            raise NotAllowed(text)
        return claims


@dataclass
class _Conversation:
    jitsi: FakeJitsi
    token: str | None
    receive: Callable[[], Any]
    send: Callable[[Message], Any]
    claims: Claims = field(default_factory=dict)
    inside: bool = False

    async def run(self) -> None:
        while (message := await self.receive())["type"] != "websocket.disconnect":
            stanza = ET.fromstring(message["text"])  # noqa: S314  our own probe's
            kind = stanza.tag.rpartition("}")[2]
            if (
                stanza.tag.startswith("{urn:ietf:params:xml:ns:xmpp-framing}")
                or self.inside
                or kind == "auth"
            ):
                for answer in getattr(self, f"_{kind}")(stanza):
                    await self.send({"type": "websocket.send", "text": answer})

    def _open(self, stanza: ET.Element) -> Iterator[str]:
        guest = stanza.get("to") == f"guest.{DOMAIN}" and "guest" in self.jitsi.broken
        yield f"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='{DOMAIN}' version='1.0' id='1'/>"
        if stanza.get("to") != DOMAIN and not guest:
            yield (
                "<stream:error xmlns:stream='http://etherx.jabber.org/streams'>"
                "<host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
            )
            return
        self.inside = guest or self.inside
        yield FEATURES.format(ANONYMOUS)

    def _auth(self, _: ET.Element) -> Iterator[str]:
        try:
            self.claims = {"room": "*", "sub": "guest"} if self.inside else self.jitsi.admitted(self.token)
            self.inside = True
            yield "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
        except NotAllowed as no:
            text = self.jitsi.refusal.format(token=self.token) or str(no)
            yield (
                f"<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-allowed/><text>{text}</text></failure>"
            )

    def _iq(self, stanza: ET.Element) -> Iterator[str]:
        kind, inner = stanza[0].tag.rpartition("}")[2], ""
        sort = "result"
        if kind == "bind":
            inner = (
                "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                f"<jid>29dd4443-0000-4000-8000-{id(self) % 10**12:012}@{DOMAIN}/r</jid></bind>"
            )
        elif kind == "conference":
            sort, inner = self._conference(stanza[0])
        else:
            inner = "<query xmlns='jabber:iq:version'><name>Prosody</name><version>13.0.4</version></query>"
        yield f"<iq xmlns='jabber:client' type='{sort}' id='{stanza.get('id')}'>{inner}</iq>"

    def _conference(self, asked: ET.Element) -> tuple[str, str]:
        room = asked.get("room", "").partition("@")[0]
        if "focus" in self.jitsi.broken:
            return "error", "<error type='cancel'><service-unavailable/></error>"
        refusal = self.jitsi.refuses(room)
        if refusal is None:
            self.jitsi.open_rooms.add(room)
            return "result", "<conference xmlns='http://jitsi.org/protocol/focus' ready='true'/>"
        return "error", (
            f"<error type='cancel'><service-unavailable/><text>{refusal}</text></error>"
            "<reservation-error xmlns='http://jitsi.org/protocol/focus' error-code='404'/>"
        )

    def _presence(self, stanza: ET.Element) -> Iterator[str]:
        place = stanza.get("to", "")
        yield f"<presence xmlns='jabber:client' from='{place.partition('/')[0]}/focus'/>"
        try:
            rank = self.jitsi.enter(self.claims, place.partition("@")[0], stanza)
        except NotAllowed as no:
            yield (
                f"<presence xmlns='jabber:client' type='error' from='{place}'><error type='cancel'>"
                f"<not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text>{no}</text></error></presence>"
            )
            return
        yield (
            f"<presence xmlns='jabber:client' from='{place}'><x xmlns='http://jabber.org/protocol/muc#user'>"
            f"<item affiliation='{rank}' role='participant'/><status code='110'/></x></presence>"
        )
        if "staying" in self.jitsi.broken and rank == "member":
            yield f"<presence xmlns='jabber:client' type='unavailable' from='{place}'/>"


@contextmanager
def served(app: Any, certificate: Path | None = None) -> Iterator[str]:
    """Where the ASGI `app` answers on this machine, while the block runs; over TLS with a `certificate` and key."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        config = uvicorn.Config(
            app,
            ws="websockets-sansio",
            log_config=None,
            lifespan="off",
            access_log=False,
            timeout_graceful_shutdown=1,
            ssl_certfile=certificate,
            ssl_keyfile=certificate,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([door])), daemon=True)
        thread.start()
        host = "https://localhost" if certificate else "http://127.0.0.1"
        try:
            yield f"{host}:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)
