"""Minutes in parts: proposed from the meeting, saved often by several hands, and sealed as they are read."""

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from msgspec.structs import replace

from meetcoord.adapters.sealing.age import AgeOpener
from meetcoord.adapters.sealing.vault import AesGcmVault
from meetcoord.adapters.system import entropy
from meetcoord.domain.attendance import RoomEventKind
from meetcoord.domain.draft_text import open_actions, rendered
from meetcoord.domain.drafts import Draft, Item, Participation, Record, RecordKind
from meetcoord.domain.errors import Conflict, Forbidden, Invalid, NotFound, Overtaken
from meetcoord.domain.frames import Frame
from meetcoord.domain.leaves import MinutesLeaf
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.minutes import Minutes, MinutesState
from meetcoord.domain.profiles import ProfileName
from meetcoord.domain.values import Language
from meetcoord.usecases.minutes_texts import draft_place, frame_place, kept_text
from meetcoord.usecases.note_room_events import ToldEvent
from meetcoord.usecases.write_minutes import AskedProposal, MinutesText, NewMinutes
from tests.agencies import AGENDA, BODY, MORNING, YES, Acting, World, agreed, identity_of
from tests.worlds import on_every_database

CANARY = "Le canari jaune dort dans le deuxième tiroir."
ACTION = Record(kind=RecordKind.ACTION, text="Ouvrir la salle", owner="Préfecture", due=date(2026, 11, 10))
DRAFT = Draft(
    language=Language.FRENCH,
    title="Cellule de crise",
    items=(Item(title="Situation", records=(Record(kind=RecordKind.NOTE, text=CANARY), ACTION)),),
)


async def start(city: Acting, meeting: Meeting, **text: Any) -> Minutes:
    return await city.use.start_minutes(city.secretary, meeting.id, NewMinutes(**text))


async def save(city: Acting, former: Minutes, **text: Any) -> Minutes:
    asked = MinutesText(**text)
    return await city.use.rewrite_minutes(city.secretary, former.meeting, former.seq, former.version, asked)


def sealed_text(file: bytes, agency: str) -> str:
    return Frame.parse(AgeOpener().open(file, identity_of(agency))).body


async def told(world: World, meeting: Meeting, alias: str, minute: int) -> None:
    moment = MORNING + timedelta(minutes=minute)
    event = ToldEvent(kind=RoomEventKind.JOINED, since=moment, at=moment, participant="29dd4443", alias=alias)
    await world.use.note_room_events(meeting.room, [event])


