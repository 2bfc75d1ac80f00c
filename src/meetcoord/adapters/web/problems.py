"""Every error as an RFC 9457 problem: one table from error class to status, and nothing of the inside in a body."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import UNSET, UnsetType

from meetcoord.adapters.web.allowed import allowed_at
from meetcoord.adapters.web.parts import Instant, WebParts
from meetcoord.adapters.web.wording import INTERNAL, SAID, TITLES, UNAVAILABLE, preferred_language
from meetcoord.domain import errors
from meetcoord.domain.person_imports import ImportPreview, OutcomeChanged
from meetcoord.domain.values import Language

PROBLEM_JSON = "application/problem+json"

STATUS: Mapping[type[errors.MeetcoordError], int] = {
    errors.MeetcoordError: 500,
    errors.Refused: 400,
    errors.Invalid: 422,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Stale: 412,
    errors.Erased: 410,
    errors.JoinRefused: 403,
    errors.LinkReplaced: 410,
    errors.TooLate: 410,
    errors.MeetingCancelled: 410,
    errors.MeetingMoved: 410,
    errors.TooManyTries: 429,
    errors.Unavailable: 503,
}
"""An error has the status of the nearest of its ancestors named here."""

CODES: Mapping[int, str] = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    413: "body_too_large",
    415: "unsupported_media_type",
    421: "misdirected_request",
    422: "invalid",
    428: "precondition_required",
}
RETRY_AFTER_SECONDS = 5
LONG_RETRY_AFTER_SECONDS = 600
"""Where people have to do something first."""
FULL_ROOM_SECONDS = 60

_journal = structlog.get_logger("meetcoord.web")


class RequestRefused(Exception):
    """The request cannot be read as HTTP or JSON, before any rule of the domain is asked."""

    def __init__(self, status: int, detail: str, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.pointer = pointer


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """`pointer` (RFC 6901) leads to the value at fault in the body that was sent."""

    pointer: str
    code: str
    detail: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457. `request_id` also stands in the service's own journal.

    `ways` says how a code can be had (`mailed`, `phoned`), `tries_left` how many wrong tries it still allows. Minutes
    that were not saved, as somebody else's are newer, are told with the newest: `current_version`, `current_body`.
    An import that would no longer do what was shown is told with what it would do now: `preview`.
    A sealed file that was destroyed is told with the entry of the log that asked for it: `erased_by`.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: tuple[Fault, ...] | UnsetType = UNSET
    opens_at: Instant | UnsetType = UNSET
    ways: tuple[str, ...] | UnsetType = UNSET
    tries_left: int | UnsetType = UNSET
    current_version: int | UnsetType = UNSET
    current_body: str | UnsetType = UNSET
    preview: ImportPreview | UnsetType = UNSET
    erased_by: int | UnsetType = UNSET


def status_of(error: type[errors.MeetcoordError]) -> int:
    return next(STATUS[kind] for kind in error.__mro__ if kind in STATUS)


@dataclass(frozen=True, slots=True)
class _Finding:
    """What an exception comes to, before it is written down."""

    status: int
    code: str
    detail: str
    pointer: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    opens_at: datetime | UnsetType = UNSET
    ways: tuple[str, ...] | UnsetType = UNSET
    tries_left: int | UnsetType = UNSET
    current_version: int | UnsetType = UNSET
    current_body: str | UnsetType = UNSET
    preview: ImportPreview | UnsetType = UNSET
    erased_by: int | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class ProblemWriter:
    """Litestar's handler for every exception."""

    parts: WebParts

    def __call__(self, request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
        found = _find(request, error, self.parts.now())
        request_id, language = self.parts.new_id(), _language(request)
        _note(request_id, request, found, error)
        return Response(
            self._problem(language, found, request_id),
            status_code=found.status,
            media_type=PROBLEM_JSON,
            headers={**found.headers, "Content-Language": language.value},
        )

    def _problem(self, language: Language, found: _Finding, request_id: str) -> Problem:
        fault = (
            None
            if found.pointer is None
            else Fault(pointer=found.pointer, code=found.code, detail=found.detail)
        )
        return Problem(
            type=self.parts.problem_base_url + found.code,
            title=TITLES[found.code][language],
            status=found.status,
            detail=found.detail,
            code=found.code,
            request_id=request_id,
            errors=(fault,) if fault else UNSET,
            opens_at=found.opens_at,
            ways=found.ways,
            tries_left=found.tries_left,
            current_version=found.current_version,
            current_body=found.current_body,
            preview=found.preview,
            erased_by=found.erased_by,
        )


def _find(request: Request[Any, Any, Any], error: Exception, now: datetime) -> _Finding:
    match error:
        case RequestRefused():
            return _Finding(error.status, CODES[error.status], error.detail, error.pointer)
        case errors.MeetcoordError():
            return _find_ours(error, now)
        case ValidationException():
            return _Finding(400, CODES[400], _parameters_at_fault(request, error))
        case HTTPException(status_code=status) if status in SAID:
            allow = _with_head((error.headers or {}).get("allow", ""))
            return _Finding(status, CODES[status], SAID[status], headers={"Allow": allow} if allow else {})
    return _Finding(500, "internal", INTERNAL)


def _with_head(allow: str) -> str:
    """The router knows of GET only, which we answer for HEAD too."""
    methods = {method.strip() for method in allow.split(",")} - {""}
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


def _find_ours(error: errors.MeetcoordError, now: datetime) -> _Finding:
    status = status_of(type(error))
    erased_by = error.leaf if isinstance(error, errors.Erased) else UNSET
    plain = _Finding(status, error.code, error.detail, erased_by=erased_by)
    match error:
        case errors.NotFound():
            # One sentence for all: what is foreign must look exactly like what does not exist.
            return replace(plain, detail=SAID[404])
        case errors.Invalid():
            return replace(plain, pointer=error.pointer or None)
        case errors.Unauthenticated():
            return replace(plain, headers={"WWW-Authenticate": "Bearer"})
        case errors.Stale():
            return _find_stale(error, plain)
        case errors.JoinRefused():
            return _find_refused(error, plain, now)
    return plain if status < 500 else _find_fault(error)


def _find_stale(error: errors.Stale, plain: _Finding) -> _Finding:
    match error:
        case errors.Overtaken():
            return replace(plain, current_version=error.version, current_body=error.body)
        case OutcomeChanged():
            return replace(plain, preview=error.preview)
    return plain


def _find_refused(error: errors.JoinRefused, plain: _Finding, now: datetime) -> _Finding:
    match error:
        case errors.TooEarly():
            return replace(plain, headers=_retry_after(error.opens_at, now), opens_at=error.opens_at)
        case errors.RoomFull():
            return replace(plain, headers={"Retry-After": str(FULL_ROOM_SECONDS)})
        case errors.TooManyTries():
            return replace(plain, headers=_retry_after(error.until, now))
        case errors.ProofNeeded() | errors.UsedElsewhere():
            return replace(plain, ways=error.ways)
        case errors.CodeWrong():
            return replace(plain, tries_left=error.tries_left)
    return plain


def _retry_after(moment: datetime, now: datetime) -> Mapping[str, str]:
    return {"Retry-After": str(max(1, math.ceil((moment - now).total_seconds())))}


def _find_fault(error: errors.MeetcoordError) -> _Finding:
    """Something of ours fails: nothing is told of how."""
    if isinstance(error, errors.ReadOnly):
        return _Finding(503, error.code, error.detail, headers={"Retry-After": str(LONG_RETRY_AFTER_SECONDS)})
    if isinstance(error, errors.Unavailable):
        said = error.detail if type(error) is errors.Unavailable else UNAVAILABLE
        return _Finding(503, errors.Unavailable.code, said, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    return _Finding(500, "damaged" if isinstance(error, errors.Damaged) else "internal", INTERNAL)


def _parameters_at_fault(request: Request[Any, Any, Any], error: ValidationException) -> str:
    """Litestar's own sentence would repeat the address that was asked for."""
    found = [e for e in error.extra or () if isinstance(e, dict)]
    asked = request.route_handler.parsed_fn_signature.parameters
    return (
        " ".join(_parameter_at_fault(e, asked[e["key"]].annotation) for e in found if e.get("key") in asked)
        or SAID[400]
    )


def _parameter_at_fault(found: Mapping[str, Any], kind: Any) -> str:
    said = str(found.get("message"))
    expected = re.fullmatch(r"Expected `\w+`(?: [<>]=? \d+)?", said)
    allowed = allowed_at(kind) if said.startswith("Invalid enum value") else ""
    why = f": write {allowed}" if allowed else f": {expected.group()}" if expected else ""
    return f"The parameter `{found.get('key')}` is not valid{why}."


def _language(request: Request[Any, Any, Any]) -> Language:
    return preferred_language(request.headers.get("accept-language", ""))


def _note(request_id: str, request: Request[Any, Any, Any], found: _Finding, error: Exception) -> None:
    """The stack goes to the journal alone; so does the path, as the pattern of its route."""
    facts = {
        "request_id": request_id,
        "method": request.method,
        "route": request.scope.get("path_template", ""),
        "status": found.status,
        "code": found.code,
    }
    if found.status >= 500:
        _journal.error("request failed", **facts, exc_info=error)
    else:
        _journal.info("request refused", **facts)
