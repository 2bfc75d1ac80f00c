"""Request bodies: read within bounds, refused unless they are plain JSON with one meaning, decoded without coercion."""

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException
from litestar.types import Empty

from meetcoord.adapters.web.allowed import allowed_at
from meetcoord.adapters.web.problems import RequestRefused
from meetcoord.adapters.web.wording import SAID

BODY_MAX = 64 * 1024
MINUTES_BODY_MAX = 2 * 1024 * 1024
READ_SECONDS = 15.0
"""How long a body may take to arrive, unless the handler's option `read_seconds` says otherwise."""

DEPTH_MAX = 32
INTEGER_MAX = 2**63 - 1

_UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
_JSON = re.compile(r"application/json(?:\s*;\s*charset=\"?utf-8\"?)?", re.IGNORECASE)
# A string without its closing quote runs to the end: each byte is looked at once, whatever is sent.
_TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_HALVES = re.compile("[\ud800-\udfff]")
_STEPS = re.compile(r"\[(?:\d+|\.\.\.)\]|\.[^.\[]+")


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON is decoded by us, straight into the type that the handler asks for."""

    async def body(self) -> bytes:
        if self._body is not Empty:
            return await super().body()  # read before: nothing to wait for
        try:
            async with asyncio.timeout(self.route_handler.opt.get("read_seconds", READ_SECONDS)):
                return await super().body()
        except TimeoutError:
            raise RequestRefused(408, SAID[408]) from None
        except InternalServerException:
            raise RequestRefused(
                400, "The connection was closed before the whole body had arrived."
            ) from None

    async def json(self) -> Any:
        field = self.route_handler.parsed_data_field
        return decode(await self.body(), field.annotation if field else Any)


async def body_is_json(request: Request[Any, Any, Any]) -> None:
    """Runs before every handler. One that takes no body is content with none, or with an empty object."""
    if request.method not in _UNSAFE:
        return
    body = await request.body()
    expected = request.route_handler.parsed_data_field is not None
    if not body and not expected:
        return
    if not _JSON.fullmatch(request.headers.get("content-type", "").strip()):
        raise RequestRefused(415, "Send the body as JSON, with the header `Content-Type: application/json`.")
    if not body:
        raise RequestRefused(400, "The body is missing: send a JSON object.")
    if not expected and must_be_plain(body) != {}:
        raise RequestRefused(422, "Nothing is expected in this body: send none, or `{}`.", "")


def decode(body: bytes, kind: Any) -> Any:
    """`body` as `kind`, nothing converted and nothing left over. Raises RequestRefused."""
    must_be_plain(body)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as fault:
        raise _refused(str(fault), kind) from None
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise RequestRefused(400, _NOT_JSON) from None


def must_be_plain(body: bytes) -> Any:
    """What any reader of JSON would understand by `body`. Raises RequestRefused where readers would differ."""
    _must_be_shallow(body)
    try:
        found = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_no_number,
            parse_int=_integer,
            parse_float=_finite,
        )
    except UnicodeDecodeError:
        raise RequestRefused(400, "The body is not valid UTF-8: encode it as UTF-8.") from None
    except (ValueError, RecursionError):
        raise RequestRefused(400, _NOT_JSON) from None
    for text in _texts(found):
        _must_be_text(text)
    return found


_NOT_JSON = "The body is not valid JSON: check brackets, commas and quotes (RFC 8259)."


def _must_be_shallow(body: bytes) -> None:
    if body.count(b"[") + body.count(b"{") <= DEPTH_MAX:
        return  # so few brackets cannot be nested more deeply, wherever they stand
    depth = 0
    for token in _TOKENS.finditer(body):
        first = token.group()[:1]
        if first in b"[{":
            depth += 1
        elif first in b"]}":
            depth -= 1
        if depth > DEPTH_MAX:
            raise RequestRefused(400, f"The body is nested more than {DEPTH_MAX} levels deep: flatten it.")


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RequestRefused(400, "A name stands twice in one object of the body: give each name once.")
    return found


def _no_number(name: str) -> NoReturn:
    raise RequestRefused(400, f"JSON has no number {name}: leave it out or write a finite number.")


def _integer(digits: str) -> int:
    if len(digits) > len(str(INTEGER_MAX)) + 1 or abs(int(digits)) > INTEGER_MAX:
        raise RequestRefused(400, "A number in the body does not fit into 64 bits: send a smaller one.")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise RequestRefused(400, "A number in the body is too large: send a smaller one.")
    return number


def _texts(found: Any) -> Iterator[str]:
    match found:
        case str():
            yield found
        case list():
            for item in found:
                yield from _texts(item)
        case dict():
            for name, value in found.items():
                yield name
                yield from _texts(value)


def _must_be_text(text: str) -> None:
    if "\0" in text:
        raise RequestRefused(400, "The body holds the character U+0000, which no text needs: remove it.")
    if _HALVES.search(text):
        raise RequestRefused(
            400, "The body holds half of a character pair (\\ud800 to \\udfff): send both halves."
        )


def _refused(said: str, kind: Any) -> RequestRefused:
    """msgspec's sentence and path as ours, with the path as a JSON pointer."""
    sentence, _, path = said.rpartition(" - at ")
    if not sentence:
        sentence, path = said, ""
    steps = [step.strip(".[]") for step in _STEPS.findall(path.strip("`").removeprefix("$"))]
    pointer = "".join("/" + step for step in steps)
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", sentence, re.DOTALL)
    if unknown:
        name = unknown.group(1)[:100]
        pointer += "/" + name.replace("~", "~0").replace("/", "~1")
        return RequestRefused(
            422, f"There is no field `{name}` here: check its spelling or leave it out.", pointer
        )
    if sentence.startswith("Invalid enum value") and (allowed := allowed_at(kind, steps)):
        return RequestRefused(
            422, f"This word is not known here: write {allowed}, and send the request again.", pointer
        )
    return RequestRefused(422, f"{sentence}. Correct this value and send the request again.", pointer)
