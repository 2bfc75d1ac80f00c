"""Mail leaves once, later when it must, and never falsely counts as sent or lost."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from meetcoord.adapters.mail.icalendar import METHODS
from meetcoord.domain.agencies import Person
from meetcoord.domain.errors import AddressRefused, Damaged
from meetcoord.domain.key_letters import KeyLetter
from meetcoord.domain.letters import Letter, LetterKind
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.outbox import Delivery, Message
from meetcoord.usecases.deliver_mail import PATIENCE
from tests.agencies import MORNING, Acting, World
from tests.fakes import PostBox
from tests.worlds import on_every_database

MINUTE = timedelta(minutes=1)
pytestmark = on_every_database


@pytest.fixture
async def guests(world: World, city: Acting, prefecture: Acting, settled: Meeting) -> list[Person]:
    """Three delegates whose invitations are owed."""
    persons = [await prefecture.person(name) for name in ("First", "Second", "Third")]
    await prefecture.send(settled, *persons)
    await city.invite(settled)
    return persons


async def message_to(world: World, person: Person, meeting: Meeting) -> Message:
    board = await world.use.read_board(world.agencies["prefecture"].secretary, meeting.id)
    (line,) = [line for line in board if line.person.id == person.id]
    return line.messages[-1]


async def test_one_refused_address_does_not_hold_up_the_others(
    world: World, guests: list[Person], settled: Meeting
) -> None:
    bad = guests[1]
    world.post.refuse(bad.address)
    assert await world.deliver() == 3
    assert {letter.to_address for letter in world.post.letters} == {guests[0].address, guests[2].address}
    refused = await message_to(world, bad, settled)
    assert (refused.delivery, refused.reply[:3]) == (Delivery.REFUSED, "550")
    world.clock.pass_by(timedelta(days=2))
    assert await world.deliver() == 0


@dataclass
class Fragile:
    """A postman whose message to one address cannot even be written."""

    post: PostBox
    address: str
    tried: list[str] = field(default_factory=list)

    async def send(self, letter: Letter | KeyLetter) -> str:
        self.tried.append(letter.to_address)
        if letter.to_address == self.address:
            raise Damaged("message", "it is not what was meant")
        return await self.post.send(letter)


async def test_a_message_that_cannot_be_written_does_not_hold_up_the_others(
    world: World, guests: list[Person], settled: Meeting
) -> None:
    fragile = Fragile(world.post, guests[0].address)
    deliver = replace(world.use.deliver_mail, postman=fragile)
    await deliver()
    assert len(world.post.letters) == 2
    assert (await message_to(world, guests[0], settled)).delivery is Delivery.QUEUED


async def test_a_busy_server_is_asked_again_after_twice_as_long_each_time(
    world: World, guests: list[Person], settled: Meeting
) -> None:
    late = guests[0]
    world.post.be_busy(late.address, 3)
    await world.deliver()
    waits = []
    for _ in range(3):
        message = await message_to(world, late, settled)
        assert (message.delivery, message.uncertain) == (Delivery.QUEUED, False)
        waits.append((message.next_attempt_at - world.clock()) / MINUTE)
        world.clock.go_to(message.next_attempt_at - timedelta(seconds=1))
        assert await world.deliver() == 0
        world.clock.go_to(message.next_attempt_at)
        assert await world.deliver() == 1
    assert waits == [1, 2, 4]
    assert len(world.post.to(late.address)) == 1
    assert (await message_to(world, late, settled)).delivery is Delivery.ACCEPTED


async def test_after_three_days_nothing_more_is_tried(
    world: World, guests: list[Person], settled: Meeting
) -> None:
    late = guests[0]
    world.post.be_busy(late.address, 1000)
    start = world.clock()
    message = await message_to(world, late, settled)
    while message.delivery is Delivery.QUEUED:
        world.clock.go_to(message.next_attempt_at)
        await world.deliver()
        message = await message_to(world, late, settled)
    assert message.delivery is Delivery.GIVEN_UP
    assert timedelta(hours=72) < world.clock() - start <= timedelta(hours=76)


async def test_done_yet_reported_as_failed_is_sent_again_under_the_same_name_and_marked_uncertain(
    world: World, guests: list[Person], settled: Meeting
) -> None:
    lost = guests[0]
    world.post.lose_the_reply(lost.address)
    await world.deliver()
    message = await message_to(world, lost, settled)
    assert (message.delivery, message.uncertain) == (Delivery.QUEUED, True)
    world.clock.go_to(message.next_attempt_at)
    await world.deliver()
    assert len(world.post.to(lost.address)) == 1
    message = await message_to(world, lost, settled)
    assert (message.delivery, message.uncertain, message.attempts) == (Delivery.ACCEPTED, True, 2)


async def test_what_was_accepted_never_leaves_again(world: World, guests: list[Person]) -> None:
    assert await world.deliver() == len(guests)
    for _ in range(5):
        world.clock.pass_by(timedelta(hours=30))
        assert await world.deliver() == 0
    assert len(world.post.letters) == len(guests)


@dataclass
class Silent:
    """A postman who is reached and never answers."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, letter: Letter | KeyLetter) -> str:
        self.reached.set()
        await asyncio.Event().wait()
        return letter.message_id


