"""A link that no longer stands is dead at the very next request, at every door and at every server of the service."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from meetcoord.adapters.web.app import create_app
from meetcoord.bootstrap import Keyring
from tests.agencies import HOUR, MORNING, YES, World
from tests.refusals.credentials import Held, held
from tests.refusals.shapes import must_be_refused
from tests.web.conftest import Asking, Readiness, parts_of, stored
from tests.worlds import PUBLIC_URL, on_every_database, world_on

__all__ = ["held"]


async def remove(held: Held) -> None:
    await held.world.agencies["prefecture"].send(held.guest.meeting)


async def excuse(held: Held) -> None:
    await held.world.agencies["prefecture"].excuse(held.guest.meeting, held.guest.person)


async def replace_link(held: Held) -> None:
    await remove(held)
    await held.world.agencies["prefecture"].send(held.guest.meeting, held.guest.person)
    await held.world.agencies["city"].invite(held.guest.meeting)


async def cancel(held: Held) -> None:
    await held.world.agencies["city"].cancel(held.guest.meeting)


async def move(held: Held) -> None:
    meeting, _ = await held.world.use.read_meeting(
        held.world.agencies["city"].secretary, held.guest.meeting.id
    )
    await held.world.agencies["city"].move(meeting, MORNING + 3 * HOUR)


async def move_and_agree(held: Held) -> None:
    """The new time is settled, and the new invitations have not been sent."""
    await move(held)
    city = held.world.agencies["city"]
    moved, _ = await held.world.use.read_meeting(city.secretary, held.guest.meeting.id)
    await held.world.agencies["prefecture"].answer(moved, YES)
    await city.settle(moved)


async def move_and_invite(held: Held) -> None:
    await move_and_agree(held)
    await held.world.agencies["city"].invite(held.guest.meeting)


async def move_and_remove(held: Held) -> None:
    await move(held)
    await remove(held)


async def move_and_cancel(held: Held) -> None:
    await move(held)
    await cancel(held)


async def leave_the_agency(held: Held) -> None:
    async with held.world.service.storage.transaction() as tx:
        left = text("UPDATE persons SET active = :no WHERE id = :id")
        assert await tx.block.change(left, {"no": False, "id": held.guest.person.id}) == 1


ENDS: dict[str, tuple[Callable[[Held], Awaitable[None]], str]] = {
    "removed": (remove, "link_replaced"),
    "excused": (excuse, "link_replaced"),
    "replaced": (replace_link, "link_replaced"),
    "cancelled": (cancel, "meeting_cancelled"),
    "moved": (move, "meeting_moved"),
    "moved and agreed": (move_and_agree, "meeting_moved"),
    "moved and invited": (move_and_invite, "link_replaced"),
    "moved and removed": (move_and_remove, "link_replaced"),
    "moved and cancelled": (move_and_cancel, "meeting_cancelled"),
    "left": (leave_the_agency, "link_replaced"),
}


async def knock(asking: Asking, held: Held) -> list[httpx.Response]:
    """At each door, from the device that has proven the seat, once with a press that was good before."""
    told = {"token": held.secrets["join link"], "device": held.secrets["device"]}
    return [
        await asking.post("/j/look", told),
        await asking.post("/j/admission", {**told, "click": "known-press"}),
        await asking.post("/j/admission", {**told, "click": "fresh-press"}),
        await asking.post("/j/code", told),
    ]


@on_every_database
@pytest.mark.parametrize("end", ENDS)
async def test_a_dead_link_is_refused_at_the_very_next_request(held: Held, nobody: Asking, end: str) -> None:
    assert [answer.status_code for answer in await knock(nobody, held)] == [200] * 4
    happen, code = ENDS[end]
    await happen(held)
    before = await stored(held.world)
    for answer in await knock(nobody, held):
        must_be_refused(answer, *held.all())
        assert (answer.status_code, answer.json()["code"]) == (410, code)
    assert await stored(held.world) == before


@on_every_database
async def test_with_the_end_of_the_meeting_nobody_enters_any_more(held: Held, nobody: Asking) -> None:
    assert [answer.status_code for answer in await knock(nobody, held)] == [200] * 4
    held.world.clock.go_to(MORNING + HOUR)
    before = await stored(held.world)
    for answer in (await knock(nobody, held))[1:]:
        assert (answer.status_code, answer.json()["code"]) == (410, "too_late")
    assert await stored(held.world) == before


@pytest.mark.needs("postgresql")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("end", ["removed", "cancelled", "moved"])
async def test_another_server_on_the_same_database_refuses_it_as_soon(
    held: Held, database_url: str, keyring: Keyring, end: str
) -> None:
    async with world_on(database_url, keyring) as other, client_of(other) as elsewhere:
        other.clock.go_to(MORNING)
        assert [answer.status_code for answer in await knock(elsewhere, held)] == [200] * 4
        happen, code = ENDS[end]
        await happen(held)
        assert {answer.json()["code"] for answer in await knock(elsewhere, held)} == {code}


@asynccontextmanager
async def client_of(world: World) -> AsyncIterator[Asking]:
    """Somebody who asks another server of the same service."""
    app: Any = create_app(parts_of(world, Readiness()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC_URL) as http:
        yield Asking(http)
