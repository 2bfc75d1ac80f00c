"""A draft becomes one Markdown text: the same each time, with nothing typed acting as Markdown."""

import time
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from meetcoord.domain.draft_text import block, inline, open_actions, plain, rendered
from meetcoord.domain.drafts import (
    ITEMS_MAX,
    AttendanceList,
    Draft,
    Item,
    Participant,
    Participation,
    Record,
    RecordKind,
    Tally,
    cleaned,
)
from meetcoord.domain.errors import Invalid
from meetcoord.domain.minutes import BODY_MAX
from meetcoord.domain.values import Language

SIGNS = "aé 1.)-+=#*_`~|[]<>&\\!:\u00a0\n\t"
lines = st.text(alphabet=SIGNS.replace("\n", "").replace("\t", ""), min_size=1, max_size=30).filter(str.strip)
texts = st.text(alphabet=SIGNS, min_size=1, max_size=60).filter(str.strip)
days = st.none() | st.dates()
records = st.one_of(
    st.builds(Record, kind=st.just(RecordKind.NOTE), text=texts),
    st.builds(Record, kind=st.just(RecordKind.DECISION), text=texts),
    st.builds(Record, kind=st.just(RecordKind.ACTION), text=lines, owner=lines, due=days, done=st.booleans()),
    st.builds(
        Record,
        kind=st.just(RecordKind.VOTE),
        text=lines,
        tally=st.builds(
            Tally,
            in_favour=st.integers(0, 9),
            against=st.integers(0, 9),
            abstained=st.integers(0, 9),
            outcome=lines,
        ),
    ),
)
people = st.builds(Participant, agency=lines, name=lines, function=lines, mode=st.sampled_from(Participation))
drafts = st.builds(
    Draft,
    language=st.sampled_from(Language),
    title=lines,
    day=days,
    attendance=st.none()
    | st.builds(AttendanceList, lines=st.lists(people, max_size=3).map(tuple), declared=st.booleans()),
    items=st.lists(
        st.builds(Item, title=lines, records=st.lists(records, max_size=4).map(tuple)), max_size=3
    ).map(tuple),
    closing=st.just("") | texts,
)
ACTION = Record(
    kind=RecordKind.ACTION,
    text="Ouvrir la salle",
    owner="Préfecture",
    due=date(2026, 11, 10),
)


def with_records(*records: Record, language: Language = Language.FRENCH) -> Draft:
    return Draft(language=language, items=(Item(title="Situation", records=records),))


def clean(draft: Draft) -> Draft:
    """What of the draft can be written; what is nothing but blanks cannot."""
    try:
        return cleaned(draft)
    except Invalid:
        assume(False)
        raise


@given(drafts)
def test_what_is_typed_makes_no_heading_no_list_and_no_code(draft: Draft) -> None:
    draft = clean(draft)
    tokens = MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(rendered(draft))
    headings = sum(token.type == "heading_open" for token in tokens)
    assert headings == 1 + bool(draft.attendance) + len(draft.items) + bool(draft.closing)
    kinds = {token.type for token in tokens}
    kinds |= {inside.type for token in tokens for inside in token.children or ()}
    assert kinds <= {
        "heading_open",
        "heading_close",
        "paragraph_open",
        "paragraph_close",
        "bullet_list_open",
        "bullet_list_close",
        "list_item_open",
        "list_item_close",
        "inline",
        "text",
        "text_special",
        "softbreak",
        "strong_open",
        "strong_close",
    }


@given(drafts)
def test_the_titles_that_are_read_are_the_titles_that_were_typed(draft: Draft) -> None:
    draft = clean(draft)
    tokens = MarkdownIt("commonmark").parse(rendered(draft))
    inside = [
        tokens[n + 1].children or []
        for n, token in enumerate(tokens)
        if token.tag == "h2"
        if token.nesting > 0
    ]
    read = ["".join(part.content for part in parts) for parts in inside]
    first = 1 if draft.attendance else 0
    expected = [f"{number}. {item.title}" for number, item in enumerate(draft.items, 1)]
    assert read[first : first + len(expected)] == expected


@given(drafts)
def test_open_actions_are_read_back_from_the_text_as_they_were_written(draft: Draft) -> None:
    draft = clean(draft)
    every = [record for item in draft.items for record in item.records]
    expected = [each for each in every if each.kind is RecordKind.ACTION and not each.done]
    assert list(open_actions(rendered(draft))) == expected


