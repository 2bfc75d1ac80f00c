"""Every kind of secret at every door: each opens its own and no other."""

from hashlib import sha256
from typing import Any

import httpx
import jwt
import pytest

from meetcoord.domain.access import Scope
from meetcoord.domain.agencies import Role
from tests.guests import DESK
from tests.refusals.credentials import SECRETS, Held, claims_of, held
from tests.refusals.shapes import distinct, must_be_noted_once, must_be_refused
from tests.web.conftest import Asking, key_of, stored
from tests.web.requests import JITSI, ROUTES, Row, filled
from tests.web.video_server import FORM

__all__ = ["held"]
PRESS = "first-press"
API = [row for row in ROUTES if row.keyed]
VIDEO = [row for row in ROUTES if row.path.startswith(JITSI)]


async def ask(nobody: Asking, row: Row, secret: str, meeting: str) -> httpx.Response:
    header = {"Authorization": f"Bearer {secret}"}
    if row.path.endswith("/conference"):
        return await nobody(row.method, row.path, content="name=x", headers={**FORM, **header})
    return await nobody(row.method, filled(row.path, meeting=meeting), json=row.body, headers=header)


@pytest.mark.parametrize("kind", SECRETS)
async def test_each_kind_opens_its_own_doors_of_the_interface_and_no_other(
    held: Held, nobody: Asking, journal: list[Any], kind: str
) -> None:
    secret, meeting = held.secrets[kind], held.guest.meeting.id
    for owner, rows in (("API key", API), ("Jitsi's secret", VIDEO)):
        before = await stored(held.world)
        journal.clear()
        answers = [await ask(nobody, row, secret, meeting) for row in rows]
        if kind == owner:
            assert 401 not in {answer.status_code for answer in answers}
            continue
        assert {answer.status_code for answer in answers} == {401}
        for answer in answers:
            must_be_refused(answer, *held.all())
        must_be_noted_once(journal, len(answers), *held.all())
        assert await stored(held.world) == before


@pytest.mark.parametrize("kind", SECRETS)
async def test_the_join_page_takes_a_link_for_a_link_and_nothing_else(
    held: Held, nobody: Asking, journal: list[Any], kind: str
) -> None:
    secret = held.secrets[kind]
    journal.clear()
    answers = [
        await nobody.post("/j/look", {"token": secret}),
        await nobody.post("/j/code", {"token": secret}),
        await nobody.post("/j/admission", {"token": secret, "click": PRESS, "device": DESK}),
    ]
    if kind == "join link":
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        return
    assert len(distinct(answers)) == 1
    assert (answers[0].status_code, answers[0].json()["code"]) == (403, "link_invalid")
    must_be_noted_once(journal, 3, *held.all())


@pytest.mark.parametrize("kind", SECRETS)
async def test_a_device_and_a_code_are_proven_by_nothing_else(
    held: Held, nobody: Asking, journal: list[Any], kind: str
) -> None:
    secret = held.secrets[kind]
    told = {"token": held.secrets["join link"], "click": PRESS}
    journal.clear()
    as_device = await nobody.post("/j/admission", {**told, "device": secret})
    as_code = await nobody.post("/j/admission", {**told, "device": "n" * 43, "code": secret})
    assert (as_device.status_code == 200) is (kind == "device")
    must_be_refused(as_code, *held.all())  # the code too: it has been used
    for answer in (as_device, as_code):
        assert held.guest.meeting.title not in answer.text
    must_be_noted_once(journal, 1 if kind == "device" else 2, *held.all())


async def test_no_secret_counts_where_it_does_not_belong(held: Held, nobody: Asking) -> None:
    key = held.secrets["API key"]
    for told in (
        {"params": {"access_token": key}},
        {"params": {"key": key}},
        {"headers": {"Cookie": f"session={key}"}},
        {"headers": {"X-Api-Key": key}},
        {"headers": {"Proxy-Authorization": f"Bearer {key}"}},
        {"headers": {"Authorization": f"Basic {key}"}},
        {"headers": {"Authorization": key}},
    ):
        answer = await nobody("GET", "/v1/me", **told)
        assert answer.status_code in {400, 401}, told
        must_be_refused(answer, key)


@pytest.mark.parametrize("kind", [kind for kind in SECRETS if kind.endswith("token")])
async def test_the_keys_we_publish_verify_one_kind_of_token_each(
    held: Held, nobody: Asking, kind: str
) -> None:
    """As Prosody does: the key is asked for by the token's own kid, at the address set for this purpose."""
    token = held.secrets[kind]
    name = sha256(jwt.get_unverified_header(token)["kid"].encode()).hexdigest()
    places = {"room token": "/asap", "system token": "/syskeys"}
    found = {place: await nobody.get(f"{place}/{name}.pem") for place in places.values()}
    assert {place for place, answer in found.items() if answer.status_code == 200} == {places[kind]}
    pem = found[places[kind]].content
    options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    assert jwt.decode(token, pem, algorithms=["RS256"], audience="jitsi", options=options)
    others = [held.secrets[other] for other in SECRETS if other != kind]
    for other in others:
        with pytest.raises(jwt.PyJWTError):
            jwt.decode(other, pem, algorithms=["RS256"], audience="jitsi", options=options)


async def test_ones_own_link_opens_no_other_meeting(held: Held, nobody: Asking) -> None:
    """The link names its seat itself: nothing beside it can name another meeting."""
    other = await held.world.agencies["city"].propose(held.world.agencies["prefecture"])
    told = {"token": held.secrets["join link"], "device": DESK, "click": PRESS}
    for more in ({"meeting": other.id}, {"room": other.room}, {"invitation": "a" * 26}):
        assert (await nobody.post("/j/admission", {**told, **more})).status_code == 422
    entered = claims_of((await nobody.post("/j/admission", told)).json()["token"])
    assert entered["room"] == held.guest.meeting.room != other.room


async def test_a_key_of_narrow_scope_stays_narrow_at_every_door(held: Held, nobody: Asking) -> None:
    narrow = await key_of(held.world.agencies["prefecture"], *Role, scopes=frozenset({Scope.LOG_READ}))
    for row in (row for row in API if row.method != "GET" and "/log" not in row.path):
        answer = await ask(nobody, row, narrow, held.guest.meeting.id)
        assert 400 <= answer.status_code < 500, row
