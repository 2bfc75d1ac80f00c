"""Minutes in parts over HTTP: two windows on one draft, changes asked for, and what each agency is shown."""

from typing import Any

import pytest

from meetcoord.domain.meetings import Meeting
from meetcoord.domain.profiles import ProfileName
from tests.agencies import MORNING, Acting, World, agreed
from tests.web.conftest import Asking

CANARY = "Le canari jaune dort dans le deuxième tiroir."
ACTION = {"kind": "action", "text": "Ouvrir la salle", "owner": "Préfecture", "due": "2026-11-10"}
TALLY = {"in_favour": 2, "against": 0, "abstained": 1, "outcome": "Adopté."}
DRAFT: dict[str, Any] = {
    "language": "fr",
    "title": "Cellule de crise",
    "items": [
        {
            "title": "Situation",
            "records": [
                {"kind": "note", "text": CANARY},
                {"kind": "decision", "text": "La salle ouvre lundi."},
                ACTION,
                {"kind": "vote", "text": "Ouvrir la salle ?", "tally": TALLY},
            ],
        }
    ],
}


@pytest.fixture
async def path(city: Acting, prefecture: Acting) -> str:
    """Of the minutes of a sensitive meeting, which both agencies are to approve."""
    meeting = await agreed(city, prefecture, ProfileName.SENSITIVE)
    return f"/v1/meetings/{meeting.id}/minutes"


def on(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


async def test_a_draft_is_shown_in_parts_and_as_the_text_that_is_circulated(
    city_program: Asking, prefecture_program: Asking, path: str
) -> None:
    made = await city_program.post(path, {"draft": DRAFT})
    assert (made.status_code, made.headers["ETag"], made.json()["warning"]) == (201, '"1"', None)
    own = (await city_program.get(f"{path}/0")).json()
    assert own["draft"]["items"][0]["records"][2] == {**ACTION, "done": False, "tally": None}
    assert "- [ ] **Action\u00a0:** Ouvrir la salle" in own["body"]
    assert (own["waiting_for"], own["changes"]) == ([], [])
    fixed = (await city_program.post(f"{path}/0/circulation", headers=on(1))).json()
    assert fixed["warning"] == "corrected_only_by_addendum"
    theirs = (await prefecture_program.get(f"{path}/0")).json()
    assert (theirs["body"], theirs["draft"]) == (own["body"], None)
    assert [waiting["agency"] for waiting in theirs["waiting_for"]] == ["city", "prefecture"]
    assert theirs["waiting_for"][0]["since"] == fixed["changed_at"]


async def test_of_two_windows_the_second_is_shown_what_the_first_saved(
    city_program: Asking, path: str, journal: list[Any]
) -> None:
    await city_program.post(path, {"draft": DRAFT})
    first = await city_program.put(f"{path}/0", {"draft": {**DRAFT, "closing": "Fin."}}, headers=on(1))
    assert first.headers["ETag"] == '"2"'
    second = await city_program.put(f"{path}/0", {"body": "# Autre"}, headers=on(1))
    problem = second.json()
    assert (second.status_code, problem["code"]) == (412, "stale")
    assert "nothing was saved" in problem["detail"]
    newest = (await city_program.get(f"{path}/0")).json()
    assert (problem["current_version"], problem["current_body"]) == (newest["version"], newest["body"])
    assert CANARY in problem["current_body"]
    assert CANARY not in repr(journal)


async def test_saving_again_what_is_saved_keeps_the_version(city_program: Asking, path: str) -> None:
    await city_program.post(path, {"draft": DRAFT})
    for _ in range(3):
        saved = await city_program.put(f"{path}/0", {"draft": DRAFT}, headers=on(1))
        assert (saved.status_code, saved.headers["ETag"]) == (200, '"1"')


async def test_a_draft_can_be_proposed_and_its_attendance_filled_anew(
    world: World, city_program: Asking, path: str
) -> None:
    made = await city_program.post(path, {"proposed": {"language": "en", "lean": True}})
    assert made.status_code == 201
    draft = (await city_program.get(f"{path}/0")).json()["draft"]
    assert [item["title"] for item in draft["items"]] == ["Situation", "Moyens"]
    assert {line["mode"] for line in draft["attendance"]["lines"]} == {"expected"}
    world.clock.go_to(MORNING)
    assert (await city_program.post(f"{path}/0/attendance")).status_code == 428
    filled = await city_program.post(f"{path}/0/attendance", headers=on(1))
    assert (filled.status_code, filled.headers["ETag"]) == (200, '"2"')
    body = (await city_program.get(f"{path}/0")).json()["body"]
    assert "- Agency prefecture: missing\n" in body
    stale = await city_program.post(f"{path}/0/attendance", headers=on(1))
    # Nothing has changed since: filling anew is as much a no-op as saving.
    assert stale.status_code == 200


async def test_a_change_is_asked_for_and_ends_with_the_approval(
    city_program: Asking, prefecture_program: Asking, path: str
) -> None:
    await city_program.post(path, {"draft": DRAFT})
    content = (await city_program.post(f"{path}/0/circulation", headers=on(1))).json()["content"]
    wanted = {"content": content, "comment": "Mardi, et non lundi."}
    asked = await prefecture_program.post(f"{path}/0/change-requests", wanted)
    assert (asked.status_code, asked.headers["ETag"]) == (200, '"3"')
    (change,) = (await city_program.get(f"{path}/0")).json()["changes"]
    assert (change["agency"], change["comment"]) == ("prefecture", "Mardi, et non lundi.")
    assert change["function"] == "Head of unit"
    assert "address" not in change
    other = {**wanted, "content": "another"}
    assert (await prefecture_program.post(f"{path}/0/change-requests", other)).status_code == 412
    await prefecture_program.post(f"{path}/0/approvals", {"content": content})
    assert (await city_program.get(f"{path}/0")).json()["changes"] == []
    assert (await prefecture_program.post(f"{path}/0/change-requests", wanted)).status_code == 409


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ({}, "/body"),
        ({"body": None, "draft": None}, "/body"),
        ({"body": "a", "draft": DRAFT}, "/body"),
        ({"draft": {"language": "la"}}, "/draft/language"),
        ({"draft": {**DRAFT, "author": "x"}}, "/draft/author"),
        ({"draft": {**DRAFT, "title": "Diffusion Restreinte"}}, "/draft/title"),
        ({"draft": {**DRAFT, "items": [{"title": "a\u202eb"}]}}, "/draft/items/0/title"),
        (
            {"draft": {**DRAFT, "items": [{"title": "a", "records": [{"kind": "action", "text": "b"}]}]}},
            "/draft/items/0/records/0",
        ),
        ({"draft": {**DRAFT, "attendance": {"time_zone": "../etc"}}}, "/draft/attendance/time_zone"),
        ({"body": "Point 1\n\nTRÈS SECRET\n"}, "/body"),
    ],
)
async def test_a_draft_that_breaks_a_rule_is_refused_with_its_place(
    city_program: Asking, path: str, text: object, pointer: str
) -> None:
    answer = await city_program.post(path, text)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await city_program.get(f"{path}/0")).status_code == 404


async def test_the_secret_of_physicians_is_no_marking(city_program: Asking, settled: Meeting) -> None:
    body = {"body": "Le secret médical est rappelé.\n\nVote à bulletin secret.\n"}
    assert (await city_program.post(f"/v1/meetings/{settled.id}/minutes", body)).status_code == 201
