"""A meeting from its proposal to its sealed minutes, through the API alone."""

import io
import json
import zipfile
from hashlib import sha256
from typing import Any

import pytest

from meetcoord.adapters.sealing.bundle import unpack
from meetcoord.domain.checkpoints import parse_checkpoint, parse_note
from meetcoord.domain.meetings import Meeting
from tests.agencies import World
from tests.web.conftest import Asking
from tests.web.requests import NEW_MEETING, NEW_PERSON
from tests.worlds import on_every_database


async def agreed(city: Asking, prefecture: Asking) -> Any:
    """Proposed, answered and settled."""
    proposed = await city.post("/v1/meetings", NEW_MEETING)
    assert proposed.status_code == 201
    meeting = proposed.json()
    path = f"/v1/meetings/{meeting['id']}"
    slot = meeting["slots"][0]["id"]
    answer = {"terms": meeting["terms"], "choices": [{"slot": slot, "choice": "yes"}]}
    assert (await prefecture.put(f"{path}/answer", answer)).status_code == 200
    return (await city.put(f"{path}/slot", {"slot": slot})).json()


@on_every_database
async def test_from_proposal_to_sealed_minutes(
    world: World, city_program: Asking, prefecture_program: Asking, nobody: Asking
) -> None:
    meeting = await agreed(city_program, prefecture_program)
    assert (meeting["state"], meeting["slot"]["start"]) == ("settled", "2026-11-03T09:00:00Z")
    path = f"/v1/meetings/{meeting['id']}"
    await the_board_shows_whom_the_link_reached(world, city_program, prefecture_program, path)
    await the_minutes_are_sealed(city_program, prefecture_program, path)
    await world.use.publish_checkpoint()
    await what_is_handed_out_proves_itself(prefecture_program, path)
    await world.use.publish_checkpoint()
    history = (await prefecture_program.get(f"{path}/history")).json()["items"]
    kinds = [item["entry"].get("act", item["entry"]["type"]) for item in history]
    assert kinds[0] == "meeting.settled"
    assert kinds.count("minutes") == 1
    assert kinds[-2:] == ["minutes.read", "minutes.read"]
    await the_log_is_public(nobody, history)


async def the_board_shows_whom_the_link_reached(
    world: World, city_program: Asking, prefecture_program: Asking, path: str
) -> None:
    person = (await city_program.post("/v1/persons", NEW_PERSON)).json()
    named = await city_program.put(f"{path}/delegates", {"delegates": [{"person": person["id"]}]})
    assert named.status_code == 200
    assert (await city_program.post(f"{path}/invitations")).status_code == 201
    await world.deliver()
    (line,) = (await prefecture_program.get(f"{path}/invitations")).json()["items"]
    assert line["person"]["name"] == NEW_PERSON["name"]
    assert line["person"]["address"] is None
    assert line["messages"][0]["delivery"] == "accepted"
    assert line["messages"][0]["reply"] == ""  # a mail server may repeat the address in it
    (own,) = (await city_program.get(f"{path}/invitations")).json()["items"]
    assert own["messages"][0]["reply"].startswith("250")
    assert own["person"]["address"] == NEW_PERSON["address"]
    assert line["admitted_at"] is None


async def the_minutes_are_sealed(city_program: Asking, prefecture_program: Asking, path: str) -> None:
    draft = await city_program.post(f"{path}/minutes", {"body": "# Décidé"})
    assert (draft.status_code, draft.headers["ETag"]) == (201, '"1"')
    assert (await prefecture_program.get(f"{path}/minutes/0")).status_code == 404
    fixed = await city_program.post(f"{path}/minutes/0/circulation", headers={"If-Match": '"1"'})
    assert (await prefecture_program.get(f"{path}/minutes/0")).json()["body"] == "# Décidé"
    assert (await city_program.post(f"{path}/minutes/0/readings")).status_code == 409
    approved = {"content": fixed.json()["content"]}
    sealed = (await city_program.post(f"{path}/minutes/0/approvals", approved)).json()
    assert sealed["state"] == "sealed"
    assert (await prefecture_program.get(f"{path}/minutes/0")).json()["body"] is None


async def what_is_handed_out_proves_itself(prefecture_program: Asking, path: str) -> None:
    file = await prefecture_program.post(f"{path}/minutes/0/readings")
    assert file.headers["content-type"] == "application/octet-stream"
    assert f'filename="minutes-{path.split("/")[3]}-0.age"' in file.headers["content-disposition"]
    bundle = await prefecture_program.post(f"{path}/minutes/0/evidence")
    assert bundle.headers["content-type"] == "application/zip"
    assert unpack(bundle.content).sealed == file.content
    assert zipfile.ZipFile(io.BytesIO(bundle.content)).testzip() is None


