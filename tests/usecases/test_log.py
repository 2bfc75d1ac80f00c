"""What the log holds after a story, and that every change behind its back is found and named."""

from base64 import b64encode
from collections import Counter
from collections.abc import Mapping

import pytest
from pymerkle import InmemoryTree
from sqlalchemy import text

from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.domain import leaves
from meetcoord.domain.checkpoints import parse_checkpoint
from meetcoord.domain.errors import Conflict
from meetcoord.domain.leaves import ActKind, ActLeaf
from meetcoord.domain.merkle import leaf_hash
from meetcoord.domain.minutes import Minutes
from meetcoord.domain.tiles import parse_entry_bundle, parse_path
from meetcoord.domain.values import PersonId
from meetcoord.usecases.issue_api_key import NewApiKey
from tests.agencies import MORNING, YES, Acting, World
from tests.log.builders import naive_root
from tests.worlds import on_every_database


async def whole_story(world: World) -> Minutes:
    """A meeting from proposal to sealed minutes, with one delegate, one admission and one reading."""
    city, prefecture = await world.agency("city"), await world.agency("prefecture")
    meeting = await city.propose(prefecture)
    await prefecture.answer(meeting, YES)
    await city.settle(meeting)
    guest, gone = await prefecture.person("Guest"), await prefecture.person("Gone")
    await prefecture.send(meeting, guest, gone)
    await city.invite(meeting)
    await prefecture.send(meeting, guest)
    await world.deliver()
    world.clock.go_to(MORNING)
    await world.press(world.newest_link(guest))
    sealed = await city.approve(await city.circulate(await city.write(meeting)))
    await prefecture.fetch(sealed)
    await world.use.publish_checkpoint()
    return sealed


async def behind_its_back(world: World, statement: str, values: Mapping[str, object] | None = None) -> None:
    async with world.service.storage.transaction() as tx:
        assert await tx.block.change(text(statement), values or {}) > 0


async def damages(world: World) -> tuple[str, ...]:
    return (await world.use.check_log()).damages


@on_every_database
async def test_every_act_stands_in_the_log_exactly_once(world: World) -> None:
    sealed = await whole_story(world)
    acts = Counter(await world.acts(sealed.meeting))
    assert acts == {
        "meeting.settled": 1,
        "invitation.sent": 2,
        "invitation.withdrawn": 1,
        "admission": 1,
        "minutes.circulated": 1,
        "minutes.read": 1,
    }
    history = await world.use.read_log.history(world.agencies["prefecture"].secretary, sealed.meeting)
    assert [placed.index for placed in history] == sorted(placed.index for placed in history)
    await world.must_be_sound()


async def acts_of(world: World, agency: str) -> list[ActLeaf]:
    """Everything the log holds about this agency itself, oldest first."""
    await world.use.publish_checkpoint()
    async with world.service.storage.snapshot() as tx:
        found = [leaves.parse(placed.entry) for placed in await tx.log.about(agency)]
    return [leaf for leaf in found if isinstance(leaf, ActLeaf)]


async def test_registering_leaves_its_act(world: World, city: Acting) -> None:
    clerk = await city.person("Clerk")
    acts = await acts_of(world, "city")
    assert [(leaf.act, leaf.object) for leaf in acts] == [
        (ActKind.AGENCY_REGISTERED, "city"),
        (ActKind.PERSON_REGISTERED, city.secretary.person),
        (ActKind.RECIPIENT_ADDED, "city"),
        (ActKind.PERSON_REGISTERED, clerk.id),
    ]
    assert {(leaf.agency, leaf.by) for leaf in acts} == {("city", city.console.person)}


async def test_what_could_not_be_registered_leaves_no_act(world: World, city: Acting) -> None:
    before = await acts_of(world, "city")
    with pytest.raises(Conflict, match="already"):
        await world.agency("city")
    await city.person("Clerk")
    with pytest.raises(Conflict):
        await city.person("Clerk")
    assert len(await acts_of(world, "city")) == len(before) + 1


async def test_keys_given_and_taken_back_are_acts_of_their_agency(world: World, city: Acting) -> None:
    person = await city.person("Clerk")
    before = await acts_of(world, "city")
    asked = NewApiKey(person=person.id, scopes=city.secretary.scopes, label="Calendar")
    issued = await world.use.issue_api_key(city.console, asked)
    await world.use.revoke_api_key(city.console, issued.key.id)
    await world.use.revoke_api_key(city.console, issued.key.id)
    acts = (await acts_of(world, "city"))[len(before) :]
    assert [leaf.act for leaf in acts] == [ActKind.KEY_ISSUED, ActKind.KEY_REVOKED]
    assert {leaf.object for leaf in acts} == {issued.key.id}


