"""Signing keys, changed lists of keys and signed approvals, as programs of the agencies ask for them."""

import json
from typing import Any

from meetcoord.domain.approvals import kept_signature
from meetcoord.domain.leaves import ConsentVerdict
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.to_sign import read_circulated, read_proposed
from tests.agencies import Acting, approver_of
from tests.usecases.test_opening_keys import a_key
from tests.web.conftest import Asking


async def named(program: Asking, agency: Acting) -> dict[str, Any]:
    """An approver of the agency, made known over HTTP."""
    person = await agency.person("Head of unit")
    body = {"person": person.id, "key": approver_of(agency.id).vkey}
    answer = await program.post(f"/v1/agencies/{agency.id}/approvers", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def circulated(program: Asking, meeting: Meeting) -> bytes:
    """What the service answers about minutes that wait for approval."""
    path = f"/v1/meetings/{meeting.id}/minutes"
    draft = (await program.post(path, {"body": "Décidé.\n"})).json()
    headers = {"If-Match": f'"{draft["version"]}"'}
    assert (await program.post(f"{path}/0/circulation", headers=headers)).status_code == 200
    return (await program.get(f"{path}/0")).content


async def test_minutes_are_approved_with_what_the_approvers_tool_writes(
    city: Acting, city_program: Asking, settled: Meeting
) -> None:
    await named(city_program, city)
    said = await circulated(city_program, settled)
    path = f"/v1/meetings/{settled.id}/minutes/0/approvals"
    shown = read_circulated(said)
    unsigned = await city_program.post(path, {"content": shown.content})
    assert (unsigned.status_code, unsigned.json()["code"]) == (422, "invalid")
    assert "meetcoord approver sign" in unsigned.json()["detail"]
    signature = kept_signature(approver_of(city.id).sign(shown.text))
    sealed = await city_program.post(path, {"content": shown.content, "signature": signature})
    assert (sealed.status_code, sealed.json()["state"]) == (200, "sealed")
    assert sealed.json()["approvals"][0]["signed"] is True
    after = (await city_program.get(f"/v1/meetings/{settled.id}/minutes/0")).json()
    assert (after["frame"], after["policy"]) == (None, None)


async def test_a_changed_list_waits_for_every_agency_and_shows_for_whom(
    city: Acting,
    city_program: Asking,
    prefecture_program: Asking,
    settled: Meeting,
) -> None:
    await named(city_program, city)
    await circulated(city_program, settled)
    body = {"kind": "auditor", "key": a_key(), "label": "Cour des comptes"}
    added = (await prefecture_program.post("/v1/agencies/prefecture/recipients", body)).json()
    answer = await city_program.get("/v1/policies")
    (circle,) = answer.json()["items"]
    (proposal,) = circle["proposals"]
    assert proposal["waiting_for"] == ["city", "prefecture"]
    assert added["fingerprint"] in {each["fingerprint"] for each in proposal["recipients"]}
    assert added["fingerprint"] not in {each["fingerprint"] for each in circle["in_force"]["recipients"]}
    assert circle["first"] == circle["in_force"]["fingerprint"]
    path, yes = f"/v1/policies/{proposal['index']}/consents", {"verdict": "approve", "leaf": proposal["hash"]}
    assert (await prefecture_program.post(path, yes)).status_code == 200
    assert (await city_program.post(path, yes)).status_code == 422
    text = read_proposed(answer.content).text(ConsentVerdict.APPROVE)
    signed = yes | {"signature": kept_signature(approver_of(city.id).sign(text))}
    (done,) = [(await city_program.post(path, signed)).json()]
    assert (done["in_force"]["index"], done["proposals"]) == (proposal["index"], [])
    assert (await city_program.post(path, signed)).status_code == 404


async def test_an_approver_is_listed_and_withdrawn_by_her_own_agency_only(
    city: Acting, city_program: Asking, prefecture_program: Asking
) -> None:
    made = await named(city_program, city)
    path = "/v1/agencies/city/approvers"
    assert (await prefecture_program.get(path)).status_code == 404
    digits = made["fingerprint"].replace(" ", "")
    for program, status in ((prefecture_program, 404), (city_program, 204), (city_program, 204)):
        assert (await program("DELETE", f"{path}/{digits}")).status_code == status
    (listed,) = (await city_program.get(path)).json()["items"]
    assert listed["withdrawn_at"]


async def test_the_last_archive_of_a_circle_stays(city_program: Asking, settled: Meeting) -> None:
    await circulated(city_program, settled)
    (archive,) = (await city_program.get("/v1/agencies/city/recipients")).json()["items"]
    path = f"/v1/agencies/city/recipients/{archive['fingerprint'].replace(' ', '')}"
    refused = await city_program("DELETE", path)
    assert refused.status_code == 409
    assert "archive" in json.loads(refused.content)["detail"]
