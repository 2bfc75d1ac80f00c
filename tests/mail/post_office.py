"""A real SMTP server in a thread that answers as it is told."""

import asyncio
import email
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from meetcoord.adapters.mail.smtp import SmtpPostman
from tests.mail.letters import SENDER

SILENCE = "silence"
DROP = "drop"


@dataclass(slots=True)
class Clerk:
    """Answers each command of a dialogue; `answers` maps MAIL, DATA or a recipient to a reply, SILENCE or DROP."""

    answers: dict[str, str] = field(default_factory=dict)
    once: dict[str, str] = field(default_factory=dict)
    taken: list[tuple[list[str], bytes]] = field(default_factory=list)
    spoken_in_clear: list[str] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802  the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if session.ssl is None:
            self.spoken_in_clear.append(address)
        envelope.mail_from = address
        return await self._answer(server, "MAIL")

    async def handle_RCPT(  # noqa: N802  the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = await self._answer(server, address)
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  the name that aiosmtpd calls
        content = envelope.content
        assert isinstance(content, bytes)
        if self.once.get("DATA") == "lose":
            del self.once["DATA"]
            self.taken.append((list(envelope.rcpt_tos), content))
            return _hang_up(server)
        reply = await self._answer(server, "DATA")
        if reply.startswith("250"):
            self.taken.append((list(envelope.rcpt_tos), content))
        return reply

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  the name that aiosmtpd calls
        return await self._answer(server, "QUIT", "221 2.0.0 goodbye")

    async def _answer(self, server: SMTP, about: str, usual: str = "250 2.0.0 taken") -> str:
        reply = self.once.pop(about, "") or self.answers.get(about, usual)
        if reply == SILENCE:
            await asyncio.Event().wait()
        if reply == DROP:
            return _hang_up(server)
        return reply


def _hang_up(server: SMTP) -> str:
    transport = server.transport
    assert transport is not None
    cast(asyncio.WriteTransport, transport).abort()
    return "421 gone"


@dataclass(slots=True)
class Office:
    """The far side of an SmtpPostman, in the words of the contract suite."""

    clerk: Clerk
    postman: SmtpPostman

    def arrived(self) -> list[tuple[str, str]]:
        seen = dict.fromkeys((content, recipient) for to, content in self.clerk.taken for recipient in to)
        return [
            (email.message_from_bytes(content)["Message-ID"][1:-1], recipient) for content, recipient in seen
        ]

    def refuse(self, address: str) -> None:
        self.clerk.answers[address] = "550 5.1.1 no such user"

    def be_busy(self, address: str) -> None:
        self.clerk.once[address] = "451 4.7.1 come back later"

    def be_silent(self, address: str) -> None:
        self.clerk.answers[address] = SILENCE

    def lose_the_reply(self, address: str) -> None:
        self.clerk.once["DATA"] = "lose"


@dataclass(slots=True)
class Town:
    """One certificate authority and the servers it vouches for."""

    authority: trustme.CA
    ca_file: Path

    @contextmanager
    def office(
        self,
        way: Literal["starttls", "implicit", "stripped"] = "starttls",
        certificate: trustme.LeafCert | None = None,
        password: str = "",
        **settings: Any,
    ) -> Iterator[Office]:
        """An open office and a postman who knows it; `password` is the one the server accepts, if it asks for one."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (certificate or self.authority.issue_cert("localhost", "127.0.0.1")).configure_cert(context)
        clerk = Clerk()
        options: dict[str, Any] = {"hostname": "127.0.0.1", "port": free_port(), "ready_timeout": 10}
        if way == "implicit":
            options["ssl_context"] = context
        if way == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        if password:
            options |= {"authenticator": _keeper(password), "auth_required": True}
        controller = Controller(clerk, **options)
        controller.start()
        chosen: dict[str, Any] = {
            "host": "localhost",
            "port": options["port"],
            "sender": SENDER,
            "tls": "implicit" if way == "implicit" else "starttls",
            "ca_file": self.ca_file,
            "timeout": 5.0,
        }
        try:
            yield Office(clerk, SmtpPostman(**(chosen | settings)))
        finally:
            controller.stop()


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


def _keeper(password: str) -> Any:
    def authenticate(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password == password.encode()
        return AuthResult(success=right, handled=right)

    return authenticate
