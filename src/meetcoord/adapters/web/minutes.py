"""/v1/meetings/{id}/minutes: writing, circulating, approving, and what is handed out once sealed."""

from typing import Any

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import FromPath, JSONBody

from meetcoord.adapters.web.body import MINUTES_BODY_MAX
from meetcoord.adapters.web.parts import Asker, Cases, Instant, Parts, raises
from meetcoord.adapters.web.versions import SAYS_VERSION, etag, version_seen
from meetcoord.domain.errors import Conflict, Stale, Unavailable
from meetcoord.domain.minutes import Minutes, MinutesKind, MinutesState
from meetcoord.domain.values import AgencyId, MeetingId, PersonId
from meetcoord.usecases.approve_minutes import ApprovedContent
from meetcoord.usecases.write_minutes import MinutesText

AGE_FILE = "application/octet-stream"
ZIP_FILE = "application/zip"
ON_A_VERSION = {**raises(Conflict), **SAYS_VERSION}


class ApprovalView(msgspec.Struct, frozen=True, kw_only=True):
    agency: AgencyId
    by: PersonId
    at: Instant


class MinutesView(msgspec.Struct, frozen=True, kw_only=True):
    """`content` is the hash that approvals name, fixed by circulation; `leaf` the index of the entry in the log."""

    meeting: MeetingId
    seq: int
    kind: MinutesKind
    state: MinutesState
    version: int
    author: PersonId
    author_agency: AgencyId
    content: str | None
    approvals: tuple[ApprovalView, ...]
    leaf: int | None
    changed_at: Instant


class MinutesWithText(MinutesView, frozen=True, kw_only=True):
    """`body` is null once sealed: from then on only the holders of the agencies' keys can read it."""

    body: str | None


def _facts(minutes: Minutes) -> dict[str, Any]:
    return {
        "meeting": minutes.meeting,
        "seq": minutes.seq,
        "kind": minutes.kind,
        "state": minutes.state,
        "version": minutes.version,
        "author": minutes.author,
        "author_agency": minutes.author_agency,
        "content": minutes.content,
        "approvals": tuple(ApprovalView(agency=a.agency, by=a.by, at=a.at) for a in minutes.approvals),
        "leaf": minutes.leaf,
        "changed_at": minutes.changed_at,
    }


def _view(minutes: Minutes) -> Response[MinutesView]:
    return Response(MinutesView(**_facts(minutes)), headers=etag(minutes.version))


def _file(data: bytes, kind: str, name: str) -> Response[bytes]:
    return Response(data, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@post("/meetings/{meeting_id:str}/minutes", request_max_body_size=MINUTES_BODY_MAX, opt=raises(Conflict))
async def start_minutes(
    actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId], data: JSONBody[MinutesText]
) -> Response[MinutesView]:
    """A first draft; or an addendum, when the last document of the meeting is sealed."""
    return _view(await cases.start_minutes(actor, meeting_id, data))


@get("/meetings/{meeting_id:str}/minutes/{seq:str}")
async def read_minutes(
    actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId], seq: FromPath[int]
) -> Response[MinutesWithText]:
    """The minutes, with their text until they are sealed."""
    found = await cases.read_minutes(actor, meeting_id, seq)
    view = MinutesWithText(**_facts(found.minutes), body=found.body)
    return Response(view, headers=etag(found.minutes.version))


@put(
    "/meetings/{meeting_id:str}/minutes/{seq:str}",
    request_max_body_size=MINUTES_BODY_MAX,
    opt=ON_A_VERSION,
)
async def rewrite_minutes(
    request: Request[Any, Any, Any],
    actor: Asker,
    cases: Cases,
    meeting_id: FromPath[MeetingId],
    seq: FromPath[int],
    data: JSONBody[MinutesText],
) -> Response[MinutesView]:
    """A new text in place of the version named by If-Match. Approvals given to the former text are void."""
    return _view(await cases.rewrite_minutes(actor, meeting_id, seq, version_seen(request), data))


@post(
    "/meetings/{meeting_id:str}/minutes/{seq:str}/circulation",
    status_code=200,
    opt=ON_A_VERSION,
)
async def circulate_minutes(
    request: Request[Any, Any, Any],
    actor: Asker,
    cases: Cases,
    meeting_id: FromPath[MeetingId],
    seq: FromPath[int],
) -> Response[MinutesView]:
    """Fix the text of the version named by If-Match, and ask the agencies to approve it."""
    return _view(await cases.circulate_minutes(actor, meeting_id, seq, version_seen(request)))


@post("/meetings/{meeting_id:str}/minutes/{seq:str}/approvals", status_code=200, opt=raises(Conflict, Stale))
async def approve_minutes(
    actor: Asker,
    cases: Cases,
    meeting_id: FromPath[MeetingId],
    seq: FromPath[int],
    data: JSONBody[ApprovedContent],
) -> Response[MinutesView]:
    """Your agency's yes to exactly this text. The last approval needed seals the minutes."""
    return _view(await cases.approve_minutes(actor, meeting_id, seq, data))


@post(
    "/meetings/{meeting_id:str}/minutes/{seq:str}/readings",
    status_code=200,
    media_type=AGE_FILE,
    opt=raises(Conflict),
)
async def fetch_sealed(
    actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId], seq: FromPath[int]
) -> Response[bytes]:
    """The sealed file (age v1). Each time is a reading, which every convened agency can see in the history."""
    sealed = await cases.fetch_sealed(actor, meeting_id, seq)
    return _file(sealed.file, AGE_FILE, f"minutes-{meeting_id}-{seq}.age")


@post(
    "/meetings/{meeting_id:str}/minutes/{seq:str}/evidence",
    status_code=200,
    media_type=ZIP_FILE,
    opt=raises(Conflict, Unavailable),
)
async def gather_evidence(
    actor: Asker, cases: Cases, parts: Parts, meeting_id: FromPath[MeetingId], seq: FromPath[int]
) -> Response[bytes]:
    """All that proves the entry offline, with the sealed file. Each time is a reading, as above."""
    evidence = await cases.gather_evidence(actor, meeting_id, seq)
    return _file(parts.pack_evidence(evidence), ZIP_FILE, f"evidence-{meeting_id}-{seq}.zip")


ROUTES = (
    start_minutes,
    read_minutes,
    rewrite_minutes,
    circulate_minutes,
    approve_minutes,
    fetch_sealed,
    gather_evidence,
)
