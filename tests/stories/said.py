"""What must hold after a service was interrupted, of all that it had said until then."""

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from meetcoord.adapters.sealing.age import AgeOpener
from meetcoord.domain.frames import Frame
from meetcoord.domain.minutes import Minutes, MinutesState
from meetcoord.domain.values import PersonId
from tests.agencies import BODY, World, identity_of
from tests.stories.sealing import Cast, cast_file, database, keyring_of
from tests.worlds import world_on


async def everything_said_is_there(folder: Path, said: str) -> None:
    """What was acknowledged is stored, the log is as it was signed, and the file serves on."""
    told = [line.split() for line in said.splitlines() if line != "unavailable"]
    async with world_on(database(folder), keyring_of(folder)) as world:
        assert (await world.use.check_log()).damages == ()
        async with world.service.storage.snapshot() as tx:
            wanted = [PersonId(what) for kind, what in told if kind == "person"]
            assert {person.id for person in await tx.persons.several(wanted)} == set(wanted)
            newest = await tx.log.newest_checkpoint()
        assert (newest.size if newest else 0) >= max(
            (int(w) for k, w in told if k == "checkpoint"), default=0
        )
        await minutes_are_whole(world, folder, {what for kind, what in told if kind == "sealed"})
        await world.must_be_sound()
    with closing(sqlite3.connect(folder / "meetcoord.db")) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def minutes_are_whole(world: World, folder: Path, said_sealed: set[str]) -> None:
    """Either still circulated, with their text, or sealed for good."""
    cast = msgspec.json.decode(cast_file(folder).read_bytes(), type=Cast)
    for each in cast.circulated:
        found = await world.use.read_minutes(cast.secretary, each.meeting, each.seq)
        if found.minutes.state is MinutesState.SEALED:
            assert await opened(world, each) == BODY
        else:
            assert each.meeting not in said_sealed
            assert found.body == BODY


async def opened(world: World, minutes: Minutes) -> str:
    async with world.service.storage.snapshot() as tx:
        sealed = await tx.minutes.sealed(minutes.meeting, minutes.seq)
    return Frame.parse(AgeOpener().open(sealed.file, identity_of("city"))).body