async def test_no_entry_holds_a_name_an_address_or_a_sentence(world: World) -> None:
    await whole_story(world)
    async with world.service.storage.snapshot() as tx:
        entries = b"".join(placed.entry for placed in await tx.log.leaves(0, 1000))
    for word in (b"Guest", b"@", b"Crisis", b"Secretary", "Décidé".encode(), b"salle", b"Agency"):
        assert word not in entries


async def test_a_log_that_was_not_touched_is_sound(world: World) -> None:
    await whole_story(world)
    report = await world.use.check_log()
    assert report.damages == ()
    assert report.size > 10
    assert report.checkpoints >= 2


@on_every_database
@pytest.mark.parametrize("index", [0, 3, 7])
async def test_an_edited_entry_is_named(world: World, index: int) -> None:
    await whole_story(world)
    async with world.service.storage.snapshot() as tx:
        entry = (await tx.log.leaf(index)).entry
    edited = {"entry": entry.replace(b'"at":', b'"at":1'), "wanted": index}
    await behind_its_back(world, 'UPDATE log_leaves SET entry = :entry WHERE "index" = :wanted', edited)
    found = await damages(world)
    assert found[0].startswith(f"entry {index}: its bytes are not those")


async def test_an_edited_entry_and_the_hash_that_fits_it_are_found_by_the_signed_root(world: World) -> None:
    await whole_story(world)
    async with world.service.storage.snapshot() as tx:
        entry = (await tx.log.leaf(3)).entry.replace(b'"at":', b'"at":1')
    fitting = {"entry": entry, "hash": leaf_hash(entry)}
    await behind_its_back(world, 'UPDATE log_leaves SET entry = :entry WHERE "index" = 3', {"entry": entry})
    await behind_its_back(
        world, 'UPDATE log_nodes SET hash = :hash WHERE level = 0 AND "index" = 3', {"hash": fitting["hash"]}
    )
    found = await damages(world)
    assert any("no longer lead to the root that was signed" in damage for damage in found)
    assert any(damage.startswith("stored hash over entries 2 to 3") for damage in found)


async def test_a_removed_entry_is_named(world: World) -> None:
    await whole_story(world)
    await behind_its_back(world, 'DELETE FROM log_leaves WHERE "index" = 4')
    assert await damages(world) == ("entry 4: it is missing",)


async def test_an_edited_hash_inside_the_tree_is_named(world: World) -> None:
    await whole_story(world)
    zeros = {"hash": bytes(32)}
    await behind_its_back(world, 'UPDATE log_nodes SET hash = :hash WHERE level = 2 AND "index" = 1', zeros)
    (damage,) = await damages(world)
    assert damage.startswith("stored hash over entries 4 to 7")


async def test_a_removed_hash_of_an_entry_is_named(world: World) -> None:
    await whole_story(world)
    await behind_its_back(world, 'DELETE FROM log_nodes WHERE level = 0 AND "index" = 2')
    assert await damages(world) == ("entry 2: its stored hash is missing",)


@pytest.mark.parametrize(("part", "named"), [("header", "header"), ("payload", "content")])
async def test_an_edited_sealed_file_is_named(world: World, part: str, named: str) -> None:
    sealed = await whole_story(world)
    async with world.service.storage.snapshot() as tx:
        file = await tx.minutes.sealed(sealed.meeting, 0)
    data = bytearray(getattr(file, part))
    data[40] ^= 1
    await behind_its_back(world, f"UPDATE sealed_files SET {part} = :data", {"data": bytes(data)})
    (damage,) = await damages(world)
    assert damage == f"entry {sealed.leaf}: the {named} of its sealed file is not the one that was logged"


async def test_a_header_that_no_longer_ends_where_it_should_is_named(world: World) -> None:
    sealed = await whole_story(world)
    await behind_its_back(world, "UPDATE sealed_files SET header = :data", {"data": b"nothing"})
    (damage,) = await damages(world)
    assert damage.startswith(f"entry {sealed.leaf}: ")


async def test_a_removed_sealed_file_is_named(world: World) -> None:
    sealed = await whole_story(world)
    await behind_its_back(world, "DELETE FROM sealed_files")
    assert await damages(world) == (f"entry {sealed.leaf}: its sealed file is missing",)


async def test_a_log_cut_short_is_found_by_the_checkpoint_that_was_signed(world: World) -> None:
    await whole_story(world)
    size = (await world.use.check_log()).size
    async with world.service.storage.snapshot() as tx:
        hashes = [leaf_hash(placed.entry) for placed in await tx.log.leaves(0, 4)]
    frontier = naive_root(hashes)
    await behind_its_back(world, 'DELETE FROM log_leaves WHERE "index" >= 4')
    await behind_its_back(world, "UPDATE log_head SET size = 4, frontier = :frontier", {"frontier": frontier})
    found = await damages(world)
    assert len(found) == 1
    assert found[0].startswith("entries 4 to ")
    assert "they are missing" in found[0]
    assert size > 4


