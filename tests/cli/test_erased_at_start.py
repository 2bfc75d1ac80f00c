"""A sealed file that came back in spite of its erasure is named by the check, and gone once the service has started."""

import asyncio
import json
import signal
from dataclasses import dataclass

import pytest

from meetcoord.bootstrap import compose
from meetcoord.domain.profiles import ProfileName
from meetcoord.settings import load
from tests.agencies import FakeClock, World, agreed
from tests.cli.conftest import Place
from tests.cli.test_processes import opened
from tests.fakes import PostBox, VideoRooms
from tests.usecases.test_erasure import erased


@dataclass(frozen=True, slots=True)
class Returned:
    place: Place
    entry: int | None


async def brought_back(place: Place) -> int | None:
    """The entry whose file was erased, and is there again as after the restore of a backup."""
    clock, post, video = FakeClock(), PostBox(), VideoRooms()
    chosen = load(place.settings_file, {})
    async with compose(chosen, now=clock, postman=post, control=video) as service:
        world = World(service, clock, post, video)
        town, prefecture = await world.agency("town"), await world.agency("prefecture")
        meeting = await agreed(town, prefecture, ProfileName.STANDARD)
        sealed = await town.approve(await town.circulate(await town.write(meeting)))
        file = await town.fetch(sealed)
        await erased(town, prefecture, sealed)
        async with service.storage.transaction() as tx:
            await tx.minutes.keep_sealed(sealed.meeting, sealed.seq, file)
        await world.use.publish_checkpoint()
    return sealed.leaf


@pytest.fixture
def returned(place: Place) -> Returned:
    return Returned(place, asyncio.run(brought_back(place)))


def test_the_check_names_it_and_the_next_start_erases_it(returned: Returned) -> None:
    place = returned.place
    said = place.type("log", "fsck")
    assert (said.code, said.out.count("\n")) == (1, 2)
    assert said.out.startswith(f"entry {returned.entry}: its sealed file is there, although")
    assert place.type("log", "fsck", "--json").document["unerased"] == [returned.entry]
    with opened(place) as service:
        assert service.stdout
        said_first = "".join(service.stdout.readline() for _ in range(3))
        service.send_signal(signal.SIGTERM)
        _, journal = service.communicate(timeout=30)
    assert "address" in json.loads(said_first)
    assert "erased again" in journal
    said = place.type("log", "fsck")
    assert said.code == 0
    assert f"Erased with consent: entries {returned.entry}." in said.out
