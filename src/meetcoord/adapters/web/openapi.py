"""The OpenAPI document, read off the handlers themselves: what they take, give and refuse."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, get_args, get_origin

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from meetcoord import __version__
from meetcoord.adapters.web.app import KEYED_ROUTES, PUBLIC_ROUTES
from meetcoord.adapters.web.problems import PROBLEM_JSON, Problem, status_of
from meetcoord.domain import errors

Json = dict[str, Any]

_UNSAFE = {"POST", "PUT", "DELETE"}
_SAID = {
    200: "Done",
    201: "Made",
    204: "Done; there is nothing to say",
    304: "Nothing has changed since that version",
}
_REFUSALS = {
    400: "The request cannot be read",
    401: "No valid API key",
    403: "The right is missing, or the door is not open yet, or whoever asks is not proven",
    404: "Absent, or not for the asker to know about",
    408: "The body did not arrive in time",
    409: "The state of things does not allow it now",
    410: "This link opens nothing any more",
    412: "Based on a version that is no longer the newest",
    413: "The body is too large",
    415: "The body is not application/json",
    421: "Another host was asked for",
    422: "A value breaks a rule; `errors` says which",
    428: "If-Match is missing",
    429: "Too often; see Retry-After",
    500: "Something is wrong on our side",
    503: "A part of the service does not answer now; see Retry-After",
}
_IF_MATCH: Json = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of the version that was read.",
    "schema": {"type": "string", "examples": ['"3"']},
}
_IF_NONE_MATCH: Json = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of a version that is known already.",
    "schema": {"type": "string"},
}


def openapi_document() -> bytes:
    """OpenAPI 3.1 as JSON, always in the same order."""
    described = [(handler, "/v1" if handler in KEYED_ROUTES else "") for handler in _handlers()]
    kinds = [kind for handler, _ in described for kind in _kinds(handler)]
    schemas, components = msgspec.json.schema_components(
        [*kinds, Problem], ref_template="#/components/schemas/{name}"
    )
    names = dict(zip([*kinds, Problem], schemas, strict=True))
    paths: dict[str, Json] = {}
    for handler, prefix in described:
        operation = _operation(handler, names, keyed=bool(prefix))
        paths.setdefault(prefix + _path(handler), {})[_method(handler).lower()] = operation
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "meetcoord",
            "version": __version__,
            "description": "Meetings between public bodies. Errors are problems as in RFC 9457; times are RFC 3339.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {str(status): _refusal(status, names) for status in sorted(_REFUSALS)},
            "securitySchemes": {
                "api_key": {"type": "http", "scheme": "bearer", "description": "An API key: `mtc_…`"}
            },
        },
    }
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _handlers() -> Iterator[HTTPRouteHandler]:
    for handler in (*KEYED_ROUTES, *PUBLIC_ROUTES):
        if isinstance(handler, HTTPRouteHandler) and handler.include_in_schema is not False:
            yield handler


def _operation(handler: HTTPRouteHandler, names: Mapping[Any, Json], *, keyed: bool) -> Json:
    parameters = [*_path_parameters(handler), *_query_parameters(handler, names), *_headers(handler)]
    taken = _taken(handler)
    operation: Json = {
        "operationId": handler.fn.__name__,
        "summary": (handler.fn.__doc__ or "").strip(),
        "responses": _answers(handler, names, keyed=keyed),
    }
    if keyed:
        operation["security"] = [{"api_key": []}]
    if parameters:
        operation["parameters"] = parameters
    if taken is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": names[taken]}},
        }
    return operation


def _answers(handler: HTTPRouteHandler, names: Mapping[Any, Json], *, keyed: bool) -> Json:
    fine: Json = {"description": _SAID[handler.status_code]}
    given = _given(handler)
    if given is not None:
        media = str(handler.media_type or "application/json")
        fine["content"] = {media: {"schema": names.get(given, {"type": "string"})}}
    answers = {str(handler.status_code): fine}
    if "not_modified" in handler.opt:
        answers["304"] = {"description": _SAID[304]}
    for status in sorted(_refusals(handler, keyed=keyed)):
        answers[str(status)] = {"$ref": f"#/components/responses/{status}"}
    return answers


def _refusal(status: int, names: Mapping[Any, Json]) -> Json:
    return {"description": _REFUSALS[status], "content": {PROBLEM_JSON: {"schema": names[Problem]}}}


def _refusals(handler: HTTPRouteHandler, *, keyed: bool) -> set[int]:
    """Host and query are checked on every route; the rest depends on what the route takes."""
    found = {400, 421, 500} | {status_of(error) for error in handler.opt.get("raises", ())}
    works = "cases" in _annotations(handler)
    if works:
        found.add(status_of(errors.StorageUnavailable))
    if keyed:
        found |= {401, 503} | ({403} if works else set())
    if "{" in _path(handler):
        found.add(404)
    if _method(handler) in _UNSAFE:
        found |= {408, 413, 415, 422}
    if "if_match" in handler.opt:
        found |= {412, 428}
    return found


def _kinds(handler: HTTPRouteHandler) -> Sequence[Any]:
    """Every type whose schema the operation refers to."""
    asked = [_annotations(handler)[name] for name in handler.opt.get("query", ())]
    structs = [kind for kind in (_taken(handler), _given(handler)) if kind not in {None, str, bytes}]
    return [*asked, *structs]


def _taken(handler: HTTPRouteHandler) -> Any:
    return _plain(_annotations(handler).get("data"))


def _given(handler: HTTPRouteHandler) -> Any:
    given = _annotations(handler)["return"]
    kind = get_args(given)[0] if get_origin(given) is Response else given
    return None if kind is type(None) else kind


def _plain(kind: Any) -> Any:
    """Without Litestar's marks, which say where a value comes from."""
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _annotations(handler: HTTPRouteHandler) -> Mapping[str, Any]:
    return handler.fn.__annotations__


def _method(handler: HTTPRouteHandler) -> str:
    return str(next(iter(handler.http_methods)))


def _path(handler: HTTPRouteHandler) -> str:
    (path,) = handler.paths
    return path.replace(":str}", "}").replace(":path}", "}")


def _path_parameters(handler: HTTPRouteHandler) -> Iterator[Json]:
    for part in _path(handler).split("/"):
        if part.startswith("{"):
            name = part.strip("{}")
            schema: Json = {"type": "integer", "minimum": 0} if name == "seq" else {"type": "string"}
            yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(handler: HTTPRouteHandler, names: Mapping[Any, Json]) -> Iterator[Json]:
    for name in sorted(handler.opt.get("query", ())):
        kind = _annotations(handler)[name]
        schema = names[kind] | _bounds(kind)
        yield {"name": name, "in": "query", "required": False, "schema": schema}


def _bounds(kind: Any) -> Json:
    stated = [mark for mark in getattr(kind, "__metadata__", ()) if isinstance(mark, QueryParameter)]
    found = {"minimum": mark.ge, "maximum": mark.le} if (mark := next(iter(stated), None)) else {}
    return {name: bound for name, bound in found.items() if bound is not None}


def _headers(handler: HTTPRouteHandler) -> Iterator[Json]:
    if "if_match" in handler.opt:
        yield _IF_MATCH
    if "not_modified" in handler.opt:
        yield _IF_NONE_MATCH
