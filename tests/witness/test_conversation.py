"""The whole conversation of a log with a witness, as bytes over HTTP (C2SP tlog-witness v1.0.0, add-checkpoint)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from meetcoord.adapters.sealing.cosignatures import Ed25519CosignatureVerifier
from meetcoord.adapters.witness.server import BODY_MAX, HEADERS, WitnessParts, create_app
from meetcoord.domain.witnessing import AddCheckpoint, address_of
from tests.fake_witness import FakeWitness
from tests.log.builders import ORIGIN, SmallLog, b64, log_of, new_signer
from tests.witness.histories import forked, named, proof

URL = "https://witness.city.example.org/w1"
TYPE, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"


@dataclass(slots=True)
class Talk:
    """What one log says to one witness."""

    log: SmallLog
    far: FakeWitness
    http: httpx.AsyncClient

    async def post(self, body: str | bytes, **more: object) -> httpx.Response:
        content = body.encode() if isinstance(body, str) else body
        return await self.http.post(f"{URL}/add-checkpoint", content=content, **more)  # type: ignore[arg-type]  # passed on as they are

    async def add(self, old: int, size: int, log: SmallLog | None = None) -> httpx.Response:
        log = log or self.log
        return await self.post(body(log, old, size))

    async def checkpoint(self, origin: str = ORIGIN) -> httpx.Response:
        return await self.http.get(f"{URL}/{address_of(origin)}")


def body(log: SmallLog, old: int, size: int, hashes: list[bytes] | None = None) -> str:
    asked = AddCheckpoint(
        old, tuple(proof(log, old, size) if hashes is None else hashes), log.checkpoint(size)
    )
    return asked.encode()


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    log = log_of(20)
    far = FakeWitness((log.signer.vkey,))
    app: Any = create_app(WitnessParts(far, (ORIGIN,), URL, 8470))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        yield Talk(log, far, http)


async def test_a_log_and_a_witness_from_the_first_checkpoint_to_a_fork(talk: Talk) -> None:
    other = forked(talk.log, 5)
    stranger = named(4, "log.elsewhere.example.org")
    steps = [
        ("nothing is cosigned yet", await talk.checkpoint(), 404, None),
        ("an unknown log", await talk.add(0, 4, stranger), 404, None),
        ("a first checkpoint said to continue another", await talk.add(3, 8), 409, 0),
        ("a first one with a proof of nothing", await talk.post(body(talk.log, 0, 8, [bytes(32)])), 422, None),
        ("the empty log", await talk.add(0, 0), 200, None),
        ("the empty log again", await talk.add(0, 0), 200, None),
        ("the first entries", await talk.add(0, 8), 200, None),
        ("the same checkpoint", await talk.add(8, 8), 200, None),
        ("the same with a needless proof", await talk.post(body(talk.log, 8, 8, [bytes(32)])), 422, None),
        ("what is asked by who knows nothing", await talk.add(0, 12), 409, 8),
        ("what is asked by who knows too little", await talk.add(7, 12), 409, 8),
        ("what is asked by who knows more", await talk.add(9, 12), 409, 8),
        ("a step back", await talk.add(8, 7), 400, None),
        ("a step back that is admitted", await talk.add(7, 7), 409, 8),
        ("a fork of the same size", await talk.add(8, 8, other), 409, 8),
        ("a longer fork", await talk.add(8, 12, other), 422, None),
        ("no proof", await talk.post(body(talk.log, 8, 12, [])), 422, None),
        ("the proof of another step", await talk.post(body(talk.log, 8, 12, proof(talk.log, 7, 12))), 422, None),
        ("one entry more", await talk.add(8, 9), 200, None),
        ("half a proof", await talk.post(body(talk.log, 9, 20, proof(talk.log, 9, 20)[:-1])), 422, None),
        ("a proof turned round", await talk.post(body(talk.log, 9, 20, proof(talk.log, 9, 20)[::-1])), 422, None),
        ("many entries more", await talk.add(9, 20), 200, None),
        ("what was true before", await talk.add(8, 9), 409, 20),
        ("the newest is there for all", await talk.checkpoint(), 200, None),
        ("another log's is not", await talk.checkpoint("log.elsewhere.example.org"), 404, None),
    ]  # fmt: skip
    for name, answer, status, size in steps:
        assert answer.status_code == status, name
        if size is not None:
            assert (answer.text, answer.headers["content-type"]) == (f"{size}\n", SIZE), name
        else:
            assert answer.headers["content-type"] == TYPE, name
    last = steps[-2][1].text
    assert last.startswith(talk.log.checkpoint(20))
    assert Ed25519CosignatureVerifier().verify(last, talk.far.vkey).name == talk.far.cosigner.name


async def test_an_answer_is_signature_lines_that_belong_to_the_checkpoint(talk: Talk) -> None:
    answer = await talk.add(0, 8)
    assert answer.text.startswith("— city.example.org/w1 ")
    found = Ed25519CosignatureVerifier().verify(talk.log.checkpoint(8) + answer.text, talk.far.vkey)
    assert found.line == answer.text


async def test_only_a_trusted_key_is_listened_to(talk: Talk) -> None:
    impostor = SmallLog(new_signer(ORIGIN), talk.log.hashes, talk.log.entries, talk.log.nodes)
    answer = await talk.add(0, 8, impostor)
    assert answer.status_code == 403
    stolen = talk.log.checkpoint(8).replace(b64(talk.log.root(8)), b64(bytes(32)))
    assert (await talk.post(AddCheckpoint(0, (), stolen).encode())).status_code == 403
    # Checked before anything is told of what is held.
    assert (await talk.add(3, 8, impostor)).status_code == 403


async def test_lines_of_strangers_are_neither_believed_nor_kept(talk: Talk) -> None:
    stranger = new_signer("stranger.example.org")
    line = stranger.sign(talk.log.checkpoint(8).partition("\n\n")[0] + "\n").rpartition("\n\n")[2]
    answer = await talk.post(AddCheckpoint(0, (), talk.log.checkpoint(8) + line).encode())
    assert answer.status_code == 200
    assert "stranger" not in (await talk.checkpoint()).text


GOOD = log_of(4)
NOTE = GOOD.checkpoint(4)
UNREADABLE: dict[str, str | bytes] = {
    "nothing": "",
    "only a note": NOTE,
    "no empty line": "old 0\n" + NOTE.replace("\n\n", "\n"),
    "no old size": "\n" + NOTE,
    "another word": "new 0\n\n" + NOTE,
    "a capital": "Old 0\n\n" + NOTE,
    "no blank": "old0\n\n" + NOTE,
    "two blanks": "old  0\n\n" + NOTE,
    "a blank behind": "old 0 \n\n" + NOTE,
    "no number": "old \n\n" + NOTE,
    "a leading zero": "old 00\n\n" + NOTE,
    "a minus": "old -1\n\n" + NOTE,
    "beyond 63 bits": f"old {2**63}\n\n" + NOTE,
    "other digits": "old ٣\n\n" + NOTE,
    "carriage returns": "old 0\r\n\r\n" + NOTE,
    "a short hash": f"old 3\n{b64(bytes(31))}\n\n" + NOTE,
    "a long hash": f"old 3\n{b64(bytes(33))}\n\n" + NOTE,
    "a hash that is not canonical": f"old 3\n{b64(bytes(32))[:-2]}B=\n\n" + NOTE,
    "a hash without padding": f"old 3\n{b64(bytes(32))[:-1]}\n\n" + NOTE,
    "64 hashes": "old 3\n" + f"{b64(bytes(32))}\n" * 64 + "\n" + NOTE,
    "no note": "old 0\n\n",
    "a note without signature": "old 0\n\n" + NOTE.partition("\n\n")[0] + "\n",
    "a note cut off": "old 0\n\n" + NOTE[:-1],
    "a checkpoint with an extension line": "old 0\n\n" + GOOD.signer.sign(NOTE.partition("\n\n")[0] + "\nx\n"),
    "no checkpoint": "old 0\n\n" + GOOD.signer.sign("hello\n"),
    "bytes that are no text": b"old 0\n\n" + NOTE.encode() + b"\xff",
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
async def test_what_is_not_a_request_is_a_bad_one(talk: Talk, name: str) -> None:
    assert (await talk.post(UNREADABLE[name])).status_code == 400


async def test_too_much_is_not_read(talk: Talk) -> None:
    assert (await talk.post(b"old 0\n" + bytes(BODY_MAX))).status_code == 413
    assert talk.far.asked == []


async def test_a_clock_set_back_signs_nothing(talk: Talk) -> None:
    await talk.add(0, 8)
    talk.far.clock.move(-1)
    answer = await talk.add(8, 12)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "8" in (await talk.checkpoint()).text.split("\n")
    talk.far.clock.move(1)
    assert (await talk.add(8, 12)).status_code == 200


async def test_it_answers_to_its_own_names_only(talk: Talk) -> None:
    for host in (
        "witness.city.example.org",
        "WITNESS.city.example.org:443",
        "localhost:8470",
        "127.0.0.1:8470",
    ):
        assert (await talk.http.get("https://any/healthz", headers={"Host": host})).text == "ok\n"
    for host in ("city.example.org", "witness.city.example.org:8470", "localhost", ""):
        answer = await talk.http.get("https://any/healthz", headers={"Host": host})
        assert answer.status_code == 421


@pytest.mark.parametrize("path", ["/add-checkpoint", "/w1/nothing", "/w1/checkpoint", "/", "/schema"])
async def test_nothing_else_is_there(talk: Talk, path: str) -> None:
    assert (await talk.http.get(f"https://witness.city.example.org{path}")).status_code == 404


async def test_reading_does_not_submit(talk: Talk) -> None:
    assert (await talk.http.get(f"{URL}/add-checkpoint")).status_code == 405


async def test_every_answer_bears_the_headers_that_protect_it(talk: Talk) -> None:
    for answer in (
        await talk.add(0, 8),
        await talk.add(0, 8),
        await talk.post(""),
        await talk.http.get(f"{URL}/x"),
    ):
        assert HEADERS.items() <= {**answer.headers, **{n: answer.headers[n] for n in HEADERS}}.items()
        assert answer.headers["strict-transport-security"]


async def test_the_journal_says_what_matters_and_nothing_of_who_asked(talk: Talk) -> None:
    with capture_logs() as journal:
        await talk.add(0, 8)
        await talk.add(8, 8)
        await talk.add(3, 12)
        await talk.post("noise")
        await talk.add(8, 8, forked(talk.log, 5))
        talk.far.clock.move(-9)
        await talk.add(8, 12)
    assert [each["event"] for each in journal] == ["cosigned", "fork refused", "request failed"]
    assert (journal[0]["origin"], journal[0]["size"]) == (ORIGIN, 8)
    assert journal[1]["note"] == forked(talk.log, 5).checkpoint(8)
    assert "9 s behind its last cosignature" in journal[2]["why"]
