"""Persons imported over HTTP: a preview, then exactly that."""

from base64 import b64encode
from typing import Any

import pytest

from meetcoord.domain.csv_files import FILE_MAX
from tests.agencies import World
from tests.web.conftest import Asking, stored
from tests.worlds import on_every_database

PREVIEW, IMPORT = "/v1/persons/import-preview", "/v1/persons/import"
FILE = "Nom;Prénom;Fonction;Courriel\r\nde pôle;Cheffe;Santé;cheffe@city.example.org\r\n".encode("cp1252")


def asked(file: bytes, **more: Any) -> dict[str, Any]:
    return {"file": b64encode(file).decode(), **more}


@on_every_database
async def test_a_file_is_shown_then_imported(world: World, city_program: Asking) -> None:
    before = await stored(world)
    shown = await city_program.post(PREVIEW, asked(FILE))
    assert shown.status_code == 200
    assert await stored(world) == before
    preview = shown.json()
    assert (preview["encoding"], preview["encoding_is_certain"]) == ("windows-1252", False)
    assert (
        preview["rows"][0] | {"language": "fr", "state": "new", "name": "Cheffe de pôle"}
        == preview["rows"][0]
    )
    done = await city_program.post(IMPORT, asked(FILE, digest=preview["digest"]))
    assert (done.status_code, done.json()["new"]) == (200, 1)
    again = await city_program.post(IMPORT, asked(FILE, digest=preview["digest"]))
    assert (again.status_code, again.json()["known"]) == (200, 1)
    names = [each["name"] for each in (await city_program.get("/v1/persons")).json()["items"]]
    assert names.count("Cheffe de pôle") == 1


async def test_what_is_no_longer_as_shown_is_answered_with_what_would_be_done(
    world: World, city_program: Asking
) -> None:
    before = await stored(world)
    stale = await city_program.post(IMPORT, asked(FILE, digest="0" * 64))
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert stale.headers["content-type"] == "application/problem+json"
    assert stale.json()["preview"] == (await city_program.post(PREVIEW, asked(FILE))).json()
    assert await stored(world) == before


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"file": "no base64!"}, "/file"),
        ({"file": 5}, "/file"),
        ({"file": ""}, "/file"),
        (asked(b"PK\x03\x04"), "/file"),
        (asked(b"\0"), "/file"),
        (asked(b"x" * (FILE_MAX + 1)), "/file"),
        (asked(FILE, roles=["operator"]), "/roles"),
    ],
)
async def test_what_is_no_file_of_persons_is_refused(
    city_program: Asking, body: dict[str, Any], pointer: str
) -> None:
    answer = await city_program.post(PREVIEW, body)
    assert answer.status_code == 422, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_a_file_far_too_large_is_not_even_decoded(city_program: Asking) -> None:
    for path in (PREVIEW, IMPORT):
        assert (await city_program.post(path, asked(b"x" * 5_000_000, digest=""))).status_code == 413


async def test_a_form_or_a_bare_file_is_not_taken(city_program: Asking) -> None:
    for kind in ("text/csv", "text/plain", "multipart/form-data; boundary=x"):
        answer = await city_program("POST", PREVIEW, content=FILE, headers={"Content-Type": kind})
        assert answer.status_code == 415


async def test_a_formula_is_refused_and_shown_in_quotes(city_program: Asking) -> None:
    file = b"Nom;Fonction;Courriel\n=HYPERLINK(1);Cadre;cadre@city.example.org\n"
    preview = (await city_program.post(PREVIEW, asked(file))).json()
    assert preview["counts"]["refused"] == 1
    assert preview["rows"][0]["name"] == "'=HYPERLINK(1)"
    refused = await city_program.post(IMPORT, asked(file, digest=preview["digest"]))
    assert refused.status_code == 422
    assert "line 2" in refused.json()["detail"]