async def test_an_entry_behind_the_head_is_named(world: World) -> None:
    await whole_story(world)
    size = (await world.use.check_log()).size
    stray = {"size": size, "about": "city", "entry": b"{}"}
    insert = 'INSERT INTO log_leaves ("index", about, entry) VALUES (:size, :about, :entry)'
    await behind_its_back(world, insert, stray)
    assert f"entry {size}: it stands behind the head of the log" in await damages(world)


async def test_an_edited_head_is_named(world: World) -> None:
    await whole_story(world)
    async with world.service.storage.snapshot() as tx:
        head = await tx.log.head()
    wrong = {"frontier": bytes(32 * len(head.frontier))}
    await behind_its_back(world, "UPDATE log_head SET frontier = :frontier", wrong)
    assert "head of the log: it is not the one the entries lead to" in await damages(world)


async def test_an_edited_checkpoint_is_named(world: World) -> None:
    await whole_story(world)
    checkpoint = await world.use.read_log.newest_checkpoint()
    wrong = checkpoint.note.replace(f"\n{checkpoint.size}\n", f"\n{checkpoint.size + 1}\n")
    values = {"note": wrong, "size": checkpoint.size}
    await behind_its_back(world, "UPDATE checkpoints SET note = :note WHERE size = :size", values)
    (damage,) = await damages(world)
    assert damage.startswith(f"checkpoint of {checkpoint.size} entries: ")


async def test_a_checkpoint_moved_to_another_size_is_named(world: World) -> None:
    await whole_story(world)
    checkpoint = await world.use.read_log.newest_checkpoint()
    await behind_its_back(
        world, "UPDATE checkpoints SET size = 3 WHERE size = :size", {"size": checkpoint.size}
    )
    assert any(damage.startswith("checkpoint of 3 entries") for damage in await damages(world))


async def test_what_is_exported_leads_to_the_signed_root_also_elsewhere(world: World) -> None:
    await whole_story(world)
    files = {path: data async for path, data in world.use.export_log()}
    note = files.pop("checkpoint").decode()
    checkpoint = parse_checkpoint(Ed25519Verifier().verify(note, world.use.read_log.vkey))
    entries: list[bytes] = []
    for path, data in files.items():
        tile = parse_path(path)
        if tile.level is None:
            entries += parse_entry_bundle(tile, data)
    other = InmemoryTree(algorithm="sha256")
    for entry in entries:
        other.append_entry(entry)
    assert len(entries) == checkpoint.size
    assert other.get_root(checkpoint.size) == checkpoint.root
    assert naive_root([leaf_hash(entry) for entry in entries]) == checkpoint.root


async def test_checkpoints_only_ever_grow_and_all_of_them_hold(world: World, city: Acting) -> None:
    other = await world.agency("prefecture")
    sizes = []
    for _ in range(5):
        meeting = await city.propose(other)
        await other.answer(meeting, YES)
        await city.settle(meeting)
        checkpoint = await world.use.publish_checkpoint()
        assert checkpoint is not None
        assert await world.use.publish_checkpoint() == checkpoint
        sizes.append(checkpoint.size)
    assert sizes == sorted(set(sizes))
    assert (await world.use.check_log()).checkpoints == 5
    await world.must_be_sound()


async def test_a_log_signed_with_another_key_does_not_pass(world: World) -> None:
    await whole_story(world)
    note = (await world.use.read_log.newest_checkpoint()).note
    head, _, line = note[:-1].rpartition(" ")
    forged = f"{head} {b64encode(bytes(68)).decode()}\n"
    assert len(line) > 80
    await behind_its_back(world, "UPDATE checkpoints SET note = :note", {"note": forged})
    assert len(await damages(world)) == (await world.use.check_log()).checkpoints


async def test_every_act_names_a_person_and_the_agency_she_acts_for(world: World) -> None:
    sealed = await whole_story(world)
    acts = [leaf for leaf in await world.entries(sealed.meeting) if isinstance(leaf, ActLeaf)]
    async with world.service.storage.snapshot() as tx:
        homes = {p.id: p.agency for p in await tx.persons.several([PersonId(leaf.by) for leaf in acts])}
    assert [(leaf.act, leaf.agency) for leaf in acts] == [
        (leaf.act, homes[PersonId(leaf.by)]) for leaf in acts
    ]
