"""Malformed HTTP, byte by byte, at nginx as deploy/ sets it up and at the service behind it."""

import asyncio
import re
import ssl
from pathlib import Path

import pytest

from tests.refusals.served import COORD, Town, found, nginx, said_to, service, trusting

JSON = b"Content-Type: application/json\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"
ASK = b"POST /j/look HTTP/1.1\r\nHost: HOST\r\n" + JSON
LIVE = b"GET /livez HTTP/1.1\r\nHost: HOST\r\n"
GOOD = LIVE + b"\r\n"
CLOSE = b"Connection: close\r\n"
LAST = LIVE + CLOSE + b"\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
EMPTY = b"\r\n0\r\n\r\n" + SMUGGLED

REFUSED = {
    "a length and chunks": ASK + b"Content-Length: 5\r\n" + CHUNKED + EMPTY,
    "chunks and a length": ASK + CHUNKED + b"Content-Length: 60\r\n" + EMPTY,
    "two lengths": ASK + b"Content-Length: 0\r\nContent-Length: 40\r\n\r\n" + SMUGGLED,
    "one length twice": ASK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "a list of lengths": ASK + b"Content-Length: 2, 2\r\n\r\n{}",
    "a length with a sign": ASK + b"Content-Length: +2\r\n\r\n{}",
    "a negative length": ASK + b"Content-Length: -2\r\n\r\n{}",
    "chunks of another name": ASK + b"Transfer-Encoding: xchunked\r\n" + EMPTY,
    "chunks and no chunks": ASK + CHUNKED + b"Transfer-Encoding: identity\r\n" + EMPTY,
    "a blank before the colon": ASK + b"Transfer-Encoding : chunked\r\n" + EMPTY,
    "chunks in HTTP/1.0": ASK.replace(b"1.1", b"1.0") + CHUNKED + EMPTY,
    "a chunk that is not measured": ASK + CHUNKED + b"\r\n0x2\r\n{}\r\n0\r\n\r\n" + SMUGGLED,
    "a bare CR": LIVE + b"X: a\rY: b\r\n\r\n",
    "a NUL": LIVE + b"X: a\0b\r\n\r\n",
    "a folded line": LIVE + b"X: a\r\n b\r\n\r\n",
    "a line that begins with a blank": b"GET /livez HTTP/1.1\r\n Host: HOST\r\n\r\n",
    "another version": b"GET /livez HTTP/3.7\r\nHost: HOST\r\n\r\n",
    "another protocol": b"\x16\x03\x01\x00\xa5\x01\x00\x00",
    "a blank in the path": b"GET /livez x HTTP/1.1\r\nHost: HOST\r\n\r\n",
}
"""At the front and at the service itself: one refusal, and the connection is closed."""

WRONG_HOST = {
    "two hosts": LIVE + b"Host: evil.example.org\r\n" + CLOSE + b"\r\n",
    "no host": b"GET /livez HTTP/1.1\r\n" + CLOSE + b"\r\n",
    "another host": b"GET /livez HTTP/1.1\r\nHost: evil.example.org\r\n" + CLOSE + b"\r\n",
    "another host behind ours": b"GET /livez HTTP/1.1\r\nHost: HOST@evil.example.org\r\n" + CLOSE + b"\r\n",
}
"""The front refuses or hangs up; the service alone says 400 or 421."""

ONE_MEANING = {
    "bare line feeds": GOOD.replace(b"\r\n", b"\n") + LAST,
    "a length on what has no body": LIVE + b"Content-Length: LENGTH\r\n\r\n" + SMUGGLED + LAST,
    "another protocol asked for": LIVE + b"Connection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n",
}
"""One answer to each request that is meant, or a refusal; never an answer to what was hidden."""

BARE_LINE_FEED = LIVE + b"X: a\nTransfer-Encoding: chunked\r\n" + EMPTY
"""nginx ends a line at a bare LF too, as RFC 9112 allows (2.2): it reads two requests, and says so in its log."""


async def answers(town: Town, cases: dict[str, bytes], context: ssl.SSLContext | None) -> dict[str, bytes]:
    """What each comes to, all asked at once, each on a connection of its own."""
    host = f"{COORD}:{town.front}".encode()
    length = str(len(SMUGGLED.replace(b"HOST", host))).encode()
    port = town.front if context else town.behind
    written = [raw.replace(b"HOST", host).replace(b"LENGTH", length) for raw in cases.values()]
    heard = await asyncio.gather(*(said_to(port, raw, context) for raw in written))
    return dict(zip(cases, heard, strict=True))


def statuses(heard: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", heard)]


async def must_refuse_all(town: Town, context: ssl.SSLContext | None) -> None:
    for name, heard in (await answers(town, REFUSED, context)).items():
        (status,) = statuses(heard)
        assert status in {400, 501, 505}, name


async def must_run_nothing_else(town: Town, context: ssl.SSLContext | None) -> None:
    """The good request afterwards gets its own answer, and the service has seen nobody ask for what was hidden."""
    for name, heard in (await answers(town, ONE_MEANING, context)).items():
        told = statuses(heard)
        assert told in ([200] * ONE_MEANING[name].count(b"/livez"), [400]), name
    await must_answer_the_next(town, context)
    assert asked_of(town) == 0


async def must_answer_the_next(town: Town, context: ssl.SSLContext | None) -> None:
    after = (await answers(town, {"last": LAST}, context))["last"]
    assert statuses(after) == [200]
    assert b'{"status":"alive"}' in after


def asked_of(town: Town) -> int:
    """How often the service was asked for what stood hidden: it has no such page."""
    return town.written("service.log")["service.log"].count(b'"not_found"')


@pytest.mark.needs("nginx")
async def test_malformed_requests_end_at_the_front(tmp_path: Path) -> None:
    town = found(tmp_path)
    async with service(town), nginx(town):
        await must_refuse_all(town, trusting(town))
        for name, heard in (await answers(town, WRONG_HOST, trusting(town))).items():
            assert statuses(heard) in ([], [400], [421]), name
        await must_run_nothing_else(town, trusting(town))
        lenient = await answers(town, {"lenient": BARE_LINE_FEED + LAST}, trusting(town))
        await must_answer_the_next(town, trusting(town))
    assert statuses(lenient["lenient"]) == [200, 404, 200]
    assert asked_of(town) == 1
    assert town.written("meetcoord.log")["nginx/meetcoord.log"].count(b'"GET /smuggled"') == 1, "in the open"


async def test_the_service_behind_it_takes_none_of_them_either(tmp_path: Path) -> None:
    town = found(tmp_path)
    async with service(town):
        await must_refuse_all(town, None)
        for name, heard in (await answers(town, WRONG_HOST, None)).items():
            assert statuses(heard) in ([400], [421]), name
        lenient = await answers(town, {"lenient": BARE_LINE_FEED + LAST}, None)
        await must_run_nothing_else(town, None)
    assert statuses(lenient["lenient"]) == [400]
