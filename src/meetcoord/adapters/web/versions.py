"""Versions as entity tags (RFC 9110, 8.8.3 and 13.1): who changes something says which version she has seen."""

import re

from meetcoord.adapters.web.address import Connection, only_header
from meetcoord.adapters.web.problems import RequestRefused

SAYS_VERSION = {"if_match": True}
MAY_BE_UNCHANGED = {"not_modified": True}
"""Options of a handler that tell the OpenAPI document which of the two it looks at."""

_TAG = re.compile(r'"([1-9][0-9]{0,8})"')


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


def version_seen(connection: Connection) -> int:
    """The version in If-Match. Raises RequestRefused when it is missing or cannot be read."""
    stated = only_header(connection, "If-Match")
    if not stated:
        raise RequestRefused(
            428, 'Say which version you have read: send its ETag as If-Match, such as `If-Match: "3"`.'
        )
    found = _TAG.fullmatch(stated.strip())
    if not found:
        raise RequestRefused(400, 'If-Match holds one ETag as GET gave it, such as `"3"`, quotes included.')
    return int(found.group(1))


def unchanged(connection: Connection, version: int) -> bool:
    """Whether If-None-Match names this version: the asker has it already (weak comparison)."""
    stated = only_header(connection, "If-None-Match")
    tags = {tag.strip().removeprefix("W/") for tag in stated.split(",")}
    return "*" in tags or f'"{version}"' in tags
