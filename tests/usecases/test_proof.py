"""A protected meeting: the link alone opens nothing, a mailed code does, and its device is remembered."""

import asyncio
from datetime import timedelta

import pytest

from meetcoord.domain.challenges import MAILED_MAX, PAUSE, TRIES, TRIES_IN_ALL
from meetcoord.domain.errors import (
    CodeExpired,
    CodeWrong,
    Invalid,
    JoinRefused,
    LinkReplaced,
    MeetcoordError,
    ProofNeeded,
    TooEarly,
    TooLate,
    TooManyTries,
)
from tests.agencies import AGENDA, HOUR, MORNING, Acting, World
from tests.guests import CODE_LIFE, DESK, SECOND, TELEPHONE, Guest, other_than
from tests.worlds import on_every_database


@on_every_database
async def test_a_mailed_code_opens_the_door_and_the_device_needs_no_other(world: World, guest: Guest) -> None:
    with pytest.raises(ProofNeeded) as refusal:
        await guest.enter()
    assert refusal.value.ways == ("mailed", "phoned")
    sent = await world.ask_for_code(guest.link)
    assert (sent.address, sent.fresh) == ("v…e@prefecture.example.org", True)
    assert (sent.again_at, sent.expires_at) == (MORNING + PAUSE, MORNING + CODE_LIFE)
    await world.deliver()
    code = world.newest_code(guest.person)
    assert await guest.enter(f" {code[:3]} {code[3:]}\n")
    world.clock.go_to(MORNING + HOUR - SECOND)
    assert await guest.enter(click="after a reload")
    assert (await world.acts(guest.meeting.id)).count("admission") == 2
    world.clock.pass_by(SECOND)
    with pytest.raises(TooLate):
        await guest.enter(click="after the end")
    await world.must_be_sound()


@on_every_database
async def test_an_answer_lost_on_its_way_costs_no_second_code(world: World, guest: Guest) -> None:
    code = await guest.mailed()
    first = await guest.enter(code)
    assert await guest.enter(code) == first
    assert await guest.enter(code, click="pressed again")
    assert await guest.devices(guest.agency) == 1


@on_every_database
async def test_a_code_lets_in_one_device_however_many_type_it_at_once(guest: Guest) -> None:
    code = await guest.mailed()
    devices = [f"device {n}".replace(" ", "-").ljust(43, "0") for n in range(10)]
    ends = await asyncio.gather(
        *(guest.enter(code, device, click=device) for device in devices), return_exceptions=True
    )
    assert sorted(type(end).__name__ for end in ends) == ["CodeExpired"] * 9 + ["str"]
    assert await guest.devices(guest.agency) == 1


async def test_before_the_code_the_page_learns_nothing_of_what_is_discussed(
    world: World, guest: Guest
) -> None:
    for device in ("", TELEPHONE):
        seen = await world.look(guest.link, device)
        assert (seen.title, seen.agenda) == ("", "")
    await guest.enter(await guest.mailed())
    assert (await world.look(guest.link, TELEPHONE)).agenda == AGENDA
    assert (await world.look(guest.link, DESK)).title == ""
    with pytest.raises(Invalid):
        await world.look(guest.link, "x")


async def test_a_forwarded_link_without_the_mailbox_opens_nothing(world: World, guest: Guest) -> None:
    code = await guest.mailed()
    for given in ("", other_than(code)):
        with pytest.raises((ProofNeeded, CodeWrong)):
            await guest.enter(given, DESK)
    await guest.enter(code)
    for given in ("", code):
        with pytest.raises((ProofNeeded, CodeExpired)):
            await guest.enter(given, DESK)
    assert (await world.acts(guest.meeting.id)).count("admission") == 1


async def test_a_code_without_a_device_to_remember_is_refused(world: World, guest: Guest) -> None:
    code = await guest.mailed()
    with pytest.raises(Invalid) as refusal:
        await world.press(guest.link, code=code)
    assert refusal.value.pointer == "/device"
    with pytest.raises(ProofNeeded):
        await world.press(guest.link)
    assert await guest.enter(code)


@on_every_database
async def test_five_wrong_tries_wear_a_code_out_and_are_never_forgotten(world: World, guest: Guest) -> None:
    code = await guest.mailed()
    left = []
    for _ in range(TRIES):
        with pytest.raises(CodeWrong) as refusal:
            await guest.enter(other_than(code))
        left.append(refusal.value.tries_left)
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(CodeExpired):
        await guest.enter(code)
    world.clock.pass_by(PAUSE)
    assert await guest.enter(await guest.mailed())


@on_every_database
async def test_fifty_guesses_at_once_are_five_tries(guest: Guest) -> None:
    code = await guest.mailed()
    guesses = [f"{number:06}" for number in range(60) if f"{number:06}" != code][:50]
    ends = await asyncio.gather(
        *(guest.enter(digits, DESK, click=digits) for digits in guesses), return_exceptions=True
    )
    assert {type(end) for end in ends} == {CodeWrong, CodeExpired}
    left = [end.tries_left for end in ends if isinstance(end, CodeWrong)]
    assert sorted(left) == [0, 1, 2, 3, 4]
    with pytest.raises(CodeExpired):
        await guest.enter(code)


