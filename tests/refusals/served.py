"""The service and nginx as they are deployed, as processes of their own on free ports of this machine."""

import asyncio
import os
import shutil
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from meetcoord.demo.stage import Stage, build, free_port
from meetcoord.settings import load
from tests.test_deploy import placed_for_nginx, shipped

COORD, ROOMS = "coord.example.org", "jitsi.example.org"
STARTING = 30.0
PATIENCE = 30.0

ROOM_SERVER = """
log_format everything '$request|$http_referer|$http_origin|$http_cookie|$uri|$args';
server {{
    listen {port} ssl;
    server_name {rooms};
    ssl_certificate {folder}/fullchain.pem;
    ssl_certificate_key {folder}/privkey.pem;
    access_log {folder}/rooms.log everything;
    default_type text/html;
    location / {{ return 200 '<!doctype html><title>Room</title><img src="/pixel.png" alt=""><a href="/next">on</a>'; }}
}}
"""
"""A room of somebody else's: it writes down all that a browser tells it."""


@dataclass(frozen=True, slots=True)
class Town:
    """`stage` is what an operator set up; `front` the port of nginx, which alone may be known outside."""

    stage: Stage
    folder: Path
    front: int

    @property
    def origin(self) -> str:
        return f"https://{COORD}:{self.front}"

    @property
    def behind(self) -> int:
        return self.stage.settings.service.listen_port

    def written(self, *patterns: str) -> dict[str, bytes]:
        """Every file of these names, as it stands now."""
        found = (path for pattern in patterns for path in self.folder.rglob(pattern))
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in found if path.is_file()}


def found(folder: Path) -> Town:
    """Settings of a town whose service is known by the name of its proxy."""
    stage = build(folder / "stage", 0)
    front = free_port()
    plain = f'public_url = "http://127.0.0.1:{stage.settings.service.listen_port}"'
    text = stage.settings_file.read_text(encoding="utf-8")
    text = text.replace(plain, f'public_url = "https://{COORD}:{front}"')
    _, _, room = text.partition("[rooms]")
    text = text.replace(room, f'\nurl = "https://{ROOMS}:{front}"\n')
    stage.settings_file.write_text(text, encoding="utf-8")
    return Town(replace(stage, settings=load(stage.settings_file, {})), folder, front)


def placed(town: Town) -> Path:
    """The nginx file of deploy/, with the ports of this machine and a stand-in for the video server beside it."""
    text = shipped("nginx.conf")
    for was, now in (
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{town.behind};"),
        ("listen 443", f"listen {town.front}"),
        ("listen 80", f"listen {free_port()}"),
    ):
        assert was in text, was
        text = text.replace(was, now)
    folder = town.folder / "nginx"
    folder.mkdir()
    text += ROOM_SERVER.format(port=town.front, rooms=ROOMS, folder=folder)
    for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
        text += f"{name}_temp_path {folder}/{name};\n"
    return placed_for_nginx(text, folder)


@asynccontextmanager
async def nginx(town: Town) -> AsyncIterator[None]:
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""
    process = await asyncio.create_subprocess_exec(
        program, "-c", str(placed(town)), "-g", "daemon off; master_process off;",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await _until_it_listens(town.front, process)
        yield
    finally:
        await _stopped(process)


@asynccontextmanager
async def service(town: Town) -> AsyncIterator[None]:
    """As an operator starts it; what it says goes to service.log."""
    with (town.folder / "service.log").open("ab") as journal:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "meetcoord", "--settings", str(town.stage.settings_file), "serve",
            stdout=journal, stderr=journal,
        )  # fmt: skip
        try:
            await _until_it_listens(town.behind, process)
            yield
        finally:
            await _stopped(process)


async def _until_it_listens(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(STARTING):
        while True:
            assert process.returncode is None, "it ended by itself"
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            writer.close()
            return


async def _stopped(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    async with asyncio.timeout(STARTING):
        await process.wait()


def trusting(town: Town) -> ssl.SSLContext:
    """Believes the certificate made for this town, for its one name."""
    return ssl.create_default_context(cafile=town.folder / "nginx" / "fullchain.pem")


async def said_to(port: int, raw: bytes, context: ssl.SSLContext | None = None) -> bytes:
    """Everything that comes back for these very bytes, until the other side closes. Raises TimeoutError."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname=COORD if context else None
    )
    heard = b""
    try:
        writer.write(raw)
        async with asyncio.timeout(PATIENCE):
            while piece := await reader.read(65_536):
                heard += piece
    except ConnectionError:
        pass  # it hung up before all was written
    finally:
        writer.transport.abort()
    return heard
