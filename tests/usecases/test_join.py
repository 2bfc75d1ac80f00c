"""A delegate opens her link: too early, at the door, inside, too late, and with links that are not hers."""

from datetime import datetime, timedelta

import jwt
import pytest
from sqlalchemy import text

from meetcoord.domain.agencies import Person
from meetcoord.domain.errors import (
    Invalid,
    JoinRefused,
    LinkInvalid,
    LinkReplaced,
    ProofNeeded,
    TooEarly,
    TooLate,
)
from meetcoord.domain.invitations import JoinLink
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.profiles import ProfileName
from meetcoord.domain.values import InvitationId
from meetcoord.usecases.open_invitation import OpenInvitation
from tests.agencies import AGENDA, HOUR, MORNING, YES, Acting, World
from tests.worlds import on_every_database

SECOND = timedelta(seconds=1)
DOORS = MORNING - timedelta(minutes=15)


@pytest.fixture
async def guest(world: World, city: Acting, prefecture: Acting, settled: Meeting) -> Person:
    """A delegate of the prefecture who holds her link."""
    person = await prefecture.person("Guest")
    await prefecture.send(settled, person)
    await city.invite(settled)
    await world.deliver()
    return person


async def test_before_the_doors_open_the_link_says_when_they_will(world: World, guest: Person) -> None:
    world.clock.go_to(DOORS - SECOND)
    with pytest.raises(TooEarly, match="same link") as refusal:
        await world.press(world.newest_link(guest))
    assert refusal.value.opens_at == DOORS


@pytest.mark.parametrize("moment", [DOORS, MORNING, MORNING + HOUR - SECOND])
async def test_from_the_doors_to_the_last_second_the_link_lets_in(
    world: World, guest: Person, moment: datetime, settled: Meeting
) -> None:
    world.clock.go_to(moment)
    entry = await world.press(world.newest_link(guest))
    claims = jwt.decode(entry.token, options={"verify_signature": False})
    assert claims["room"] == settled.room
    assert claims["exp"] <= (MORNING + HOUR).timestamp()
    assert entry.address == f'https://meet.example.org/{settled.room}#jwt="{entry.token}"'


@pytest.mark.parametrize("late", [timedelta(), SECOND, HOUR - SECOND, HOUR, timedelta(days=400)])
async def test_after_the_end_nobody_enters(world: World, guest: Person, late: timedelta) -> None:
    world.clock.go_to(MORNING + HOUR + late)
    with pytest.raises(TooLate):
        await world.press(world.newest_link(guest))


@on_every_database
async def test_a_double_click_is_one_admission_and_shows_the_same_token(
    world: World, guest: Person, city: Acting, settled: Meeting
) -> None:
    world.clock.go_to(MORNING)
    first = await world.press(world.newest_link(guest), "click")
    world.clock.pass_by(3 * SECOND)
    assert await world.press(world.newest_link(guest), "click") == first
    assert (await world.acts(settled.id)).count("admission") == 1
    other = await world.press(world.newest_link(guest), "another click")
    assert other.token != first.token
    assert (await world.acts(settled.id)).count("admission") == 2
    (line,) = await world.use.read_board(city.secretary, settled.id)
    assert line.admitted_at == MORNING
    await world.must_be_sound()


async def test_an_old_click_repeated_never_lengthens_its_pass(world: World, guest: Person) -> None:
    world.clock.go_to(DOORS)
    first = await world.press(world.newest_link(guest), "click")
    world.clock.pass_by(timedelta(minutes=40))
    assert await world.press(world.newest_link(guest), "click") == first


async def test_looking_changes_nothing_however_often(world: World, guest: Person, settled: Meeting) -> None:
    before = await world.entries(settled.id)
    for _ in range(50):
        await world.look(world.newest_link(guest))
    seen = await world.look(world.newest_link(guest))
    assert isinstance(seen, OpenInvitation)
    assert (seen.title, seen.name, seen.opens_at) == ("Crisis cell", "Guest (Agency prefecture)", DOORS)
    assert await world.entries(settled.id) == before
    world.clock.go_to(MORNING)
    assert (await world.press(world.newest_link(guest))).token


