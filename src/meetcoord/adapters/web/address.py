"""What stands around the body: host, query and path, each checked before anything else is looked at."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from meetcoord.adapters.web.problems import RequestRefused
from meetcoord.domain.errors import Invalid, NotFound
from meetcoord.domain.values import agency_id, is_random_id

Connection = ASGIConnection[Any, Any, Any, Any]

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_SEQ = re.compile(r"0|[1-9][0-9]{0,5}")


def query(*names: str) -> Mapping[str, Any]:
    """The query parameters a handler knows; others are refused."""
    return {"query": frozenset(names)}


def address_guard(public_url: str) -> Guard:
    """The order of checks is: host, query, path."""
    ours = hosts_of(public_url)

    # One guard for all three, and asynchronous though it waits for nothing: Litestar hands others to a thread each.
    async def address_is_sound(connection: Connection, handler: BaseRouteHandler) -> None:
        _host_must_be_ours(connection, ours)
        _query_must_be_known(connection, handler)
        _path_must_be_well_formed(connection)

    return address_is_sound


def _host_must_be_ours(connection: Connection, ours: frozenset[str]) -> None:
    """Refuses requests meant for another host, so that no address can be poisoned by a header."""
    stated = _headers(connection, b"host")
    if len(stated) != 1:
        raise RequestRefused(400, "Send exactly one Host header.")
    if stated[0].lower() not in ours:
        raise RequestRefused(421, "This host name is not served here: use the public address of the service.")


def hosts_of(public_url: str) -> frozenset[str]:
    """The Host headers that mean us; on this machine itself any of its names will do."""
    parts = urlsplit(public_url)
    name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    standard = {"http": 80, "https": 443}.get(parts.scheme)
    port = parts.port or standard
    names = _LOOPBACK if name in _LOOPBACK else (name,)
    ports = [f":{port}", ""] if port == standard else [f":{port}"]
    return frozenset(each + end for each in names for end in ports)


def _query_must_be_known(connection: Connection, handler: BaseRouteHandler) -> None:
    """Raises for a parameter that would be ignored, or that is given twice."""
    raw = connection.scope["query_string"]
    if not raw:
        return
    try:
        given = [
            name
            for name, _ in parse_qsl(
                raw.decode("ascii"), keep_blank_values=True, max_num_fields=20, errors="strict"
            )
        ]
    except ValueError:
        raise RequestRefused(400, "The part of the address behind `?` cannot be read.") from None
    known = handler.opt.get("query", frozenset())
    if len(set(given)) != len(given):
        raise RequestRefused(400, "A parameter stands twice behind `?` in the address: give each once.")
    if not set(given) <= known:
        taken = ", ".join(f"`{name}`" for name in sorted(known)) or "none"
        raise RequestRefused(400, f"A parameter behind `?` in the address is not known here. Known: {taken}.")


def _path_must_be_well_formed(connection: Connection) -> None:
    """An identifier that we never gave is as unknown as one that is nobody's. Raises NotFound."""
    for name, value in connection.path_params.items():
        if not _well_formed(name, str(value)):
            raise NotFound("This identifier was never given.")


def _well_formed(name: str, value: str) -> bool:
    match name:
        case "agency_id":
            return _is_agency_id(value)
        case "meeting_id" | "person_id" | "key_id" | "invitation_id" | "conference_id":
            return is_random_id(value)
        case "seq":
            return _SEQ.fullmatch(value) is not None
    return "\0" not in value


def _is_agency_id(value: str) -> bool:
    try:
        agency_id(value)
    except Invalid:
        return False
    return True


def _headers(connection: Connection, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in connection.scope["headers"] if key.lower() == name]


def only_header(connection: Connection, name: str) -> str:
    """The value of a header on which something is decided, or an empty string. Raises RequestRefused for two."""
    stated = _headers(connection, name.lower().encode())
    if len(stated) > 1:
        raise RequestRefused(400, f"Send one {name} header, not {len(stated)}.")
    return stated[0] if stated else ""
