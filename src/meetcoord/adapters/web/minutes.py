"""/v1/meetings/{id}/minutes: writing, circulating, approving or asking for a change, and what is handed out sealed."""

from typing import Any, Self

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from meetcoord.adapters.web.address import query
from meetcoord.adapters.web.body import MINUTES_BODY_MAX
from meetcoord.adapters.web.parts import Asker, Cases, Instant, Parts, raises
from meetcoord.adapters.web.policies import PolicyView
from meetcoord.adapters.web.versions import SAYS_VERSION, etag, version_seen
from meetcoord.domain.checkpoints import b64
from meetcoord.domain.drafts import Draft
from meetcoord.domain.errors import Conflict, Erased, Stale, Unavailable
from meetcoord.domain.minutes import Finality, Minutes, MinutesKind, MinutesState
from meetcoord.domain.values import AgencyId, MeetingId, PersonId
from meetcoord.usecases.approve_minutes import ApprovedContent
from meetcoord.usecases.ask_for_change import WantedChange
from meetcoord.usecases.fetch_sealed import Header
from meetcoord.usecases.read_minutes import AskedChange, ReadableMinutes
from meetcoord.usecases.write_minutes import MinutesText, NewMinutes

AGE_FILE = "application/octet-stream"
ZIP_FILE = "application/zip"
ON_A_VERSION = {**raises(Conflict), **SAYS_VERSION}


class ApprovalView(msgspec.Struct, frozen=True, kw_only=True):
    """`signed` by one of the keys that the agency has named, or declared through the service alone."""

    agency: AgencyId
    by: PersonId
    at: Instant
    signed: bool


class MinutesView(msgspec.Struct, frozen=True, kw_only=True):
    """`content` is the hash that approvals name, fixed by circulation; `leaf` the index of the entry in the log.

    `warning` says, while it can still be avoided, what the last approval makes impossible.
    """

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
    warning: Finality | None
    changed_at: Instant


class WaitingView(msgspec.Struct, frozen=True, kw_only=True):
    """An agency whose approval is missing, and since when it has been asked for."""

    agency: AgencyId
    since: Instant


class ChangeView(msgspec.Struct, frozen=True, kw_only=True):
    """What one agency asked for instead of approving. It ends with its approval, or with a new version."""

    agency: AgencyId
    by: PersonId
    name: str
    function: str
    at: Instant
    comment: str

    @classmethod
    def of(cls, change: AskedChange) -> Self:
        return cls(
            agency=change.request.agency,
            by=change.request.by,
            name=change.person.name,
            function=change.person.function,
            at=change.request.at,
            comment=change.request.comment,
        )


class MinutesWithText(MinutesView, frozen=True, kw_only=True):
    """`body` is null once sealed: from then on only the holders of the agencies' keys can read it.

    From circulation to seal, `frame` (base64) and `policy` are what `meetcoord approver sign` checks and signs.
    `draft` holds the parts that the body was written from, for the organising agency. It sees every change asked for;
    another agency sees its own.
    """

    body: str | None
    draft: Draft | None
    waiting_for: tuple[WaitingView, ...]
    changes: tuple[ChangeView, ...]
    frame: str | None
    policy: PolicyView | None

    @classmethod
    def of(cls, found: ReadableMinutes) -> Self:
        return cls(
            **_facts(found.minutes),
            body=found.body,
            draft=found.draft,
            waiting_for=tuple(WaitingView(agency=w.agency, since=w.since) for w in found.waiting_for),
            changes=tuple(ChangeView.of(change) for change in found.changes),
            frame=b64(found.frame) if found.frame is not None else None,
            policy=PolicyView.of(found.policy) if found.policy else None,
        )


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
        "approvals": tuple(
            ApprovalView(agency=a.agency, by=a.by, at=a.at, signed=a.signed) for a in minutes.approvals
        ),
        "leaf": minutes.leaf,
        "warning": minutes.warning,
        "changed_at": minutes.changed_at,
    }


def _view(minutes: Minutes) -> Response[MinutesView]:
    return Response(MinutesView(**_facts(minutes)), headers=etag(minutes.version))


