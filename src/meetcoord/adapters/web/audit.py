"""For auditors: the page, the search over what is sealed, and the service's own check of its evidence."""

from datetime import UTC, datetime
from typing import Annotated, Any, Self
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from meetcoord.adapters.web.address import query
from meetcoord.adapters.web.assets import address_if_built, page
from meetcoord.adapters.web.audit_words import WORDS
from meetcoord.adapters.web.cursors import parse_entry_cursor, write_entry_cursor
from meetcoord.adapters.web.parts import Asker, Cases, Instant, Parts, raises
from meetcoord.adapters.web.problems import RequestRefused
from meetcoord.domain.errors import Conflict, Invalid
from meetcoord.domain.evidence import Outcome, Step
from meetcoord.domain.minutes import MinutesKind
from meetcoord.domain.values import AgencyId, Language, MeetingId, agency_id, is_random_id
from meetcoord.ports.storage import Sought
from meetcoord.usecases.check_evidence import CheckedEvidence
from meetcoord.usecases.search_minutes import FoundMinutes, FoundPage, Held

PAGE_DEFAULT = 50
PAGE_MAX = 100
OPENER = "age.js"
"""What `make web` builds; without it the page offers the files and the commands."""

_CONVENIENCE = (
    "The service has checked itself, for your convenience. The proof is `meetcoord evidence verify` on your own "
    "machine, with the evidence file and the log key that your agency holds."
)


