"""What every storage must do. Subclass `StorageContract` and give it the fixtures `url`, migrated, and `storage`."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from meetcoord.domain.errors import Conflict, NotFound, Stale
from meetcoord.domain.values import AgencyId, MeetingId
from meetcoord.ports.storage import LogHead, PlacedLeaf, Storage
from tests.builders import CITY, NOW, admission, agency, message, minutes, person
from tests.contracts.interrupted import interrupted
from tests.contracts.stored_meetings import MeetingsContract, with_invitations, with_meeting
from tests.contracts.stored_minutes import LogContract, MinutesContract
from tests.contracts.stored_people import PeopleContract
from tests.contracts.stored_proofs import ProofsContract
from tests.contracts.stored_revocations import RevocationsContract
from tests.contracts.stored_rooms import RoomsContract
from tests.contracts.stored_witnesses import WitnessRecordsContract

ROOT = Path(__file__).parents[2]


async def retitle(storage: Storage, which: MeetingId, title: str) -> None:
    async with storage.transaction() as tx:
        found = await tx.meetings.get(which)
        await asyncio.sleep(0)
        await tx.meetings.save(replace(found, version=found.version + 1, title=title))


def told_before_the_kill(url: str, meanwhile: Callable[[str], None]) -> list[str]:
    """What another process said it had committed until it was killed in the midst of it."""
    command = [sys.executable, "-m", "tests.contracts.committing", url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        told = [child.stdout.readline().strip() for _ in range(25)]
        meanwhile(url)
        child.send_signal(signal.SIGKILL)
        return told + child.stdout.read().split()


async def place_one(storage: Storage) -> None:
    """What a sequencer does: place the oldest promise behind the head."""
    async with storage.transaction() as tx:
        head = await tx.log.hold()
        await asyncio.sleep(0)
        for promise in await tx.log.promised(1):
            leaf = PlacedLeaf(index=head.size, about=promise.about, entry=promise.entry)
            await tx.log.place([leaf], [], LogHead(size=head.size + 1, frontier=()), [promise.id])


async def add_agency(storage: Storage, id_: str, pause: Awaitable[object] | None = None) -> None:
    async with storage.transaction() as tx:
        await tx.agencies.add(agency(id_))
        await tx.log.promise(id_, b"leaf")
        if pause:
            await pause


async def agencies_of(storage: Storage) -> set[str]:
    """The agencies stored. A promise without its agency would be half of a block."""
    async with storage.snapshot() as tx:
        found = {one.id for one in await tx.agencies.every()}
        promised = {promise.about for promise in await tx.log.promised(10_000)}
    assert promised <= found
    return {str(id_) for id_ in found}


class BlockContract:
    def opened(self, url: str, read_only: bool = False) -> AbstractAsyncContextManager[Storage]:
        raise NotImplementedError

    async def test_a_block_that_raises_is_undone(self, storage: Storage) -> None:
        with pytest.raises(ZeroDivisionError):
            async with storage.transaction() as tx:
                await tx.agencies.add(agency())
                raise ZeroDivisionError
        async with storage.snapshot() as tx:
            with pytest.raises(NotFound):
                await tx.agencies.get(CITY)

    async def test_nobody_sees_what_is_not_committed(self, storage: Storage) -> None:
        async with storage.transaction() as tx, storage.snapshot() as other:
            await tx.agencies.add(agency())
            assert list(await other.agencies.every()) == []

    async def test_a_snapshot_sees_one_state_and_delays_no_writer(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        async with storage.snapshot() as tx:
            assert (await tx.meetings.get(unit.id)).version == 1
            async with asyncio.timeout(5):
                await retitle(storage, unit.id, "New")
            assert (await tx.meetings.get(unit.id)).version == 1
        async with storage.snapshot() as tx:
            assert (await tx.meetings.get(unit.id)).title == "New"

    async def test_a_snapshot_sees_what_is_held_without_waiting(self, storage: Storage) -> None:
        seats = await with_invitations(storage)
        async with storage.transaction() as tx, asyncio.timeout(5):
            await tx.meetings.get(seats[0].meeting)
            await tx.challenges.of(seats[0].id)
            await tx.log.hold()
            async with storage.snapshot() as other:
                await other.challenges.of(seats[0].id)
                await other.meetings.get(seats[0].meeting)
                await other.invitations.with_meeting(seats[0].id)
                assert (await other.log.head()).size == 0

    async def test_writing_in_a_snapshot_fails(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        async with storage.snapshot() as tx:
            for writing in (
                tx.agencies.add(agency("new")),
                tx.meetings.save(replace(unit, version=2)),
                tx.minutes.keep_text(unit.id, 1, b"text"),
                tx.log.promise("about", b"leaf"),
                tx.log.hold(),
                tx.outbox.add([]),
            ):
                with pytest.raises(RuntimeError, match="reading only"):
                    await writing

    async def test_what_is_committed_is_there_after_reopening(self, url: str) -> None:
        async with self.opened(url) as storage:
            unit, _ = await with_meeting(storage)
        async with self.opened(url) as storage, storage.snapshot() as tx:
            assert await tx.meetings.get(unit.id) == unit
            assert len(await tx.agencies.every()) == 3

    async def test_opened_for_reading_only_nothing_can_be_changed(self, url: str) -> None:
        async with self.opened(url) as storage:
            await with_meeting(storage)
            async with self.opened(url, read_only=True) as reader:
                async with reader.snapshot() as tx:
                    assert len(await tx.agencies.every()) == 3
                with pytest.raises(RuntimeError):
                    async with reader.transaction():
                        pass
        async with self.opened(url, read_only=True) as reader, reader.snapshot() as tx:
            assert len(await tx.agencies.every()) == 3


class RivalsContract:
    async def test_rivals_for_one_meeting_pass_one_after_the_other(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        await asyncio.gather(*(retitle(storage, unit.id, f"Title {n}") for n in range(12)))
        async with storage.snapshot() as tx:
            assert (await tx.meetings.get(unit.id)).version == 13

    async def test_a_rival_who_did_not_wait_is_told_that_she_is_late(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        async with storage.snapshot() as tx:
            seen = await tx.meetings.get(unit.id)
        await retitle(storage, unit.id, "First")
        with pytest.raises(Stale):
            async with storage.transaction() as tx:
                await tx.meetings.save(replace(seen, version=seen.version + 1, title="Second"))
        async with storage.snapshot() as tx:
            assert (await tx.meetings.get(unit.id)).title == "First"

    async def test_of_two_who_take_one_id_one_is_refused(self, storage: Storage) -> None:
        async def register(name: str) -> None:
            async with storage.transaction() as tx:
                await tx.agencies.add(agency("city", name))

        ends = await asyncio.gather(*(register(f"Rival {n}") for n in range(4)), return_exceptions=True)
        assert [type(end) for end in ends if end] == [Conflict] * 3

    async def test_a_thousandth_press_of_the_button_is_the_first_one(self, storage: Storage) -> None:
        seats = await with_invitations(storage)

        async def press(n: int) -> str:
            async with storage.transaction() as tx:
                await tx.invitations.with_meeting(seats[0].id)
                return (await tx.admissions.add(admission(seats[0], name=f"press {n}"))).id

        assert len(set(await asyncio.gather(*(press(n) for n in range(12))))) == 1

    async def test_who_waited_for_a_withdrawal_sees_it(self, storage: Storage) -> None:
        seats = await with_invitations(storage)
        held, seen = asyncio.Event(), []

        async def withdraw() -> None:
            async with storage.transaction() as tx:
                unit = await tx.meetings.get(seats[0].meeting)
                held.set()
                await tx.meetings.save(replace(unit, version=2))
                await tx.invitations.save(seats[0].withdrawn())

        async def enter() -> None:
            await held.wait()
            async with storage.transaction() as tx:
                invitation, meeting = await tx.invitations.with_meeting(seats[0].id)
                seen.append((invitation.active, meeting.version))

        await asyncio.gather(withdraw(), enter())
        assert seen == [(False, 2)]

    async def test_of_many_who_write_at_once_only_those_who_fail_are_undone(self, storage: Storage) -> None:
        loop = asyncio.get_running_loop()
        failing, never = loop.create_future(), loop.create_future()
        failing.set_exception(ZeroDivisionError())
        pauses = {7: failing, 8: never}
        deeds = [asyncio.create_task(add_agency(storage, f"n{n}", pauses.get(n))) for n in range(32)]
        loop.call_later(0.05, deeds[8].cancel)
        async with asyncio.timeout(5):
            ends = await asyncio.gather(*deeds, return_exceptions=True)
        assert [n for n, end in enumerate(ends) if end] == [7, 8]
        assert await agencies_of(storage) == {f"n{n}" for n in range(32)} - {"n7", "n8"}

    async def test_two_sequencers_place_every_promise_once(self, storage: Storage) -> None:
        entries = [b"leaf %d" % n for n in range(8)]
        async with storage.transaction() as tx:
            for entry in entries:
                await tx.log.promise("about", entry)
        await asyncio.gather(*(place_one(storage) for _ in range(10)))
        async with storage.snapshot() as tx:
            placed = await tx.log.leaves(0, 20)
            assert [leaf.index for leaf in placed] == list(range(8))
            assert [leaf.entry for leaf in placed] == entries
            assert list(await tx.log.promised(9)) == []

    async def test_two_postmen_are_not_given_the_same_messages(self, storage: Storage) -> None:
        seats = await with_invitations(storage)
        async with storage.transaction() as tx:
            await tx.outbox.add([message(seats[n % 3], f"message {n}") for n in range(12)])

        async def fetch() -> list[str]:
            async with storage.transaction() as tx:
                taken = await tx.outbox.due(NOW, 3)
                await asyncio.sleep(0)
                for one in taken:
                    await tx.outbox.save(one.leaving(NOW, timedelta(minutes=5)))
            return [one.id for one in taken]

        rounds = await asyncio.gather(*(fetch() for _ in range(6)))
        rounds += [await fetch(), await fetch(), await fetch()]
        given = [id_ for taken in rounds for id_ in taken]
        assert len(given) == len(set(given)) == 12

    async def test_minutes_are_held_like_meetings(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        async with storage.transaction() as tx:
            await tx.minutes.add(minutes(unit))

        async def rewrite() -> None:
            async with storage.transaction() as tx:
                found = await tx.minutes.get(unit.id, 1)
                await asyncio.sleep(0)
                await tx.minutes.save(found.rewritten(found.version, NOW))

        await asyncio.gather(*(rewrite() for _ in range(6)))
        async with storage.snapshot() as tx:
            assert (await tx.minutes.get(unit.id, 1)).version == 7


class InterruptionContract:
    @pytest.mark.parametrize("later", [False, True])
    async def test_a_block_cancelled_at_any_await_is_whole_or_undone(
        self, storage: Storage, later: bool
    ) -> None:
        unit, _ = await with_meeting(storage)
        undone = at = 0
        cancelled = True
        while cancelled:
            at += 1
            id_, version = f"n{at}", await self.version(storage, unit.id)
            cancelled = await interrupted(self.deed(storage, unit.id, id_), at, later)
            async with asyncio.timeout(5):
                undone += await self.must_be_whole(storage, unit.id, id_, version)
                await retitle(storage, unit.id, "Goes on")
        assert undone >= at // 2
        assert at > 5

    @pytest.mark.parametrize("later", [False, True])
    async def test_a_block_cancelled_at_any_await_among_rivals_disturbs_none_of_them(
        self, storage: Storage, later: bool
    ) -> None:
        unit, _ = await with_meeting(storage)
        at, cancelled = 0, True
        expected = await agencies_of(storage)
        while cancelled:
            at += 1
            id_, version = f"n{at}", await self.version(storage, unit.id)
            rivals = {f"{id_}-{name}" for name in ("before", "second", "third", "last")}
            async with asyncio.timeout(5), asyncio.TaskGroup() as running:
                running.create_task(add_agency(storage, f"{id_}-before", asyncio.sleep(0)))
                deed = running.create_task(interrupted(self.deed(storage, unit.id, id_), at, later))
                for name in ("second", "third", "last"):
                    running.create_task(add_agency(storage, f"{id_}-{name}", asyncio.sleep(0)))
            cancelled = deed.result()
            async with asyncio.timeout(5):
                undone = await self.must_be_whole(storage, unit.id, id_, version)
            expected |= rivals if undone else {*rivals, id_}
            assert await agencies_of(storage) == expected
        assert at > 6

    async def deed(self, storage: Storage, which: MeetingId, id_: str) -> None:
        async with storage.transaction() as tx:
            found = await tx.meetings.get(which)
            await asyncio.sleep(0)
            await tx.agencies.add(agency(id_))
            await asyncio.sleep(0)
            await tx.persons.add(person(agency=id_))
            await asyncio.sleep(0)
            await tx.invitations.add([])
            await asyncio.sleep(0)
            await tx.log.promise(id_, b"leaf")
            await asyncio.sleep(0)
            await tx.meetings.save(replace(found, version=found.version + 1, title=id_))
            await asyncio.sleep(0)

    async def version(self, storage: Storage, which: MeetingId) -> int:
        async with storage.snapshot() as tx:
            return (await tx.meetings.get(which)).version

    async def must_be_whole(self, storage: Storage, which: MeetingId, id_: str, before: int) -> bool:
        """Whether the deed was undone; either way nothing of it is half there."""
        async with storage.snapshot() as tx:
            found = await tx.meetings.get(which)
            signs = {
                found.title == id_,
                found.version == before + 1,
                bool(await tx.persons.of_agency(AgencyId(id_))),
                any(promise.about == id_ for promise in await tx.log.promised(1000)),
            }
        assert len(signs) == 1
        return signs == {False}

    async def test_a_waiting_block_can_be_cancelled(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        async with storage.transaction() as tx:
            await tx.meetings.get(unit.id)
            waiting = [asyncio.create_task(retitle(storage, unit.id, f"Title {n}")) for n in range(3)]
            for _ in range(20):
                await asyncio.sleep(0)
            waiting[1].cancel()
        async with asyncio.timeout(5):
            ends = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(end) for end in ends] == [type(None), asyncio.CancelledError, type(None)]
        assert await self.version(storage, unit.id) == 3

    async def test_a_snapshot_cancelled_at_any_await_leaves_its_place(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)

        async def look() -> None:
            async with storage.snapshot() as tx:
                await tx.meetings.get(unit.id)
                await tx.invitations.of_meeting(unit.id)

        at = 1
        while await interrupted(look(), at, later=False):
            at += 1
        async with asyncio.timeout(5):
            await asyncio.gather(*(look() for _ in range(30)))


class KillContract:
    async def test_whoever_was_told_that_it_is_done_finds_it_after_a_kill(self, url: str) -> None:
        told = told_before_the_kill(url, self.while_another_process_runs)
        async with self.opened(url, read_only=True) as storage, storage.snapshot() as tx:
            assert set(told) <= {one.id for one in await tx.agencies.every()}, (
                "before anybody repairs anything"
            )
        async with self.opened(url) as storage, storage.snapshot() as tx:
            stored = {one.id for one in await tx.agencies.every()}
            promised = {promise.about for promise in await tx.log.promised(10_000)}
        assert set(told) <= stored
        assert stored == promised, "each block is whole"

    def while_another_process_runs(self, url: str) -> None:
        """What else to try while another process has the database open."""

    def opened(self, url: str, read_only: bool = False) -> AbstractAsyncContextManager[Storage]:
        raise NotImplementedError


class StorageContract(
    PeopleContract,
    MeetingsContract,
    ProofsContract,
    RoomsContract,
    RevocationsContract,
    MinutesContract,
    LogContract,
    WitnessRecordsContract,
    BlockContract,
    RivalsContract,
    InterruptionContract,
    KillContract,
):
    """Everything above, on one database."""
