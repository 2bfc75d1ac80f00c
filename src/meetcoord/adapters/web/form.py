"""Bodies of the kind that HTML forms send, for the one asker who sends no JSON."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request

from meetcoord.adapters.web.problems import RequestRefused

FIELDS_MAX = 20

_FORM = re.compile(r"application/x-www-form-urlencoded(?:\s*;\s*charset=\"?utf-8\"?)?", re.IGNORECASE)
_UNREADABLE = "The body is not a form: send `name=value` pairs with `&` between them, percent-encoded UTF-8."


async def body_is_form(request: Request[Any, Any, Any]) -> None:
    """Runs before a handler in place of `body_is_json`. Raises RequestRefused."""
    if not _FORM.fullmatch(request.headers.get("content-type", "").strip()):
        raise RequestRefused(
            415, "Send the body as a form: `Content-Type: application/x-www-form-urlencoded`."
        )
    form_of(await request.body())


def form_of(body: bytes) -> Mapping[str, str]:
    """The fields by name, in whatever order they came. Raises RequestRefused."""
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=FIELDS_MAX,
        )
    except ValueError:
        raise RequestRefused(400, _UNREADABLE) from None
    found = dict(fields)
    if len(found) != len(fields):
        raise RequestRefused(400, "A field stands twice in the form: give each once.")
    return found
