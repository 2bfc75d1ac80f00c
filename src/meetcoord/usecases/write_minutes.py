"""The organising agency writes minutes; every agency reads them once they are circulated."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.errors import Conflict, Damaged, NotFound
from meetcoord.domain.frames import Frame
from meetcoord.domain.leaves import content_hash
from meetcoord.domain.meetings import Meeting, MeetingState
from meetcoord.domain.minutes import BODY_MAX, SEQ_MAX, Minutes, MinutesKind, MinutesState
from meetcoord.domain.values import MeetingId, prose, refuse_marking
from meetcoord.ports.sealing import DraftVault
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock
from meetcoord.usecases.read_meeting import meeting_for, must_organise


class MinutesText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The text, in Markdown."""

    body: str


class ReadableMinutes(msgspec.Struct, frozen=True, kw_only=True):
    """`body` is None once sealed: from then on only the holders of the recipients' keys can read it."""

    minutes: Minutes
    body: str | None


def draft_place(minutes: Minutes) -> str:
    """The context a draft is locked in; it names the version, so that an older text cannot be put back."""
    return f"draft {minutes.meeting}/{minutes.seq} version {minutes.version}"


def frame_place(minutes: Minutes) -> str:
    return f"frame {minutes.meeting}/{minutes.seq}"


async def minutes_for(tx: Transaction, actor: Actor, meeting: Meeting, seq: int) -> Minutes:
    """The minutes; NotFound for another agency's draft as for one that does not exist."""
    try:
        found = await tx.minutes.get(meeting.id, seq) if 0 <= seq <= SEQ_MAX else None
    except NotFound:
        found = None
    if found is None or (found.state is MinutesState.DRAFT and meeting.organiser != actor.agency):
        raise NotFound("There are no such minutes, or they have not been circulated yet.")
    return found


def open_frame(vault: DraftVault, minutes: Minutes, locked: bytes) -> bytes:
    """The circulated text in its frame. Raises Damaged unless it is the very one whose hash was circulated."""
    frame = vault.unlock(locked, frame_place(minutes))
    if content_hash(frame) != minutes.content:
        what = f"minutes {minutes.meeting}/{minutes.seq}"
        raise Damaged(what, "the kept text is not the one that was circulated")
    return frame


async def readable_body(tx: Transaction, vault: DraftVault, minutes: Minutes) -> str:
    """The text before it is sealed. Raises Damaged when it is not the one last written or circulated."""
    locked = await tx.minutes.text(minutes.meeting, minutes.seq)
    if minutes.state is MinutesState.DRAFT:
        return vault.unlock(locked, draft_place(minutes)).decode()
    return Frame.parse(open_frame(vault, minutes, locked)).body


def _checked(text: MinutesText) -> str:
    return refuse_marking(prose(text.body, "The text", "/body", BODY_MAX), "The text", "/body")


@dataclass(frozen=True, slots=True)
class StartMinutes:
    storage: Storage
    vault: DraftVault
    now: Clock

    async def __call__(self, actor: Actor, meeting: MeetingId, text: MinutesText) -> Minutes:
        """A first draft, or, when the last document of the meeting is sealed, an addendum to it.

        Raises Forbidden, NotFound, Invalid, Conflict while another draft is open.
        """
        actor.must(Action.WRITE_MINUTES)
        body = _checked(text)
        async with self.storage.transaction() as tx:
            found = await meeting_for(tx, actor, meeting)
            must_organise(found, actor)
            draft = self._draft(actor, found, await tx.minutes.of_meeting(meeting))
            await tx.minutes.add(draft)
            await tx.minutes.keep_text(meeting, draft.seq, self.vault.lock(body.encode(), draft_place(draft)))
        return draft

    def _draft(self, actor: Actor, meeting: Meeting, former: Sequence[Minutes]) -> Minutes:
        if meeting.state is not MeetingState.SETTLED:
            raise Conflict("Minutes belong to a meeting that has been settled and not cancelled.")
        if former and former[-1].state is not MinutesState.SEALED:
            raise Conflict("These minutes are begun already: change that draft.")
        return Minutes(
            meeting=meeting.id,
            seq=len(former),
            kind=MinutesKind.ADDENDUM if former else MinutesKind.MINUTES,
            author=actor.person,
            author_agency=actor.agency,
            state=MinutesState.DRAFT,
            version=1,
            content=None,
            policy=None,
            approvals=(),
            leaf=None,
            changed_at=self.now(),
        )


@dataclass(frozen=True, slots=True)
class RewriteMinutes:
    storage: Storage
    vault: DraftVault
    now: Clock

    async def __call__(
        self, actor: Actor, meeting: MeetingId, seq: int, based_on: int, text: MinutesText
    ) -> Minutes:
        """The draft with a new text.

        Raises Forbidden, NotFound, Invalid, Stale unless `based_on` is the newest version, Conflict once approved.
        """
        actor.must(Action.WRITE_MINUTES)
        body = _checked(text)
        async with self.storage.transaction() as tx:
            found = await meeting_for(tx, actor, meeting)
            must_organise(found, actor)
            rewritten = (await minutes_for(tx, actor, found, seq)).rewritten(based_on, self.now())
            await tx.minutes.save(rewritten)
            await tx.minutes.keep_text(meeting, seq, self.vault.lock(body.encode(), draft_place(rewritten)))
        return rewritten


@dataclass(frozen=True, slots=True)
class ReadMinutes:
    storage: Storage
    vault: DraftVault

    async def __call__(self, actor: Actor, meeting: MeetingId, seq: int) -> ReadableMinutes:
        """Raises Forbidden, NotFound, also for another agency's draft that has not been circulated."""
        actor.must(Action.READ_MINUTES)
        async with self.storage.snapshot() as tx:
            found = await meeting_for(tx, actor, meeting)
            minutes = await minutes_for(tx, actor, found, seq)
            sealed = minutes.state is MinutesState.SEALED
            body = None if sealed else await readable_body(tx, self.vault, minutes)
            return ReadableMinutes(minutes=minutes, body=body)
