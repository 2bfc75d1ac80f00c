"""What was erased is nowhere: not in the file of the database, not in its journal, not back with a backup."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from meetcoord.bootstrap import Keyring
from meetcoord.domain.errors import Erased, NotFound
from meetcoord.domain.minutes import Minutes
from meetcoord.domain.profiles import ProfileName
from meetcoord.usecases.rewrap_minutes import MadeHeader
from tests.agencies import Acting, World, agreed
from tests.log.builders import verify
from tests.usecases.test_erasure import erased
from tests.usecases.test_import_log import bring, copied, exported
from tests.usecases.test_rewrap import header_of
from tests.worlds import world_on

PIECE = 32


async def sealed_by_two(world: World, body: str = "Décidé.\n" * 9_000) -> tuple[Acting, Acting, Minutes]:
    city, prefecture = await world.agency("city"), await world.agency("prefecture")
    meeting = await agreed(city, prefecture, ProfileName.STANDARD)
    return city, prefecture, await city.approve(await city.circulate(await city.write(meeting, body)))


def everywhere(file: Path) -> bytes:
    """The file and what lies beside it, once the journal has been written back."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return b"".join(path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*")))


@pytest.mark.parametrize("body", ["Oui.\n", "Décidé.\n" * 9_000], ids=["short", "long"])
async def test_no_piece_of_the_ciphertext_stays_in_the_database_or_its_journal(
    database_file: Path, keyring: Keyring, body: str
) -> None:
    async with world_on(f"sqlite:///{database_file}", keyring) as world:
        city, prefecture, sealed = await sealed_by_two(world, body)
        file = await city.fetch(sealed)
        made = MadeHeader(header=header_of(file, city.id, (await city.circles())[0]))
        await city.use.rewrap_minutes(city.auditor, sealed.meeting, sealed.seq, made)
        canaries = [
            whole[at : at + PIECE]
            for whole in (file.header, file.payload, made.header)
            for at in range(0, len(whole) - PIECE, 1_000)
        ]
        there = everywhere(database_file)
        assert any(piece in there for piece in canaries)
        await erased(city, prefecture, sealed)
    assert [piece for piece in canaries if piece in everywhere(database_file)] == []


async def test_a_restored_backup_does_not_bring_it_back(
    world_on_disk: World, database_file: Path, keyring: Keyring
) -> None:
    city, prefecture, sealed = await sealed_by_two(world_on_disk)
    backup = copied(database_file)
    await erased(city, prefecture, sealed)
    export = await exported(world_on_disk)
    async with world_on(backup, keyring) as restored:
        async with restored.service.storage.snapshot() as tx:
            assert (await tx.minutes.sealed(sealed.meeting, sealed.seq)).payload
        await bring(restored, export)
        async with restored.service.storage.snapshot() as tx:
            with pytest.raises(NotFound):
                await tx.minutes.sealed(sealed.meeting, sealed.seq)
        with pytest.raises(Erased):
            await restored.use.fetch_sealed(city.auditor, sealed.meeting, sealed.seq)
        report = await restored.use.check_log()
        assert (report.damages, report.erased, report.unerased) == ((), (sealed.leaf,), ())


async def test_a_backup_from_before_the_seal_does_not_keep_the_draft(
    world_on_disk: World, database_file: Path, keyring: Keyring
) -> None:
    world = world_on_disk
    city, prefecture = await world.agency("city"), await world.agency("prefecture")
    draft = await city.circulate(await city.write(await agreed(city, prefecture, ProfileName.STANDARD)))
    backup = copied(database_file)
    sealed = await city.approve(draft)
    await erased(city, prefecture, sealed)
    export = await exported(world)
    async with world_on(backup, keyring) as restored:
        await bring(restored, export)
        async with restored.service.storage.snapshot() as tx:
            with pytest.raises(NotFound):
                await tx.minutes.text(sealed.meeting, sealed.seq)


async def test_the_entry_is_still_proven_by_the_log_alone(world: World) -> None:
    city, prefecture, sealed = await sealed_by_two(world)
    before = await city.evidence(sealed)
    await erased(city, prefecture, sealed)
    await world.must_be_sound()
    placed = await world.use.read_log.history(city.secretary, sealed.meeting)
    assert before.entry.leaf in [each.entry for each in placed]
    assert verify(before).outcome.value == "intact"
