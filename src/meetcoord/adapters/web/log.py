"""The log: one meeting's history for those who took part, and the public files with which anyone checks it."""

from typing import Any

import msgspec
from litestar import get
from litestar.params import FromPath

from meetcoord.adapters.web.parts import Asker, Cases, Instant, raises
from meetcoord.domain.access import Action
from meetcoord.domain.errors import NotFound
from meetcoord.domain.values import MeetingId
from meetcoord.usecases.witnessed import WitnessSeen

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


class LogWitness(msgspec.Struct, frozen=True, kw_only=True):
    """One agency's witness. `counted`: towards the quorum. `size` is how far it went along, if it ever answered.

    `fault` says why the newest question to it came to nothing; it is empty while it answers.
    """

    name: str
    key: str
    counted: bool
    size: int | None
    answered_at: Instant | None
    fault: str


class LogWitnesses(msgspec.Struct, frozen=True, kw_only=True):
    """`size` entries are in the newest checkpoint; `cosigned_size` in the newest that meets the quorum, at that moment.

    `sentence` says the same to a person. `policy` is the rule in the form of C2SP tlog-policy.
    """

    sentence: str
    size: int
    cosigned_size: int | None
    cosigned_at: Instant | None
    cosigned_by: tuple[str, ...]
    policy: str
    items: tuple[LogWitness, ...]


@get("/log/witnesses")
async def read_witnesses(actor: Asker, cases: Cases) -> LogWitnesses:
    """Who has cosigned the log up to where, and who has not answered since when."""
    actor.must(Action.READ_LOG)
    now = await cases.read_witnessed.now()
    return LogWitnesses(
        sentence=now.sentence,
        size=now.entries,
        cosigned_size=now.cosigned,
        cosigned_at=now.at,
        cosigned_by=now.by,
        policy=cases.read_witnessed.rule_for(cases.read_log.vkey),
        items=tuple(_witness(each) for each in now.witnesses),
    )


def _witness(seen: WitnessSeen) -> LogWitness:
    answer = seen.answer
    return LogWitness(
        name=seen.name,
        key=answer.witness,
        counted=seen.counted,
        size=answer.held,
        answered_at=answer.answered_at,
        fault=answer.fault,
    )


@get("/log/checkpoint", media_type=TEXT, opt=raises(NotFound))
async def read_checkpoint(cases: Cases) -> str:
    """The newest checkpoint (C2SP tlog-checkpoint), signed by the log and by those witnesses that have cosigned it.

    It never waits for them: whoever asks for a quorum reads `/log/cosigned-checkpoint`.
    """
    return (await cases.read_witnessed.newest()).note


@get("/log/cosigned-checkpoint", media_type=TEXT, opt=raises(NotFound))
async def read_cosigned_checkpoint(cases: Cases) -> str:
    """The newest checkpoint that meets the quorum of the witnesses (C2SP tlog-cosignature), for those who watch.

    It may be some entries behind the newest one, and stays where it is while too many witnesses are down.
    """
    return (await cases.read_witnessed.newest_witnessed()).note


@get("/log/key", media_type=TEXT)
async def read_log_key(cases: Cases) -> str:
    """The verifier key of the log (C2SP signed-note). Compare it with the one your agency holds."""
    return cases.read_log.vkey + "\n"


@get("/log/tile/{path:path}", media_type=BYTES)
async def read_tile(cases: Cases, path: FromPath[str]) -> bytes:
    """A tile of the log (C2SP tlog-tiles)."""
    return await cases.read_log.tile(f"tile{path}")


KEYED_ROUTES = (read_history, read_witnesses)
PUBLIC_ROUTES = (read_checkpoint, read_cosigned_checkpoint, read_log_key, read_tile)
