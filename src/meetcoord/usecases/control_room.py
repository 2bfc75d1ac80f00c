"""The organising agency puts somebody out of the open room, or ends it for everybody."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.attendance import roll_call
from meetcoord.domain.errors import Conflict, Misconfigured, NotFound, Unavailable
from meetcoord.domain.invitations import Invitation
from meetcoord.domain.leaves import ActKind
from meetcoord.domain.meetings import Meeting, MeetingState
from meetcoord.domain.values import InvitationId, MeetingId
from meetcoord.ports.rooms import RoomControl
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.read_meeting import meeting_for, must_organise


class PersonPutOut(msgspec.Struct, frozen=True, kw_only=True):
    """`connections` of hers were ended; `may_return` says whether her seat still stands, and with it her link."""

    connections: int
    may_return: bool


class EndedRoom(msgspec.Struct, frozen=True, kw_only=True):
    """`may_reopen` says whether the meeting still stands, so that its people may open the room again."""

    was_open: bool
    may_reopen: bool


async def connections_of(
    tx: Transaction, meeting: Meeting, invitations: Sequence[Invitation], now: Clock
) -> Mapping[str, InvitationId]:
    """Under which names the video system has which of these persons in the room now, so far as it told us."""
    events = await tx.room_events.of_meeting(meeting.id)
    attendees = roll_call(meeting, invitations, events, now()).attendees
    found = {
        stay.participant: attendee.invitation
        for attendee in attendees
        for stay in attendee.stays
        # An order that names nobody would end the room for everybody.
        if stay.until is None and stay.participant
    }
    return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class PutOut:
    storage: Storage
    control: RoomControl
    now: Clock
    acts: Acts

    async def __call__(self, actor: Actor, meeting: MeetingId, invitation: InvitationId) -> PersonPutOut:
        """End every connection of one invited person. Who still holds a seat may come back through her link.

        Raises Forbidden, NotFound, Conflict when she is not known to be there or rooms are not in our power, and
        Unavailable when the video server does not obey; then it may be asked again.
        """
        actor.must(Action.CONTROL_ROOM)
        async with self.storage.snapshot() as tx:
            found = await meeting_for(tx, actor, meeting)
            must_organise(found, actor)
            seat = await _seat(tx, found, invitation)
            connections = await connections_of(tx, found, [seat], self.now)
        if not connections:
            raise Conflict(
                "The video system has not told us that this person is in the room. If she is, a moderator can put "
                "her out there, or you can end the room."
            )
        ended = 0
        try:
            for each in connections:
                ended += await _obeyed(self.control.put_out(found.room, each))
        finally:  # what was done is logged, also where the rest failed
            if ended:
                async with self.storage.transaction() as tx:
                    await self.acts.record(tx, ActKind.ROOM_PUT_OUT, actor, what=seat.id, about=found.id)
        stands = seat.active and found.state is MeetingState.SETTLED
        return PersonPutOut(connections=ended, may_return=stands)


@dataclass(frozen=True, slots=True)
class EndRoom:
    storage: Storage
    control: RoomControl
    acts: Acts

    async def __call__(self, actor: Actor, meeting: MeetingId) -> EndedRoom:
        """End the conference for everybody in it. Only moving or cancelling the meeting keeps the room shut.

        Raises Forbidden, NotFound, Conflict when rooms are not in our power, and Unavailable when the video server
        does not obey; then it may be asked again.
        """
        actor.must(Action.CONTROL_ROOM)
        async with self.storage.snapshot() as tx:
            found = await meeting_for(tx, actor, meeting)
            must_organise(found, actor)
        was_open = await _obeyed(self.control.end(found.room))
        if was_open:
            async with self.storage.transaction() as tx:
                await self.acts.record(tx, ActKind.ROOM_ENDED, actor, what=found.id, about=found.id)
        return EndedRoom(was_open=was_open, may_reopen=found.state is MeetingState.SETTLED)


async def _seat(tx: Transaction, meeting: Meeting, invitation: InvitationId) -> Invitation:
    for each in await tx.invitations.of_meeting(meeting.id):
        if each.id == invitation:
            return each
    raise NotFound("This meeting has no such invitation.")


async def _obeyed(order: Awaitable[None]) -> bool:
    """Whether there was anything to end. Raises Unavailable, Conflict."""
    try:
        await order
    except NotFound:
        return False
    except Misconfigured as fault:
        raise Unavailable(
            "The video server does not take orders from this service: tell its operator, and let a moderator act "
            "inside the room."
        ) from fault
    return True
