"""What every storage must do with letters about keys that are owed."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from meetcoord.domain.errors import Conflict, Stale
from meetcoord.domain.key_notices import ChangedKeys, KeyChange, KeyNotice
from meetcoord.domain.outbox import HELD
from meetcoord.domain.values import MessageId
from meetcoord.ports.storage import Storage
from tests.builders import NOW, agency, person, random_id


async def owed(storage: Storage, *names: str) -> list[KeyNotice]:
    """Each about another key, all owed to one person of the city."""
    city, reader = agency("city"), person()
    async with storage.transaction() as tx:
        await tx.agencies.add(city)
        await tx.persons.add(reader)
    return [
        KeyNotice.of(
            MessageId(random_id(name)),
            ChangedKeys(change=KeyChange.RECIPIENT_ADDED, agency=city.id, object=name, by=reader.id),
            reader.id,
            NOW,
        )
        for name in names
    ]


class NoticesContract:
    async def test_a_letter_about_keys_is_due_until_it_was_accepted(self, storage: Storage) -> None:
        first, late = await owed(storage, "first", "late")
        late = replace(late, next_attempt_at=NOW - timedelta(hours=1))
        leaving = late.leaving(NOW, timedelta(minutes=5))
        async with storage.transaction() as tx:
            await tx.key_notices.add([])
            await tx.key_notices.add([first, late])
            assert list(await tx.key_notices.due(NOW, 10)) == [late, first]
            assert list(await tx.key_notices.due(NOW, 1)) == [late]
            with pytest.raises(Stale):
                await tx.key_notices.save(leaving.accepted("250 ok"))
            await tx.key_notices.save(leaving)
            assert list(await tx.key_notices.due(NOW, 10)) == [first]
            await tx.key_notices.save(leaving.accepted("250 ok"))
            assert list(await tx.key_notices.due(NOW + timedelta(days=9), 10)) == [first]

    async def test_one_person_is_owed_one_letter_about_one_change(self, storage: Storage) -> None:
        (first,) = await owed(storage, "key")
        async with storage.transaction() as tx:
            await tx.key_notices.add([first])
        with pytest.raises(Conflict):
            async with storage.transaction() as tx:
                await tx.key_notices.add([replace(first, id=MessageId(random_id("again")))])
        async with storage.snapshot() as tx:
            assert list(await tx.key_notices.due(NOW, 10)) == [first]

    async def test_a_held_letter_about_keys_is_found_again(self, storage: Storage) -> None:
        first, other = await owed(storage, "first", "other")
        async with storage.transaction() as tx:
            await tx.key_notices.add([first, other])
            await tx.key_notices.save(first.held())
        async with storage.snapshot() as tx:
            (held,) = await tx.key_notices.held(10)
            assert (held.id, held.reply) == (first.id, HELD)
            assert list(await tx.key_notices.due(NOW + timedelta(days=9), 10)) == [other]
