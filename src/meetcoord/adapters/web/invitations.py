"""/v1/meetings/{id}/invitations: sending the personal links, and seeing whom they reached."""

from typing import Self

import msgspec
from litestar import get, post
from litestar.params import FromPath

from meetcoord.adapters.web.attendance import PresenceView
from meetcoord.adapters.web.meetings import NamedPerson, named_person
from meetcoord.adapters.web.parts import Asker, Cases, Instant, raises
from meetcoord.domain.errors import Conflict, Stale, TooEarly, TooLate
from meetcoord.domain.letters import LetterKind
from meetcoord.domain.outbox import Delivery, Message
from meetcoord.domain.values import InvitationId, MeetingId
from meetcoord.usecases.read_meeting import BoardLine


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """`reply` is what the mail server said, told to the person's own agency only.

    `uncertain` means that a former try ended without an answer.
    """

    kind: LetterKind
    delivery: Delivery
    attempts: int
    reply: str
    uncertain: bool
    created_at: Instant

    @classmethod
    def of(cls, message: Message) -> Self:
        return cls(
            kind=message.kind,
            delivery=message.delivery,
            attempts=message.attempts,
            reply=message.reply,
            uncertain=message.uncertain,
            created_at=message.created_at,
        )


class InvitationView(msgspec.Struct, frozen=True, kw_only=True):
    """One invited person. `active` says whether the newest link sent still opens her seat.

    `devices` is on how many devices she was let in with that link: more than one is worth a call. `refused_at` is when
    each other device was turned away, because the link was in use already: nothing is lost, and she may need a code by
    telephone. Both are told to her own agency and to the organiser only.
    """

    id: InvitationId
    person: NamedPerson
    active: bool
    revision: int
    messages: tuple[MessageView, ...]
    admitted_at: Instant | None
    presence: PresenceView
    devices: int | None
    refused_at: tuple[Instant, ...] | None

    @classmethod
    def of(cls, line: BoardLine) -> Self:
        return cls(
            id=line.invitation.id,
            person=named_person(line.person),
            active=line.invitation.active,
            revision=line.invitation.revision,
            messages=tuple(MessageView.of(message) for message in line.messages),
            admitted_at=line.admitted_at,
            presence=PresenceView.of(line.attendee),
            devices=line.devices,
            refused_at=line.refused_at,
        )


class Board(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[InvitationView, ...]


@post("/meetings/{meeting_id:str}/invitations", opt=raises(Conflict, Stale))
async def invite_delegates(actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId]) -> Board:
    """Send every delegate a personal link. Who holds a seat is not written to again, so twice is once."""
    await cases.invite_delegates(actor, meeting_id)
    return await _board(actor, cases, meeting_id)


@get("/meetings/{meeting_id:str}/invitations")
async def read_board(actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId]) -> Board:
    """Who is invited, who was reached, who came."""
    return await _board(actor, cases, meeting_id)


class CodeToRead(msgspec.Struct, frozen=True, kw_only=True):
    """Six digits, shown this once."""

    code: str
    expires_at: Instant


@post(
    "/meetings/{meeting_id:str}/invitations/{invitation_id:str}/phone-code",
    opt=raises(Conflict, TooEarly, TooLate),
)
async def read_code_by_phone(
    actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId], invitation_id: FromPath[InvitationId]
) -> CodeToRead:
    """A code to read to a person of one's own agency, called at a number known before. Logged; kills the one before."""
    code = await cases.read_code_by_phone(actor, meeting_id, invitation_id)
    return CodeToRead(code=code.digits, expires_at=code.expires_at)


async def _board(actor: Asker, cases: Cases, meeting: MeetingId) -> Board:
    lines = await cases.read_board(actor, meeting)
    return Board(items=tuple(InvitationView.of(line) for line in lines))


ROUTES = (invite_delegates, read_board, read_code_by_phone)
