"""Two who act in the same moment: each effect happens once, nothing is lost, nobody is left hanging."""

import asyncio
from collections.abc import Awaitable

from meetcoord.domain.errors import Conflict, MeetcoordError, Stale
from meetcoord.domain.leaves import ApprovalLeaf, MinutesLeaf
from meetcoord.domain.meetings import Meeting, MeetingState
from meetcoord.domain.minutes import MinutesState
from meetcoord.domain.profiles import ProfileName
from tests.agencies import MORNING, NO, YES, Acting, World
from tests.worlds import on_every_database

pytestmark = on_every_database


async def together(*acts: Awaitable[object]) -> tuple[list[object], list[MeetcoordError]]:
    """What succeeded, and what was refused in our own words; anything else is a failure."""
    results = await asyncio.gather(*acts, return_exceptions=True)
    refused = [result for result in results if isinstance(result, MeetcoordError)]
    wrong = [result for result in results if isinstance(result, BaseException) and result not in refused]
    assert wrong == []
    return [result for result in results if not isinstance(result, BaseException)], refused


async def test_two_agencies_that_answer_at_once_are_both_heard(
    world: World, city: Acting, prefecture: Acting
) -> None:
    health = await world.agency("health")
    meeting = await city.propose(prefecture, health)
    done, refused = await together(prefecture.answer(meeting, YES), health.answer(meeting, YES))
    assert (len(done), refused) == (2, [])
    assert (await city.settle(meeting)).version == meeting.version + 3


async def test_one_agency_that_answers_twice_at_once_has_one_answer(
    world: World, city: Acting, prefecture: Acting
) -> None:
    meeting = await city.propose(prefecture)
    await together(prefecture.answer(meeting, YES), prefecture.answer(meeting, NO))
    found, _ = await world.use.read_meeting(city.secretary, meeting.id)
    assert [answer.agency for answer in found.answers].count(prefecture.id) == 1


async def test_settling_twice_at_once_is_one_act(world: World, city: Acting, prefecture: Acting) -> None:
    meeting = await city.propose(prefecture)
    await prefecture.answer(meeting, YES)
    done, refused = await together(city.settle(meeting), city.settle(meeting), city.settle(meeting, slot=1))
    assert len(done) == 2 or len(refused) == 2
    assert all(isinstance(refusal, Conflict) for refusal in refused)
    assert await world.acts(meeting.id) == ["meeting.settled"]


async def test_inviting_twice_at_once_writes_to_everybody_once(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    guests = [await prefecture.person(f"Guest {number}") for number in range(5)]
    await prefecture.send(settled, *guests)
    done, _ = await together(city.invite(settled), city.invite(settled), city.invite(settled))
    assert done
    await asyncio.gather(world.deliver(), world.deliver())
    assert sorted(letter.to_address for letter in world.post.letters) == [guest.address for guest in guests]
    assert (await world.acts(settled.id)).count("invitation.sent") == 5


async def test_cancelling_while_inviting_leaves_nobody_with_a_live_link(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    guest = await prefecture.person("Guest")
    await prefecture.send(settled, guest)
    await together(city.invite(settled), city.cancel(settled), prefecture.send(settled))
    await world.deliver()
    world.clock.go_to(MORNING)
    for letter in world.post.letters:
        if letter.join_link:
            _, refused = await together(world.press(world.token_in(letter)))
            assert refused
    found, _ = await world.use.read_meeting(city.secretary, settled.id)
    assert found.state is MeetingState.CANCELLED
    await world.must_be_sound()


async def test_one_click_that_arrives_five_times_at_once_is_one_admission(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    guest = await prefecture.person("Guest")
    await prefecture.send(settled, guest)
    await city.invite(settled)
    await world.deliver()
    world.clock.go_to(MORNING)
    done, refused = await together(*(world.press(world.newest_link(guest)) for _ in range(5)))
    assert (len(done), refused) == (5, [])
    assert all(entry == done[0] for entry in done)
    assert (await world.acts(settled.id)).count("admission") == 1


async def test_minutes_approved_twice_at_once_are_sealed_once(
    world: World, city: Acting, prefecture: Acting
) -> None:
    meeting = await city.propose(prefecture, profile=ProfileName.SENSITIVE)
    await prefecture.answer(meeting, YES)
    await city.settle(meeting)
    circulated = await city.circulate(await city.write(meeting))
    acts = (city.approve, prefecture.approve, city.approve, prefecture.approve)
    _, refused = await together(*(act(circulated) for act in acts), world.use.seal_approved())
    assert refused == []
    assert (await city.read(circulated)).minutes.state is MinutesState.SEALED
    logged = await world.entries(meeting.id)
    assert sum(isinstance(leaf, MinutesLeaf) for leaf in logged) == 1
    assert sum(isinstance(leaf, ApprovalLeaf) for leaf in logged) == 2
    await world.must_be_sound()


async def test_two_who_rewrite_the_same_version_do_not_overwrite_each_other(
    world: World, city: Acting, settled: Meeting
) -> None:
    draft = await city.write(settled)
    done, refused = await together(city.rewrite(draft, "One.\n"), city.rewrite(draft, "Two.\n"))
    assert len(done) == 1
    assert [isinstance(refusal, Stale) for refusal in refused] == [True]


async def test_two_who_begin_minutes_at_once_begin_one_draft(
    world: World, city: Acting, settled: Meeting
) -> None:
    done, refused = await together(city.write(settled), city.write(settled))
    assert len(done) == 1
    assert [type(refusal) for refusal in refused] == [Conflict]


async def test_many_acts_and_many_sequencers_at_once_leave_a_sound_log(
    world: World, city: Acting, prefecture: Acting
) -> None:
    meetings = [await city.propose(prefecture) for _ in range(4)]
    for meeting in meetings:
        await prefecture.answer(meeting, YES)
    settle = [city.settle(meeting) for meeting in meetings]
    publish = [world.use.publish_checkpoint() for _ in range(4)]
    _, refused = await together(*settle, *publish, *(city.cancel(meeting) for meeting in meetings[:2]))
    assert all(isinstance(refusal, Conflict) for refusal in refused)
    await world.must_be_sound()