async def test_a_worker_stopped_while_sending_leaves_doubt_about_one_message_which_goes_out_after_patience(
    world: World, guests: list[Person], settled: Meeting
) -> None:
    silent = Silent()
    worker = asyncio.create_task(replace(world.use.deliver_mail, postman=silent)())
    await silent.reached.wait()
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert await world.deliver() == len(guests) - 1
    assert await world.deliver() == 0
    world.clock.pass_by(PATIENCE)
    assert await world.deliver() == 1
    messages = [await message_to(world, guest, settled) for guest in guests]
    assert {message.delivery for message in messages} == {Delivery.ACCEPTED}
    assert [message.attempts for message in messages if message.uncertain] == [2]
    assert len(world.post.letters) == len(guests)


async def test_two_workers_at_once_send_each_message_once(world: World, guests: list[Person]) -> None:
    counts = await asyncio.gather(world.deliver(), world.deliver(), world.deliver())
    assert sum(counts) == len(guests)
    assert len(world.post.letters) == len(guests)


@dataclass
class Slow:
    """A postman so slow that another worker takes the messages up, and who then says they were refused."""

    world: World

    async def send(self, letter: Letter | KeyLetter) -> str:
        self.world.clock.pass_by(PATIENCE)
        await self.world.deliver()
        raise AddressRefused("The mail server refuses this address for good.", "550 5.1.1 too late")


async def test_a_report_that_comes_too_late_does_not_undo_that_of_the_other_worker(
    world: World, guests: list[Person], settled: Meeting
) -> None:
    await replace(world.use.deliver_mail, postman=Slow(world))()
    for guest in guests:
        assert (await message_to(world, guest, settled)).delivery is Delivery.ACCEPTED


@dataclass
class SlowAtFirst:
    """A postman whose first letter takes longer than anybody's patience, while another worker goes on."""

    world: World
    handed: list[str] = field(default_factory=list)

    async def send(self, letter: Letter | KeyLetter) -> str:
        self.handed.append(letter.to_address)
        if len(self.handed) == 1:
            self.world.clock.pass_by(PATIENCE)
            await replace(self.world.use.deliver_mail, postman=self)()
        return await self.world.post.send(letter)


async def test_one_slow_message_does_not_make_anothers_turn_come_twice(
    world: World, guests: list[Person], settled: Meeting
) -> None:
    slow = SlowAtFirst(world)
    await replace(world.use.deliver_mail, postman=slow)()
    others = [guest for guest in guests if guest.address != slow.handed[0]]
    for guest in others:
        assert slow.handed.count(guest.address) == 1
        message = await message_to(world, guest, settled)
        assert (message.delivery, message.uncertain, message.attempts) == (Delivery.ACCEPTED, False, 1)
    assert slow.handed.count(slow.handed[0]) == 2


async def test_no_more_messages_are_tried_than_asked_for(world: World, guests: list[Person]) -> None:
    assert [await world.use.deliver_mail(2) for _ in range(3)] == [2, 1, 0]


async def test_an_invitation_still_waiting_never_leaves_after_the_meeting_was_cancelled(
    world: World, city: Acting, guests: list[Person], settled: Meeting
) -> None:
    late = guests[0]
    world.post.be_busy(late.address)
    await world.deliver()
    await city.cancel(settled)
    await world.deliver()
    world.clock.pass_by(timedelta(hours=1))
    await world.deliver()
    assert [letter.kind for letter in world.post.to(late.address)] == [LetterKind.CANCELLED]


async def test_one_message_never_carries_two_different_links(
    world: World, city: Acting, prefecture: Acting, guests: list[Person], settled: Meeting
) -> None:
    person = guests[0]
    world.post.lose_the_reply(person.address)
    await world.deliver()
    await prefecture.send(settled)
    await prefecture.send(settled, *guests)
    await city.invite(settled)
    world.clock.pass_by(timedelta(hours=1))
    await world.deliver()
    letters = world.post.to(person.address)
    assert [letter.sequence for letter in letters] == [0, 2]
    assert len({letter.message_id for letter in letters}) == 2
    world.clock.go_to(MORNING)
    assert (await world.press(world.newest_link(person))).token


async def test_who_was_removed_before_her_invitation_left_never_gets_its_link(
    world: World, prefecture: Acting, guests: list[Person], settled: Meeting
) -> None:
    await prefecture.send(settled, *guests[1:])
    await world.deliver()
    assert world.post.to(guests[0].address) == [], "of a meeting she never heard of, its end is no news"
    assert await kept_about(world, guests[0], settled) == [
        (LetterKind.INVITED, Delivery.GIVEN_UP),
        (LetterKind.REMOVED, Delivery.GIVEN_UP),
    ]


