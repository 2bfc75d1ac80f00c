"""How a code leaves: before everything else, only while it counts, and written down nowhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import structlog
from msgspec.structs import replace

from meetcoord.domain.challenges import PAUSE
from meetcoord.domain.letters import LetterKind
from meetcoord.domain.outbox import Delivery
from tests.agencies import MORNING, Acting, World
from tests.builders import random_id
from tests.guests import CODE_LIFE, DESK, TELEPHONE, Guest, invited
from tests.worlds import on_every_database


@on_every_database
async def test_a_code_leaves_before_five_hundred_invitations_that_wait(
    world: World, city: Acting, guest: Guest
) -> None:
    await world.ask_for_code(guest.link)
    async with world.service.storage.transaction() as tx:
        (invitation, code) = await tx.outbox.of_meeting(guest.meeting.id)
        waiting = [
            replace(
                invitation,
                id=random_id(f"waiting {n}"),
                delivery=Delivery.QUEUED,
                next_attempt_at=MORNING - timedelta(days=3, seconds=n),
            )
            for n in range(500)
        ]
        await tx.outbox.add(waiting)
    await world.use.deliver_mail(1)
    assert world.newest_code(guest.person)
    async with world.service.storage.snapshot() as tx:
        assert (await tx.outbox.get(code.id)).delivery is Delivery.ACCEPTED


async def test_a_code_that_counts_no_longer_is_not_sent_any_more(world: World, guest: Guest) -> None:
    world.post.be_busy(guest.person.address)
    await world.ask_for_code(guest.link)
    await world.deliver()
    world.clock.pass_by(CODE_LIFE)
    await world.deliver()
    assert [each for each in world.post.to(guest.person.address) if each.code] == []
    (line,) = await world.use.read_board(guest.agency.secretary, guest.meeting.id)
    assert [(each.kind, each.delivery) for each in line.messages] == [
        (LetterKind.INVITED, Delivery.ACCEPTED),
        (LetterKind.CODE, Delivery.GIVEN_UP),
    ]


async def test_a_code_followed_by_a_newer_one_is_not_sent_any_more(world: World, guest: Guest) -> None:
    await world.ask_for_code(guest.link)
    world.clock.pass_by(PAUSE)
    await world.ask_for_code(guest.link)
    await world.deliver()
    codes = [each for each in world.post.to(guest.person.address) if each.code]
    assert len(codes) == 1
    assert await guest.enter(world.newest_code(guest.person))


async def test_a_code_letter_tells_neither_title_nor_agenda_nor_link(world: World, guest: Guest) -> None:
    await guest.mailed()
    letter = world.post.to(guest.person.address)[-1]
    assert (letter.title, letter.agenda, letter.join_link) == ("", "", "")
    assert letter.code is not None
    assert letter.code.expires_at == MORNING + CODE_LIFE


@contextmanager
def noted() -> Iterator[list[object]]:
    with structlog.testing.capture_logs() as lines:
        yield lines  # type: ignore[misc]  # structlog calls them mappings, and they can be changed


async def test_no_code_and_no_secret_of_a_device_is_written_down_anywhere(
    world_on_disk: World, database_file: Path
) -> None:
    world = world_on_disk
    city, prefecture = await world.agency("city"), await world.agency("prefecture")
    with noted() as lines:
        guest = await invited(world, city, prefecture)
        mailed, phoned = await guest.mailed(), await guest.phoned()
        await guest.miss(mailed, 2)
        await guest.enter(phoned, DESK, click="desk")
        world.clock.pass_by(PAUSE)
        again = await guest.mailed()
        await guest.enter(again)
        await world.use.publish_checkpoint()
        entries = [repr(entry) for entry in await world.entries(guest.meeting.id)]
    assert len(entries) >= 5
    secrets = [mailed, phoned, again, DESK, TELEPHONE, guest.link]
    written = b"".join(path.read_bytes() for path in database_file.parent.glob("meetcoord.db*"))
    assert guest.seat.id.encode() in written
    for secret in secrets:
        assert secret.encode() not in written
        assert secret not in repr(lines) + "".join(entries)
