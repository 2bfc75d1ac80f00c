"""A service's folder with minutes that wait for their approval, for what may happen to its disk."""

from pathlib import Path

import msgspec
import pytest

from meetcoord.adapters import system
from meetcoord.adapters.sql.migrate import migrate
from meetcoord.bootstrap import create_missing
from tests.agencies import YES, World
from tests.stories.sealing import Cast, cast_file, database, keyring_of
from tests.worlds import world_on


@pytest.fixture
async def stage(tmp_path: Path) -> Path:
    """Keys, a database, and the minutes of two meetings that are circulated."""
    folder = tmp_path / "stage"
    folder.mkdir()
    create_missing(folder / "keys", system.now, system.entropy)
    migrate(database(folder))
    async with world_on(database(folder), keyring_of(folder)) as world:
        cast_file(folder).write_bytes(msgspec.json.encode(await cast_of(world)))
    return folder


async def cast_of(world: World) -> Cast:
    city, prefecture = await world.agency("city"), await world.agency("prefecture")
    circulated = []
    for _ in range(2):
        meeting = await city.propose(prefecture)
        await prefecture.answer(meeting, YES)
        circulated.append(await city.circulate(await city.write(await city.settle(meeting))))
    return Cast(city.secretary, tuple(circulated))
