"""A meeting under way, with people in its room, as the video system's events tell it."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from meetcoord.domain.agencies import Person
from meetcoord.domain.attendance import RoomEventKind
from meetcoord.domain.invitations import Invitation
from meetcoord.domain.meetings import Meeting
from meetcoord.usecases.control_room import EndedRoom, PersonPutOut
from meetcoord.usecases.note_room_events import ToldEvent
from tests.agencies import MORNING, Acting, World

MINUTE = timedelta(minutes=1)
ADA, BLAISE, TABLET = "0a1b2c3d", "4e5f6a7b", "8c9d0e1f"


class Cell:
    """A meeting under way: two delegates of the prefecture are in the room, as Jitsi's events say."""

    def __init__(
        self, world: World, city: Acting, prefecture: Acting, meeting: Meeting, persons: Sequence[Person]
    ) -> None:
        self.world, self.city, self.prefecture, self.meeting = world, city, prefecture, meeting
        self.ada, self.blaise = persons
        self.seats: dict[str, Invitation] = {}

    async def begin(self) -> None:
        await self.prefecture.send(self.meeting, self.ada, self.blaise)
        self.seats = {seat.person: seat for seat in await self.city.invite(self.meeting)}
        await self.world.deliver()
        self.world.clock.go_to(MORNING)
        for person, connection in ((self.ada, ADA), (self.blaise, BLAISE)):
            await self.world.press(self.world.newest_link(person), f"click of {connection}")
            await self.joined(person, connection)

    def seat(self, person: Person) -> Invitation:
        return self.seats[person.id]

    async def joined(self, person: Person, connection: str) -> None:
        self.world.video.open(self.meeting.room, *(self.inside() or ()), connection)
        await self._tell(RoomEventKind.JOINED, person, connection)

    async def left(self, person: Person, connection: str) -> None:
        await self._tell(RoomEventKind.LEFT, person, connection)

    async def _tell(self, kind: RoomEventKind, person: Person, connection: str) -> None:
        told = ToldEvent(
            kind=kind, since=MORNING, at=self.world.clock(), participant=connection,
            alias=self.seat(person).alias,
        )  # fmt: skip
        await self.world.use.note_room_events(self.meeting.room, [told])

    async def put_out(self, person: Person) -> PersonPutOut:
        return await self.world.use.put_out(self.city.secretary, self.meeting.id, self.seat(person).id)

    async def end(self) -> EndedRoom:
        return await self.world.use.end_room(self.city.secretary, self.meeting.id)

    def inside(self) -> set[str] | None:
        return self.world.video.inside(self.meeting.room)

    async def acts(self) -> list[str]:
        return [act for act in await self.world.acts(self.meeting.id) if act.startswith("room.")]


@pytest.fixture
async def cell(world: World, city: Acting, prefecture: Acting, settled: Meeting) -> Cell:
    persons = [await prefecture.person(name) for name in ("Ada", "Blaise")]
    made = Cell(world, city, prefecture, settled, persons)
    await made.begin()
    return made
