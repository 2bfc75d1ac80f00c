"""Letters leave through one SMTP server (RFC 5321), over verified TLS (RFC 3207, RFC 8314) or loopback."""

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

import msgspec
from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from meetcoord.adapters.mail.inspection import inspect
from meetcoord.adapters.mail.messages import Sender, compose, header_names
from meetcoord.adapters.mail.wording import visible_line
from meetcoord.domain.errors import AddressRefused, Invalid, Misconfigured, TryLater
from meetcoord.domain.key_letters import KeyLetter
from meetcoord.domain.letters import Letter
from meetcoord.domain.values import mail_address

REPLY_MAX = 500
GOODBYE_SECONDS = 2.0
# Said of the recipient or the message, these still speak of our dialogue or our login (RFC 5321 4.2.3, RFC 4954 6).
_ABOUT_US = frozenset({500, 502, 503, 504, 530, 534, 535, 538})


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpPostman:
    """One connection per message, one message per recipient. Raises Misconfigured if the settings cannot be used.

    `timeout` is in seconds and bounds each wait; four times as much bounds the whole message. `tls` "none" is for
    loopback only. `ca_file` names the certificates to trust instead of the system's.
    """

    host: str
    port: int
    sender: Sender
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    timeout: float = 60.0
    _context: ssl.SSLContext = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.tls not in {"starttls", "implicit", "none"}:
            raise Misconfigured(f"Mail: tls is “{self.tls}”: write starttls, implicit or none.")
        if self.tls == "none" and not _is_loopback(self.host):
            raise Misconfigured(
                f"Mail: without TLS, messages may only be handed to this machine, not to {self.host}: "
                "write tls = starttls or implicit."
            )
        for address in filter(None, (self.sender.address, self.sender.reply_to)):
            _check_address(address)
        object.__setattr__(self, "_context", _verifying_context(self.ca_file))

    async def send(self, letter: Letter | KeyLetter) -> str:
        """See Postman.send. Raises Damaged, before anything leaves, if the message is not exactly what was meant."""
        try:
            recipient = mail_address(letter.to_address)
        except Invalid as error:
            raise AddressRefused(f"The address cannot be written to: {error.detail}", reply="") from error
        message = compose(msgspec.structs.replace(letter, to_address=recipient), self.sender)
        inspect(message, header_names(self.sender), self.sender.address, recipient)
        try:
            async with asyncio.timeout(4 * self.timeout) as limit, self._connection() as server:
                reply = await _hand_over(server, self.sender.address, recipient, message)
                # The message is theirs now: nothing that happens from here on may look like a failure.
                limit.reschedule(None)
                await _say_goodbye(server)
                return reply
        except (SMTPException, OSError, ValueError) as error:
            raise _try_later(error) from error

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[SMTP]:
        # start_tls is never None: aiosmtplib would then go on in clear with a server that does not offer TLS.
        server = SMTP(
            hostname=self.host,
            port=self.port,
            local_hostname=self.sender.address.rpartition("@")[2],
            username=self.username or None,
            password=self.password or None,
            timeout=self.timeout,
            use_tls=self.tls == "implicit",
            start_tls=self.tls == "starttls",
            tls_context=None if self.tls == "none" else self._context,
        )
        transport = None
        try:
            await server.connect()
            transport = server.transport
            yield server
        finally:
            server.close()
            if transport is not None:
                # Closing TLS politely would wait for a server that may have fallen silent.
                cast(asyncio.WriteTransport, transport).abort()


async def _hand_over(server: SMTP, sender: str, recipient: str, message: bytes) -> str:
    await server.mail(sender)
    try:
        await server.rcpt(recipient)
        reply = await server.data(message)
    except SMTPResponseException as error:
        if 500 <= error.code < 600 and error.code not in _ABOUT_US:
            raise AddressRefused("The mail server refuses this address for good.", _reply(error)) from error
        raise
    return visible_line(f"{reply.code} {reply.message}")[:REPLY_MAX]


async def _say_goodbye(server: SMTP) -> None:
    with contextlib.suppress(SMTPException, OSError):
        async with asyncio.timeout(GOODBYE_SECONDS):
            await server.quit()


def _try_later(error: Exception) -> TryLater:
    if isinstance(error, SMTPResponseException):
        return TryLater("The mail server did not take the message this time.", _reply(error))
    if isinstance(error, TimeoutError):
        return TryLater("The mail server did not answer in time.")
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return TryLater(f"The mail server's certificate or encryption is not to be trusted: {error}")
    return TryLater(f"The mail server cannot be reached or used: {error}")


def _reply(error: SMTPResponseException) -> str:
    return visible_line(f"{error.code} {error.message}")[:REPLY_MAX]


def _verifying_context(ca_file: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(f"Mail: the certificates in {ca_file} cannot be read: {error}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _check_address(address: str) -> None:
    try:
        mail_address(address)
    except Invalid as error:
        raise Misconfigured(f"Mail: “{address}” is no mail address. {error.detail}") from error


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
