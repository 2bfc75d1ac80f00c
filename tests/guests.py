"""A delegate of a protected meeting before the join page: what she types, and what her mailbox holds."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from meetcoord.domain.agencies import Person
from meetcoord.domain.errors import (
    CodeWrong,
)
from meetcoord.domain.invitations import Invitation
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.profiles import ProfileName
from tests.agencies import MORNING, Acting, World, agreed

SECOND = timedelta(seconds=1)
CODE_LIFE = timedelta(minutes=10)
TELEPHONE, DESK = "telephone".ljust(43, "0"), "desk".ljust(43, "0")


@dataclass(frozen=True, slots=True)
class Guest:
    """A delegate of the prefecture with her link to one meeting, sitting before the page."""

    world: World
    agency: Acting
    meeting: Meeting
    person: Person
    seat: Invitation

    @property
    def link(self) -> str:
        return self.world.newest_link(self.person)

    async def enter(self, code: str = "", device: str = TELEPHONE, click: str = "click") -> str:
        return (await self.world.press(self.link, click, device=device, code=code)).token

    async def mailed(self) -> str:
        """Ask for a code, and read it in the mailbox."""
        await self.world.ask_for_code(self.link)
        await self.world.deliver()
        return self.world.newest_code(self.person)

    async def phoned(self) -> str:
        return await self.agency.phone(self.meeting, self.seat)

    async def miss(self, code: str, times: int = 1) -> None:
        """Type something else than `code`."""
        for _ in range(times):
            with pytest.raises(CodeWrong):
                await self.enter(other_than(code))

    async def devices(self, asker: Acting) -> int | None:
        (line,) = await self.world.use.read_board(asker.secretary, self.meeting.id)
        return line.devices


def other_than(*codes: str) -> str:
    return next(each for each in ("000000", "111111", "222222") if each not in codes)


async def invited(
    world: World, city: Acting, prefecture: Acting, profile: ProfileName = ProfileName.SENSITIVE
) -> Guest:
    meeting = await agreed(city, prefecture, profile)
    person = await prefecture.person("Veille")
    await prefecture.send(meeting, person)
    (seat,) = await city.invite(meeting)
    await world.deliver()
    world.clock.go_to(MORNING)
    return Guest(world, prefecture, meeting, person, seat)


@pytest.fixture
async def guest(world: World, city: Acting, prefecture: Acting) -> Guest:
    """Invited to a sensitive meeting, which begins."""
    return await invited(world, city, prefecture)


@pytest.fixture
async def critical(world: World, city: Acting, prefecture: Acting) -> Guest:
    return await invited(world, city, prefecture, ProfileName.CRITICAL)
