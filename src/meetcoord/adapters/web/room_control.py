"""/v1/meetings/{id}/room-end and …/removal-from-room: the organising agency's power over the open room."""

from litestar import post
from litestar.params import FromPath

from meetcoord.adapters.web.parts import Asker, Cases, raises
from meetcoord.domain.errors import Conflict, Unavailable
from meetcoord.domain.values import InvitationId, MeetingId
from meetcoord.usecases.control_room import EndedRoom, PersonPutOut


@post(
    "/meetings/{meeting_id:str}/invitations/{invitation_id:str}/removal-from-room",
    status_code=200,
    opt=raises(Conflict, Unavailable),
)
async def put_out(
    actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId], invitation_id: FromPath[InvitationId]
) -> PersonPutOut:
    """Put one person out of the open room. While her seat stands, her link lets her in again."""
    return await cases.put_out(actor, meeting_id, invitation_id)


@post("/meetings/{meeting_id:str}/room-end", status_code=200, opt=raises(Conflict, Unavailable))
async def end_room(actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId]) -> EndedRoom:
    """End the conference for everybody. While the meeting stands, its people may open the room again."""
    return await cases.end_room(actor, meeting_id)


ROUTES = (put_out, end_room)
