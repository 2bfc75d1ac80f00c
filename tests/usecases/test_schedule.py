"""Agencies agree, delegates are invited, and what is taken back is dead at once."""

from datetime import UTC, datetime, timedelta

import pytest

from meetcoord.domain.errors import Conflict, Forbidden, Invalid, LinkReplaced, MeetingCancelled, NotFound
from meetcoord.domain.letters import LetterKind
from meetcoord.domain.meetings import Meeting, MeetingState
from meetcoord.domain.outbox import Delivery
from meetcoord.domain.values import AgencyId, MeetingId
from meetcoord.usecases.name_delegates import NewDelegate, NewDelegates
from meetcoord.usecases.propose_meeting import NewConvened, NewMeeting, NewSlot
from tests.agencies import HOUR, IF_NEED_BE, MORNING, NO, YES, Acting, World
from tests.worlds import on_every_database


async def test_without_agreement_nothing_is_settled_and_the_missing_agencies_are_named(
    world: World, city: Acting, prefecture: Acting
) -> None:
    health = await world.agency("health")
    meeting = await city.propose(prefecture, health)
    await prefecture.answer(meeting, YES, NO)
    with pytest.raises(Conflict, match="Waiting for: health"):
        await city.settle(meeting)
    await health.answer(meeting, IF_NEED_BE, YES)
    with pytest.raises(Conflict, match="Waiting for: health"):
        await city.settle(meeting, slot=0)
    with pytest.raises(Conflict, match="Waiting for: prefecture"):
        await city.settle(meeting, slot=1)


