"""The video system asks before it opens a room: only an agreed meeting has one, and only inside its window."""

from dataclasses import dataclass

import msgspec

from meetcoord.domain.errors import NotFound
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.profiles import Profile, Profiles
from meetcoord.domain.reservations import OpenRoom, Reservation, ReservationId, must_be_open
from meetcoord.ports.probes import ProbeRooms
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock, NewId


class AskedRoom(msgspec.Struct, frozen=True, kw_only=True):
    """`room` is one of ours by its form; `name` is what the video system calls it, a tenant included."""

    room: str
    name: str


class Reserved(msgspec.Struct, frozen=True, kw_only=True):
    """`fresh` is false when the room was open already, so far as we were told."""

    room: OpenRoom
    fresh: bool


@dataclass(frozen=True, slots=True)
class ReserveRoom:
    storage: Storage
    profiles: Profiles
    probes: ProbeRooms
    now: Clock
    new_id: NewId

    async def __call__(self, asked: AskedRoom) -> Reserved:
        """The way the room may be opened now; asked again while it is open, the same.

        A room made for a check is opened without a trace: nobody gets a token for it but the check, which has the keys.
        Raises NotFound, MeetingCancelled, TooEarly, TooLate, and ProbeRefused for such a room that is over.
        """
        if probe := self.probes.known(asked.room):
            probe.must_be_open(self.now())
            return Reserved(room=OpenRoom.for_check(probe, asked.name), fresh=True)
        async with self.storage.snapshot() as tx:
            # Anybody with any token makes the video system ask for any name: a refusal takes no writer's turn.
            found = await tx.meetings.in_room(asked.room)
            self._opened_by(found)
        async with self.storage.transaction() as tx:
            meeting = await tx.meetings.get(found.id)
            profile = self._opened_by(meeting)
            standing = await tx.reservations.standing(meeting.id, asked.name)
            reservation = standing or await self._opened(tx, meeting, asked.name)
            return Reserved(
                room=await _told(tx, reservation, meeting, profile),
                fresh=standing is None,
            )

    def _opened_by(self, meeting: Meeting) -> Profile:
        profile = self.profiles.named(meeting.profile)
        must_be_open(meeting, profile, self.now())
        return profile

    async def _opened(self, tx: Transaction, meeting: Meeting, name: str) -> Reservation:
        reservation = Reservation(
            id=ReservationId(self.new_id()), meeting=meeting.id, name=name, opened_at=self.now()
        )
        await tx.reservations.add(reservation)
        return reservation


@dataclass(frozen=True, slots=True)
class ReadReservation:
    storage: Storage
    profiles: Profiles
    now: Clock

    async def __call__(self, reservation: ReservationId) -> OpenRoom:
        """What was told of a room that is still open.

        Raises NotFound, also once it was closed, MeetingCancelled, TooEarly, TooLate.
        """
        async with self.storage.snapshot() as tx:
            found = await tx.reservations.get(reservation)
            if found.closed_at is not None:
                raise NotFound("This room was closed.")
            meeting = await tx.meetings.get(found.meeting)
            profile = self.profiles.named(meeting.profile)
            must_be_open(meeting, profile, self.now())
            return await _told(tx, found, meeting, profile)


@dataclass(frozen=True, slots=True)
class CloseRoom:
    storage: Storage
    now: Clock

    async def __call__(self, reservation: ReservationId) -> None:
        """The room is gone. Said twice, or of a room that never was, it is as true."""
        async with self.storage.transaction() as tx:
            await tx.reservations.close(reservation, self.now())


async def _told(tx: Transaction, reservation: Reservation, meeting: Meeting, profile: Profile) -> OpenRoom:
    seats = sum(invitation.active for invitation in await tx.invitations.of_meeting(meeting.id))
    return OpenRoom.of(reservation, meeting, profile, seats)
