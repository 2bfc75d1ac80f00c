"""What a Jitsi server asks and tells us: may this room be opened, who came, who left. One secret opens all of it.

Reservations are those of Jitsi's `mod_reservations`, events those of the contributed `event_sync` module.
"""

import re
from contextlib import suppress
from typing import Any

import msgspec
import structlog
from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody

from meetcoord.adapters.web.body import StrictRequest
from meetcoord.adapters.web.form import body_is_form, form_of
from meetcoord.adapters.web.jitsi_events import (
    EVENTS_BODY_MAX,
    RoomCreated,
    RoomDestroyed,
    SomebodyJoined,
    SomebodyLeft,
)
from meetcoord.adapters.web.jitsi_words import SAID
from meetcoord.adapters.web.parts import Cases, Instant, JitsiDoor, Parts, WebParts
from meetcoord.adapters.web.problems import RequestRefused
from meetcoord.domain.errors import JoinRefused, NotFound
from meetcoord.domain.probes import ProbeRefused
from meetcoord.domain.reservations import OpenRoom, ReservationId
from meetcoord.usecases.catalogue import UseCases
from meetcoord.usecases.reserve_room import AskedRoom

_NAME = re.compile(r"(?:\[([^\[\]]{1,100})\])?([a-z2-7]{26})")
_journal = structlog.get_logger("meetcoord.web")


class Conference(msgspec.Struct, frozen=True, kw_only=True):
    """All of it must be there, or Jitsi refuses the room. `duration` is in seconds, from `start_time`."""

    id: ReservationId
    name: str
    mail_owner: str
    start_time: Instant
    duration: int
    max_occupants: int
    lobby: bool

    @classmethod
    def of(cls, room: OpenRoom) -> "Conference":
        return cls(
            id=room.id,
            name=room.name,
            # Jitsi wants to hear of an owner and does nothing with it; whom it names itself is a random address.
            mail_owner="meetcoord",
            start_time=room.start,
            duration=room.seconds,
            max_occupants=room.places,
            lobby=room.lobby,
        )


class OpenAlready(msgspec.Struct, frozen=True, kw_only=True):
    """Jitsi then asks for what was said before."""

    conflict_id: ReservationId


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """`message` is shown to the person."""

    message: str


@post("/conference", before_request=body_is_form, status_code=200)
async def reserve_room(request: StrictRequest, cases: Cases, parts: Parts) -> Response[Any]:
    """May this room be opened now? Of the form only `name` counts: the rest tells nothing about anybody."""
    name = form_of(await request.body()).get("name")
    if name is None:
        raise RequestRefused(422, "The field `name` is missing: send the name of the room.", "/name")
    try:
        reserved = await cases.reserve_room(AskedRoom(room=_room(parts.jitsi, name), name=name))
    except (NotFound, JoinRefused) as refusal:
        return _refused(parts.jitsi, refusal)
    if not reserved.fresh:
        return Response(OpenAlready(conflict_id=reserved.room.id), status_code=409)
    return Response(Conference.of(reserved.room))


@get("/conference/{conference_id:str}")
async def read_reservation(
    cases: Cases, parts: Parts, conference_id: FromPath[ReservationId]
) -> Response[Any]:
    """What was said when the room was opened."""
    try:
        return Response(Conference.of(await cases.read_reservation(conference_id)))
    except (NotFound, JoinRefused) as refusal:
        return _refused(parts.jitsi, refusal)


@delete("/conference/{conference_id:str}")
async def close_room(cases: Cases, conference_id: FromPath[ReservationId]) -> None:
    """The room is gone. Twice is once."""
    await cases.close_room(conference_id)


@post("/events/room/created", status_code=204)
async def room_was_created(cases: Cases, parts: Parts, data: JSONBody[RoomCreated]) -> None:
    await _note(cases, parts, data)


@post("/events/room/destroyed", status_code=204, request_max_body_size=EVENTS_BODY_MAX)
async def room_was_destroyed(cases: Cases, parts: Parts, data: JSONBody[RoomDestroyed]) -> None:
    """It names everybody who was there: what was lost on the way is made up for."""
    await _note(cases, parts, data)


@post("/events/occupant/joined", status_code=204)
async def somebody_joined(cases: Cases, parts: Parts, data: JSONBody[SomebodyJoined]) -> None:
    await _note(cases, parts, data)


@post("/events/occupant/left", status_code=204)
async def somebody_left(cases: Cases, parts: Parts, data: JSONBody[SomebodyLeft]) -> None:
    await _note(cases, parts, data)


async def _note(
    cases: UseCases, parts: WebParts, data: RoomCreated | RoomDestroyed | SomebodyJoined | SomebodyLeft
) -> None:
    """The answer is the same for rooms that are not ours: it tells nothing."""
    told = data.told()
    with suppress(NotFound):
        await cases.note_room_events(_room(parts.jitsi, data.room_name), told)


def _room(door: JitsiDoor, name: str) -> str:
    """The room behind the name Jitsi gives it: `room`, or `[tenant]room`. Raises NotFound if it cannot be ours."""
    found = _NAME.fullmatch(name)
    if not found or found.group(1) not in {None, door.tenant}:
        raise NotFound("No room of ours has such a name.")
    return found.group(2)


def _refused(door: JitsiDoor, refusal: NotFound | JoinRefused) -> Response[Any]:
    """403 whatever the reason: Jitsi takes every 4xx alike, and shows the sentence, or a check its receipt."""
    _journal.info("room refused", code=refusal.code)
    said = refusal.receipt if isinstance(refusal, ProbeRefused) else SAID[door.language][refusal.code]
    return Response(Refusal(message=said), status_code=403)


ROUTES = (
    reserve_room,
    read_reservation,
    close_room,
    room_was_created,
    room_was_destroyed,
    somebody_joined,
    somebody_left,
)