@given(drafts)
def test_cleaning_twice_is_once_and_a_stored_draft_is_the_same_draft(draft: Draft) -> None:
    draft = clean(draft)
    assert cleaned(draft) == draft
    assert msgspec.json.decode(msgspec.json.encode(draft), type=Draft) == draft
    assert rendered(draft) == rendered(draft)


@given(st.text())
@example("\\*")
def test_every_sign_stands_for_itself_inside_a_line(text: str) -> None:
    assert plain(inline(text)) == text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("## 2. Budget", "\\#\\# 2. Budget"),
        ("- [ ] **Action :** x", "\\- \\[ \\] \\*\\*Action :\\*\\* x"),
        ("titre\n===", "titre\n\\==="),
        ("12. janvier", "12\\. janvier"),
        ("<script>", "\\<script\\>"),
        ("12 h - 14 h, 3.5 %", "12 h - 14 h, 3.5 %"),
    ],
)
def test_only_what_would_act_is_escaped(typed: str, kept: str) -> None:
    assert block(typed) == kept


def test_a_whole_text_in_french() -> None:
    paris = datetime.fromisoformat("2026-11-03T10:12:00+01:00")
    someone = Participant(
        agency="Ville",
        name="Une secrétaire",
        function="Cabinet",
        mode=Participation.PRESENT,
        late=True,
        arrived_at=paris,
    )
    tally = Tally(in_favour=2, against=0, abstained=1, outcome="Adopté.")
    draft = Draft(
        language=Language.FRENCH,
        title="Cellule de crise",
        day=date(2026, 11, 3),
        attendance=AttendanceList(
            lines=(someone, Participant(agency="Préfecture", mode=Participation.MISSING)),
            declared=True,
            time_zone="Europe/Paris",
        ),
        items=(
            Item(
                title="Situation",
                records=(
                    Record(kind=RecordKind.NOTE, text="Le gymnase est ouvert."),
                    Record(kind=RecordKind.DECISION, text="La salle ouvre lundi."),
                    ACTION,
                    replace(ACTION, due=None, done=True),
                    Record(kind=RecordKind.VOTE, text="Ouvrir ?", tally=tally),
                ),
            ),
        ),
        closing="Fin à 11 h.",
    )
    assert rendered(draft).replace("\u00a0", " ") == (
        "# Compte rendu : Cellule de crise\n\n2026-11-03\n\n## Présences\n\n"
        "Présences déclarées par le système de visioconférence.\n\nHeures : Europe/Paris\n\n"
        "- Une secrétaire, Cabinet, Ville : présence, arrivée en retard (10:12)\n- Préfecture : absence\n\n"
        "## 1. Situation\n\nLe gymnase est ouvert.\n\n**Décision :** La salle ouvre lundi.\n\n"
        "- [ ] **Action :** Ouvrir la salle **Responsable :** Préfecture **Échéance :** 2026-11-10\n\n"
        "- [x] **Action :** Ouvrir la salle **Responsable :** Préfecture\n\n"
        "**Vote :** Ouvrir ? **Pour :** 2 **Contre :** 0 **Abstentions :** 1 **Résultat :** Adopté.\n\n"
        "## Clôture\n\nFin à 11 h.\n"
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.ENGLISH, ["# Minutes", "**Action:** Ouvrir la salle **Owner:** Préfecture **Due:**"]),
        (Language.GERMAN, ["# Protokoll", "**Aufgabe:** Ouvrir la salle **Verantwortlich:** Préfecture"]),
    ],
)
def test_the_other_languages_have_their_own_words(language: Language, words: list[str]) -> None:
    text = rendered(with_records(ACTION, language=language))
    assert all(word in text for word in words)
    assert open_actions(text) == (ACTION,)


@pytest.mark.parametrize(
    "line",
    [
        "- [x] **Action:** a **Owner:** b",
        "* [ ] **Action:** a **Owner:** b",
        " - [ ] **Action:** a **Owner:** b",
        "- [ ] **Action:** a",
        "- [ ] **Action:** a **Owner:**  ",
        "- [ ] **Action:** a **Responsable\u00a0:** b",
        "- [ ] **Action:** a **Owner:** b **Due:** 2026-13-40",
        "- [ ] **Action:** a **Owner:** b **Due:** tomorrow",
    ],
)
def test_a_line_of_another_form_is_no_open_action(line: str) -> None:
    assert open_actions(f"# Minutes\n\n{line}\n") == ()


