"""What every storage must do with meetings, invitations, admissions and messages."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from meetcoord.domain.agencies import Person
from meetcoord.domain.errors import Conflict, NotFound, Stale
from meetcoord.domain.invitations import Invitation
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.outbox import Delivery
from meetcoord.domain.values import AgencyId, InvitationId, MeetingId, MessageId, PersonId
from meetcoord.ports.storage import PageMark, Storage
from tests.builders import (
    CITY,
    HEALTH,
    NOW,
    PREFECTURE,
    admission,
    agency,
    agreed,
    invitation,
    meeting,
    message,
    person,
    random_id,
)

GUESTS: tuple[Person, ...] = (
    person("Delegate", agency="city"),
    person("Delegate", agency="prefecture"),
    person("Adviser", agency="prefecture"),
)


async def with_meeting(storage: Storage) -> tuple[Meeting, list[Invitation]]:
    """Three agencies, three guests, one meeting, nobody invited yet."""
    unit = meeting(delegates=GUESTS)
    async with storage.transaction() as tx:
        for id_ in (CITY, HEALTH, PREFECTURE):
            await tx.agencies.add(agency(id_))
        for guest in GUESTS:
            await tx.persons.add(guest)
        await tx.meetings.add(unit)
    return unit, [invitation(unit, guest) for guest in GUESTS]


async def with_invitations(storage: Storage) -> list[Invitation]:
    _, seats = await with_meeting(storage)
    async with storage.transaction() as tx:
        await tx.invitations.add(seats)
    return seats


class MeetingsContract:
    async def test_a_meeting_comes_back_as_it_was(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        changed = replace(agreed(unit), version=2)
        async with storage.transaction() as tx:
            assert await tx.meetings.get(unit.id) == unit
            await tx.meetings.save(changed)
        async with storage.snapshot() as tx:
            found = await tx.meetings.get(unit.id)
        assert found == changed
        assert found.slots[0].start.tzinfo is NOW.tzinfo

    async def test_an_unknown_meeting_is_not_found(self, storage: Storage) -> None:
        unknown = MeetingId(random_id("unknown"))
        async with storage.snapshot() as tx:
            with pytest.raises(NotFound):
                await tx.meetings.get(unknown)
        async with storage.transaction() as tx:
            with pytest.raises(NotFound):
                await tx.meetings.get(unknown)

    async def test_only_the_version_just_before_is_replaced(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        for version in (1, 3, 0):
            async with storage.transaction() as tx:
                with pytest.raises(Stale):
                    await tx.meetings.save(replace(unit, version=version, title="Other"))
        async with storage.transaction() as tx:
            await tx.meetings.save(replace(unit, version=2, title="New"))
            assert (await tx.meetings.get(unit.id)).title == "New"

    async def test_a_page_holds_the_newest_meetings_of_the_agency(self, storage: Storage) -> None:
        await with_meeting(storage)
        mine = [
            meeting(f"Meeting {n}", "prefecture", ("city",), created_at=NOW + timedelta(hours=n // 3))
            for n in range(7)
        ]
        theirs = meeting("Theirs", "prefecture", ("health-agency",), created_at=NOW + timedelta(days=1))
        async with storage.transaction() as tx:
            for one in [*mine, theirs]:
                await tx.meetings.add(one)
        wanted = sorted([*mine, meeting(delegates=GUESTS)], key=lambda m: (m.created_at, m.id), reverse=True)
        pages: list[Meeting] = []
        mark = None
        async with storage.snapshot() as tx:
            while page := await tx.meetings.page(CITY, mark, 3):
                assert len(page) <= 3
                pages.extend(page)
                mark = PageMark(created_at=page[-1].created_at, id=page[-1].id)
            assert list(await tx.meetings.page(AgencyId("nobody"), None, 3)) == []
        assert pages == wanted

    async def test_the_page_follows_the_agencies_of_the_newest_version(self, storage: Storage) -> None:
        unit, _ = await with_meeting(storage)
        without = replace(unit, version=2, convened=unit.convened[1:])
        async with storage.transaction() as tx:
            await tx.meetings.save(without)
            assert list(await tx.meetings.page(HEALTH, None, 3)) == []
            assert list(await tx.meetings.page(PREFECTURE, None, 3)) == [without]
            await tx.meetings.save(replace(unit, version=3))
            assert [m.version for m in await tx.meetings.page(HEALTH, None, 3)] == [3]

    async def test_invitations_of_a_meeting_come_by_agency_name_and_id(self, storage: Storage) -> None:
        seats = await with_invitations(storage)
        async with storage.snapshot() as tx:
            found = await tx.invitations.of_meeting(seats[0].meeting)
        assert list(found) == [seats[0], seats[2], seats[1]]

    async def test_a_person_is_invited_once_to_a_meeting_and_a_refused_list_leaves_nothing(
        self, storage: Storage
    ) -> None:
        unit, seats = await with_meeting(storage)
        async with storage.transaction() as tx:
            await tx.invitations.add([])
            await tx.invitations.add(seats[:1])
            again = replace(seats[0], id=InvitationId(random_id("again")))
            with pytest.raises(Conflict, match="invited"):
                await tx.invitations.add([seats[1], again])
            assert list(await tx.invitations.of_meeting(unit.id)) == seats[:1], "and the block goes on"

    async def test_an_invitation_is_saved_on_the_version_just_before(self, storage: Storage) -> None:
        seats = await with_invitations(storage)
        withdrawn = seats[0].withdrawn()
        async with storage.transaction() as tx:
            await tx.invitations.save(withdrawn)
            with pytest.raises(Stale):
                await tx.invitations.save(replace(withdrawn, name="Other"))
        async with storage.snapshot() as tx:
            assert (await tx.invitations.with_meeting(seats[0].id))[0] == withdrawn

    async def test_an_invitation_comes_with_its_meeting(self, storage: Storage) -> None:
        seats = await with_invitations(storage)
        async with storage.transaction() as tx:
            assert await tx.invitations.with_meeting(seats[0].id) == (seats[0], meeting(delegates=GUESTS))
            with pytest.raises(NotFound):
                await tx.invitations.with_meeting(InvitationId(random_id("unknown")))

    async def test_two_presses_of_one_button_are_one_admission(self, storage: Storage) -> None:
        seats = await with_invitations(storage)
        first = admission(seats[0])
        again = admission(seats[0], at=NOW + timedelta(seconds=1), name="again")
        elsewhere = admission(seats[0], click="other device")
        async with storage.transaction() as tx:
            assert await tx.admissions.add(first) == first
        async with storage.transaction() as tx:
            assert await tx.admissions.add(again) == first
            assert await tx.admissions.add(elsewhere) == elsewhere
            assert await tx.admissions.add(admission(seats[1])) == admission(seats[1])

    async def test_admissions_of_a_meeting_come_by_time_then_id(self, storage: Storage) -> None:
        seats = await with_invitations(storage)
        acts = [admission(seats[n % 3], f"click {n}", NOW - timedelta(seconds=n // 2)) for n in range(6)]
        async with storage.transaction() as tx:
            for act in acts:
                await tx.admissions.add(act)
            found = await tx.admissions.of_meeting(seats[0].meeting)
        assert list(found) == sorted(acts, key=lambda a: (a.at, a.id))

    async def test_messages_whose_attempt_is_due_come_earliest_first(self, storage: Storage) -> None:
        seats = await with_invitations(storage)
        now, late, soon = message(seats[0]), message(seats[1], "late"), message(seats[2], "soon")
        late = replace(late, next_attempt_at=NOW - timedelta(hours=1), delivery=Delivery.LEAVING)
        soon = replace(soon, next_attempt_at=NOW + timedelta(microseconds=1))
        done = [
            message(seats[0], kind.value, delivery=kind)
            for kind in (Delivery.ACCEPTED, Delivery.REFUSED, Delivery.GIVEN_UP)
        ]
        async with storage.transaction() as tx:
            await tx.outbox.add([])
            await tx.outbox.add([now, late, soon, *done])
            assert list(await tx.outbox.due(NOW, 10)) == [late, now]
            assert list(await tx.outbox.due(NOW, 1)) == [late]

    async def test_a_message_is_saved_on_the_version_just_before(self, storage: Storage) -> None:
        seats = await with_invitations(storage)
        first = message(seats[0])
        accepted = first.leaving(NOW, timedelta(minutes=5)).accepted("250 ok")
        async with storage.transaction() as tx:
            await tx.outbox.add([first])
            with pytest.raises(Stale):
                await tx.outbox.save(accepted)
            await tx.outbox.save(first.leaving(NOW, timedelta(minutes=5)))
            assert list(await tx.outbox.due(NOW, 5)) == []
            assert len(await tx.outbox.due(NOW + timedelta(minutes=5), 5)) == 1
            await tx.outbox.save(accepted)
            assert list(await tx.outbox.due(NOW + timedelta(days=9), 5)) == []
            assert await tx.outbox.get(first.id) == accepted
            with pytest.raises(NotFound):
                await tx.outbox.get(MessageId(random_id("unknown")))

    async def test_messages_of_a_meeting_come_by_creation_then_id(self, storage: Storage) -> None:
        seats = await with_invitations(storage)
        letters = [
            message(seats[n % 3], f"message {n}", created_at=NOW - timedelta(hours=n // 2)) for n in range(6)
        ]
        async with storage.transaction() as tx:
            await tx.outbox.add(letters)
            found = await tx.outbox.of_meeting(seats[0].meeting)
            hers = await tx.outbox.of_seat(seats[0].id, seats[0].meeting)
        assert list(found) == sorted(letters, key=lambda m: (m.created_at, m.id))
        assert list(hers) == [each for each in found if each.invitation == seats[0].id]
        assert 0 < len(hers) < len(found)

    async def test_what_refers_to_nothing_is_refused(self, storage: Storage) -> None:
        stray = replace(person("Stray"), agency=AgencyId("nowhere"), id=PersonId(random_id("stray")))
        with pytest.raises(Conflict):
            async with storage.transaction() as tx:
                await tx.persons.add(stray)
