"""Asking a witness over HTTP (C2SP tlog-witness v1.0.0), and believing nothing of its answer unchecked."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import msgspec

from meetcoord.domain.checkpoints import Checkpoint, number, parse_checkpoint, parse_note
from meetcoord.domain.cosignatures import Cosignature
from meetcoord.domain.errors import Damaged, Forbidden, Forked, Invalid, NotFound, OtherSize, Unavailable
from meetcoord.domain.merkle import MAX_SIZE
from meetcoord.domain.witnessing import AddCheckpoint, address_of
from meetcoord.ports.witnesses import CosignatureVerifier

PATIENCE = 5.0
"""Seconds for the whole of one question."""

REPLY_MAX = 64 * 1024
SIZE = "text/x.tlog.size"

_TEXT = {"Content-Type": "text/plain; charset=utf-8"}
_SIZE_LINE = re.compile(r"[0-9]{1,19}\n")


class Reply(msgspec.Struct, frozen=True):
    status: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class HttpWitness:
    """A Witness. `url` is its submission prefix, without a slash at the end; `vkey` the key its agency gave us."""

    http: httpx.AsyncClient
    url: str
    vkey: str
    verifier: CosignatureVerifier
    patience: float = PATIENCE

    async def add_checkpoint(self, old: int, proof: Sequence[bytes], note: str) -> Cosignature:
        asked = AddCheckpoint(old, tuple(proof), note)
        reply = await self._ask("POST", "add-checkpoint", asked.encode())
        if reply.status != httpx.codes.OK:
            raise _refusal(reply, asked.checkpoint, old)
        # Other keys' lines, also those of a second key of the same witness, are passed over.
        return self.verifier.verify(f"{parse_note(note).text}\n{reply.text}", self.vkey)

    async def latest(self, origin: str) -> str | None:
        reply = await self._ask("GET", address_of(origin))
        if reply.status == httpx.codes.NOT_FOUND:
            return None
        if reply.status != httpx.codes.OK:
            raise _no_witness(reply)
        self.verifier.verify(reply.text, self.vkey)
        if parse_checkpoint(parse_note(reply.text).text).origin != origin:
            raise Damaged("checkpoint", "the witness answered with one of another log")
        return reply.text

    async def _ask(self, method: str, what: str, body: str | None = None) -> Reply:
        headers = {"Accept-Encoding": "identity"} | (_TEXT if body else {})
        try:
            async with asyncio.timeout(self.patience):
                request = self.http.build_request(
                    method, f"{self.url}/{what}", content=body.encode() if body else None, headers=headers
                )
                return await _read(await self.http.send(request, stream=True))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as fault:
            raise Unavailable(
                f"The witness does not answer ({type(fault).__name__}): ask again later."
            ) from fault


@asynccontextmanager
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """For all witnesses of a service: certificates are checked, no redirect is followed and no proxy asked."""
    async with httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False, trust_env=False) as http:
        yield http


async def _read(response: httpx.Response) -> Reply:
    """The reply as far as it is small, uncompressed text. Raises Unavailable."""
    body = bytearray()
    try:
        # Raw bytes: what is small on the way may be large once it is unpacked.
        async for part in response.aiter_raw():
            body += part
            if len(body) > REPLY_MAX:
                raise Unavailable("The witness answers at a length that no witness needs.")
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Reply(response.status_code, kind, body.decode())
    except UnicodeDecodeError:
        raise Unavailable("The witness answers with something that is not text.") from None
    finally:
        await response.aclose()


def _refusal(reply: Reply, asked: Checkpoint, old: int) -> Exception:
    match reply.status:
        case 409:
            return _conflict(reply, asked, old)
        case 422:
            return _inconsistent(asked, old)
        case 400:
            return Invalid("The witness cannot read our request, or finds the old size beyond the new one.")
        case 403:
            return Forbidden(
                "The witness does not trust the key that signed this checkpoint: give it the log's key."
            )
        case 404:
            return NotFound(
                "The witness does not know this log: its agency must name it, or its address is another."
            )
    return _no_witness(reply)


def _inconsistent(asked: Checkpoint, old: int) -> Damaged:
    if old == asked.size:
        # So answer witnesses that follow the standard's later text, where v1.0.0 has 409.
        return _fork(asked)
    return Damaged(f"consistency proof from {old} to {asked.size}", "the witness does not accept it")


def _conflict(reply: Reply, asked: Checkpoint, old: int) -> Exception:
    stated = _SIZE_LINE.fullmatch(reply.text) if reply.kind == SIZE else None
    try:
        size = number(stated[0].strip()) if stated else None
    except ValueError:
        size = None
    if old == asked.size and size in {old, None}:
        return _fork(asked)
    if size is None or size == old or size >= MAX_SIZE:
        return _no_witness(reply)
    return OtherSize(f"The newest checkpoint the witness cosigned has size {size}, not {old}.", size)


def _fork(asked: Checkpoint) -> Forked:
    return Forked(
        f"checkpoint of size {asked.size}", "the witness cosigned another root for it: keep both notes"
    )


def _no_witness(reply: Reply) -> Unavailable:
    return Unavailable(f"The witness does not answer as one (HTTP {reply.status}): ask again later.")
