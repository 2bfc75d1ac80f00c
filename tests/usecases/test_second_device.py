"""One link on two devices: the page says so, the secretaries see it, and a critical meeting refuses it."""

import asyncio
from datetime import timedelta

import pytest

from meetcoord.domain.challenges import DEVICES_MAX
from meetcoord.domain.errors import UsedElsewhere
from meetcoord.domain.profiles import ProfileName
from tests.agencies import YES, Acting, World
from tests.guests import DESK, TELEPHONE, Guest, invited
from tests.worlds import on_every_database


@pytest.fixture
async def plain(world: World, city: Acting, prefecture: Acting) -> Guest:
    """Invited to a standard meeting, which begins: her link alone opens it."""
    return await invited(world, city, prefecture, ProfileName.STANDARD)


async def attended(guest: Guest, asker: Acting) -> int | None:
    _, (line,) = await guest.world.use.read_attendance(asker.secretary, guest.meeting.id)
    return line.devices


async def refusals(guest: Guest, asker: Acting) -> tuple[int, int]:
    """How many refused devices the board and the attendance show."""
    (seat,) = await guest.world.use.read_board(asker.secretary, guest.meeting.id)
    _, (line,) = await guest.world.use.read_attendance(asker.secretary, guest.meeting.id)
    assert seat.refused_at is not None
    assert seat.refused_at == line.refused_at
    return len(seat.refused_at), len(line.refused_at)


@on_every_database
async def test_a_second_device_is_let_in_and_seen_on_the_board_and_in_the_attendance(
    plain: Guest, city: Acting
) -> None:
    assert await plain.devices(city) == 0
    await plain.enter(device=TELEPHONE)
    assert await plain.devices(city) == 1
    assert await plain.enter(device=DESK, click="at the desk")
    for asker in (city, plain.agency):
        assert (await plain.devices(asker), await attended(plain, asker)) == (2, 2)


async def test_an_agency_that_neither_sends_nor_organises_does_not_learn_of_devices(
    world: World, city: Acting, prefecture: Acting
) -> None:
    health = await world.agency("health-agency")
    meeting = await city.propose(prefecture, health)
    for agency in (prefecture, health):
        await agency.answer(meeting, YES)
    await city.settle(meeting)
    await prefecture.send(meeting, await prefecture.person("Veille"))
    await city.invite(meeting)
    _, (line,) = await world.use.read_attendance(health.secretary, meeting.id)
    assert (line.devices, line.refused_at) == (None, None)


@on_every_database
async def test_one_device_counts_once_however_often_it_enters(plain: Guest, city: Acting) -> None:
    entering = [plain.enter(device=TELEPHONE, click=f"click {n}") for n in range(5)]
    await asyncio.gather(*entering)
    await plain.enter(device=TELEPHONE, click="click 0")
    assert await plain.devices(city) == 1


@on_every_database
async def test_devices_that_enter_at_once_are_all_counted(plain: Guest, city: Acting) -> None:
    devices = [f"device-{n}".ljust(43, "0") for n in range(5)]
    await asyncio.gather(*(plain.enter(device=device, click=device) for device in devices))
    assert await plain.devices(city) == len(devices)


async def test_who_names_no_device_is_another_device_than_all_that_do(plain: Guest, city: Acting) -> None:
    for click in ("once", "twice"):
        await plain.enter(device="", click=click)
    assert await plain.devices(city) == 1
    await plain.enter(device=DESK, click="at the desk")
    assert await plain.devices(city) == 2


async def test_the_page_says_so_on_either_device_and_not_where_there_is_but_one(plain: Guest) -> None:
    async def told(device: str) -> bool:
        return (await plain.world.look(plain.link, device)).other_device

    assert not await told(TELEPHONE)
    await plain.enter(device=TELEPHONE)
    assert [await told(device) for device in (TELEPHONE, DESK, "")] == [False, True, True]
    await plain.enter(device=DESK, click="at the desk")
    assert [await told(device) for device in (TELEPHONE, DESK, "")] == [True, True, True]


