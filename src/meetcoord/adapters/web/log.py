"""The log: one meeting's history for those who took part, and the public files with which anyone checks it."""

from typing import Any

import msgspec
from litestar import get
from litestar.params import FromPath

from meetcoord.adapters.web.parts import Asker, Cases, raises
from meetcoord.domain.errors import NotFound
from meetcoord.domain.values import MeetingId

TEXT = "text/plain"
BYTES = "application/octet-stream"


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`entry` is the leaf as it was logged; its canonical bytes are its JSON with sorted names and no blanks."""

    index: int
    entry: dict[str, Any]


class History(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[HistoryEntry, ...]


@get("/meetings/{meeting_id:str}/history")
async def read_history(actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId]) -> History:
    """Every entry of the log about this meeting, oldest first."""
    placed = await cases.read_log.history(actor, meeting_id)
    return History(
        items=tuple(HistoryEntry(index=p.index, entry=msgspec.json.decode(p.entry)) for p in placed)
    )


@get("/log/checkpoint", media_type=TEXT, opt=raises(NotFound))
async def read_checkpoint(cases: Cases) -> str:
    """The newest signed checkpoint (C2SP tlog-checkpoint)."""
    return (await cases.read_log.newest_checkpoint()).note


@get("/log/key", media_type=TEXT)
async def read_log_key(cases: Cases) -> str:
    """The verifier key of the log (C2SP signed-note). Compare it with the one your agency holds."""
    return cases.read_log.vkey + "\n"


@get("/log/tile/{path:path}", media_type=BYTES)
async def read_tile(cases: Cases, path: FromPath[str]) -> bytes:
    """A tile of the log (C2SP tlog-tiles)."""
    return await cases.read_log.tile(f"tile{path}")


KEYED_ROUTES = (read_history,)
PUBLIC_ROUTES = (read_checkpoint, read_log_key, read_tile)