@on_every_database
async def test_agreement_leads_to_invitations_that_reach_every_delegate(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    chair, guest = await city.person("Chair"), await prefecture.person("Guest")
    await city.send(settled, chair, chair=chair)
    await prefecture.send(settled, guest)
    await city.invite(settled)
    assert await world.deliver() == 2
    (letter,) = world.post.to(guest.address)
    assert (letter.kind, letter.start, letter.sequence) == (LetterKind.INVITED, MORNING, 0)
    assert letter.join_link.startswith("https://meet.example.org/j#")
    board = await world.use.read_board(city.secretary, settled.id)
    assert {line.messages[0].delivery for line in board} == {Delivery.ACCEPTED}
    acts = await world.acts(settled.id)
    assert acts == ["meeting.settled", "invitation.sent", "invitation.sent"]
    await world.must_be_sound()


async def test_an_agency_that_is_only_asked_never_blocks(
    world: World, city: Acting, prefecture: Acting
) -> None:
    health = await world.agency("health")
    meeting = await city.propose(prefecture, optional=[health])
    await prefecture.answer(meeting, YES)
    await health.answer(meeting, NO)
    assert (await city.settle(meeting)).state is MeetingState.SETTLED


async def test_inviting_twice_is_once(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    guest = await prefecture.person("Guest")
    await prefecture.send(settled, guest)
    first = await city.invite(settled)
    assert list(await city.invite(settled)) == list(first)
    await world.deliver()
    await world.deliver()
    assert len(world.post.to(guest.address)) == 1
    assert (await world.acts(settled.id)).count("invitation.sent") == 1


async def test_settling_twice_is_once(world: World, city: Acting, settled: Meeting) -> None:
    assert await city.settle(settled) == settled
    with pytest.raises(Conflict, match="settled"):
        await city.settle(settled, slot=1)
    assert (await world.acts(settled.id)) == ["meeting.settled"]


@on_every_database
async def test_a_removed_delegate_is_out_at_once_and_a_renamed_one_gets_a_new_link(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    guest = await prefecture.person("Guest")
    await prefecture.send(settled, guest)
    await city.invite(settled)
    await world.deliver()
    old = world.newest_link(guest)
    world.clock.go_to(MORNING)
    await world.press(old)

    await prefecture.send(settled)
    for way in (world.look, world.press):
        with pytest.raises(LinkReplaced):
            await way(old)

    await prefecture.send(settled, guest)
    with pytest.raises(LinkReplaced):
        await world.press(old)
    await city.invite(settled)
    await world.deliver()
    new = world.newest_link(guest)
    assert (await world.press(new, "click-2")).token
    with pytest.raises(LinkReplaced):
        await world.press(old, "click-3")
    sent = [letter for letter in world.post.to(guest.address) if letter.kind is LetterKind.INVITED]
    assert [letter.sequence for letter in sent] == [0, 2]
    acts = await world.acts(settled.id)
    assert acts.count("invitation.withdrawn") == 1
    assert acts.count("invitation.sent") == acts.count("admission") == 2
    await world.must_be_sound()


async def test_an_excused_delegate_keeps_no_seat(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    guest = await prefecture.person("Guest")
    await prefecture.send(settled, guest)
    await city.invite(settled)
    await world.deliver()
    await prefecture.excuse(settled, guest)
    with pytest.raises(LinkReplaced):
        await world.look(world.newest_link(guest))
    with pytest.raises(Conflict, match="nobody to invite"):
        await city.invite(settled)


@on_every_database
async def test_a_cancelled_meeting_is_dead_and_everybody_invited_is_told_once(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    guest, gone = await prefecture.person("Guest"), await prefecture.person("Gone")
    await prefecture.send(settled, guest, gone)
    await city.invite(settled)
    await world.deliver()
    await prefecture.send(settled, guest)
    await city.cancel(settled)
    await city.cancel(settled)
    await world.deliver()
    await world.deliver()
    kinds = [letter.kind for letter in world.post.to(guest.address)]
    assert kinds == [LetterKind.INVITED, LetterKind.CANCELLED]
    assert world.post.to(guest.address)[1].sequence > world.post.to(guest.address)[0].sequence
    assert world.post.to(guest.address)[1].uid == world.post.to(guest.address)[0].uid
    kinds = [letter.kind for letter in world.post.to(gone.address)]
    assert kinds == [LetterKind.INVITED, LetterKind.REMOVED]
    world.clock.go_to(MORNING)
    for way in (world.look, world.press):
        with pytest.raises(MeetingCancelled):
            await way(world.newest_link(guest))
    assert (await world.acts(settled.id)).count("meeting.cancelled") == 1
    await world.must_be_sound()


async def test_a_meeting_that_is_over_can_be_neither_settled_nor_invited_to_nor_cancelled(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    await prefecture.send(settled, await prefecture.person("Guest"))
    unsettled = await city.propose(prefecture)
    await prefecture.answer(unsettled, YES)
    world.clock.go_to(MORNING + HOUR)
    for act in (city.invite, city.cancel):
        with pytest.raises(Conflict, match="is over"):
            await act(settled)
    with pytest.raises(Conflict, match="is over"):
        await city.settle(unsettled, slot=0)
    assert await world.deliver() == 0
    assert await world.acts(settled.id) == ["meeting.settled"]
    assert (await city.settle(unsettled, slot=1)).state is MeetingState.SETTLED


async def test_until_its_last_moment_a_meeting_can_be_invited_to_and_cancelled(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    await prefecture.send(settled, await prefecture.person("Guest"))
    world.clock.go_to(MORNING + HOUR - timedelta(seconds=1))
    assert len(await city.invite(settled)) == 1
    assert (await city.cancel(settled)).state is MeetingState.CANCELLED


async def test_a_cancelled_meeting_is_not_settled_again(city: Acting, settled: Meeting) -> None:
    await city.cancel(settled)
    with pytest.raises(Conflict, match="cancelled"):
        await city.settle(settled)
    with pytest.raises(Conflict):
        await city.invite(settled)
    with pytest.raises(Conflict, match="cancelled"):
        await city.answer(settled, YES)


@on_every_database
async def test_an_outsider_is_told_the_same_as_for_a_meeting_that_does_not_exist(
    world: World, city: Acting, settled: Meeting
) -> None:
    stranger = await world.agency("stranger")
    told = []
    for meeting in (settled.id, MeetingId("a" * 26)):
        for ask in (
            world.use.read_meeting,
            world.use.cancel_meeting,
            world.use.read_board,
            world.use.invite_delegates,
        ):
            with pytest.raises(NotFound) as refusal:
                await ask(stranger.secretary, meeting)
            told.append(refusal.value.detail)
        with pytest.raises(NotFound) as refusal:
            await world.use.read_log.history(stranger.secretary, meeting)
        told.append(refusal.value.detail)
    assert len(set(told)) == 1
    assert await world.use.list_meetings(stranger.secretary, None, 10) == []


async def test_only_the_organiser_settles_invites_and_cancels(prefecture: Acting, settled: Meeting) -> None:
    for act in (prefecture.settle, prefecture.invite, prefecture.cancel):
        with pytest.raises(Forbidden, match="organising agency"):
            await act(settled)


async def test_an_agency_names_its_own_people_only(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    foreign = await city.person("Foreign")
    with pytest.raises(Invalid, match="in your agency"):
        await prefecture.send(settled, foreign)
    guest = await prefecture.person("Guest")
    with pytest.raises(Invalid, match="moderate"):
        await prefecture.send(settled, guest, chair=guest)
    twice = NewDelegate(person=guest.id)
    with pytest.raises(Invalid, match="once"):
        asked = NewDelegates(delegates=(twice, twice))
        await world.use.name_delegates(prefecture.secretary, settled.id, asked)


async def test_other_agencies_see_name_and_function_but_no_address(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    guest = await prefecture.person("Guest")
    await prefecture.send(settled, guest)
    await city.invite(settled)
    _, seen = await world.use.read_meeting(city.secretary, settled.id)
    assert [(each.name, each.function, each.address) for each in seen] == [("Guest", "Head of unit", None)]
    (line,) = await world.use.read_board(city.secretary, settled.id)
    assert line.person.address is None
    _, own = await world.use.read_meeting(prefecture.secretary, settled.id)
    assert [each.address for each in own] == [guest.address]
    with pytest.raises(NotFound):
        await world.use.read_person(city.secretary, guest.id)


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (datetime(2026, 9, 30, 8, 0, tzinfo=UTC), "past"),
        (datetime(2026, 10, 1, 7, 0, tzinfo=UTC), "past"),
        (datetime(2032, 1, 1, 8, 0, tzinfo=UTC), "five years"),
        (datetime(9000, 1, 1, 8, 0, tzinfo=UTC), "five years"),
    ],
)
async def test_a_slot_lies_in_the_foreseeable_future(
    city: Acting, prefecture: Acting, start: datetime, told: str
) -> None:
    with pytest.raises(Invalid, match=told) as refusal:
        await city.propose(prefecture, starts=[start])
    assert refusal.value.pointer == "/slots/0"


async def test_an_agency_nobody_knows_cannot_be_convened(world: World, city: Acting) -> None:
    unknown = Acting(world, AgencyId("nobody"), city.console, city.secretary, city.auditor)
    with pytest.raises(Invalid, match="no agency") as refusal:
        await city.propose(unknown)
    assert refusal.value.pointer == "/convened/0/agency"


async def test_a_title_that_claims_a_protection_level_is_refused(
    world: World, city: Acting, prefecture: Acting
) -> None:
    slot = NewSlot(start=MORNING, end=MORNING + HOUR)
    asked = NewMeeting(
        title="Diffusion Restreinte : cellule",
        slots=(slot,),
        convened=(NewConvened(agency=prefecture.id),),
        time_zone="Europe/Paris",
    )
    with pytest.raises(Invalid, match="Diffusion Restreinte"):
        await world.use.propose_meeting(city.secretary, asked)