async def test_who_was_removed_while_a_mail_server_put_her_invitation_off_hears_of_neither(
    world: World, prefecture: Acting, guests: list[Person], settled: Meeting
) -> None:
    world.post.be_busy(guests[0].address)
    await world.deliver()
    await prefecture.send(settled, *guests[1:])
    world.clock.pass_by(timedelta(hours=1))
    await world.deliver()
    assert world.post.to(guests[0].address) == []


async def test_who_may_have_got_her_invitation_is_told_of_her_removal(
    world: World, prefecture: Acting, guests: list[Person], settled: Meeting
) -> None:
    world.post.lose_the_reply(guests[0].address)
    await world.deliver()
    await prefecture.send(settled, *guests[1:])
    world.clock.pass_by(timedelta(hours=1))
    await world.deliver()
    kinds = [letter.kind for letter in world.post.to(guests[0].address)]
    assert kinds == [LetterKind.INVITED, LetterKind.REMOVED]


async def test_who_was_told_of_her_removal_is_not_told_again_when_a_second_invitation_never_left(
    world: World, city: Acting, prefecture: Acting, guests: list[Person], settled: Meeting
) -> None:
    await world.deliver()
    await prefecture.send(settled, *guests[1:])
    await world.deliver()
    await prefecture.send(settled, *guests)
    await city.invite(settled)
    await prefecture.send(settled, *guests[1:])
    await world.deliver()
    kinds = [letter.kind for letter in world.post.to(guests[0].address)]
    assert kinds == [LetterKind.INVITED, LetterKind.REMOVED]


async def kept_about(world: World, person: Person, meeting: Meeting) -> list[tuple[LetterKind, Delivery]]:
    board = await world.use.read_board(world.agencies["prefecture"].secretary, meeting.id)
    (line,) = [line for line in board if line.person.id == person.id]
    return sorted(
        ((message.kind, message.delivery) for message in line.messages), key=lambda pair: pair[0].value
    )


async def test_a_removed_delegate_gets_one_letter_and_her_calendar_entry_is_cancelled(
    world: World, prefecture: Acting, guests: list[Person], settled: Meeting
) -> None:
    gone, *others = guests
    await world.deliver()
    for _ in range(2):
        await prefecture.send(settled, *others)
        await world.deliver()
    invited, removed = world.post.to(gone.address)
    assert (removed.kind, removed.join_link) == (LetterKind.REMOVED, "")
    assert (removed.uid, removed.sequence) == (invited.uid, invited.sequence + 1)
    assert METHODS[removed.kind] == "CANCEL"
    assert all(len(world.post.to(other.address)) == 1 for other in others)


async def test_an_excused_delegate_is_told_that_she_is_not_expected(
    world: World, prefecture: Acting, guests: list[Person], settled: Meeting
) -> None:
    await world.deliver()
    await prefecture.excuse(settled, guests[0])
    await world.deliver()
    kinds = [letter.kind for letter in world.post.to(guests[0].address)]
    assert kinds == [LetterKind.INVITED, LetterKind.REMOVED]


async def test_who_is_invited_again_before_her_removal_left_is_not_told_of_it(
    world: World, city: Acting, prefecture: Acting, guests: list[Person], settled: Meeting
) -> None:
    await world.deliver()
    await prefecture.send(settled, *guests[1:])
    await prefecture.send(settled, *guests)
    await city.invite(settled)
    await world.deliver()
    letters = world.post.to(guests[0].address)
    assert [(letter.kind, letter.sequence) for letter in letters] == [
        (LetterKind.INVITED, 0),
        (LetterKind.INVITED, 2),
    ]
    assert (LetterKind.REMOVED, Delivery.GIVEN_UP) in await kept_about(world, guests[0], settled)
    world.clock.go_to(MORNING)
    assert (await world.press(world.newest_link(guests[0]))).token


async def test_a_removed_delegate_is_not_told_again_when_the_meeting_is_cancelled(
    world: World, city: Acting, prefecture: Acting, guests: list[Person], settled: Meeting
) -> None:
    await world.deliver()
    await prefecture.send(settled, *guests[1:])
    await city.cancel(settled)
    await world.deliver()
    kinds = [letter.kind for letter in world.post.to(guests[0].address)]
    assert kinds == [LetterKind.INVITED, LetterKind.REMOVED]


async def test_no_link_rests_in_the_outbox(world: World, guests: list[Person], settled: Meeting) -> None:
    message = await message_to(world, guests[0], settled)
    assert guests[0].address not in repr(message)
    assert "eyJ" not in repr(message)


@dataclass
class Talkative:
    """A mail server that repeats the address in whatever it says."""

    async def send(self, letter: Letter | KeyLetter) -> str:
        return f"250 2.1.5 <{letter.to_address}> queued"


async def test_no_other_agency_reads_an_address_in_what_the_mail_server_said(
    world: World, prefecture: Acting, guests: list[Person], settled: Meeting
) -> None:
    await replace(world.use.deliver_mail, postman=Talkative())()
    own = await world.use.read_board(prefecture.secretary, settled.id)
    foreign = await world.use.read_board(world.agencies["city"].secretary, settled.id)
    assert guests[0].address in repr(own)
    assert all(guest.address not in repr(foreign) for guest in guests)
