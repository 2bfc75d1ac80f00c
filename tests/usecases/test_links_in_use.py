"""How long links that were sent before a moment can still be opened."""

from datetime import timedelta

from meetcoord.domain.meetings import Meeting
from meetcoord.usecases.deliver_mail import LINK_GRACE
from meetcoord.usecases.links_in_use import LinksInUse
from tests.agencies import HOUR, MORNING, YES, Acting, World
from tests.worlds import on_every_database

DAY = timedelta(days=1)
LAST_USE = MORNING + HOUR + LINK_GRACE


async def invited(city: Acting, guest: Acting, name: str, days: int = 0) -> Meeting:
    meeting = await city.propose(guest, starts=[MORNING + days * DAY])
    await guest.answer(meeting, YES)
    settled = await city.settle(meeting)
    await guest.send(settled, await guest.person(name))
    await city.invite(settled)
    return settled


@on_every_database
async def test_a_link_is_in_use_until_its_meeting_has_long_ended(
    world: World, city: Acting, prefecture: Acting
) -> None:
    in_use = LinksInUse(world.service.storage, world.clock)
    before = world.clock()
    assert await in_use(before) is None
    await invited(city, prefecture, "Ada")
    assert await in_use(before) is None
    world.clock.pass_by(DAY)
    assert await in_use(world.clock()) == LAST_USE
    await invited(prefecture, city, "Blaise", days=3)
    assert await in_use(world.clock()) == LAST_USE
    world.clock.pass_by(DAY)
    assert await in_use(world.clock()) == LAST_USE + 3 * DAY
    world.clock.go_to(LAST_USE + 3 * DAY)
    assert await in_use(world.clock()) is None


async def test_links_of_a_cancelled_meeting_are_in_use_no_longer(
    world: World, city: Acting, prefecture: Acting
) -> None:
    meeting = await invited(city, prefecture, "Ada")
    world.clock.pass_by(DAY)
    await city.cancel(meeting)
    assert await LinksInUse(world.service.storage, world.clock)(world.clock()) is None


async def test_a_long_list_of_meetings_is_looked_through_to_its_end(
    world: World, city: Acting, prefecture: Acting
) -> None:
    await invited(city, prefecture, "Ada")
    for _ in range(101):
        world.clock.pass_by(timedelta(seconds=1))
        await city.propose(prefecture)
    assert await LinksInUse(world.service.storage, world.clock)(world.clock()) == LAST_USE