@on_every_database
async def test_what_is_read_is_what_is_sealed(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    draft = await start(city, settled, draft=DRAFT)
    found = await city.read(draft)
    assert (found.draft, found.body) == (DRAFT, rendered(DRAFT))
    circulated = await city.circulate(draft)
    read = await prefecture.read(circulated)
    assert (read.body, read.draft) == (rendered(DRAFT), None)
    assert (await city.read(circulated)).draft == DRAFT
    sealed = await city.approve(circulated)
    assert (await city.read(sealed)).draft is None
    text = sealed_text((await prefecture.fetch(sealed)).file, "prefecture")
    assert text == rendered(DRAFT)
    assert open_actions(text) == (ACTION,)
    await world.must_be_sound()


async def test_parts_survive_circulation_so_that_they_can_be_changed(city: Acting, settled: Meeting) -> None:
    circulated = await city.circulate(await start(city, settled, draft=DRAFT))
    changed = replace(DRAFT, closing="Fin.")
    again = await city.circulate(await save(city, circulated, draft=changed))
    assert (await city.read(again)).draft == changed
    free = await save(city, again, body=BODY)
    assert (await city.read(free)).draft is None


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ({}, "/body"),
        ({"body": "a", "draft": DRAFT}, "/body"),
        ({"body": "a", "proposed": AskedProposal()}, "/proposed"),
        ({"draft": replace(DRAFT, title="Très Secret")}, "/draft/title"),
        ({"draft": replace(DRAFT, closing="Suite\nSecret\n")}, "/draft/closing"),
        ({"body": "# Point 1\n\nSecret Défense\n"}, "/body"),
    ],
)
async def test_minutes_are_one_text_or_parts_and_carry_no_marking(
    city: Acting, settled: Meeting, text: Mapping[str, Any], pointer: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await start(city, settled, **text)
    assert refusal.value.pointer == pointer


async def test_a_draft_kept_by_an_older_version_opens_and_can_be_sealed(
    world: World, city: Acting, settled: Meeting
) -> None:
    vault = AesGcmVault(world.service.keyring.draft_key, entropy)
    draft = await city.write(settled)
    async with world.service.storage.transaction() as tx:
        await tx.minutes.keep_text(settled.id, 0, vault.lock(b"# Ancien\n", draft_place(draft)))
    assert (await city.read(draft)).body == "# Ancien\n"
    circulated = await city.circulate(draft)
    async with world.service.storage.transaction() as tx:
        frame = (await kept_text(tx, vault, circulated)).text.encode()
        await tx.minutes.keep_text(settled.id, 0, vault.lock(frame, frame_place(circulated)))
    assert (await city.read(circulated)).waiting_for[0].since == circulated.changed_at
    sealed = await city.approve(circulated)
    assert sealed_text((await city.fetch(sealed)).file, "city") == "# Ancien\n"


@on_every_database
async def test_of_two_writers_the_later_is_shown_the_text_of_the_first(
    world: World, city: Acting, settled: Meeting
) -> None:
    draft = await start(city, settled, draft=DRAFT)
    mine, hers = replace(DRAFT, closing="Le mien."), replace(DRAFT, closing="Le sien.")
    answers = await asyncio.gather(
        save(city, draft, draft=mine), save(city, draft, draft=hers), return_exceptions=True
    )
    (saved,) = [answer for answer in answers if isinstance(answer, Minutes)]
    (refused,) = [answer for answer in answers if isinstance(answer, Overtaken)]
    newest = await city.read(saved)
    assert (refused.version, refused.body) == (2, newest.body)
    assert "nothing was saved" in refused.detail
    assert newest.draft in {mine, hers}
    after = await save(city, saved, draft=hers if newest.draft == mine else mine)
    assert after.version == 3


@on_every_database
async def test_saving_what_is_saved_already_changes_nothing(
    world: World, city: Acting, settled: Meeting
) -> None:
    first = await start(city, settled, draft=DRAFT)
    async with world.service.storage.snapshot() as tx:
        before = await tx.minutes.text(settled.id, 0)
    world.clock.pass_by(timedelta(minutes=1))
    assert await save(city, first, draft=DRAFT) == first
    async with world.service.storage.snapshot() as tx:
        assert await tx.minutes.text(settled.id, 0) == before
    second = await save(city, first, draft=replace(DRAFT, closing="Fin."))
    assert second.version == 2
    # An answer that was lost on its way: the same save, repeated.
    assert await save(city, first, draft=replace(DRAFT, closing="Fin.")) == second


async def test_a_proposed_draft_holds_the_agenda_and_who_was_expected(
    city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    await city.send(settled, await city.person("Chair"))
    await prefecture.excuse(settled, await prefecture.person("Adviser"))
    draft = await start(city, settled, proposed=AskedProposal())
    found = await city.read(draft)
    assert found.draft is not None
    assert found.draft.attendance is not None
    assert found.draft.language is Language.FRENCH
    assert [item.title for item in found.draft.items] == [
        line.partition(" ")[2] for line in AGENDA.split("\n")
    ]
    assert [(line.name, line.function, line.mode) for line in found.draft.attendance.lines] == [
        ("Chair", "Head of unit", Participation.EXPECTED),
        ("Adviser", "Head of unit", Participation.EXCUSED),
    ]
    assert "@" not in (found.body or "@")


@on_every_database
async def test_the_attendance_is_filled_anew_and_the_rest_stays(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    await prefecture.send(settled, await prefecture.person("Adviser"), await prefecture.person("Prefect"))
    seats = await city.invite(settled)
    draft = await save(city, await start(city, settled, proposed=AskedProposal()), draft=DRAFT)
    world.clock.go_to(MORNING)
    await told(world, settled, seats[0].alias, 0)
    await told(world, settled, seats[1].alias, 12)
    world.clock.pass_by(timedelta(minutes=20))
    fresh = await world.use.refresh_attendance(city.secretary, settled.id, 0, draft.version)
    found = await city.read(fresh)
    assert found.draft is not None
    assert found.draft.attendance is not None
    assert replace(found.draft, attendance=None) == DRAFT
    late = [(line.name, line.late) for line in found.draft.attendance.lines if line.name]
    assert late == [("Adviser", False), ("Prefect", True)]
    assert "(10:12)" in (found.body or "")
    assert "déclarées par le système de visioconférence" in (found.body or "")
    assert await world.use.refresh_attendance(city.secretary, settled.id, 0, fresh.version) == fresh


async def test_a_lean_attendance_stays_lean_when_it_is_filled_anew(
    world: World, city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    await prefecture.send(settled, await prefecture.person("Adviser"), await prefecture.person("Prefect"))
    seats = await city.invite(settled)
    draft = await start(city, settled, proposed=AskedProposal(language=Language.GERMAN, lean=True))
    world.clock.go_to(MORNING)
    await told(world, settled, seats[0].alias, 0)
    await told(world, settled, seats[1].alias, 12)
    fresh = await world.use.refresh_attendance(city.secretary, settled.id, 0, draft.version)
    body = (await city.read(fresh)).body or ""
    assert "später gekommen\n" in body
    assert "10:12" not in body


async def test_the_attendance_of_a_free_text_is_the_writers_own(
    city: Acting, prefecture: Acting, settled: Meeting
) -> None:
    draft = await city.write(settled)
    with pytest.raises(Conflict, match="one free text"):
        await city.use.refresh_attendance(city.secretary, settled.id, 0, draft.version)
    with pytest.raises(Forbidden):
        await prefecture.use.refresh_attendance(prefecture.secretary, settled.id, 0, draft.version)
    parts = await save(city, draft, draft=DRAFT)
    with pytest.raises(Overtaken):
        await city.use.refresh_attendance(city.secretary, settled.id, 0, draft.version)
    sealed = await city.approve(await city.circulate(parts))
    with pytest.raises(Conflict, match="addendum"):
        await city.use.refresh_attendance(city.secretary, settled.id, 0, sealed.version)


@on_every_database
async def test_several_addenda_in_parts_follow_one_another(
    world: World, city: Acting, prefecture: Acting
) -> None:
    meeting = await agreed(city, prefecture, ProfileName.SENSITIVE)
    for number in range(4):
        draft = await start(city, meeting, proposed=AskedProposal())
        parts = replace(DRAFT, closing=f"Document {number}")
        circulated = await city.circulate(await save(city, draft, draft=parts))
        assert (await city.approve(circulated)).state is MinutesState.CIRCULATED
        sealed = await prefecture.approve(circulated)
        assert (sealed.seq, sealed.state) == (number, MinutesState.SEALED)
        assert sealed_text((await prefecture.fetch(sealed)).file, "prefecture") == rendered(parts)
    logged = [leaf for leaf in await world.entries(meeting.id) if isinstance(leaf, MinutesLeaf)]
    assert [leaf.seq for leaf in logged] == [0, 1, 2, 3]
    async with world.service.storage.snapshot() as tx:
        first = await tx.minutes.get(meeting.id, 0)
    assert {leaf.amends for leaf in logged[1:]} == {first.leaf}
    await world.must_be_sound()


async def test_an_addendum_is_proposed_without_agenda_and_attendance(city: Acting, settled: Meeting) -> None:
    await city.approve(await city.circulate(await city.write(settled)))
    found = await city.read(await start(city, settled, proposed=AskedProposal(language=Language.ENGLISH)))
    assert found.draft == Draft(language=Language.ENGLISH, title="Crisis cell")


async def test_no_file_and_no_journal_ever_holds_a_readable_word_of_a_draft(
    world_on_disk: World, database_file: Path
) -> None:
    world = world_on_disk
    city, prefecture = await world.agency("city"), await world.agency("prefecture")
    meeting = await city.propose(prefecture, profile=ProfileName.SENSITIVE)
    await prefecture.answer(meeting, YES)
    await city.settle(meeting)

    def holds(text: str) -> list[str]:
        spellings = {text.encode(), text.encode("utf-16-le"), text.encode("unicode_escape")}
        files = list(database_file.parent.iterdir())
        return [file.name for file in files if any(each in file.read_bytes() for each in spellings)]

    with structlog.testing.capture_logs() as journal:
        draft = await start(city, meeting, draft=DRAFT)
        draft = await save(city, draft, draft=replace(DRAFT, closing=CANARY))
        with pytest.raises(Overtaken):
            await save(city, replace(draft, version=1), draft=replace(DRAFT, closing="Autre."))
        assert holds(CANARY) == []
        circulated = await city.circulate(draft)
        await city.approve(circulated)
        assert holds(CANARY) == []
        await prefecture.approve(circulated)
        assert holds(CANARY) == []
    assert CANARY not in repr(journal)
    assert holds(str(meeting.title)) != []
    async with world.service.storage.snapshot() as tx:
        with pytest.raises(NotFound):
            await tx.minutes.text(meeting.id, 0)