def test_a_monstrous_text_is_searched_for_actions_quickly() -> None:
    begun = time.process_time()
    for line in ("- [ ] **Action:** " + "a **Owner:** " * 30_000, "- [ ] **Action:** " + "\\*" * 200_000):
        assert open_actions(line) == ()
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"kind": "action", "text": "a"}, "who does it"),
        ({"kind": "action", "text": "a", "owner": " "}, "who does it"),
        ({"kind": "note", "text": "a", "owner": "b"}, "who does it"),
        ({"kind": "note", "text": "a", "due": "2026-11-10"}, "due date"),
        ({"kind": "decision", "text": "a", "done": True}, "due date"),
        ({"kind": "vote", "text": "a"}, "tally"),
        ({"kind": "note", "text": "a", "tally": {}}, "at `"),
        ({"kind": "note", "text": "a", "title": "b"}, "unknown field"),
        (
            {
                "kind": "vote",
                "text": "a",
                "tally": {"in_favour": -1, "against": 0, "abstained": 0, "outcome": "b"},
            },
            "counted from 0",
        ),
    ],
)
def test_a_record_that_contradicts_itself_is_refused_with_its_place(record: object, why: str) -> None:
    sent = msgspec.json.encode({"language": "fr", "items": [{"title": "t", "records": [record]}]})
    with pytest.raises(msgspec.ValidationError, match=why) as refusal:
        msgspec.json.decode(sent, type=Draft)
    assert "$.items[0].records[0]" in str(refusal.value)


@pytest.mark.parametrize(
    ("mode", "more"),
    [
        (Participation.MISSING, {"late": True}),
        (Participation.EXCUSED, {"remote": True}),
        (Participation.PRESENT, {"arrived_at": datetime(2026, 11, 3, 9, tzinfo=UTC)}),
        (Participation.PRESENT, {"left_early": True, "left_at": datetime(2026, 11, 3, 9)}),
    ],
)
def test_an_attendance_that_contradicts_itself_is_refused(mode: Participation, more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"(present|time)"):
        Participant(agency="Ville", mode=mode, **more)


def test_a_lean_attendance_list_holds_no_times() -> None:
    late = Participant(
        agency="Ville",
        mode=Participation.PRESENT,
        late=True,
        arrived_at=datetime(2026, 11, 3, 9, tzinfo=UTC),
    )
    with pytest.raises(ValueError, match="no times"):
        AttendanceList(lines=(late,), lean=True)
    text = rendered(
        Draft(
            language=Language.ENGLISH,
            attendance=AttendanceList(lines=(replace(late, arrived_at=None),), lean=True),
        )
    )
    assert "- Ville: present, arrived late\n" in text
    assert "Times" not in text


@pytest.mark.parametrize(
    ("draft", "pointer"),
    [
        (Draft(language=Language.FRENCH, title="a\u202eb"), "/draft/title"),
        (Draft(language=Language.FRENCH, title="Secret Défense"), "/draft/title"),
        (Draft(language=Language.FRENCH, closing="Diffusion Restreinte"), "/draft/closing"),
        (Draft(language=Language.FRENCH, items=(Item(title=" "),)), "/draft/items/0/title"),
        (
            Draft(language=Language.FRENCH, items=(Item(title="a"),) * (ITEMS_MAX + 1)),
            "/draft/items",
        ),
        (
            with_records(Record(kind=RecordKind.NOTE, text="a"), Record(kind=RecordKind.NOTE, text="\n \n")),
            "/draft/items/0/records/1/text",
        ),
        (with_records(replace(ACTION, owner="a\nb")), "/draft/items/0/records/0/owner"),
        (with_records(replace(ACTION, text="a" * 1001)), "/draft/items/0/records/0/text"),
        (
            Draft(language=Language.FRENCH, attendance=AttendanceList(time_zone="Europe/Mulhouse")),
            "/draft/attendance/time_zone",
        ),
        (
            Draft(
                language=Language.FRENCH,
                attendance=AttendanceList(lines=(Participant(agency="", mode=Participation.MISSING),)),
            ),
            "/draft/attendance/lines/0/agency",
        ),
    ],
)
def test_a_text_that_breaks_a_rule_is_refused_with_its_place(draft: Draft, pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        cleaned(draft)
    assert refusal.value.pointer == pointer


def test_minutes_too_long_to_be_sealed_are_refused() -> None:
    long = Record(kind=RecordKind.NOTE, text="#" * 20_000)
    draft = cleaned(with_records(*(long,) * 13))
    with pytest.raises(Invalid, match=f"keep them to {BODY_MAX}"):
        rendered(draft)
