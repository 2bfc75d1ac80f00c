"""A real SMTP server on loopback that keeps what it takes and refuses one address for good."""

import asyncio
import email
import email.policy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

_CODE = re.compile(r"^\d{3}\s?\d{3}\s*$", re.MULTILINE)
_LINK = re.compile(r"https?://[^\s<>\"]+/j#[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Mailroom:
    """Messages lie in `folder`, one file each, named after the address."""

    folder: Path
    port: int

    def files_to(self, address: str) -> list[Path]:
        """Oldest first."""
        return sorted(self.folder.glob(f"*-{address}.eml"))

    def messages_to(self, address: str) -> list[EmailMessage]:
        """Oldest first."""
        return [_read(f) for f in self.files_to(address)]

    def invitations_to(self, address: str) -> list[Path]:
        """The files that bring a personal link, oldest first."""
        return [f for f in self.files_to(address) if _LINK.search(_text(_read(f)))]

    def links_to(self, address: str) -> dict[str, str]:
        """The newest personal link under each subject, as a person finds it in the text of the message."""
        messages = (_read(f) for f in self.invitations_to(address))
        return {m["Subject"]: found.group(0) for m in messages if (found := _LINK.search(_text(m)))}

    def code_in(self, message: EmailMessage) -> str:
        """The six digits as a person finds them in the text of the message; empty where there are none."""
        found = _CODE.search(_text(message))
        return found.group(0).strip() if found else ""


def _read(file: Path) -> EmailMessage:
    return email.message_from_bytes(file.read_bytes(), policy=email.policy.default)


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return body.get_content() if body else ""


class _Keeper:
    def __init__(self, folder: Path, unreachable: str) -> None:
        self.folder, self.unreachable, self.count = folder, unreachable, 0

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == self.unreachable:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        self.count += 1
        path = self.folder / f"{self.count:04}-{envelope.rcpt_tos[0]}.eml"
        content = envelope.content or b""
        await asyncio.to_thread(path.write_bytes, content if isinstance(content, bytes) else content.encode())
        return f"250 2.0.0 Taken as {self.count:04}"


@contextmanager
def mailroom(folder: Path, port: int, unreachable: str) -> Iterator[Mailroom]:
    folder.mkdir(parents=True)
    controller = Controller(_Keeper(folder, unreachable), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield Mailroom(folder, port)
    finally:
        controller.stop()