@on_every_database
async def test_after_fifteen_wrong_tries_only_the_telephone_helps(world: World, guest: Guest) -> None:
    code = ""
    for _ in range(TRIES_IN_ALL // TRIES):
        code = await guest.mailed()
        await guest.miss(code, TRIES)
        world.clock.pass_by(PAUSE)
    for way in (guest.mailed(), guest.enter(code)):
        with pytest.raises(TooManyTries) as refusal:
            await way
        assert refusal.value.until == MORNING + HOUR
    with pytest.raises(ProofNeeded) as needed:
        await guest.enter()
    assert needed.value.ways == ("phoned",)
    assert await guest.enter(await guest.phoned())


async def test_whoever_found_a_link_cannot_fill_a_mailbox(world: World, guest: Guest) -> None:
    for _ in range(MAILED_MAX):
        await guest.mailed()
        world.clock.pass_by(PAUSE)
    with pytest.raises(TooManyTries):
        await guest.mailed()
    assert len([each for each in world.post.to(guest.person.address) if each.code]) == MAILED_MAX


@on_every_database
async def test_asking_again_within_half_a_minute_sends_nothing_more(world: World, guest: Guest) -> None:
    first = await guest.mailed()
    world.clock.pass_by(PAUSE - SECOND)
    sent = await world.ask_for_code(guest.link)
    assert (sent.fresh, sent.again_at) == (False, MORNING + PAUSE)
    assert await world.deliver() == 0
    world.clock.pass_by(SECOND)
    second = await guest.mailed()
    assert second != first
    with pytest.raises(CodeWrong):
        await guest.enter(first)
    assert await guest.enter(second)


@on_every_database
async def test_asked_for_ten_times_at_once_one_code_leaves(world: World, guest: Guest) -> None:
    sent = await asyncio.gather(*(world.ask_for_code(guest.link) for _ in range(10)))
    assert [each.fresh for each in sent].count(True) == 1
    assert await world.deliver() == 1


@pytest.mark.parametrize(
    ("age", "counts"), [(CODE_LIFE - SECOND, True), (CODE_LIFE, False), (CODE_LIFE + SECOND, False)]
)
async def test_a_code_counts_for_ten_minutes(
    world: World, guest: Guest, age: timedelta, counts: bool
) -> None:
    code = await guest.mailed()
    world.clock.pass_by(age)
    if counts:
        assert await guest.enter(code)
    else:
        with pytest.raises(CodeExpired):
            await guest.enter(code)


async def test_an_expired_a_used_and_a_never_given_code_look_alike(world: World, guest: Guest) -> None:
    said = set()
    with pytest.raises(CodeExpired) as never:
        await guest.enter("123456")
    said.add(never.value.detail)
    code = await guest.mailed()
    await guest.enter(code)
    with pytest.raises(CodeExpired) as used:
        await guest.enter(code, DESK)
    said.add(used.value.detail)
    world.clock.pass_by(CODE_LIFE)
    with pytest.raises(CodeExpired) as expired:
        await guest.enter(code, DESK)
    assert len(said | {expired.value.detail}) == 1


async def test_codes_are_given_while_the_doors_are_open_only(world: World, guest: Guest) -> None:
    for moment, error in ((MORNING - 15 * 60 * SECOND - SECOND, TooEarly), (MORNING + HOUR, TooLate)):
        world.clock.go_to(moment)
        for way in (guest.mailed(), guest.phoned(), guest.enter("123456")):
            with pytest.raises(error):
                await way
    world.clock.go_to(MORNING - 15 * 60 * SECOND)
    assert await guest.enter(await guest.mailed())


@on_every_database
async def test_a_seat_given_anew_asks_for_a_new_proof(world: World, city: Acting, guest: Guest) -> None:
    await guest.enter(await guest.mailed())
    world.clock.pass_by(PAUSE)
    former = await guest.mailed()
    await guest.agency.send(guest.meeting)
    with pytest.raises(LinkReplaced):
        await guest.enter()
    await guest.agency.send(guest.meeting, guest.person)
    await city.invite(guest.meeting)
    await world.deliver()
    for given, error in (("", ProofNeeded), (former, CodeExpired)):
        with pytest.raises(error):
            await guest.enter(given)
    world.clock.pass_by(PAUSE)
    assert await guest.enter(await guest.mailed())
    assert await guest.devices(city) == 1


@on_every_database
async def test_whoever_races_with_codes_meets_only_refusals_of_ours(world: World, guest: Guest) -> None:
    code = await guest.mailed()
    ends = await asyncio.gather(
        *(guest.enter(other_than(code), DESK, click=f"guess {n}") for n in range(8)),
        guest.enter(code),
        guest.phoned(),
        world.ask_for_code(guest.link),
        world.use.read_board(guest.agency.secretary, guest.meeting.id),
        world.deliver(),
        return_exceptions=True,
    )
    assert all(isinstance(end, MeetcoordError) for end in ends if isinstance(end, BaseException))
    assert all(isinstance(end, JoinRefused) for end in ends[:9] if isinstance(end, BaseException))
    await world.must_be_sound()
