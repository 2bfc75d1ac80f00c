"""A restored backup gets its missing entries back from an export, and nothing else gets in that way."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.bootstrap import Keyring
from meetcoord.domain.errors import CannotTell, Damaged, Forked
from meetcoord.domain.minutes import MinutesState
from meetcoord.domain.profiles import ProfileName
from meetcoord.usecases.import_log import Imported, ImportLog
from tests.agencies import World, agreed
from tests.log.builders import new_signer
from tests.usecases.test_log import whole_story
from tests.worlds import world_on

Export = dict[str, bytes]


async def exported(world: World) -> Export:
    await world.use.publish_checkpoint()
    return {path: data async for path, data in world.use.export_log()}


def importing(world: World, log_key: str | None = None) -> ImportLog:
    key = log_key or world.service.keyring.signer.vkey
    return ImportLog(world.service.storage, Ed25519Verifier(), key, world.clock)


async def bring(world: World, export: Export) -> Imported:
    def read(path: str) -> bytes:
        if path not in export:
            raise CannotTell(f"{path} cannot be read.")
        return export[path]

    return await importing(world)(read)


async def size_of(world: World) -> int:
    async with world.service.storage.snapshot() as tx:
        return (await tx.log.head()).size


def copied(file: Path) -> str:
    """A backup of this very moment."""
    copy = file.with_name("copy.db")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return f"sqlite:///{copy}"


@pytest.fixture
async def empty(keyring: Keyring) -> AsyncIterator[World]:
    """The same service over a database in which nothing is left."""
    async with world_on("sqlite://", keyring) as world:
        yield world


async def test_a_whole_log_comes_back_and_what_is_not_in_an_export_is_named(
    world: World, empty: World
) -> None:
    sealed = await whole_story(world)
    export = await exported(world)
    size = await size_of(world)
    assert await bring(empty, export) == Imported(before=0, size=size, sealed=1)
    report = await empty.use.check_log()
    assert (report.size, report.damages, report.absent) == (size, (), (sealed.leaf,))
    async with empty.service.storage.snapshot() as tx:
        about = [placed.index for placed in await tx.log.about(sealed.meeting)]
    assert sealed.leaf in about
    await empty.agency("later", with_key=False)
    await empty.must_be_sound()


async def test_what_goes_as_far_already_changes_nothing(world: World) -> None:
    await whole_story(world)
    export, size = await exported(world), await size_of(world)
    assert await bring(world, export) == Imported(before=size, size=size, sealed=0)
    await world.agency("later", with_key=False)
    await world.use.publish_checkpoint()
    assert (await bring(world, export)).size == await size_of(world) > size


async def test_a_backup_places_nothing_twice_and_seals_nothing_twice(
    world_on_disk: World, database_file: Path, keyring: Keyring
) -> None:
    world = world_on_disk
    city, prefecture = await world.agency("city"), await world.agency("prefecture")
    meeting = await agreed(city, prefecture, ProfileName.STANDARD)
    draft = await city.circulate(await city.write(meeting))
    backup = copied(database_file)
    sealed = await city.approve(draft)
    export, size = await exported(world), await size_of(world)
    async with world_on(backup, keyring) as restored:
        before = await size_of(restored)
        assert await bring(restored, export) == Imported(before=before, size=size, sealed=1)
        await restored.use.publish_checkpoint()
        assert await size_of(restored) == size
        async with restored.service.storage.snapshot() as tx:
            again = await tx.minutes.get(sealed.meeting, sealed.seq)
        assert (again.state, again.leaf) == (MinutesState.SEALED, sealed.leaf)
        assert await restored.use.seal_approved() == 0
        assert (await restored.use.check_log()).absent == (sealed.leaf,)


async def test_an_altered_export_is_refused_and_changes_nothing(world: World, empty: World) -> None:
    await whole_story(world)
    export = await exported(world)
    path = next(each for each in export if each.startswith("tile/entries/"))
    for altered in (
        export | {path: export[path].replace(b"city", b"town")},
        export | {path: export[path][:-1]},
        export | {"checkpoint": export["checkpoint"].replace(b"\n1", b"\n9", 1)},
        export | {"checkpoint": b"nothing"},
    ):
        with pytest.raises(Damaged) as refused:
            await bring(empty, altered)
        assert not isinstance(refused.value, Forked)
    with pytest.raises(CannotTell):
        await bring(empty, {each: data for each, data in export.items() if each != path})
    assert await size_of(empty) == 0


async def test_the_log_of_another_key_is_refused(world: World, empty: World) -> None:
    await whole_story(world)
    export = await exported(world)
    stranger = new_signer(world.origin).vkey
    with pytest.raises(Damaged):
        await importing(empty, stranger)(lambda path: export[path])
    assert await size_of(empty) == 0


async def test_another_history_of_the_same_log_is_a_fork_and_both_notes_are_kept(
    world: World, empty: World
) -> None:
    await empty.agency("elsewhere", with_key=False)
    await empty.use.publish_checkpoint()
    own = await size_of(empty)
    await whole_story(world)
    export = await exported(world)
    with pytest.raises(Forked):
        await bring(empty, export)
    async with empty.service.storage.snapshot() as tx:
        (fork,) = await tx.witnesses.forks()
    assert fork.theirs.encode() == export["checkpoint"]
    assert await size_of(empty) == own
    await empty.must_be_sound()
