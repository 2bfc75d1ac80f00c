"""What every storage must do to find who was let in lately and has no right to be there any more."""

from datetime import timedelta

from meetcoord.ports.storage import Storage
from tests.builders import NOW, admission
from tests.contracts.stored_meetings import with_invitations

HOUR = timedelta(hours=1)


class RevocationsContract:
    async def test_a_seat_taken_back_after_an_admission_is_found(self, storage: Storage) -> None:
        first, second, third = await with_invitations(storage)
        async with storage.transaction() as tx:
            for seat, click in ((first, "one"), (first, "two"), (third, "one")):
                await tx.admissions.add(admission(seat, click))
            for seat in (first, second):
                await tx.invitations.save(seat.withdrawn())
        async with storage.snapshot() as tx:
            assert await tx.invitations.revoked(NOW) == [first.withdrawn()]
            assert await tx.invitations.revoked(NOW - HOUR) == [first.withdrawn()]
            assert await tx.invitations.revoked(NOW + HOUR) == []

    async def test_every_admitted_seat_of_a_cancelled_meeting_is_found(self, storage: Storage) -> None:
        first, second, third = await with_invitations(storage)
        async with storage.transaction() as tx:
            for seat in (first, second):
                await tx.admissions.add(admission(seat))
            assert await tx.invitations.revoked(NOW) == []
            await tx.meetings.save((await tx.meetings.get(first.meeting)).cancelled(NOW))
            await tx.invitations.save(third.withdrawn())
        async with storage.snapshot() as tx:
            found = await tx.invitations.revoked(NOW)
        assert found == sorted([first, second], key=lambda seat: seat.id)