async def the_log_is_public(nobody: Asking, history: list[Any]) -> None:
    note = await nobody.get("/log/checkpoint")
    assert note.headers["content-type"] == "text/plain; charset=utf-8"
    checkpoint = parse_checkpoint(parse_note(note.text).text)
    assert (await nobody.get("/log/cosigned-checkpoint")).status_code == 404  # nobody cosigns this log
    assert (await nobody.get("/log/key")).text.startswith(f"{checkpoint.origin}+")
    entries = await nobody.get(f"/log/tile/entries/000.p/{checkpoint.size}")
    hashes = await nobody.get(f"/log/tile/0/000.p/{checkpoint.size}")
    assert len(hashes.content) == 32 * checkpoint.size
    leaf = json.dumps(history[0]["entry"], sort_keys=True, separators=(",", ":")).encode()
    assert leaf in entries.content
    at = 32 * history[0]["index"]
    assert hashes.content[at : at + 32] == sha256(b"\0" + leaf).digest()
    for path in (
        "tile/0/000",
        "tile/9/000",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/x",
        "tile/0/0",
    ):
        assert (await nobody.get(f"/log/{path}")).status_code == 404


async def test_who_has_seen_the_newest_version_is_told_so(city_program: Asking, settled: Meeting) -> None:
    path = f"/v1/meetings/{settled.id}"
    first = await city_program.get(path)
    again = await city_program.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert (await city_program.get(path, headers={"If-None-Match": 'W/"9", "1"'})).status_code == 200


@pytest.mark.parametrize(
    ("stated", "status"),
    [(None, 428), ("1", 400), ('W/"1"', 400), ("*", 400), ('"1", "2"', 400), ('"7"', 412), ('"1"', 200)],
)
async def test_a_new_text_names_the_version_it_replaces(
    city_program: Asking, settled: Meeting, stated: str | None, status: int
) -> None:
    path = f"/v1/meetings/{settled.id}/minutes"
    await city_program.post(path, {"body": "first"})
    headers = {} if stated is None else {"If-Match": stated}
    answer = await city_program.put(f"{path}/0", {"body": "second"}, headers=headers)
    assert answer.status_code == status
    body = (await city_program.get(f"{path}/0")).json()["body"]
    assert body == ("second" if status == 200 else "first")


async def test_minutes_may_be_long(city_program: Asking, settled: Meeting) -> None:
    answer = await city_program.post(f"/v1/meetings/{settled.id}/minutes", {"body": "é" * 400_000})
    assert answer.status_code == 201


async def test_meetings_are_read_page_by_page(
    world: World, city_program: Asking, prefecture_program: Asking
) -> None:
    city, prefecture = world.agencies["city"], world.agencies["prefecture"]
    made = [(await city.propose(prefecture)).id for _ in range(5)]
    seen, path = [], "/v1/meetings?limit=2"
    while path:
        answer = await prefecture_program.get(path)
        seen += [meeting["id"] for meeting in answer.json()["items"]]
        cursor = answer.json()["next_cursor"]
        path = f"/v1/meetings?limit=2&cursor={cursor}" if cursor else ""
        assert ('rel="next"' in answer.headers.get("Link", "")) is bool(cursor)
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize(
    "cursor", ["", "x", "AAAA", "MS4y", "é", "OTk5OTk5OTk5OTk5OTk5OTk5LmFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE"]
)
async def test_a_broken_cursor_is_refused(city_program: Asking, cursor: str) -> None:
    answer = await city_program.get("/v1/meetings", params={"cursor": cursor})
    assert answer.status_code == 400


async def test_an_issued_key_works_and_shows_its_secret_once(city_program: Asking) -> None:
    me = (await city_program.get("/v1/me")).json()
    asked = {"person": me["person"], "scopes": ["meetings:read"], "label": "calendar"}
    issued = (await city_program.post("/v1/api-keys", asked)).json()
    program = Asking(city_program.http, issued["secret"])
    assert (await program.get("/v1/meetings")).status_code == 200
    assert (await program.post("/v1/meetings", NEW_MEETING)).status_code == 403
    assert issued["secret"].rpartition("_")[2] not in (await city_program.get("/v1/api-keys")).text
