"""The committed OpenAPI document is the one the handlers tell, and tells the truth."""

import json
from pathlib import Path

from meetcoord.adapters.web.openapi import openapi_document
from tests.web.requests import JITSI, ROUTES

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"
PAGES = {"/", "/problems/{code}", "/j", "/audit", "/static/{name}"}


def test_an_accidental_change_of_the_api_is_seen() -> None:
    assert COMMITTED.read_bytes() == openapi_document(), "the API has changed: write docs/openapi.json anew"


def test_it_names_every_route_and_which_need_a_key() -> None:
    paths = json.loads(openapi_document())["paths"]
    told = {
        (method.upper(), path, "security" in operation)
        for path, operations in paths.items()
        for method, operation in operations.items()
    }
    assert told == {
        (row.method, row.path, row.keyed)
        for row in ROUTES
        if row.path not in PAGES and not row.path.startswith(JITSI)
    }


def test_every_input_refuses_what_it_does_not_know() -> None:
    document = json.loads(openapi_document())
    schemas = document["components"]["schemas"]
    taken = {name for name in schemas if name.startswith("New")} | {
        "OpenedLink",
        "PressedButton",
        "ChosenSlot",
    }
    assert all(schemas[name]["additionalProperties"] is False for name in taken)


def test_every_refusal_is_a_problem() -> None:
    document = json.loads(openapi_document())
    for refusal in document["components"]["responses"].values():
        assert list(refusal["content"]) == ["application/problem+json"]
    for operations in document["paths"].values():
        for operation in operations.values():
            assert {"400", "421", "500"} <= set(operation["responses"])
            assert ("422" in operation["responses"]) is ("415" in operation["responses"])
