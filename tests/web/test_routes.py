"""Which routes there are, who may ask, and what asking leaves behind."""

import re

import pytest
from litestar import Litestar

from meetcoord.domain.meetings import Meeting
from tests.agencies import World
from tests.web.conftest import Asking, stored
from tests.web.requests import ROUTES, filled


async def test_every_route_has_a_row_in_the_table(app: Litestar) -> None:
    registered = {
        (method, re.sub(r":\w+}", "}", route.path))
        for route in app.routes
        for method in route.methods
        if method != "OPTIONS"
    }
    assert registered == {(row.method, row.path) for row in ROUTES}


async def test_without_a_key_nothing_is_told(nobody: Asking) -> None:
    for row in (row for row in ROUTES if row.keyed):
        answer = await nobody(row.method, filled(row.path), json=row.body)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer"), row


@pytest.mark.parametrize(
    "presented", ["", "Basic abc", "Bearer", "Bearer mtc", "Bearer mtc_\x7f_x", "Bearer mtc_a_b"]
)
async def test_a_key_that_is_none_is_refused(nobody: Asking, presented: str) -> None:
    answer = await nobody.get("/v1/me", headers={"Authorization": presented})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_two_keys_at_once_are_refused(city_program: Asking) -> None:
    bearer = f"Bearer {city_program.key}"
    answer = await city_program.http.get(
        "/v1/me", headers=[("Authorization", bearer), ("Authorization", bearer)]
    )
    assert answer.status_code == 400


async def test_a_key_tells_whom_it_acts_for(city_program: Asking) -> None:
    me = (await city_program.get("/v1/me")).json()
    assert me["agency"] == "city"
    assert "secretary" in me["roles"]


async def test_a_revoked_key_is_dead_at_once(city_program: Asking) -> None:
    (key,) = [
        k for k in (await city_program.get("/v1/api-keys")).json()["items"] if k["id"] in city_program.key
    ]
    assert (await city_program("DELETE", f"/v1/api-keys/{key['id']}")).status_code == 204
    assert (await city_program.get("/v1/me")).status_code == 401


async def test_looking_changes_nothing(
    world: World, settled: Meeting, city_program: Asking, nobody: Asking
) -> None:
    before = await stored(world)
    for asking in (nobody, city_program):
        for row in ROUTES:
            if row.method == "GET":
                answer = await asking.get(filled(row.path, meeting=settled.id))
                assert answer.status_code < 500
    assert await stored(world) == before


ADDRESSES = (
    "meetings/{}",
    "persons/{}",
    "agencies/{}",
    "meetings/{}/minutes/0",
    "../asap/{}",
    "../log/tile/{}",
)
WRONG_SHAPES = ("x", "%00", "A" * 26, "a" * 300, "..%2f..", "é", "-1", "1' OR '1'='1")


async def test_an_identifier_of_the_wrong_shape_is_simply_not_there(city_program: Asking) -> None:
    for path in (f"/v1/{address}".format(given) for address in ADDRESSES for given in WRONG_SHAPES):
        assert (await city_program.get(path.replace("/v1/..", ""))).status_code == 404, path


@pytest.mark.parametrize("seq", ["-1", "1_0", "+1", "01", "99999999999999999999", "1.0", "%201"])
async def test_a_document_number_is_written_in_one_way(
    city_program: Asking, settled: Meeting, seq: str
) -> None:
    assert (await city_program.get(f"/v1/meetings/{settled.id}/minutes/{seq}")).status_code == 404


async def test_what_is_foreign_looks_like_what_does_not_exist(
    city_program: Asking, prefecture_program: Asking, world: World
) -> None:
    health = await world.agency("health-agency")
    foreign = await health.propose(world.agencies["prefecture"])
    person = (await world.agencies["prefecture"].person("Somebody")).id
    key = (await prefecture_program.get("/v1/api-keys")).json()["items"][0]["id"]
    for method, path, theirs in [
        ("GET", "/v1/meetings/{}", foreign.id),
        ("POST", "/v1/meetings/{}/cancellation", foreign.id),
        ("GET", "/v1/meetings/{}/history", foreign.id),
        ("GET", "/v1/persons/{}", person),
        ("DELETE", "/v1/api-keys/{}", key),
    ]:
        seen = [(await city_program(method, path.format(each))) for each in (theirs, "a" * 26, "wrong")]
        assert {answer.status_code for answer in seen} == {404}
        bodies = [{k: v for k, v in answer.json().items() if k != "request_id"} for answer in seen]
        assert bodies[0] == bodies[1] == bodies[2]


async def test_the_keys_of_another_agency_are_not_shown(
    city_program: Asking, prefecture_program: Asking
) -> None:
    assert len((await city_program.get("/v1/agencies/city/recipients")).json()["items"]) == 1
    assert (await city_program.get("/v1/agencies/prefecture/recipients")).status_code == 404
