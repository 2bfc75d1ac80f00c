"""The two services in child processes: `python -m bench.served ours SETTINGS`, `python -m bench.served bare FOLDER`."""

import asyncio
import socket
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, chdir
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec
import uvicorn
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from litestar import Litestar, MediaType, Response, get, post
from litestar.params import Parameter

from meetcoord.adapters.jitsi.keys import KEY_BITS
from meetcoord.bootstrap.journal import keep_journal
from meetcoord.bootstrap.serving import new_loop, serve
from meetcoord.settings import load
from meetcoord.usecases.open_invitation import OpenedLink, PressedButton
from meetcoord.usecases.propose_meeting import NewMeeting

DATABASE = "bare.db"
SIGNED = bytes(900)


class Signed(msgspec.Struct, frozen=True):
    token: str


@get("/bench/cpu", sync_to_thread=False)
def spent() -> float:
    """Seconds of CPU of this process, all threads together."""
    return time.process_time()


@cache
def database() -> sqlite3.Connection:
    base = sqlite3.connect(DATABASE, isolation_level=None)
    for words in ("journal_mode=WAL", "synchronous=FULL"):
        base.execute(f"PRAGMA {words}")
    base.execute("CREATE TABLE IF NOT EXISTS meetings (id INTEGER PRIMARY KEY, content BLOB NOT NULL)")
    return base


@cache
def key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=KEY_BITS)


@post("/v1/meetings")
async def create(data: NewMeeting) -> NewMeeting:
    """One durable INSERT."""
    database().execute("INSERT INTO meetings (content) VALUES (?)", (msgspec.json.encode(data),))
    return data


@get("/v1/meetings/{number:int}")
async def read(number: Annotated[int, Parameter(ge=1)]) -> Response[bytes]:
    """One SELECT."""
    row = database().execute("SELECT content FROM meetings WHERE id = ?", (number,)).fetchone()
    return Response(row[0], media_type=MediaType.JSON)


@post("/j/admission", status_code=200)
async def admit(data: PressedButton) -> Signed:
    """One RS256 signature."""
    return Signed(key().sign(SIGNED + data.click.encode(), PKCS1v15(), SHA256()).hex())


@post("/j/look", status_code=200)
async def look(data: OpenedLink) -> OpenedLink:
    """Nothing."""
    return data


async def serve_bare() -> None:
    """As the real service is served: same server, same loop, same options."""
    app = Litestar([create, read, look, admit, spent], openapi_config=None, logging_config=None)
    options = uvicorn.Config(
        app, loop="none", log_config=None, access_log=False, server_header=False, proxy_headers=False
    )
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as door:
        say(f"http://127.0.0.1:{door.getsockname()[1]}")
        await uvicorn.Server(options).serve([door])


def say(address: str) -> None:
    print(address, flush=True)


@asynccontextmanager
async def child(kind: str, place: Path) -> AsyncIterator[str]:
    """The address of a service that runs while the block lasts; its journal is `place`.log."""
    with place.with_suffix(".log").open("wb") as journal:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.served", kind, place, stdout=asyncio.subprocess.PIPE, stderr=journal
        )
        try:
            address = await process.stdout.readline() if process.stdout else b""
            if not address:
                raise RuntimeError(
                    f"the service did not start: {place.with_suffix('.log').read_text()[-2000:]}"
                )
            yield address.decode().strip()
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


def main(kind: str, place: Path) -> None:
    keep_journal(sys.stderr)
    with asyncio.Runner(loop_factory=new_loop) as runner:
        if kind == "ours":
            runner.run(serve(load(place, {}), ready=say, extra_routes=[spent]))
        else:
            with chdir(place):
                runner.run(serve_bare())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
