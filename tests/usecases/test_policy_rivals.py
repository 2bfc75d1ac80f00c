"""Two at once: one first list per circle, each consent counted once, and no approval of what is no longer in force."""

import asyncio

from meetcoord.domain.errors import Conflict, MeetcoordError
from meetcoord.domain.minutes import Minutes
from meetcoord.domain.profiles import ProfileName
from tests.agencies import Acting, World, agreed
from tests.usecases.test_opening_keys import a_key, policies_of
from tests.worlds import on_every_database


@on_every_database
async def test_two_who_circulate_at_once_write_one_first_list(
    world: World, city: Acting, prefecture: Acting
) -> None:
    drafts = [await city.write(await agreed(city, prefecture, ProfileName.STANDARD)) for _ in range(3)]
    done = await asyncio.gather(*map(city.circulate, drafts))
    assert len({each.policy for each in done}) == len(await policies_of(world)) == 1
    await world.must_be_sound()


@on_every_database
async def test_two_who_consent_at_once_put_the_list_in_force(
    world: World, city: Acting, prefecture: Acting
) -> None:
    await city.circulate(await city.write(await agreed(city, prefecture, ProfileName.STANDARD)))
    await city.add_key(a_key())
    ((proposal,),) = [each.state.proposals for each in await city.circles()]
    await asyncio.gather(city.consent(proposal), prefecture.consent(proposal))
    (known,) = await city.circles()
    assert known.state.in_force
    assert known.state.in_force.policy.index == proposal.policy.index
    await world.must_be_sound()


@on_every_database
async def test_an_approval_beside_the_last_consent_comes_before_it_or_not_at_all(
    world: World, city: Acting, prefecture: Acting
) -> None:
    meeting = await agreed(city, prefecture, ProfileName.SENSITIVE)
    minutes = await city.circulate(await city.write(meeting))
    await city.add_key(a_key())
    ((proposal,),) = [each.state.proposals for each in await city.circles()]
    await city.consent(proposal)
    approved: Minutes | MeetcoordError | object
    approved, _ = await asyncio.gather(
        city.approve(minutes), prefecture.consent(proposal), return_exceptions=True
    )
    assert isinstance(approved, Minutes | Conflict)
    await world.must_be_sound()


@on_every_database
async def test_keys_registered_at_once_are_all_in_the_newest_proposal(
    world: World, city: Acting, prefecture: Acting
) -> None:
    await city.circulate(await city.write(await agreed(city, prefecture, ProfileName.STANDARD)))
    fresh = [a_key() for _ in range(3)]
    await asyncio.gather(*map(city.add_key, fresh))
    (known,) = await city.circles()
    newest = known.state.proposals[-1].policy.leaf
    assert set(fresh) <= {each.recipient for each in newest.recipients}
    await world.must_be_sound()
