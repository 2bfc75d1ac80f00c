"""A full room: nobody is admitted in vain, who is inside may click again, and what we do not know we do not refuse."""

import jwt
import pytest
from msgspec.structs import replace

from meetcoord.bootstrap import Keyring
from meetcoord.domain.agencies import Person
from meetcoord.domain.attendance import RoomEventKind
from meetcoord.domain.errors import RoomFull
from meetcoord.domain.profiles import ProfileName
from meetcoord.settings.sections import ProfileTable
from meetcoord.usecases.note_room_events import ToldEvent
from meetcoord.usecases.reserve_room import AskedRoom
from tests.agencies import MORNING, agreed
from tests.cells import ADA, BLAISE, TABLET, Cell, cell
from tests.guests import Guest, guest
from tests.worlds import on_every_database, world_on

__all__ = ["cell", "guest"]


async def crowd(of: Cell, *connections: str, kind: RoomEventKind = RoomEventKind.JOINED) -> None:
    """Strangers to us come into the room, or leave it, as the video system says."""
    now = of.world.clock()
    told = [ToldEvent(kind=kind, since=MORNING, at=now, participant=each) for each in connections]
    await of.world.use.note_room_events(of.meeting.room, told)


async def press(of: Cell, person: Person, click: str) -> str:
    return (await of.world.press(of.world.newest_link(person), click)).token


async def admissions(of: Cell) -> int:
    return (await of.world.acts(of.meeting.id)).count("admission")


@on_every_database
async def test_nobody_more_is_admitted_to_a_full_room_and_nothing_is_recorded(cell: Cell) -> None:
    await cell.left(cell.blaise, BLAISE)
    await crowd(cell, "11111111", "22222222")
    assert await press(cell, cell.blaise, "the last place")
    await crowd(cell, "33333333")
    before = await admissions(cell)
    with pytest.raises(RoomFull, match="Try again in a minute, or call the secretariat"):
        await press(cell, cell.blaise, "one too many")
    assert await admissions(cell) == before
    await crowd(cell, "33333333", kind=RoomEventKind.LEFT)
    assert await press(cell, cell.blaise, "one too many")
    await cell.world.must_be_sound()


async def test_who_is_inside_may_click_again(cell: Cell) -> None:
    await crowd(cell, "11111111", "22222222")
    assert await press(cell, cell.ada, "from her telephone too")


async def test_a_press_that_was_admitted_stays_so_when_the_room_fills(cell: Cell) -> None:
    await cell.left(cell.blaise, BLAISE)
    token = await press(cell, cell.blaise, "pressed in time")
    await crowd(cell, "11111111", "22222222", "33333333")
    assert await press(cell, cell.blaise, "pressed in time") == token


async def test_of_what_we_were_not_told_we_refuse_nobody(cell: Cell) -> None:
    """Four came as far as we heard, but two of them left: the room takes four."""
    await crowd(cell, "11111111", "22222222")
    await cell.left(cell.blaise, BLAISE)
    await crowd(cell, "11111111", kind=RoomEventKind.LEFT)
    assert await press(cell, cell.blaise, "again")


async def test_the_video_server_is_told_the_same_number(cell: Cell) -> None:
    await cell.joined(cell.ada, TABLET)
    assert cell.inside() == {ADA, BLAISE, TABLET}
    await crowd(cell, "11111111")
    await cell.left(cell.blaise, BLAISE)
    assert await press(cell, cell.blaise, "three of four places")


@on_every_database
async def test_a_code_that_was_right_stays_good_while_the_room_is_full(guest: Guest) -> None:
    async def strangers(kind: RoomEventKind) -> None:
        told = [
            ToldEvent(kind=kind, since=MORNING, at=guest.world.clock(), participant=each)
            for each in ("11111111", "22222222")
        ]
        await guest.world.use.note_room_events(guest.meeting.room, told)

    code = await guest.mailed()
    await strangers(RoomEventKind.JOINED)
    for _ in range(7):
        with pytest.raises(RoomFull):
            await guest.enter(code)
    await strangers(RoomEventKind.LEFT)
    claims = jwt.decode(await guest.enter(code), options={"verify_signature": False})
    assert claims["room"] == guest.meeting.room


async def test_places_are_counted_by_seats_that_stand(cell: Cell) -> None:
    await crowd(cell, "11111111")
    await cell.prefecture.send(cell.meeting, cell.ada)
    await cell.left(cell.ada, ADA)
    with pytest.raises(RoomFull):
        await press(cell, cell.ada, "two places, both taken")


@on_every_database
async def test_the_operator_says_how_many_a_room_takes_and_the_video_server_is_told_the_same(
    database_url: str, keyring: Keyring
) -> None:
    small = replace(ProfileTable().standard, max_occupants=3)
    async with world_on(database_url, keyring, ProfileTable(standard=small)) as world:
        city, prefecture = await world.agency("city"), await world.agency("prefecture")
        of = Cell(
            world,
            city,
            prefecture,
            await agreed(city, prefecture, ProfileName.STANDARD),
            [await prefecture.person("Ada"), await prefecture.person("Blaise")],
        )
        await of.begin()
        asked = AskedRoom(room=of.meeting.room, name=of.meeting.room)
        assert (await world.use.reserve_room(asked)).room.places == 3
        await of.left(of.blaise, BLAISE)
        await crowd(of, "11111111")
        assert await press(of, of.blaise, "the last of three")
        await crowd(of, "22222222")
        with pytest.raises(RoomFull):
            await press(of, of.blaise, "four would fit by the seats")
