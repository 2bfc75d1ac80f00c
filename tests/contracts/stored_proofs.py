"""What every storage must do with codes that were asked for and devices on which seats were proven."""

import asyncio
from datetime import timedelta

import pytest
from msgspec.structs import replace

from meetcoord.domain.challenges import TRIES, Challenge, ChallengeKind, SeatCodes, SeatDevice
from meetcoord.domain.errors import Conflict, NotFound
from meetcoord.domain.invitations import Invitation
from meetcoord.domain.profiles import Proof
from meetcoord.domain.values import ChallengeId
from meetcoord.ports.storage import Storage
from tests.builders import NOW, random_id
from tests.contracts.stored_meetings import with_invitations

SECOND = timedelta(seconds=1)


def challenge(
    seat: Invitation, name: str = "first", kind: ChallengeKind = ChallengeKind.MAILED, after: int = 0
) -> Challenge:
    codes = SeatCodes.of(seat, ())
    return codes.next(ChallengeId(random_id(f"code {seat.id} {name}")), kind, NOW + after * SECOND)


def proven(seat: Invitation, number: int = 1, revision: int = 1) -> SeatDevice:
    digest = f"device {number} of {seat.id}".encode()
    return SeatDevice(invitation=seat.id, revision=revision, number=number, digest=digest, at=NOW)


class ProofsContract:
    async def test_codes_of_a_seat_come_back_oldest_first(self, storage: Storage) -> None:
        mine, other, _ = await with_invitations(storage)
        late, early = challenge(mine, "late", after=1), challenge(mine, "early", ChallengeKind.PHONED)
        async with storage.transaction() as tx:
            for each in (late, challenge(other), early):
                await tx.challenges.add(each)
            assert list(await tx.challenges.of(mine.id)) == [early, late]
        async with storage.snapshot() as tx:
            assert list(await tx.challenges.of(mine.id)) == [early, late]
            assert await tx.challenges.get(late.id) == late
            with pytest.raises(NotFound):
                await tx.challenges.get(ChallengeId(random_id("unknown")))

    async def test_what_became_of_a_code_is_kept(self, storage: Storage) -> None:
        seat, *_ = await with_invitations(storage)
        first = challenge(seat)
        async with storage.transaction() as tx:
            await tx.challenges.add(first)
            with pytest.raises(Conflict):
                await tx.challenges.add(first)
            await tx.challenges.save(first.missed().used())
            with pytest.raises(NotFound):
                await tx.challenges.save(challenge(seat, "unknown"))
        async with storage.snapshot() as tx:
            assert await tx.challenges.get(first.id) == replace(first, wrong=1, spent=True)

    async def test_devices_come_by_seat_revision_and_number(self, storage: Storage) -> None:
        mine, other, _ = sorted(await with_invitations(storage), key=lambda seat: seat.id)
        refused = replace(proven(mine, 2), refused=True)
        devices = [refused, proven(other), proven(mine, 1, revision=2), proven(mine, 1)]
        async with storage.transaction() as tx:
            for each in devices:
                await tx.proofs.add(each)
            with pytest.raises(Conflict):
                await tx.proofs.add(replace(proven(mine), digest=b"rival"))
        async with storage.snapshot() as tx:
            own = [devices[3], devices[0], devices[2]]
            assert list(await tx.proofs.of(mine.id)) == own
            assert list(await tx.proofs.of_meeting(mine.meeting)) == [*own, devices[1]]

    async def test_rivals_for_one_code_pass_one_after_the_other(self, storage: Storage) -> None:
        seat, other, _ = await with_invitations(storage)
        async with storage.transaction() as tx:
            await tx.challenges.add(challenge(seat))

        async def guess() -> bool:
            async with storage.transaction() as tx:
                await tx.invitations.with_meeting(seat.id)
                live = SeatCodes.of(seat, await tx.challenges.of(seat.id)).live(Proof.MAILED_CODE, NOW)
                await asyncio.sleep(0)
                for each in live:
                    await tx.challenges.save(each.missed())
                return bool(live)

        counted = await asyncio.gather(*(guess() for _ in range(50)))
        assert counted.count(True) == TRIES
        async with storage.snapshot() as tx:
            assert [each.wrong for each in await tx.challenges.of(seat.id)] == [TRIES]
            assert list(await tx.challenges.of(other.id)) == []

    async def test_of_rivals_for_a_seat_without_codes_each_sees_what_the_former_added(
        self, storage: Storage
    ) -> None:
        seat, *_ = await with_invitations(storage)

        async def enter(n: int) -> None:
            async with storage.transaction() as tx:
                known = len(await tx.challenges.of(seat.id))
                await asyncio.sleep(0)
                await tx.challenges.add(challenge(seat, f"code {n}", after=known))
                await tx.proofs.add(proven(seat, len(await tx.proofs.of(seat.id)) + 1))

        await asyncio.gather(*(enter(n) for n in range(8)))
        async with storage.snapshot() as tx:
            assert len({each.issued_at for each in await tx.challenges.of(seat.id)}) == 8
            assert [each.number for each in await tx.proofs.of(seat.id)] == list(range(1, 9))
