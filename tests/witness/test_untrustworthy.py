"""What the service hears from a far side that is no witness, or a bad one: none of it is believed."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import trustme

from meetcoord.adapters.sealing.cosignatures import Ed25519CosignatureVerifier
from meetcoord.adapters.witness.client import REPLY_MAX, HttpWitness, client
from meetcoord.domain.checkpoints import parse_note
from meetcoord.domain.errors import (
    Damaged,
    Forbidden,
    Forked,
    Invalid,
    MeetcoordError,
    NotFound,
    OtherSize,
    Unavailable,
)
from tests.fake_witness import new_cosigner
from tests.log.builders import ORIGIN, log_of
from tests.witness.histories import add
from tests.witness.loopback import answering

LOG = log_of(9)
COSIGNER = new_cosigner()
TEXT = parse_note(LOG.checkpoint(7)).text
GOOD = COSIGNER.cosign(TEXT, 1_800_000_000).line
WRONG = COSIGNER.cosign(parse_note(LOG.checkpoint(8)).text, 1_800_000_000).line
SIZE = {"content-type": "text/x.tlog.size"}


@dataclass(slots=True)
class Parrot:
    """Answers everything alike."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        self.asked.append(scope["path"])
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


@asynccontextmanager
async def asking(parrot: Parrot) -> AsyncIterator[HttpWitness]:
    transport = httpx.ASGITransport(parrot)
    async with httpx.AsyncClient(transport=transport) as http:
        yield HttpWitness(http, "https://w.example.org/w1", COSIGNER.vkey, Ed25519CosignatureVerifier())


def reply(status: int, body: str | bytes = "", headers: dict[str, str] | None = None) -> Callable[[], Parrot]:
    return lambda: Parrot(status, body.encode() if isinstance(body, str) else body, headers or {})


ANSWERS: dict[str, tuple[Callable[[], Parrot], type[MeetcoordError]]] = {
    "no line": (reply(200), Damaged),
    "another witness' line": (reply(200, new_cosigner().cosign(TEXT, 1_800_000_000).line), Damaged),
    "another checkpoint's line": (reply(200, WRONG), Damaged),
    "a good line and a bad one": (reply(200, GOOD + WRONG), Damaged),
    "a whole note": (reply(200, f"{TEXT}\n{GOOD}"), Damaged),
    "a page": (reply(200, "<html>hello</html>\n"), Damaged),
    "bytes": (reply(200, b"\xff\xfe"), Unavailable),
    "far too much": (reply(200, GOOD * (REPLY_MAX // len(GOOD) + 1)), Unavailable),
    "somewhere else": (reply(307, "", {"location": "https://elsewhere.example.org/add-checkpoint"}), Unavailable),
    "nothing to say": (reply(204), Unavailable),
    "a busy proxy": (reply(503), Unavailable),
    "a limit": (reply(429), Unavailable),
    "bad request": (reply(400), Invalid),
    "an untrusted key": (reply(403), Forbidden),
    "an unknown log": (reply(404), NotFound),
    "a bad proof": (reply(422), Damaged),
    "another size": (reply(409, "5\n", SIZE), OtherSize),
    "the very size that was named": (reply(409, "3\n", SIZE), Unavailable),
    "a size without its type": (reply(409, "5\n", {"content-type": "text/plain"}), Unavailable),
    "a size without line break": (reply(409, "5", SIZE), Unavailable),
    "a size with a leading zero": (reply(409, "05\n", SIZE), Unavailable),
    "a size beyond 63 bits": (reply(409, f"{2**63}\n", SIZE), Unavailable),
    "a size in words": (reply(409, "five\n", SIZE), Unavailable),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
async def test_an_answer_is_taken_for_what_it_is(name: str) -> None:
    parrot, expected = ANSWERS[name][0](), ANSWERS[name][1]
    async with asking(parrot) as witness:
        with pytest.raises(expected) as refused:
            await add(witness, LOG, 3, 7)
    assert type(refused.value) is expected
    assert parrot.asked == ["/w1/add-checkpoint"]


async def test_lines_of_a_second_key_are_passed_over() -> None:
    other = new_cosigner(COSIGNER.name)
    async with asking(reply(200, other.cosign(TEXT, 1_800_000_001).line + GOOD)()) as witness:
        assert (await add(witness, LOG, 3, 7)).line == GOOD


@pytest.mark.parametrize("answer", [reply(409, "7\n", SIZE), reply(409), reply(422)])
async def test_a_fork_is_understood_however_a_witness_puts_it(answer: Callable[[], Parrot]) -> None:
    async with asking(answer()) as witness:
        with pytest.raises(Forked):
            await add(witness, LOG, 7, 7)


async def test_even_for_the_same_size_another_may_be_held() -> None:
    async with asking(reply(409, "8\n", SIZE)()) as witness:
        with pytest.raises(OtherSize):
            await add(witness, LOG, 7, 7)


LATEST: dict[str, tuple[Callable[[], Parrot], type[MeetcoordError]]] = {
    "not cosigned": (reply(200, LOG.checkpoint(7)), Damaged),
    "cosigned by another": (reply(200, LOG.checkpoint(7) + new_cosigner().cosign(TEXT, 1).line), Damaged),
    "another log's": (
        reply(200, (elsewhere := TEXT.replace(ORIGIN, "log.elsewhere")) + "\n" + COSIGNER.cosign(elsewhere, 1).line),
        Damaged,
    ),
    "no note": (reply(200, "hello\n"), Damaged),
    "a failure": (reply(500), Unavailable),
}  # fmt: skip


@pytest.mark.parametrize("name", LATEST)
async def test_what_it_says_it_holds_is_checked(name: str) -> None:
    async with asking(LATEST[name][0]()) as witness:
        with pytest.raises(LATEST[name][1]):
            await witness.latest(ORIGIN)


async def test_nobody_there_is_unavailable() -> None:
    async with client() as http:
        witness = HttpWitness(http, "http://127.0.0.1:1", COSIGNER.vkey, Ed25519CosignatureVerifier())
        with pytest.raises(Unavailable):
            await add(witness, LOG, 0, 7)


@pytest.mark.parametrize("known", [True, False])
async def test_only_a_certificate_that_is_known_is_spoken_to(known: bool) -> None:
    authority, parrot = trustme.CA(), Parrot(200, GOOD.encode())
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(theirs)
    ours = ssl.create_default_context()
    if known:
        authority.configure_trust(ours)
    async with answering(parrot, tls=theirs) as url, httpx.AsyncClient(verify=ours, trust_env=False) as http:
        witness = HttpWitness(
            http, url.replace("http:", "https:"), COSIGNER.vkey, Ed25519CosignatureVerifier()
        )
        if known:
            assert (await add(witness, LOG, 0, 7)).line == GOOD
            return
        with pytest.raises(Unavailable):
            await add(witness, LOG, 0, 7)
    assert parrot.asked == []