def _file(data: bytes, kind: str, name: str) -> Response[bytes]:
    return Response(data, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@post("/meetings/{meeting_id:str}/minutes", request_max_body_size=MINUTES_BODY_MAX, opt=raises(Conflict))
async def start_minutes(
    actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId], data: JSONBody[NewMinutes]
) -> Response[MinutesView]:
    """A first draft; or an addendum, when the last document of the meeting is sealed."""
    return _view(await cases.start_minutes(actor, meeting_id, data))


@get("/meetings/{meeting_id:str}/minutes/{seq:str}")
async def read_minutes(
    actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId], seq: FromPath[int]
) -> Response[MinutesWithText]:
    """The minutes, with their text until they are sealed."""
    found = await cases.read_minutes(actor, meeting_id, seq)
    return Response(MinutesWithText.of(found), headers=etag(found.minutes.version))


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
    """A new text in place of the version named by If-Match. Approvals given to the former text are void.

    When another version is the newest, nothing is saved, and the answer holds that one's number and text. Saving the
    very text that is saved already changes nothing.
    """
    return _view(await cases.rewrite_minutes(actor, meeting_id, seq, version_seen(request), data))


@post("/meetings/{meeting_id:str}/minutes/{seq:str}/attendance", status_code=200, opt=ON_A_VERSION)
async def refresh_attendance(
    request: Request[Any, Any, Any],
    actor: Asker,
    cases: Cases,
    meeting_id: FromPath[MeetingId],
    seq: FromPath[int],
) -> Response[MinutesView]:
    """The attendance in the draft named by If-Match filled anew from admissions and room events; the rest stays."""
    return _view(await cases.refresh_attendance(actor, meeting_id, seq, version_seen(request)))


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
    "/meetings/{meeting_id:str}/minutes/{seq:str}/change-requests",
    status_code=200,
    opt=raises(Conflict, Stale),
)
async def ask_for_change(
    actor: Asker,
    cases: Cases,
    meeting_id: FromPath[MeetingId],
    seq: FromPath[int],
    data: JSONBody[WantedChange],
) -> Response[MinutesView]:
    """Your agency asks for another text instead of approving this one. Its approval, or a new version, ends it."""
    return _view(await cases.ask_for_change(actor, meeting_id, seq, data))


@post(
    "/meetings/{meeting_id:str}/minutes/{seq:str}/readings",
    status_code=200,
    media_type=AGE_FILE,
    opt={**raises(Conflict, Erased), **query("header")},
)
async def fetch_sealed(
    actor: Asker,
    cases: Cases,
    meeting_id: FromPath[MeetingId],
    seq: FromPath[int],
    header: FromQuery[Header] = Header.NEWEST,
) -> Response[bytes]:
    """The sealed file (age v1). Each time is a reading, which every convened agency can see in the history.

    `header=former` gives it with the header that the newest is to replace, as long as nobody has confirmed that one.
    """
    sealed = await cases.fetch_sealed(actor, meeting_id, seq, header)
    return _file(sealed.file, AGE_FILE, f"minutes-{meeting_id}-{seq}.age")


@post(
    "/meetings/{meeting_id:str}/minutes/{seq:str}/evidence",
    status_code=200,
    media_type=ZIP_FILE,
    opt={**raises(Conflict, Erased, Unavailable), **query("header")},
)
async def gather_evidence(
    actor: Asker,
    cases: Cases,
    parts: Parts,
    meeting_id: FromPath[MeetingId],
    seq: FromPath[int],
    header: FromQuery[Header] = Header.NEWEST,
) -> Response[bytes]:
    """All that proves the entry offline, with the sealed file. Each time is a reading, as above."""
    evidence = await cases.gather_evidence(actor, meeting_id, seq, header)
    return _file(parts.pack_evidence(evidence), ZIP_FILE, f"evidence-{meeting_id}-{seq}.zip")


ROUTES = (
    start_minutes,
    read_minutes,
    rewrite_minutes,
    refresh_attendance,
    circulate_minutes,
    ask_for_change,
    approve_minutes,
    fetch_sealed,
    gather_evidence,
)
