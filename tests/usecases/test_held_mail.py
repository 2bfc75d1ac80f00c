"""Mail that a restored backup still owed: held, seen as uncertain, and sent only at the operator's word."""

from datetime import timedelta

from msgspec.structs import replace

from meetcoord.domain.letters import LetterKind
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.outbox import HELD, Delivery, Message
from meetcoord.domain.values import MessageId
from meetcoord.usecases.hold_mail import HoldMail, ResumeMail
from tests.agencies import Acting, World
from tests.worlds import on_every_database

pytestmark = on_every_database


async def invited(world: World, city: Acting, prefecture: Acting, settled: Meeting) -> str:
    person = await prefecture.person("First")
    await prefecture.send(settled, person)
    await city.invite(settled)
    return person.address


async def messages(world: World, meeting: Meeting) -> list[Message]:
    board = await world.use.read_board(world.agencies["prefecture"].secretary, meeting.id)
    return [message for line in board for message in line.messages]


async def test_what_was_owed_is_held_and_told_as_uncertain(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    await invited(world, city, prefecture, settled)
    assert await HoldMail(world.service.storage)() == 1
    world.clock.pass_by(timedelta(days=1))
    assert await world.deliver() == 0
    (held,) = await messages(world, settled)
    assert (held.delivery, held.uncertain, held.reply) == (Delivery.GIVEN_UP, True, HELD)
    assert await HoldMail(world.service.storage)() == 0


async def test_a_message_in_a_mail_servers_hands_is_held_too(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    await invited(world, city, prefecture, settled)
    (queued,) = await messages(world, settled)
    async with world.service.storage.transaction() as tx:
        await tx.outbox.save(queued.leaving(world.clock(), timedelta(minutes=5)))
    assert await HoldMail(world.service.storage)() == 1


async def test_held_mail_leaves_once_it_is_released(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    address = await invited(world, city, prefecture, settled)
    await HoldMail(world.service.storage)()
    assert await ResumeMail(world.service.storage, world.clock)() == 1
    assert await world.deliver() == 1
    assert [letter.kind for letter in world.post.to(address)] == [LetterKind.INVITED]
    assert await ResumeMail(world.service.storage, world.clock)() == 0


async def test_only_held_mail_is_released(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    address = await invited(world, city, prefecture, settled)
    world.post.refuse(address)
    assert await world.deliver() == 1
    assert await ResumeMail(world.service.storage, world.clock)() == 0


async def test_held_mail_that_is_no_longer_true_is_not_sent(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    address = await invited(world, city, prefecture, settled)
    await HoldMail(world.service.storage)()
    await city.cancel(settled)
    await ResumeMail(world.service.storage, world.clock)()
    await world.deliver()
    assert LetterKind.INVITED not in {letter.kind for letter in world.post.to(address)}


async def test_many_are_held_in_one_go(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    await invited(world, city, prefecture, settled)
    (first,) = await messages(world, settled)
    async with world.service.storage.transaction() as tx:
        await tx.outbox.add([replace(first, id=MessageId(f"message-{n}")) for n in range(700)])
    assert await HoldMail(world.service.storage)() == 701
    assert await ResumeMail(world.service.storage, world.clock)() == 701
