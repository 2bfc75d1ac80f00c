"""/v1/meetings/{id}/minutes/{seq}: what becomes of a sealed file: a header made for other keys, or its erasure."""

from typing import Self

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from meetcoord.adapters.web.parts import Asker, Cases, raises
from meetcoord.adapters.web.policies import PolicyView
from meetcoord.domain.checkpoints import b64
from meetcoord.domain.errors import Conflict, Erased, Stale
from meetcoord.domain.leaves import ConsentVerdict, ErasureReason
from meetcoord.domain.values import MeetingId
from meetcoord.usecases.consent_to_policy import GivenConsent
from meetcoord.usecases.erase_minutes import KnownErasure, WantedErasure
from meetcoord.usecases.rewrap_minutes import MadeHeader, OpenedHeader, Rewrapped

MINUTES = "/meetings/{meeting_id:str}/minutes/{seq:str}"


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the log; `leaf` holds its bytes in base64."""

    index: int
    leaf: str


class ErasureView(msgspec.Struct, frozen=True, kw_only=True):
    """A request to destroy the file of `entry`; `leaf` and `hash` are the request's own, which signatures are about.

    It takes effect with the consent of `needed` agencies, at the entry `since` of the log. `in_force` names the keys
    whose signatures count.
    """

    origin: str
    index: int
    hash: str
    leaf: str
    reason: ErasureReason
    visa: str | None
    entry: EntryView
    in_force: PolicyView
    needed: int
    approved: tuple[str, ...]
    rejected: tuple[str, ...]
    since: int | None

    @classmethod
    def of(cls, known: KnownErasure) -> Self:
        erasure, request, entry = known.erasure, known.erasure.request, known.entry
        return cls(
            origin=known.origin,
            index=request.index,
            hash=request.hash,
            leaf=b64(request.entry),
            reason=request.leaf.reason,
            visa=request.leaf.visa or None,
            entry=EntryView(index=entry.index, leaf=b64(entry.entry)),
            in_force=PolicyView.of(entry.in_force),
            needed=entry.in_force.leaf.erasure,
            approved=tuple(sorted(erasure.having(ConsentVerdict.APPROVE))),
            rejected=tuple(sorted(erasure.having(ConsentVerdict.REJECT))),
            since=erasure.since,
        )


@post(MINUTES + "/header", status_code=200, opt=raises(Conflict, Erased))
async def rewrap_minutes(
    actor: Asker,
    cases: Cases,
    meeting_id: FromPath[MeetingId],
    seq: FromPath[int],
    data: JSONBody[MadeHeader],
) -> Rewrapped:
    """Keep a header that `meetcoord minutes rewrap` made for the keys in force; the former stays until confirmed."""
    return await cases.rewrap_minutes(actor, meeting_id, seq, data)


@post(MINUTES + "/header/confirmation", status_code=200, opt=raises(Conflict, Erased))
async def confirm_header(
    actor: Asker,
    cases: Cases,
    meeting_id: FromPath[MeetingId],
    seq: FromPath[int],
    data: JSONBody[OpenedHeader],
) -> Rewrapped:
    """You have opened the file with this header, which another agency made; the former goes once all others have."""
    return await cases.confirm_header(actor, meeting_id, seq, data)


@post(MINUTES + "/erasure", status_code=200, opt=raises(Conflict, Erased))
async def ask_for_erasure(
    actor: Asker,
    cases: Cases,
    meeting_id: FromPath[MeetingId],
    seq: FromPath[int],
    data: JSONBody[WantedErasure],
) -> ErasureView:
    """Ask the agencies to let the sealed file be destroyed. Nothing is, before enough of them consent."""
    return ErasureView.of(await cases.ask_for_erasure(actor, meeting_id, seq, data))


@get(MINUTES + "/erasure", opt=raises(Conflict))
async def read_erasure(
    actor: Asker, cases: Cases, meeting_id: FromPath[MeetingId], seq: FromPath[int]
) -> ErasureView:
    """The newest request: what `meetcoord approver consent` checks and signs."""
    return ErasureView.of(await cases.read_erasure(actor, meeting_id, seq))


@post(MINUTES + "/erasure/consents", status_code=200, opt=raises(Conflict, Stale, Erased))
async def consent_to_erasure(
    actor: Asker,
    cases: Cases,
    meeting_id: FromPath[MeetingId],
    seq: FromPath[int],
    data: JSONBody[GivenConsent],
) -> ErasureView:
    """Your agency's word. With the last consent needed the file is destroyed, and cannot be had back."""
    return ErasureView.of(await cases.consent_to_erasure(actor, meeting_id, seq, data))


ROUTES = (rewrap_minutes, confirm_header, ask_for_erasure, read_erasure, consent_to_erasure)
