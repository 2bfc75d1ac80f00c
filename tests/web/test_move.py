"""Moving a meeting over HTTP: every candidate slot in place of the former ones."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from meetcoord.domain.meetings import Meeting
from tests.web.conftest import Asking

LATER = {"start": "2026-11-10T10:00:00+01:00", "end": "2026-11-10T11:00:00+01:00"}
LATEST = {"start": "2026-11-12T15:00:00+01:00", "end": "2026-11-12T16:00:00+01:00"}


async def move(asking: Asking, meeting: Meeting, *slots: Any, terms: int = 1) -> httpx.Response:
    named: Sequence[Any] = slots or [LATER, LATEST]
    return await asking.put(f"/v1/meetings/{meeting.id}/slots", {"terms": terms, "slots": named})


async def test_a_moved_meeting_is_proposed_anew_and_twice_is_once(
    city_program: Asking, prefecture_program: Asking, settled: Meeting
) -> None:
    first = await move(city_program, settled)
    assert first.status_code == 200
    told = first.json()
    assert (told["state"], told["terms"], told["slot"], told["agreed_slots"]) == ("proposed", 2, None, [])
    assert [slot["start"] for slot in told["slots"]] == ["2026-11-10T09:00:00Z", "2026-11-12T14:00:00Z"]
    assert {each["agency"]: each["terms"] for each in told["answers"]} == {"prefecture": 1, "city": 2}
    assert (await move(city_program, settled)).json() == told
    seen = (await prefecture_program.get(f"/v1/meetings/{settled.id}")).json()
    assert seen["version"] == told["version"]


async def test_what_cannot_be_moved_is_refused_with_what_to_do(
    city_program: Asking, prefecture_program: Asking, settled: Meeting
) -> None:
    stale = await move(city_program, settled, terms=7)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    foreign = await move(prefecture_program, settled)
    assert (foreign.status_code, foreign.json()["code"]) == (403, "forbidden")
    await city_program.post(f"/v1/meetings/{settled.id}/cancellation")
    dead = await move(city_program, settled)
    assert (dead.status_code, dead.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("slot", "code"),
    [
        ({**LATER, "start": "2026-11-10T10:00:00"}, "unclear_time"),
        ({**LATER, "start": LATER["end"]}, "invalid"),
        ({"start": "2025-11-10T10:00:00+01:00", "end": "2025-11-10T11:00:00+01:00"}, "invalid"),
    ],
)
async def test_a_slot_that_is_none_moves_nothing(
    city_program: Asking, settled: Meeting, slot: dict[str, str], code: str
) -> None:
    answer = await move(city_program, settled, slot)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await city_program.get(f"/v1/meetings/{settled.id}")).json()["state"] == "settled"


async def test_no_slot_at_all_moves_nothing(city_program: Asking, settled: Meeting) -> None:
    answer = await city_program.put(f"/v1/meetings/{settled.id}/slots", {"terms": 1, "slots": []})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
