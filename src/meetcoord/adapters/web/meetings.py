"""/v1/meetings: proposing, answering, naming delegates, settling, cancelling."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from meetcoord.adapters.web.address import query
from meetcoord.adapters.web.cursors import parse_cursor, write_cursor
from meetcoord.adapters.web.parts import Asker, Cases, Instant, Parts, raises
from meetcoord.adapters.web.versions import MAY_BE_UNCHANGED, etag, unchanged
from meetcoord.domain.errors import Conflict, Stale
from meetcoord.domain.meetings import Attendance, Choice, Meeting, MeetingState, Slot
from meetcoord.domain.profiles import ProfileName
from meetcoord.domain.values import AgencyId, MeetingId, PersonId, SlotId
from meetcoord.usecases.answer_meeting import NewAnswer
from meetcoord.usecases.move_meeting import NewSlots
from meetcoord.usecases.name_delegates import NewDelegates
from meetcoord.usecases.propose_meeting import NewMeeting
from meetcoord.usecases.read_meeting import SeenPerson
from meetcoord.usecases.settle_meeting import ChosenSlot

PAGE_DEFAULT = 50
PAGE_MAX = 100


class SlotView(msgspec.Struct, frozen=True, kw_only=True):
    """Both times in UTC."""

    id: SlotId
    start: Instant
    end: Instant


class TakingPart(msgspec.Struct, frozen=True, kw_only=True):
    agency: AgencyId
    organises: bool
    required: bool


class ChoiceView(msgspec.Struct, frozen=True, kw_only=True):
    slot: SlotId
    choice: Choice


class AnswerView(msgspec.Struct, frozen=True, kw_only=True):
    """`terms` is the revision it speaks for: an answer to a former one counts no longer."""

    agency: AgencyId
    terms: int
    choices: tuple[ChoiceView, ...]
    at: Instant


class DelegateView(msgspec.Struct, frozen=True, kw_only=True):
    person: PersonId
    agency: AgencyId
    attendance: Attendance
    moderator: bool


class MeetingView(msgspec.Struct, frozen=True, kw_only=True):
    """Times are UTC; `time_zone` is the zone the meeting was made in."""

    id: MeetingId
    version: int
    title: str
    agenda: str
    profile: ProfileName
    state: MeetingState
    time_zone: str
    terms: int
    agencies: tuple[TakingPart, ...]
    slots: tuple[SlotView, ...]
    answers: tuple[AnswerView, ...]
    agreed_slots: tuple[SlotId, ...]
    slot: SlotView | None
    delegates: tuple[DelegateView, ...]
    created_at: Instant


class NamedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A delegate as another agency may see her: name and function; the address for her own agency only."""

    id: PersonId
    agency: AgencyId
    name: str
    function: str
    address: str | None


class MeetingWithPersons(MeetingView, frozen=True, kw_only=True):
    persons: tuple[NamedPerson, ...]


