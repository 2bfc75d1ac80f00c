"""Erasure and new headers as programs of the agencies ask for them."""

import json
from base64 import b64encode

import pytest

from meetcoord.adapters.sealing.age import AgeRewrapper
from meetcoord.domain.approvals import kept_signature
from meetcoord.domain.leaves import ConsentVerdict
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.minutes import Minutes
from meetcoord.domain.to_sign import read_erasure, read_in_force
from tests.agencies import Acting, World, approver_of, identity_of
from tests.web.conftest import Asking

VISA = {"reason": "retention", "visa": "DA-2026/14"}


@pytest.fixture
async def sealed(city: Acting, prefecture: Acting, settled: Meeting) -> Minutes:
    return await city.approve(await city.circulate(await city.write(settled)))


def path_of(sealed: Minutes) -> str:
    return f"/v1/meetings/{sealed.meeting}/minutes/{sealed.seq}"


async def test_an_erasure_is_asked_for_consented_to_and_told_by_whoever_asks_after(
    city: Acting, city_program: Asking, prefecture_program: Asking, sealed: Minutes
) -> None:
    path = path_of(sealed)
    assert (await city_program.get(f"{path}/erasure")).status_code == 404
    refused = await city_program.post(f"{path}/erasure", {"reason": "retention"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/visa")
    asked = (await city_program.post(f"{path}/erasure", VISA)).json()
    assert (asked["visa"], asked["needed"], asked["since"]) == ("da-2026/14", 2, None)
    assert asked["entry"]["index"] == sealed.leaf
    word = {"verdict": "approve", "leaf": asked["hash"]}
    half = await prefecture_program.post(f"{path}/erasure/consents", word)
    assert (half.status_code, half.json()["approved"]) == (200, ["prefecture"])
    assert (await city_program.post(f"{path}/readings")).status_code == 200
    whole = (await city_program.post(f"{path}/erasure/consents", word)).json()
    assert whole["since"] > asked["index"]
    for route in ("readings", "evidence", "header", "erasure"):
        body = {"header": {"header": "AAAA"}, "erasure": VISA}.get(route)
        gone = await city_program.post(f"{path}/{route}", body)
        assert (gone.status_code, gone.json()["code"]) == (410, "erased"), route
        assert gone.json()["erased_by"] == asked["index"]
    assert (await city_program.get(f"{path}/erasure")).json()["since"] == whole["since"]


async def test_what_the_approvers_tool_signs_is_what_the_service_takes(
    world: World, city: Acting, prefecture: Acting, city_program: Asking, sealed: Minutes
) -> None:
    await city.add_approver()
    (proposal,) = (await city.circles())[0].state.proposals
    await city.consent(proposal)
    await prefecture.consent(proposal)
    path = path_of(sealed)
    shown = read_erasure((await city_program.post(f"{path}/erasure", VISA)).content)
    signature = kept_signature(approver_of("city", 1).sign(shown.text(ConsentVerdict.APPROVE)))
    word = {"verdict": "approve", "leaf": shown.request.hash}
    unsigned = await city_program.post(f"{path}/erasure/consents", word)
    assert (unsigned.status_code, unsigned.json()["errors"][0]["pointer"]) == (422, "/signature")
    signed = await city_program.post(f"{path}/erasure/consents", word | {"signature": signature})
    assert (signed.status_code, signed.json()["approved"]) == (200, ["city"])
    await world.must_be_sound()


async def test_a_header_is_sent_fetched_and_confirmed_by_the_other_agency(
    city: Acting, prefecture: Acting, city_program: Asking, prefecture_program: Asking, sealed: Minutes
) -> None:
    path = path_of(sealed)
    former = (await city_program.post(f"{path}/readings")).content
    policy = read_in_force((await city_program.get("/v1/policies")).content)
    keys = [each.recipient for each in policy.leaf.recipients]
    header = AgeRewrapper().rewrap(former, identity_of("city"), keys)
    made = await city_program.post(f"{path}/header", {"header": b64encode(header).decode()})
    assert (made.status_code, made.json()["confirmed"]) == (200, False), made.text
    leaf = {"leaf": made.json()["leaf"]}
    newest = (await prefecture_program.post(f"{path}/readings")).content
    assert newest == header + former[-sealed_size(former) :]
    assert (await prefecture_program.post(f"{path}/readings?header=former")).content == former
    own = await city_program.post(f"{path}/header/confirmation", leaf)
    assert (own.status_code, own.json()["code"]) == (403, "forbidden")
    done = await prefecture_program.post(f"{path}/header/confirmation", leaf)
    assert (done.status_code, done.json()["confirmed"]) == (200, True)
    assert (await prefecture_program.post(f"{path}/readings?header=former")).content == newest


def sealed_size(file: bytes) -> int:
    return len(file) - file.index(b"\n", file.index(b"\n--- ") + 1) - 1


@pytest.mark.parametrize("query", ["header=oldest", "header=", "headers=former"])
async def test_another_header_than_the_two_is_refused(
    city_program: Asking, sealed: Minutes, query: str
) -> None:
    answer = await city_program.post(f"{path_of(sealed)}/readings?{query}")
    assert answer.status_code == 400


async def test_what_is_no_header_is_told_so(city_program: Asking, sealed: Minutes) -> None:
    for header, status in (("AAAA", 422), ("not base64", 422), (7, 422)):
        answer = await city_program.post(f"{path_of(sealed)}/header", {"header": header})
        assert answer.status_code == status, json.dumps(header)
