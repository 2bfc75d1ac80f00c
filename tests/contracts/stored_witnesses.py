"""What every storage must do with what is heard from witnesses, and with what came back from outside."""

from datetime import timedelta

import pytest

from meetcoord.domain.collected import KeptCosignature, KeptFork, WitnessAnswer
from meetcoord.domain.errors import Conflict
from meetcoord.ports.storage import Storage
from meetcoord.ports.stored_witnesses import LogImport
from tests.builders import NOW

CITY_WITNESS, HEALTH_WITNESS = "city.example.org/w1+0+key", "health.example.org/w1+0+key"
AGENCIES, OTHERS = "digest of one policy", "digest of another"
SECOND = timedelta(seconds=1)


def cosignature(size: int, witness: str = CITY_WITNESS, at: int = 1_800_000_000) -> KeptCosignature:
    return KeptCosignature(size, witness, at, f"— {witness} {size} {at}\n")


class WitnessRecordsContract:
    async def test_the_first_cosignature_of_each_witness_and_size_is_kept(self, storage: Storage) -> None:
        first, other = cosignature(7), cosignature(7, HEALTH_WITNESS)
        async with storage.transaction() as tx:
            assert await tx.witnesses.newest_cosigned() == 0
            for each in (other, first, cosignature(7, at=1_900_000_000), cosignature(5)):
                await tx.witnesses.keep(each)
        async with storage.snapshot() as tx:
            assert list(await tx.witnesses.cosignatures(7)) == [first, other]
            assert list(await tx.witnesses.cosignatures(6)) == []
            assert await tx.witnesses.newest_cosigned() == 7

    async def test_it_is_known_when_each_size_was_first_cosigned(self, storage: Storage) -> None:
        async with storage.transaction() as tx:
            for each in (cosignature(7, at=30), cosignature(7, HEALTH_WITNESS, at=20), cosignature(5, at=10)):
                await tx.witnesses.keep(each)
            await tx.witnesses.keep(cosignature(9, at=40))
        async with storage.snapshot() as tx:
            assert list(await tx.witnesses.first_seen(0, 2)) == [(5, 10), (7, 20)]
            assert list(await tx.witnesses.first_seen(5, 9)) == [(7, 20), (9, 40)]

    async def test_the_newest_and_the_first_checkpoint_that_meet_a_quorum_are_found(
        self, storage: Storage
    ) -> None:
        async with storage.transaction() as tx:
            assert await tx.witnesses.newest_witnessed(AGENCIES) is None
            for size in (12, 5, 9, 9):
                await tx.witnesses.mark_witnessed(AGENCIES, size)
            await tx.witnesses.mark_witnessed(OTHERS, 40)
        async with storage.snapshot() as tx:
            assert await tx.witnesses.newest_witnessed(AGENCIES) == 12
            found = [await tx.witnesses.first_witnessed(AGENCIES, index) for index in (0, 4, 5, 11, 12)]
            assert found == [5, 5, 9, 12, None]

    async def test_what_a_witness_said_last_replaces_what_it_said_before(self, storage: Storage) -> None:
        silent = WitnessAnswer(witness=CITY_WITNESS)
        async with storage.transaction() as tx:
            assert await tx.witnesses.answer(CITY_WITNESS) == silent
            await tx.witnesses.save_answer(silent.failed("It does not answer.", NOW))
        heard = silent.failed("It does not answer.", NOW).heard(7, NOW + SECOND)
        async with storage.transaction() as tx:
            await tx.witnesses.save_answer(heard)
        async with storage.snapshot() as tx:
            assert await tx.witnesses.answer(CITY_WITNESS) == heard
            assert await tx.witnesses.answer(HEALTH_WITNESS) == WitnessAnswer(witness=HEALTH_WITNESS)

    async def test_a_fork_is_kept_once_and_for_ever(self, storage: Storage) -> None:
        late = KeptFork(NOW + SECOND, CITY_WITNESS, "ours\n", "theirs\n")
        early = KeptFork(NOW, HEALTH_WITNESS, "ours\n", "others\n")
        async with storage.transaction() as tx:
            for each in (late, early, KeptFork(NOW + 2 * SECOND, HEALTH_WITNESS, "ours\n", "theirs\n")):
                await tx.witnesses.keep_fork(each)
        async with storage.snapshot() as tx:
            assert list(await tx.witnesses.forks()) == [early, late]

    async def test_what_was_brought_back_is_remembered(self, storage: Storage) -> None:
        first, second = LogImport(3, 9, NOW), LogImport(12, 13, NOW)
        async with storage.transaction() as tx:
            for each in (second, first):
                await tx.witnesses.note_import(each)
            with pytest.raises(Conflict):
                await tx.witnesses.note_import(first)
        async with storage.snapshot() as tx:
            assert list(await tx.witnesses.imports()) == [first, second]
