"""What every storage must do with minutes and with the log."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from meetcoord.domain.errors import Conflict, NotFound, Stale
from meetcoord.domain.merkle import Node
from meetcoord.domain.minutes import MinutesApproval
from meetcoord.domain.values import PersonId
from meetcoord.ports.storage import LogHead, PlacedLeaf, Storage, StoredCheckpoint
from meetcoord.ports.stored_minutes import NewHeader
from tests.builders import CITY, NOW, minutes, random_id, sealed_file
from tests.contracts.stored_meetings import with_meeting

APPROVAL = MinutesApproval(agency=CITY, by=PersonId(random_id("secretary")), at=NOW)
HASHES = tuple(bytes([n]) * 32 for n in range(8))


def leaves(start: int, count: int) -> list[PlacedLeaf]:
    return [
        PlacedLeaf(index=n, about=f"about/{n % 2}", entry=b"leaf %d" % n) for n in range(start, start + count)
    ]


class MinutesContract:
    async def test_minutes_come_back_as_they_were(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        draft = minutes(unit)
        circulated = draft.circulated(1, "content", 0, NOW)
        approved = circulated.approved("content", APPROVAL, frozenset({CITY}))
        sealed = approved.sealed(2**40, NOW)
        async with storage.transaction() as tx:
            await tx.minutes.add(draft)
            for version in (circulated, approved, sealed):
                await tx.minutes.save(version)
                assert await tx.minutes.get(unit.id, 1) == version
        async with storage.snapshot() as tx:
            assert await tx.minutes.get(unit.id, 1) == sealed

    async def test_a_number_of_minutes_is_taken_once(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        async with storage.transaction() as tx:
            await tx.minutes.add(minutes(unit))
            with pytest.raises(Conflict):
                await tx.minutes.add(minutes(unit))
            await tx.minutes.add(minutes(unit, seq=2))
            assert [m.seq for m in await tx.minutes.of_meeting(unit.id)] == [1, 2]

    async def test_minutes_are_saved_on_the_version_just_before(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        async with storage.transaction() as tx:
            await tx.minutes.add(minutes(unit))
            with pytest.raises(Stale):
                await tx.minutes.save(minutes(unit))
            await tx.minutes.save(minutes(unit).rewritten(1, NOW))
            with pytest.raises(NotFound):
                await tx.minutes.get(unit.id, 2)

    async def test_approved_minutes_wait_to_be_sealed(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        async with storage.transaction() as tx:
            for seq in (1, 2, 3):
                draft = minutes(unit, seq=seq)
                await tx.minutes.add(draft)
                if seq > 1:
                    circulated = draft.circulated(1, "content", 0, NOW)
                    approved = circulated.approved("content", APPROVAL, frozenset({CITY}))
                    await tx.minutes.save(circulated)
                    await tx.minutes.save(approved)
            assert {m.seq for m in await tx.minutes.approved(10)} == {2, 3}
            assert len(await tx.minutes.approved(1)) == 1

    async def test_a_text_takes_the_place_of_the_former_one_until_destroyed(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        async with storage.transaction() as tx:
            await tx.minutes.keep_text(unit.id, 1, b"\x00 first")  # before its minutes, in the same block
            await tx.minutes.add(minutes(unit))
            await tx.minutes.keep_text(unit.id, 1, b"\xff second")
        async with storage.transaction() as tx:
            assert await tx.minutes.text(unit.id, 1) == b"\xff second"
            await tx.minutes.destroy_text(unit.id, 1)
            await tx.minutes.destroy_text(unit.id, 1)
            with pytest.raises(NotFound):
                await tx.minutes.text(unit.id, 1)
        async with storage.snapshot() as tx:
            with pytest.raises(NotFound):
                await tx.minutes.text(unit.id, 1)

    async def test_a_sealed_file_is_never_replaced(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        async with storage.transaction() as tx:
            await tx.minutes.add(minutes(unit))
            with pytest.raises(NotFound):
                await tx.minutes.sealed(unit.id, 1)
            await tx.minutes.keep_sealed(unit.id, 1, sealed_file())
            with pytest.raises(Conflict):
                await tx.minutes.keep_sealed(unit.id, 1, sealed_file(b"other"))
        async with storage.snapshot() as tx:
            assert await tx.minutes.sealed(unit.id, 1) == sealed_file()

    async def test_new_headers_stand_beside_the_file_until_one_is_confirmed(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        first, second, third = (NewHeader(leaf, b"header %d\n" % leaf) for leaf in (7, 9, 2**40))
        confirmed = replace(second, header=sealed_file(b"other").header)
        async with storage.transaction() as tx:
            await tx.minutes.add(minutes(unit))
            await tx.minutes.keep_sealed(unit.id, 1, sealed_file())
            for each in (second, first, third):
                await tx.sealed_files.add_header(unit.id, 1, each)
            with pytest.raises(Conflict):
                await tx.sealed_files.add_header(unit.id, 1, replace(first, header=b"another"))
        async with storage.transaction() as tx:
            assert list(await tx.sealed_files.new_headers(unit.id, 1)) == [first, second, third]
            assert await tx.minutes.sealed(unit.id, 1) == sealed_file()
            await tx.sealed_files.confirm_header(unit.id, 1, confirmed)
        async with storage.snapshot() as tx:
            assert list(await tx.sealed_files.new_headers(unit.id, 1)) == [third]
            found = await tx.minutes.sealed(unit.id, 1)
            assert (found.header, found.payload) == (confirmed.header, sealed_file().payload)

    async def test_an_erased_file_leaves_no_header_and_its_neighbour_stays(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        async with storage.transaction() as tx:
            for seq in (1, 2):
                await tx.minutes.add(replace(minutes(unit), seq=seq))
                await tx.minutes.keep_sealed(unit.id, seq, sealed_file())
                await tx.sealed_files.add_header(unit.id, seq, NewHeader(7, b"header\n"))
        async with storage.transaction() as tx:
            assert await tx.sealed_files.erase(unit.id, 1)
            assert not await tx.sealed_files.erase(unit.id, 1)
        async with storage.snapshot() as tx:
            with pytest.raises(NotFound):
                await tx.minutes.sealed(unit.id, 1)
            assert list(await tx.sealed_files.new_headers(unit.id, 1)) == []
            assert await tx.minutes.sealed(unit.id, 2) == sealed_file()
            assert len(await tx.sealed_files.new_headers(unit.id, 2)) == 1


class LogContract:
    async def test_promises_made_together_stand_in_their_order(self, storage: Storage) -> None:
        async with storage.transaction() as tx:
            await tx.log.promise("city", b"before")
            await tx.log.promise_all("city", [])
            await tx.log.promise_all("city", [b"leaf %d" % n for n in range(1_000)])
            await tx.log.promise("city", b"after")
            promised = await tx.log.promised(2_000)
        leaves = [b"leaf %d" % n for n in range(1_000)]
        assert [each.entry for each in promised] == [b"before", *leaves, b"after"]

    async def test_promises_are_kept_in_order_until_placed(self, storage: Storage) -> None:
        async with storage.transaction() as tx:
            for n in range(5):
                await tx.log.promise("meeting/1", b"leaf %d" % n)
            await tx.log.promise("meeting/1", b"leaf 0")
        async with storage.transaction() as tx:
            oldest = await tx.log.promised(3)
            assert [p.entry for p in oldest] == [b"leaf 0", b"leaf 1", b"leaf 2"]
            await tx.log.hold()
            await tx.log.place(
                leaves(0, 2), [], LogHead(size=2, frontier=HASHES[:1]), [oldest[0].id, oldest[2].id]
            )
        async with storage.snapshot() as tx:
            kept = await tx.log.promised(10)
            assert [p.entry for p in kept] == [b"leaf 1", b"leaf 3", b"leaf 4", b"leaf 0"]
            assert {p.about for p in kept} == {"meeting/1"}

    async def test_the_number_of_a_promise_is_never_given_again(self, storage: Storage) -> None:
        async with storage.transaction() as tx:
            await tx.log.promise("about", b"one")
            (first,) = await tx.log.promised(1)
            await tx.log.place([], [], LogHead(size=0, frontier=()), [first.id])
            await tx.log.promise("about", b"two")
            assert (await tx.log.promised(1))[0].id > first.id

    async def test_an_empty_log_has_an_empty_head(self, storage: Storage) -> None:
        async with storage.transaction() as tx:
            assert await tx.log.hold() == await tx.log.head() == LogHead(size=0, frontier=())
            assert await tx.log.newest_checkpoint() is None

    async def test_placed_leaves_and_nodes_are_found_again(self, storage: Storage) -> None:
        head = LogHead(size=5, frontier=HASHES[:2])
        nodes = [Node(level, n, HASHES[n]) for level in (0, 1) for n in range(5)]
        async with storage.transaction() as tx:
            await tx.log.hold()
            await tx.log.place(leaves(0, 5), nodes, head, [])
        async with storage.snapshot() as tx:
            assert await tx.log.head() == head
            assert await tx.log.leaf(3) == leaves(3, 1)[0]
            assert list(await tx.log.leaves(1, 3)) == leaves(1, 3)
            assert list(await tx.log.leaves(5, 3)) == []
            assert [leaf.index for leaf in await tx.log.about("about/0")] == [0, 2, 4]
            found = await tx.log.nodes([(0, 1), (1, 4), (9, 9)])
            assert set(found) == {
                Node(level=0, index=1, hash=HASHES[1]),
                Node(level=1, index=4, hash=HASHES[4]),
            }
            assert list(await tx.log.nodes([])) == []
            with pytest.raises(NotFound):
                await tx.log.leaf(5)

    async def test_an_index_is_taken_once(self, storage: Storage) -> None:
        async with storage.transaction() as tx:
            await tx.log.place(leaves(0, 2), [], LogHead(size=2, frontier=HASHES[:1]), [])
        with pytest.raises(Conflict):
            async with storage.transaction() as tx:
                await tx.log.place(leaves(1, 3), [], LogHead(size=4, frontier=HASHES[:1]), [])
        async with storage.snapshot() as tx:
            assert len(await tx.log.leaves(0, 10)) == 2
            assert (await tx.log.head()).size == 2

    async def test_the_first_checkpoint_of_a_size_is_kept(self, storage: Storage) -> None:
        notes = [StoredCheckpoint(size=size, note=f"note {size}\n", at=NOW) for size in (3, 8, 5)]
        async with storage.transaction() as tx:
            for note in notes:
                await tx.log.keep_checkpoint(note)
            await tx.log.keep_checkpoint(replace(notes[0], note="other", at=NOW + timedelta(hours=1)))
            assert await tx.log.newest_checkpoint() == notes[1]
            assert await tx.log.checkpoint_covering(2) == notes[0]
            assert await tx.log.checkpoint_covering(3) == notes[2]
            assert await tx.log.checkpoint_covering(7) == notes[1]
            assert await tx.log.checkpoint_covering(8) is None

    async def test_checkpoints_beyond_a_size_come_in_order_of_size(self, storage: Storage) -> None:
        notes = [StoredCheckpoint(size=size, note=f"note {size}\n", at=NOW) for size in (3, 5, 8)]
        async with storage.transaction() as tx:
            for note in reversed(notes):
                await tx.log.keep_checkpoint(note)
            assert list(await tx.log.checkpoints(0, 2)) == notes[:2]
            assert list(await tx.log.checkpoints(3, 9)) == notes[1:]
            assert list(await tx.log.checkpoints(8, 9)) == []