async def test_opening_the_link_on_many_devices_without_entering_leaves_no_trace(
    plain: Guest, city: Acting
) -> None:
    for n in range(50):
        await plain.world.look(plain.link, f"scanner-{n}".ljust(43, "0"))
    assert await plain.devices(city) == 0


async def test_a_new_link_begins_anew(plain: Guest, city: Acting) -> None:
    for device in (TELEPHONE, DESK):
        await plain.enter(device=device, click=device)
    await plain.agency.send(plain.meeting)
    await plain.agency.send(plain.meeting, plain.person)
    await city.invite(plain.meeting)
    await plain.world.deliver()
    assert await plain.devices(city) == 0
    assert not (await plain.world.look(plain.link, DESK)).other_device


async def test_a_link_that_went_round_lets_in_but_fills_no_memory(plain: Guest, city: Acting) -> None:
    for n in range(DEVICES_MAX + 5):
        assert await plain.enter(device=f"device-{n}".ljust(43, "0"), click=f"click {n}")
    assert await plain.devices(city) == DEVICES_MAX


@on_every_database
async def test_a_critical_meeting_refuses_the_second_device_and_tells_both(critical: Guest) -> None:
    await critical.enter(await critical.phoned())
    for way in (critical.enter(device=DESK, click="x"), critical.enter(device="", click="y")):
        with pytest.raises(UsedElsewhere):
            await way
    assert (await critical.world.look(critical.link, DESK)).other_device
    assert not (await critical.world.look(critical.link, TELEPHONE)).other_device
    critical.world.clock.pass_by(timedelta(minutes=1))
    assert await critical.enter(click="again")


@on_every_database
async def test_a_device_that_was_refused_is_seen_once_on_the_board_and_in_the_attendance(
    critical: Guest, city: Acting
) -> None:
    await critical.enter(await critical.phoned())
    assert [await refusals(critical, asker) for asker in (city, critical.agency)] == [(0, 0), (0, 0)]
    for n in range(3):
        with pytest.raises(UsedElsewhere):
            await critical.enter(device=DESK, click=f"at the desk {n}")
    with pytest.raises(UsedElsewhere):
        await critical.enter(device="", click="nameless")
    assert [await refusals(critical, asker) for asker in (city, critical.agency)] == [(2, 2), (2, 2)]
    assert await critical.devices(city) == 1
    await critical.world.must_be_sound()


async def test_a_refused_device_does_not_take_the_seat_and_may_be_let_in_with_a_code(
    critical: Guest, city: Acting
) -> None:
    await critical.enter(await critical.phoned())
    with pytest.raises(UsedElsewhere):
        await critical.enter(device=DESK, click="at the desk")
    assert await critical.enter(click="again")
    assert await critical.enter(await critical.phoned(), device=DESK, click="with a code")
    with pytest.raises(UsedElsewhere):
        await critical.enter(click="the former device")
    assert await critical.devices(city) == 2
    assert await refusals(critical, city) == (2, 2)


async def test_refused_devices_fill_no_memory(critical: Guest, city: Acting) -> None:
    await critical.enter(await critical.phoned())
    for n in range(DEVICES_MAX + 5):
        with pytest.raises(UsedElsewhere):
            await critical.enter(device=f"device-{n}".ljust(43, "0"), click=f"click {n}")
    assert await refusals(critical, city) == (DEVICES_MAX, DEVICES_MAX)


async def test_devices_refused_at_once_are_each_remembered_once(critical: Guest, city: Acting) -> None:
    await critical.enter(await critical.phoned())
    tries = (critical.enter(device=DESK, click=f"click {n}") for n in range(5))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {UsedElsewhere}
    assert await refusals(critical, city) == (1, 1)


async def test_looking_with_another_device_is_not_trying_to_enter(critical: Guest, city: Acting) -> None:
    await critical.enter(await critical.phoned())
    await critical.world.look(critical.link, DESK)
    assert await refusals(critical, city) == (0, 0)
