"""The join page and the questions it asks: what does my link open, send me a code, and let me in."""

import re

import msgspec
from litestar import Response, get, post
from litestar.params import FromQuery, JSONBody

from meetcoord.adapters.web.address import query
from meetcoord.adapters.web.assets import page
from meetcoord.adapters.web.join_words import WORDS
from meetcoord.adapters.web.parts import Cases, Instant, Parts, raises
from meetcoord.adapters.web.security import join_page_headers
from meetcoord.domain.errors import (
    CodeExpired,
    CodeWrong,
    Conflict,
    Invalid,
    LinkInvalid,
    LinkReplaced,
    MeetingCancelled,
    MeetingMoved,
    ProofNeeded,
    RoomFull,
    TooEarly,
    TooLate,
    TooManyTries,
    UsedElsewhere,
)
from meetcoord.domain.values import Language
from meetcoord.usecases.open_invitation import OpenedLink, PressedButton

_REFUSALS = (LinkInvalid, LinkReplaced, TooLate, MeetingCancelled, MeetingMoved)
_CLICK = re.compile(r"[A-Za-z0-9-]{8,64}")


class SeatView(msgspec.Struct, frozen=True, kw_only=True):
    """What the holder of a link sees before she enters. `now` lets the page count down by our clock, not hers.

    `other_device`: this link has let somebody in on another device than the one whose `device` was sent.
    """

    title: str
    agenda: str
    organiser: str
    name: str
    language: Language
    start: Instant
    end: Instant
    opens_at: Instant
    time_zone: str
    other_device: bool
    now: Instant


class Entrance(msgspec.Struct, frozen=True, kw_only=True):
    """`address` opens the room and holds `token`: both are secrets that live some minutes."""

    address: str
    token: str


class CodeSent(msgspec.Struct, frozen=True, kw_only=True):
    """The masked `address` the code went to. `fresh` is false when it had gone out within the last 30 seconds."""

    address: str
    fresh: bool
    again_at: Instant
    expires_at: Instant
    now: Instant


@get("/j", include_in_schema=False, media_type="text/html", opt=query("lang"))
async def show_join_page(parts: Parts, lang: FromQuery[Language] = Language.FRENCH) -> Response[str]:
    words = {language.value: table for language, table in WORDS.items()}
    return page(
        "join.html",
        join_page_headers(parts.framed_rooms),
        language=lang.value,
        words=words,
        help_phone=parts.help_phone,
        framed=bool(parts.framed_rooms),
    )


@post("/j/look", status_code=200, opt=raises(*_REFUSALS))
async def look_at_invitation(cases: Cases, parts: Parts, data: JSONBody[OpenedLink]) -> SeatView:
    """When, with whom, as whom. Changes nothing: a mail scanner may do it."""
    seat = await cases.look_at_invitation(data)
    return SeatView(**msgspec.structs.asdict(seat), now=parts.now())


@post("/j/code", status_code=200, opt=raises(*_REFUSALS, TooEarly, ProofNeeded, TooManyTries, Conflict))
async def ask_for_code(cases: Cases, parts: Parts, data: JSONBody[OpenedLink]) -> CodeSent:
    """Mail a new code to the holder of the link; it kills the former. Asked twice within 30 seconds is once."""
    sent = await cases.ask_for_code(data)
    return CodeSent(**msgspec.structs.asdict(sent), now=parts.now())


@post(
    "/j/admission",
    status_code=200,
    opt=raises(
        *_REFUSALS, TooEarly, ProofNeeded, CodeWrong, CodeExpired, TooManyTries, UsedElsewhere, RoomFull
    ),
)
async def admit(cases: Cases, data: JSONBody[PressedButton]) -> Entrance:
    """Let the holder of the link in. The same `click` twice is one admission.

    `device` is a secret of 32 random bytes in base64url that this device keeps: by it a second device is noticed. Where
    the meeting asks for a code, once a `code` was right, `device` alone does until the meeting's end.
    """
    if not _CLICK.fullmatch(data.click):
        raise Invalid(
            "`click` is 8 to 64 letters, digits or hyphens, new for each press of the button.", "/click"
        )
    entry = await cases.admit(data)
    return Entrance(address=entry.address, token=entry.token)


ROUTES = (show_join_page, look_at_invitation, ask_for_code, admit)
