"""Codes read by telephone, meetings that take no other, and who may see how many devices hold a seat."""

import pytest

from meetcoord.domain.challenges import PAUSE
from meetcoord.domain.errors import (
    CodeExpired,
    CodeWrong,
    Conflict,
    Forbidden,
    MeetingCancelled,
    NotFound,
    ProofNeeded,
    UsedElsewhere,
)
from meetcoord.domain.letters import LetterKind
from meetcoord.domain.profiles import ProfileName
from meetcoord.domain.values import InvitationId, MeetingId
from tests.agencies import MORNING, YES, Acting, World
from tests.builders import random_id
from tests.guests import DESK, TELEPHONE, Guest, invited
from tests.worlds import on_every_database


async def test_a_second_device_is_shown_to_her_agency_and_the_organiser_only(
    world: World, city: Acting, prefecture: Acting
) -> None:
    health = await world.agency("health")
    meeting = await city.propose(prefecture, health, profile=ProfileName.SENSITIVE)
    for agency in (prefecture, health):
        await agency.answer(meeting, YES)
    await city.settle(meeting)
    person = await prefecture.person("Veille")
    await prefecture.send(meeting, person)
    (seat,) = await city.invite(meeting)
    await world.deliver()
    world.clock.go_to(MORNING)
    guest = Guest(world, prefecture, meeting, person, seat)
    assert await guest.devices(prefecture) == 0
    await guest.enter(await guest.mailed())
    world.clock.pass_by(PAUSE)
    assert await guest.enter(await guest.mailed(), DESK, click="desk")
    assert [await guest.devices(each) for each in (prefecture, city, health)] == [2, 2, None]
    assert await guest.enter(click="the first one stays in")


@on_every_database
async def test_a_critical_meeting_opens_to_a_code_read_by_telephone(
    world: World, city: Acting, critical: Guest
) -> None:
    with pytest.raises(ProofNeeded, match="telephone") as refusal:
        await critical.enter()
    assert refusal.value.ways == ("phoned",)
    with pytest.raises(ProofNeeded, match="never mailed"):
        await critical.mailed()
    code = await critical.phoned()
    assert await critical.enter(code)
    assert await world.acts(critical.meeting.id) == [
        *("meeting.settled", "invitation.sent", "code.phoned", "admission")
    ]
    assert await critical.enter(click="after a reload")
    await world.must_be_sound()


async def test_a_critical_link_is_refused_on_another_device_with_whom_to_call(
    world: World, critical: Guest
) -> None:
    code = await critical.phoned()
    await critical.enter(code)
    with pytest.raises(UsedElsewhere, match="Call your agency's secretariat"):
        await critical.enter(device=DESK)
    with pytest.raises(CodeExpired):
        await critical.enter(code, DESK)
    assert await critical.devices(critical.agency) == 1


async def test_a_newly_read_code_moves_a_critical_seat_and_closes_the_former_device(
    world: World, critical: Guest
) -> None:
    await critical.enter(await critical.phoned())
    assert await critical.enter(await critical.phoned(), DESK, click="desk")
    with pytest.raises(UsedElsewhere):
        await critical.enter(click="back on the telephone")
    assert (await world.look(critical.link, TELEPHONE)).title == ""
    assert await critical.devices(critical.agency) == 2


async def test_a_code_read_by_telephone_kills_the_one_read_before_and_not_the_mailed_one(
    world: World, guest: Guest
) -> None:
    mailed, first = await guest.mailed(), await guest.phoned()
    second = await guest.phoned()
    with pytest.raises(CodeWrong):
        await guest.enter(first)
    assert await guest.enter(second)
    assert await guest.enter(mailed, DESK, click="desk")


async def test_only_a_secretary_of_her_own_agency_reads_a_person_a_code(
    world: World, city: Acting, guest: Guest
) -> None:
    phone, meeting, seat = world.use.read_code_by_phone, guest.meeting.id, guest.seat.id
    stranger = await world.agency("stranger")
    own = guest.agency
    for actor, error in (
        (city.secretary, Forbidden),
        (own.console, Forbidden),
        (stranger.secretary, NotFound),
    ):
        with pytest.raises(error):
            await phone(actor, meeting, seat)
    for unknown in (InvitationId(random_id("unknown")), InvitationId("")):
        with pytest.raises(NotFound):
            await phone(own.secretary, meeting, unknown)
    with pytest.raises(NotFound):
        await phone(own.secretary, MeetingId(random_id("unknown")), seat)
    assert "code.phoned" not in await world.acts(meeting)


async def test_a_closed_seat_takes_no_code(world: World, city: Acting, guest: Guest) -> None:
    code = await guest.mailed()
    world.clock.pass_by(PAUSE)
    await world.ask_for_code(guest.link)
    await city.cancel(guest.meeting)
    for way, error in (
        (world.ask_for_code(guest.link), MeetingCancelled),
        (guest.enter(code), MeetingCancelled),
        (guest.phoned(), Conflict),
    ):
        with pytest.raises(error):
            await way
    await world.deliver()
    assert [each.kind for each in world.post.to(guest.person.address)] == [
        *(LetterKind.INVITED, LetterKind.CODE, LetterKind.CANCELLED)
    ]


async def test_a_standard_meeting_asks_for_no_code(world: World, city: Acting, prefecture: Acting) -> None:
    guest = await invited(world, city, prefecture, ProfileName.STANDARD)
    for way in (world.ask_for_code(guest.link), guest.phoned()):
        with pytest.raises(Conflict, match="no code"):
            await way
    assert await guest.enter(device="", click="without")
    assert await guest.enter(device=DESK, click="with")
    assert await guest.devices(prefecture) == 2