class MeetingPage(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first. `next_cursor` is null on the last page."""

    items: tuple[MeetingView, ...]
    next_cursor: str | None


def meeting_view(meeting: Meeting) -> MeetingView:
    return MeetingView(**_facts(meeting))


def named_person(person: SeenPerson) -> NamedPerson:
    return msgspec.convert(person, NamedPerson, from_attributes=True)


def _facts(meeting: Meeting) -> dict[str, Any]:
    return {
        "id": meeting.id,
        "version": meeting.version,
        "title": meeting.title,
        "agenda": meeting.agenda,
        "profile": meeting.profile,
        "state": meeting.state,
        "time_zone": meeting.time_zone,
        "terms": meeting.terms,
        "agencies": _agencies(meeting),
        "slots": tuple(_slot(slot) for slot in meeting.slots),
        "answers": _answers(meeting),
        "agreed_slots": tuple(slot.id for slot in meeting.agreed_slots()),
        "slot": _slot(meeting.slot) if meeting.slot else None,
        "delegates": _delegates(meeting),
        "created_at": meeting.created_at,
    }


def _agencies(meeting: Meeting) -> tuple[TakingPart, ...]:
    return tuple(
        TakingPart(agency=each, organises=each == meeting.organiser, required=each in meeting.required)
        for each in meeting.agencies
    )


def _answers(meeting: Meeting) -> tuple[AnswerView, ...]:
    return tuple(
        AnswerView(
            agency=answer.agency,
            terms=answer.terms,
            choices=tuple(ChoiceView(slot=c.slot, choice=c.choice) for c in answer.choices),
            at=answer.at,
        )
        for answer in meeting.answers
    )


def _delegates(meeting: Meeting) -> tuple[DelegateView, ...]:
    return tuple(
        DelegateView(person=d.person, agency=d.agency, attendance=d.attendance, moderator=d.moderator)
        for d in meeting.delegates
    )


def _slot(slot: Slot) -> SlotView:
    return SlotView(id=slot.id, start=slot.start, end=slot.end)


@post("/meetings")
async def propose_meeting(actor: Asker, cases: Cases, data: JSONBody[NewMeeting]) -> MeetingView:
    """Propose a meeting to other agencies; yours thereby says yes to every slot."""
    return meeting_view(await cases.propose_meeting(actor, data))


@get("/meetings", opt=query("limit", "cursor"))
async def list_meetings(
    actor: Asker,
    cases: Cases,
    parts: Parts,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = PAGE_DEFAULT,
    cursor: FromQuery[str | None] = None,
) -> Response[MeetingPage]:
    """The meetings your agency takes part in, newest first."""
    found = await cases.list_meetings(actor, parse_cursor(cursor), limit + 1)
    return _page(found, limit, parts.public_url)


def _page(found: Sequence[Meeting], limit: int, public_url: str) -> Response[MeetingPage]:
    """`found` has one more than `limit` when there is a next page."""
    shown = found[:limit]
    cursor = write_cursor(shown[-1]) if len(found) > limit else None
    link = f'<{public_url}/v1/meetings?limit={limit}&cursor={cursor}>; rel="next"'
    page = MeetingPage(items=tuple(meeting_view(each) for each in shown), next_cursor=cursor)
    return Response(page, headers={"Link": link} if cursor else {})


@get("/meetings/{meeting_id:str}", opt=MAY_BE_UNCHANGED)
async def read_meeting(
    request: Request[Any, Any, Any], actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId]
) -> Response[MeetingWithPersons]:
    """One meeting with its delegates. Send its ETag as If-None-Match to be told 304 while nothing has changed."""
    meeting, persons = await cases.read_meeting(actor, meeting_id)
    if unchanged(request, meeting.version):
        # 304 has no body, whatever the type of the answer that it stands for.
        return Response(None, status_code=304, headers=etag(meeting.version))  # type: ignore[arg-type]
    view = MeetingWithPersons(**_facts(meeting), persons=tuple(named_person(person) for person in persons))
    return Response(view, headers=etag(meeting.version))


@put("/meetings/{meeting_id:str}/answer", opt=raises(Conflict, Stale))
async def answer_meeting(
    actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId], data: JSONBody[NewAnswer]
) -> MeetingView:
    """What your agency says to every candidate slot, in place of its former answer."""
    return meeting_view(await cases.answer_meeting(actor, meeting_id, data))


@put("/meetings/{meeting_id:str}/delegates", opt=raises(Conflict, Stale))
async def name_delegates(
    actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId], data: JSONBody[NewDelegates]
) -> MeetingView:
    """All that your agency sends; who is no longer named loses her seat at once."""
    return meeting_view(await cases.name_delegates(actor, meeting_id, data))


@put("/meetings/{meeting_id:str}/slot", opt=raises(Conflict, Stale))
async def settle_meeting(
    actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId], data: JSONBody[ChosenSlot]
) -> MeetingView:
    """Fix the meeting on a slot that every required agency said yes to."""
    return meeting_view(await cases.settle_meeting(actor, meeting_id, data))


@put("/meetings/{meeting_id:str}/slots", opt=raises(Conflict, Stale))
async def move_meeting(
    actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId], data: JSONBody[NewSlots]
) -> MeetingView:
    """Move the meeting: all candidate slots in place of the former ones. Twice is once.

    The terms change, so every answer is void and every agency is asked again; yours thereby says yes to every slot.
    Every link is dead from now on; whoever was invited is told, and invited anew once a slot is settled.
    """
    return meeting_view(await cases.move_meeting(actor, meeting_id, data))


@post("/meetings/{meeting_id:str}/cancellation", status_code=200, opt=raises(Conflict, Stale))
async def cancel_meeting(actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId]) -> MeetingView:
    """Call the meeting off: every link is dead from now on, and every invited person is told."""
    return meeting_view(await cases.cancel_meeting(actor, meeting_id))


ROUTES = (
    propose_meeting,
    list_meetings,
    read_meeting,
    answer_meeting,
    name_delegates,
    settle_meeting,
    move_meeting,
    cancel_meeting,
)
