"""What the postman does when the server, the network or the certificate is not as it should be."""

import asyncio
import contextlib
import datetime
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trustme

from meetcoord.adapters.mail.inspection import inspect
from meetcoord.adapters.mail.messages import Sender, compose, header_names
from meetcoord.adapters.mail.smtp import SmtpPostman
from meetcoord.domain.errors import AddressRefused, Damaged, Misconfigured, TryLater
from tests.mail.letters import LINK, SENDER, a_letter, opened, text_of
from tests.mail.post_office import DROP, SILENCE, Office, Town, free_port

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@asynccontextmanager
async def a_rude_server(talk: Talk) -> AsyncIterator[int]:
    """A server that speaks what a test wants instead of SMTP; yields its port."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def a_postman(port: int, town: Town, **settings: Any) -> SmtpPostman:
    chosen: dict[str, Any] = {"host": "localhost", "sender": SENDER, "ca_file": town.ca_file, "timeout": 5.0}
    return SmtpPostman(port=port, **(chosen | settings))


async def test_what_leaves_is_what_was_composed_and_goes_to_one_mailbox(smtp_office: Office) -> None:
    await smtp_office.postman.send(a_letter())
    ((recipients, message),) = smtp_office.clerk.taken
    assert recipients == [a_letter().to_address]
    assert message == compose(a_letter(), SENDER)
    assert smtp_office.clerk.spoken_in_clear == []


async def test_the_address_checked_is_the_address_written_to(smtp_office: Office) -> None:
    await smtp_office.postman.send(a_letter(to_address="Delegate@City.Example.ORG"))
    ((recipients, message),) = smtp_office.clerk.taken
    assert recipients == ["Delegate@city.example.org"]
    assert opened(message)["To"].addresses[0].addr_spec == "Delegate@city.example.org"


async def test_a_server_that_strips_starttls_gets_nothing(town: Town) -> None:
    with town.office("stripped") as office:
        with pytest.raises(TryLater):
            await office.postman.send(a_letter())
        assert office.clerk.taken == []
        assert office.clerk.spoken_in_clear == []


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("fault", ["another name", "expired", "unknown authority"])
async def test_a_certificate_that_does_not_hold_stops_the_letter(town: Town, tls: Any, fault: str) -> None:
    certificate = {
        "another name": lambda: town.authority.issue_cert("mail.elsewhere.example"),
        "expired": lambda: town.authority.issue_cert("localhost", not_before=LONG_AGO, not_after=LONG_AGO),
        "unknown authority": lambda: trustme.CA().issue_cert("localhost"),
    }[fault]()
    with town.office(tls, certificate) as office:
        with pytest.raises(TryLater):
            await office.postman.send(a_letter())
        assert office.clerk.taken == []


async def test_without_a_ca_file_a_private_authority_is_not_trusted(town: Town) -> None:
    with town.office(ca_file=None) as office, pytest.raises(TryLater):
        await office.postman.send(a_letter())


async def test_bytes_slipped_in_before_the_encryption_are_not_believed(town: Town) -> None:
    """RFC 3207 section 4.2: what follows the 220 in clear was written by somebody else."""

    async def slip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        await reader.readline()
        writer.write(b"250-hello\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(b"220 go\r\n250 injected\r\n250 injected\r\n354 injected\r\n250 injected\r\n")
        await reader.read()

    async with a_rude_server(slip) as port:
        with pytest.raises(TryLater):
            await a_postman(port, town, timeout=0.5).send(a_letter())


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("550 5.1.1 no such user", AddressRefused),
        ("501 5.1.3 bad address", AddressRefused),
        ("552 5.2.2 mailbox full for good", AddressRefused),
        ("450 4.2.1 mailbox busy", TryLater),
        ("421 4.3.2 closing down", TryLater),
        ("530 5.7.0 log in first", TryLater),
        ("503 5.5.1 wrong order", TryLater),
    ],
)
@pytest.mark.parametrize("stage", ["recipient", "DATA"])
async def test_the_reply_decides_between_never_and_later(
    smtp_office: Office, stage: str, reply: str, outcome: type[AddressRefused | TryLater]
) -> None:
    smtp_office.clerk.answers[a_letter().to_address if stage == "recipient" else "DATA"] = reply
    with pytest.raises(outcome) as caught:
        await smtp_office.postman.send(a_letter())
    assert isinstance(caught.value, AddressRefused | TryLater)
    assert caught.value.reply == reply
    assert smtp_office.clerk.taken == []


async def test_a_sender_the_server_refuses_is_our_affair_not_the_recipients(smtp_office: Office) -> None:
    smtp_office.clerk.answers["MAIL"] = "553 5.7.1 sender not allowed"
    with pytest.raises(TryLater) as delay:
        await smtp_office.postman.send(a_letter())
    assert delay.value.reply == "553 5.7.1 sender not allowed"


async def test_the_right_password_opens_and_a_wrong_one_is_no_fault_of_the_address(town: Town) -> None:
    with town.office(password="right", username="meetcoord") as office:
        with pytest.raises(TryLater) as delay:
            await office.postman.send(a_letter())
        assert delay.value.reply.startswith("535 ")
    with town.office(password="right", username="meetcoord") as office:
        wrong = office.postman
        postman = a_postman(wrong.port, town, username="meetcoord", password="right")
        assert (await postman.send(a_letter())).startswith("250 ")
        assert "right" not in repr(postman)


@pytest.mark.parametrize("stage", ["MAIL", "delegate@city.example.org", "DATA"])
@pytest.mark.parametrize("misfortune", [SILENCE, DROP])
async def test_silence_or_a_lost_connection_means_try_later(town: Town, stage: str, misfortune: str) -> None:
    with town.office(timeout=0.3) as office:
        office.clerk.answers[stage] = misfortune
        with pytest.raises(TryLater):
            await office.postman.send(a_letter())
        assert office.clerk.taken == []


async def test_a_server_that_answers_drop_by_drop_does_not_hold_the_postman(town: Town) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        await reader.readline()
        left = None
        while left is None:
            writer.write(b"250-still greeting\r\n")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    left = await reader.read(1)

    async with a_rude_server(drip) as port:
        with pytest.raises(TryLater):
            await a_postman(port, town, timeout=0.1).send(a_letter())


async def test_a_server_that_is_not_there_means_try_later(town: Town) -> None:
    with pytest.raises(TryLater):
        await a_postman(free_port(), town).send(a_letter())


@pytest.mark.parametrize("misfortune", [SILENCE, DROP, "500 what"])
async def test_a_letter_taken_is_taken_however_badly_the_server_says_goodbye(
    town: Town, misfortune: str
) -> None:
    with town.office(timeout=0.3) as office:
        office.clerk.answers["QUIT"] = misfortune
        assert (await office.postman.send(a_letter())).startswith("250 ")


@pytest.mark.parametrize("host", ["mail.example.org", "192.0.2.7", "::", "0.0.0.0", "localhost.example.org"])
def test_plain_text_is_for_this_machine_only(host: str) -> None:
    with pytest.raises(Misconfigured, match="TLS"):
        SmtpPostman(host=host, port=25, sender=SENDER, tls="none")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_a_relay_on_this_machine_may_be_spoken_to_in_clear(host: str) -> None:
    assert SmtpPostman(host=host, port=25, sender=SENDER, tls="none").tls == "none"


async def test_a_loopback_relay_takes_letters_in_clear(town: Town) -> None:
    with town.office("stripped", tls="none") as office:
        assert (await office.postman.send(a_letter())).startswith("250 ")


def test_settings_that_cannot_work_are_refused_at_once(tmp_path: Path, town: Town) -> None:
    for changes in (
        {"tls": "maybe"},
        {"sender": Sender("not an address", "Meetings")},
        {"sender": msgspec.structs.replace(SENDER, reply_to="a@b.example, c@d.example")},
        {"ca_file": tmp_path / "absent.pem"},
    ):
        with pytest.raises(Misconfigured):
            a_postman(465, town, **changes)


@pytest.mark.parametrize(
    "title",
    [
        "Réunion =?UTF-8?Q?=0A?=Bcc: evil@x.fr",
        "=?utf-8?b?Cg==?=Bcc: evil@x.fr",
        "Réunion\r\nBcc: evil@x.fr",
        "Réunion\r\n\r\nNew body",
        "Fin\r\n.\r\nMAIL FROM:<evil@x.fr>",
        "Fin\n.\nRCPT TO:<evil@x.fr>",
        "Fin\r.\rQUIT",
        "\u202eellirret noinuéR",
        "NUL\0 and \u2028 and \u0085",
        "x" * 3000,
        "é" * 3000,
        "<script>alert(1)</script>",
        '"; DROP',
    ],
)
async def test_a_hostile_title_name_or_agenda_leaves_as_mere_text(smtp_office: Office, title: str) -> None:
    letter = a_letter(title=title, to_name=title, agenda=title, organiser=title, agencies=(title,))
    await smtp_office.postman.send(letter)
    ((recipients, message),) = smtp_office.clerk.taken
    assert recipients == [letter.to_address]
    inspect(message, header_names(SENDER), SENDER.address, letter.to_address)
    seen = opened(message)
    assert [address.addr_spec for address in seen["To"].addresses] == [letter.to_address]
    assert seen["Bcc"] is None
    assert LINK in text_of(seen, "text/plain")
    assert "<script>" not in text_of(seen, "text/html")


async def test_a_title_that_looks_like_an_encoded_word_arrives_as_it_was_written(smtp_office: Office) -> None:
    title = "Réunion =?UTF-8?Q?=0A?=Bcc: evil@x.fr"
    await smtp_office.postman.send(a_letter(title=title))
    ((_, message),) = smtp_office.clerk.taken
    assert title in str(opened(message)["Subject"])


GOOD = compose(a_letter(), SENDER)


@pytest.mark.parametrize(
    "message",
    [
        GOOD.replace(b"Date:", b"Bcc: evil@x.fr\r\nDate:", 1),
        GOOD.replace(b"Date:", b"Bcc:evil@x.fr\r\nDate:", 1),
        GOOD.replace(b"Date:", b"To: evil@x.fr\r\nDate:", 1),
        GOOD.replace(b"Date:", b"X-Date:", 1),
        GOOD.replace(b"Date:", b"Date:\n", 1),
        GOOD.replace(b"Date:", b"\r\nDate:", 1),
        GOOD.replace(b"<delegate@city.example.org>", b"<evil@x.fr>", 1),
        GOOD.replace(b"<delegate@city.example.org>", b"<delegate@city.example.org>, evil@x.fr", 1),
        GOOD.replace(b"<reunions@meet.example.org>", b"<evil@x.fr>", 1),
        GOOD + b"x" * 999,
        GOOD + "é".encode(),
        GOOD + b"\0",
        GOOD + b"\r.\r",
        b"",
    ],
)
def test_a_message_that_is_not_exactly_what_was_meant_does_not_leave(message: bytes) -> None:
    with pytest.raises(Damaged):
        inspect(message, header_names(SENDER), SENDER.address, "delegate@city.example.org")
