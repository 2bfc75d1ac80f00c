"""Errors as RFC 9457 problems, and the headers that every answer carries."""

import html
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from litestar import get

from meetcoord.adapters.web.app import create_app
from meetcoord.adapters.web.problems import CODES, STATUS, status_of
from meetcoord.adapters.web.security import HEADERS, join_page_headers
from meetcoord.adapters.web.wording import TITLES, preferred_language
from meetcoord.domain import errors
from meetcoord.domain.values import Language
from tests.agencies import World
from tests.web.conftest import Asking, Readiness, parts_of
from tests.web.requests import ROUTES, Row, filled
from tests.worlds import PUBLIC_URL

CANARY = "canary-f3a9"
EXPECTED = {
    "Invalid": 422,
    "UnclearTime": 422,
    "Unauthenticated": 401,
    "Forbidden": 403,
    "NotFound": 404,
    "Conflict": 409,
    "Erased": 410,
    "OtherSize": 409,
    "Overtaken": 412,
    "LinkInvalid": 403,
    "LinkReplaced": 410,
    "TooEarly": 403,
    "TooLate": 410,
    "MeetingCancelled": 410,
    "MeetingMoved": 410,
    "RoomFull": 403,
    "ProofNeeded": 403,
    "CodeWrong": 403,
    "CodeExpired": 403,
    "TooManyTries": 429,
    "UsedElsewhere": 403,
    "Damaged": 500,
    "Forked": 500,
    "CannotTell": 500,
    "Unavailable": 503,
    "ReadOnly": 503,
    "StorageUnavailable": 503,
    "TryLater": 503,
    "AddressRefused": 500,
    "Misconfigured": 500,
}


def branches(kind: type[errors.MeetcoordError]) -> Iterator[type[errors.MeetcoordError]]:
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from branches(child)


@pytest.mark.parametrize("kind", list(branches(errors.MeetcoordError)), ids=lambda kind: kind.__name__)
def test_every_error_has_its_status_and_its_title(kind: type[errors.MeetcoordError]) -> None:
    if not kind.__subclasses__():
        assert status_of(kind) == EXPECTED[kind.__name__]
    if status_of(kind) < 500:
        assert set(TITLES[kind.code]) == set(Language)


def test_every_code_of_ours_has_a_title_in_three_languages() -> None:
    assert all(set(TITLES[code]) == set(Language) for code in CODES.values())
    assert all(kind in STATUS or status_of(kind) for kind in branches(errors.MeetcoordError))


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-CH, fr;q=0.9", Language.GERMAN),
        ("fr;q=0.2, en;q=0.8", Language.ENGLISH),
        ("ja, fr-FR;q=0.1", Language.FRENCH),
        ("", Language.ENGLISH),
        ("fr;q=x", Language.ENGLISH),
    ],
)
def test_titles_are_in_the_language_asked_for(header: str, language: Language) -> None:
    assert preferred_language(header) is language


async def test_a_problem_is_complete_and_its_type_comes_from_the_settings(nobody: Asking) -> None:
    answer = await nobody.get("/nowhere", headers={"Accept-Language": "fr"})
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "fr"
    assert problem.pop("request_id")
    assert problem.pop("detail")
    assert problem == {
        "type": f"{PUBLIC_URL}/problems/not_found",
        "title": "Introuvable",
        "status": 404,
        "code": "not_found",
    }


async def test_the_type_of_a_problem_leads_to_a_page(nobody: Asking) -> None:
    for code, titles in TITLES.items():
        answer = await nobody.get(f"/problems/{code}")
        assert answer.status_code == 200
        assert all(title in html.unescape(answer.text) for title in titles.values())


async def test_another_method_is_told_those_that_would_do(nobody: Asking) -> None:
    answer = await nobody.post("/livez")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "host", ["evil.example.org", "meet.example.org:8443", "meet.example.org.evil.org", ""]
)
async def test_only_our_own_host_is_served(nobody: Asking, host: str) -> None:
    answer = await nobody.get("/livez", headers={"Host": host})
    assert answer.status_code in {400, 421}
    assert "evil" not in answer.text


async def test_two_hosts_are_none(http: httpx.AsyncClient) -> None:
    hosts = [("Host", "meet.example.org"), ("Host", "meet.example.org")]
    assert (await http.get("/livez", headers=hosts)).status_code == 400


@pytest.mark.parametrize(
    "query", ["?x=1", "?limit=1&limit=2", "?limit=0", "?limit=ten", "?limit=101", "?cursor=%ff"]
)
async def test_a_query_that_would_be_misread_is_refused(city_program: Asking, query: str) -> None:
    answer = await city_program.get(f"/v1/meetings{query}")
    assert answer.status_code == 400
    assert "101" not in answer.text.replace("<= 100", "")


async def test_no_answer_repeats_what_stood_behind_the_question_mark(nobody: Asking) -> None:
    for row in ROUTES:
        answer = await nobody(row.method, f"{filled(row.path)}?{CANARY}={CANARY}", json=row.body)
        assert answer.status_code == 400, row
        assert CANARY not in answer.text, row


async def answers_of(row: Row, city_program: Asking, nobody: Asking) -> list[httpx.Response]:
    path, json = filled(row.path), {"Content-Type": "application/json"}
    return [
        await city_program(row.method, path, json=row.body),
        await nobody(row.method, path, json=row.body),
        await nobody("PATCH", path),
        await city_program(row.method, path, content=b"{", headers=json),
        await city_program(row.method, path, content=b"x" * 3_000_000, headers=json),
        await nobody(row.method, path + "?x=1"),
        await nobody("OPTIONS", path),
    ]


async def test_every_answer_carries_the_headers(city_program: Asking, nobody: Asking) -> None:
    for row in ROUTES:
        for answer in await answers_of(row, city_program, nobody):
            held = {name: answer.headers.get(name) for name in HEADERS}
            own = join_page_headers("") if row.path == "/j" and answer.status_code == 200 else {}
            assert held == {**HEADERS, **own}, row
            assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains", row
            assert answer.headers["Cache-Control"] == "no-store", row
            assert answer.status_code < 500, row
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == "application/problem+json", row


async def test_what_breaks_inside_tells_nothing_but_its_number(
    world: World, readiness: Readiness, journal: list[Any]
) -> None:
    @get("/broken")
    async def broken() -> None:
        raise RuntimeError(f"SELECT secret FROM {CANARY}")

    @get("/damaged")
    async def damaged() -> None:
        raise errors.Damaged(CANARY, CANARY)

    @get("/away")
    async def away() -> None:
        raise errors.StorageUnavailable(CANARY)

    app: Any = create_app(parts_of(world, readiness, extra_routes=[broken, damaged, away]))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        answers = [await client.get(path) for path in ("/broken", "/damaged", "/away")]
    assert [answer.status_code for answer in answers] == [500, 500, 503]
    assert [answer.json()["code"] for answer in answers] == ["internal", "damaged", "unavailable"]
    assert answers[2].headers["Retry-After"]
    noted = [entry["request_id"] for entry in journal if entry["log_level"] == "error"]
    assert noted == [answer.json()["request_id"] for answer in answers]
    for answer in answers:
        assert CANARY not in answer.text
        assert answer.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]


async def test_readiness_tells_whether_the_service_can_work(nobody: Asking, readiness: Readiness) -> None:
    assert (await nobody.get("/readyz")).json() == {"status": "ready"}
    readiness.broken = True
    answer = await nobody.get("/readyz")
    assert answer.status_code == 503
    assert "10.0.0.7" not in answer.text
    assert (await nobody.get("/livez")).json() == {"status": "alive"}