class SealedMinutes(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed document. `leaf` is the index of its entry in the log, `content` the hash that was approved.

    `title` is null for a key that may not read meetings; `start` and `end` for a meeting without a slot.
    """

    meeting: MeetingId
    seq: int
    kind: MinutesKind
    leaf: int
    content: str
    author_agency: AgencyId
    approved_by: tuple[AgencyId, ...]
    sealed_at: Instant
    title: str | None
    organiser: AgencyId
    agencies: tuple[AgencyId, ...]
    proposed_at: Instant
    start: Instant | None
    end: Instant | None
    time_zone: str

    @classmethod
    def of(cls, found: FoundMinutes) -> Self:
        minutes, meeting = found.minutes, found.meeting
        return cls(
            meeting=meeting.id,
            seq=minutes.seq,
            kind=minutes.kind,
            leaf=_leaf(found),
            content=minutes.content or "",
            author_agency=minutes.author_agency,
            approved_by=tuple(approval.agency for approval in minutes.approvals),
            sealed_at=minutes.changed_at,
            title=meeting.title if found.titled else None,
            organiser=meeting.organiser,
            agencies=meeting.agencies,
            proposed_at=meeting.created_at,
            start=meeting.slot.start if meeting.slot else None,
            end=meeting.slot.end if meeting.slot else None,
            time_zone=meeting.time_zone,
        )


class SealedPage(msgspec.Struct, frozen=True, kw_only=True):
    """The newest entry of the log first. A page may hold fewer than asked; the last one has no `next_cursor`."""

    items: tuple[SealedMinutes, ...]
    next_cursor: str | None


class EvidenceCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict that `meetcoord evidence verify` gives offline, without a log key held elsewhere or an identity.

    What is altered was altered between `sealed_at` and `checked_at`. `note` says what such a check is worth.
    """

    outcome: Outcome
    sentence: str
    steps: tuple[Step, ...]
    leaf: int
    sealed_at: Instant
    checked_at: Instant
    note: str

    @classmethod
    def of(cls, checked: CheckedEvidence) -> Self:
        return cls(
            outcome=checked.verdict.outcome,
            sentence=checked.verdict.sentence,
            steps=checked.verdict.steps,
            leaf=checked.entry,
            sealed_at=checked.sealed_at,
            checked_at=checked.checked_at,
            note=_CONVENIENCE,
        )


@get("/audit", include_in_schema=False, media_type="text/html", opt=query("lang"))
async def show_audit_page(parts: Parts, lang: FromQuery[Language] = Language.FRENCH) -> Response[str]:
    words = {language.value: table for language, table in WORDS.items()}
    return page(
        "audit.html",
        language=lang.value,
        words=words,
        help_phone=parts.help_phone,
        public_url=parts.public_url,
        opener=address_if_built(OPENER),
    )


@get(
    "/minutes",
    opt=query(
        "held_from",
        "held_until",
        "sealed_from",
        "sealed_until",
        "agency",
        "meeting",
        "kind",
        "limit",
        "cursor",
    ),
)
async def search_minutes(  # noqa: PLR0913, PLR0917 - one for each that may stand in the address
    request: Request[Any, Any, Any],
    actor: Asker,
    cases: Cases,
    parts: Parts,
    held_from: FromQuery[Instant | None] = None,
    held_until: FromQuery[Instant | None] = None,
    sealed_from: FromQuery[Instant | None] = None,
    sealed_until: FromQuery[Instant | None] = None,
    agency: FromQuery[str | None] = None,
    meeting: FromQuery[str | None] = None,
    kind: FromQuery[MinutesKind | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = PAGE_DEFAULT,
    cursor: FromQuery[str | None] = None,
) -> Response[SealedPage]:
    """What was sealed in the meetings your agency was convened to, the newest first. A listing is not a reading.

    `held_…` is about the beginning of the meeting, `sealed_…` about the seal; `…_until` itself is not included.
    `agency` is one that takes part.
    """
    held = Held(since=_moment(held_from), until=_moment(held_until))
    sought = Sought(
        sealed_from=_moment(sealed_from),
        sealed_until=_moment(sealed_until),
        agency=_agency(agency),
        meeting=_meeting(meeting),
        kind=kind,
    )
    _must_be_in_order(held.since, held.until)
    _must_be_in_order(sought.sealed_from, sought.sealed_until)
    found = await cases.search_minutes(actor, sought, held, parse_entry_cursor(cursor), limit)
    return _page(found, f"{parts.public_url}/v1/minutes", dict(request.query_params))


def _page(found: FoundPage, path: str, asked: dict[str, Any]) -> Response[SealedPage]:
    cursor = write_entry_cursor(found.rest) if found.rest is not None else None
    body = SealedPage(items=tuple(SealedMinutes.of(each) for each in found.items), next_cursor=cursor)
    following = urlencode({**asked, "cursor": cursor})
    return Response(body, headers={"Link": f'<{path}?{following}>; rel="next"'} if cursor else {})


def _leaf(found: FoundMinutes) -> int:
    return -1 if found.minutes.leaf is None else found.minutes.leaf


def _moment(given: datetime | None) -> datetime | None:
    if given is None:
        return None
    try:
        if given.tzinfo is not None:
            return given.astimezone(UTC)
    except OverflowError:
        pass
    raise RequestRefused(400, "A time in the address is written like 2026-11-03T09:00:00Z, with its zone.")


def _agency(given: str | None) -> AgencyId | None:
    try:
        return None if given is None else agency_id(given)
    except Invalid as refusal:
        raise RequestRefused(400, refusal.detail) from None


def _meeting(given: str | None) -> MeetingId | None:
    if given is not None and not is_random_id(given):
        raise RequestRefused(400, "The identifier of a meeting has 26 letters and digits: copy it whole.")
    return None if given is None else MeetingId(given)


def _must_be_in_order(first: datetime | None, last: datetime | None) -> None:
    if first is not None and last is not None and last <= first:
        raise RequestRefused(400, "A stretch of time ends before it begins: change `…_from` or `…_until`.")


@post("/meetings/{meeting_id:str}/minutes/{seq:str}/evidence-check", status_code=200, opt=raises(Conflict))
async def check_evidence(
    actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId], seq: FromPath[int]
) -> EvidenceCheck:
    """Verify again, here and now. Nothing is handed out, so this is no reading; nor is it the proof, see `note`."""
    return EvidenceCheck.of(await cases.check_evidence(actor, meeting_id, seq))


KEYED_ROUTES = (search_minutes, check_evidence)
PUBLIC_ROUTES = (show_audit_page,)