async def test_a_foreign_a_forged_and_an_altered_link_are_refused_alike(world: World, guest: Person) -> None:
    world.clock.go_to(MORNING)
    own = world.newest_link(guest)
    links = world.use.admit.links
    end = MORNING + 2 * HOUR
    unknown = links.write(JoinLink(invitation=InvitationId("a" * 26), revision=1, expires_at=end))
    for token in (
        unknown.partition("#")[2],
        own[:-1],
        own + "A",
        own.swapcase(),
        "",
        "a.b.c",
        own.replace(".", ""),
    ):
        for way in (world.look, world.press):
            with pytest.raises(LinkInvalid):
                await way(token)


async def test_a_failed_attempt_on_one_seat_leaves_the_others_alone(
    world: World, guest: Person, settled: Meeting
) -> None:
    world.clock.go_to(MORNING)
    with pytest.raises(JoinRefused):
        await world.press(world.newest_link(guest)[:-3])
    assert "admission" not in await world.acts(settled.id)


async def test_the_room_token_is_no_join_link(world: World, guest: Person) -> None:
    world.clock.go_to(MORNING)
    entry = await world.press(world.newest_link(guest))
    for way in (world.look, world.press):
        with pytest.raises(LinkInvalid):
            await way(entry.token)


@pytest.mark.parametrize("profile", [ProfileName.SENSITIVE, ProfileName.CRITICAL])
async def test_where_the_link_alone_proves_nothing_it_neither_opens_nor_tells(
    world: World, city: Acting, prefecture: Acting, profile: ProfileName
) -> None:
    meeting = await city.propose(prefecture, profile=profile)
    await prefecture.answer(meeting, YES)
    await city.settle(meeting)
    guest = await prefecture.person("Guest")
    await prefecture.send(meeting, guest)
    await city.invite(meeting)
    await world.deliver()
    world.clock.go_to(MORNING)
    with pytest.raises(ProofNeeded):
        await world.press(world.newest_link(guest))
    seen = await world.look(world.newest_link(guest))
    assert "Crisis" not in repr(seen)
    assert AGENDA not in repr(seen)
    assert "admission" not in await world.acts(meeting.id)


async def test_only_the_named_moderator_of_the_organiser_owns_the_room(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    chair, member, guest = (
        await city.person("Chair"),
        await city.person("Member"),
        await prefecture.person("G"),
    )
    await city.send(settled, chair, member, chair=chair)
    await prefecture.send(settled, guest)
    await city.invite(settled)
    await world.deliver()
    world.clock.go_to(MORNING)
    found = {}
    for person in (chair, member, guest):
        entry = await world.press(world.newest_link(person))
        claims = jwt.decode(entry.token, options={"verify_signature": False})
        found[person.name] = claims["context"]["user"]["affiliation"]
        assert person.address not in repr(claims)
        assert person.id not in repr(claims)
    assert found == {"Chair": "owner", "Member": "member", "G": "member"}


@pytest.mark.parametrize(
    "click", ["", " ", "x" * 65, "x" * 100_000, "a\nb", "a\0b"], ids=lambda click: ascii(click[:9])
)
async def test_a_click_has_a_short_name(world: World, guest: Person, click: str) -> None:
    world.clock.go_to(MORNING)
    with pytest.raises(Invalid) as refusal:
        await world.press(world.newest_link(guest), click)
    assert refusal.value.pointer == "/click"


async def test_who_no_longer_acts_for_her_agency_cannot_join(world: World, guest: Person) -> None:
    world.clock.go_to(MORNING)
    async with world.service.storage.transaction() as tx:
        left = {"id": guest.id, "no": False}
        assert await tx.block.change(text("UPDATE persons SET active = :no WHERE id = :id"), left) == 1
    for way in (world.look, world.press):
        with pytest.raises(LinkReplaced):
            await way(world.newest_link(guest))
