"""The organising agency writes minutes, as one text or in parts, or has a draft proposed to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.draft_text import rendered
from meetcoord.domain.drafts import Draft, cleaned
from meetcoord.domain.errors import Conflict, Invalid, Overtaken, Stale
from meetcoord.domain.kept import Kept
from meetcoord.domain.markings import refuse_marking
from meetcoord.domain.meetings import Meeting, MeetingState
from meetcoord.domain.minutes import BODY_MAX, Minutes, MinutesKind, MinutesState
from meetcoord.domain.proposed_drafts import proposed
from meetcoord.domain.values import Language, MeetingId, prose
from meetcoord.ports.sealing import DraftVault
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock
from meetcoord.usecases.known_of_meeting import known_of
from meetcoord.usecases.minutes_texts import body_of, keep, kept_text, minutes_for
from meetcoord.usecases.read_meeting import meeting_for, must_organise


class MinutesText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Either `body`, the text in Markdown, or `draft`, the parts from which the service writes that text."""

    body: str | None = None
    draft: Draft | None = None


class AskedProposal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`language` is the organising agency's unless given. A `lean` attendance list holds no times."""

    language: Language | None = None
    lean: bool = False


class NewMinutes(MinutesText, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As MinutesText; or `proposed`, for a draft filled from the meeting's agenda and attendance."""

    proposed: AskedProposal | None = None


def _checked(text: MinutesText) -> Kept:
    if (text.body is None) is (text.draft is None):
        raise Invalid("Write the minutes either as `body`, one text, or as `draft`, in parts.", "/body")
    if text.draft is not None:
        return from_parts(cleaned(text.draft))
    body = prose(text.body or "", "The text", "/body", BODY_MAX)
    return Kept(text=refuse_marking(body, "The text", "/body"))


def from_parts(draft: Draft) -> Kept:
    return Kept(text=rendered(draft), draft=draft)


@dataclass(frozen=True, slots=True)
class StartMinutes:
    storage: Storage
    vault: DraftVault
    now: Clock

    async def __call__(self, actor: Actor, meeting: MeetingId, text: NewMinutes) -> Minutes:
        """A first draft, or, when the last document of the meeting is sealed, an addendum to it.

        Raises Forbidden, NotFound, Invalid, Conflict while another draft is open.
        """
        actor.must(Action.WRITE_MINUTES)
        written = _written_by_hand(text)
        async with self.storage.transaction() as tx:
            found = await meeting_for(tx, actor, meeting)
            must_organise(found, actor)
            draft = self._draft(actor, found, await tx.minutes.of_meeting(meeting))
            await tx.minutes.add(draft)
            await keep(tx, self.vault, draft, written or await self._proposed(tx, found, draft, text))
        return draft

    async def _proposed(self, tx: Transaction, meeting: Meeting, draft: Minutes, text: NewMinutes) -> Kept:
        asked = text.proposed or AskedProposal()
        language = asked.language or (await tx.agencies.get(meeting.organiser)).language
        if draft.kind is MinutesKind.ADDENDUM:
            return from_parts(Draft(language=language, title=meeting.title))
        known = await known_of(tx, meeting)
        return from_parts(proposed(known, language, self.now(), lean=asked.lean))

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


def _written_by_hand(text: NewMinutes) -> Kept | None:
    """None when the service is to propose a draft. Raises Invalid."""
    if text.proposed is None:
        return _checked(text)
    if text.body is not None or text.draft is not None:
        raise Invalid("Either send a text of your own or have one proposed, not both.", "/proposed")
    return None


@dataclass(frozen=True, slots=True)
class RewriteMinutes:
    storage: Storage
    vault: DraftVault
    now: Clock

    async def __call__(
        self, actor: Actor, meeting: MeetingId, seq: int, based_on: int, text: MinutesText
    ) -> Minutes:
        """The draft with a new text. Saving what is saved already changes nothing, whatever it is based on.

        Raises Forbidden, NotFound, Invalid, Overtaken unless `based_on` is the newest version, Conflict once approved.
        """
        actor.must(Action.WRITE_MINUTES)
        written = _checked(text)
        async with self.storage.transaction() as tx:
            found = await meeting_for(tx, actor, meeting)
            must_organise(found, actor)
            minutes = await minutes_for(tx, actor, found, seq)
            minutes.must_not_be_approved()
            former = await kept_text(tx, self.vault, minutes)
            return await rewritten(tx, self.vault, minutes, based_on, former, written, self.now())


async def rewritten(
    tx: Transaction,
    vault: DraftVault,
    minutes: Minutes,
    based_on: int,
    former: Kept,
    written: Kept,
    at: datetime,
) -> Minutes:
    """The minutes with `written` in place of `former`. Raises Overtaken, which tells the newest text."""
    same = (former.text, former.draft) == (written.text, written.draft)
    if same and minutes.state is MinutesState.DRAFT:
        return minutes
    try:
        changed = minutes.rewritten(based_on, at)
    except Stale as stale:
        raise Overtaken(stale.detail, minutes.version, body_of(minutes, former)) from None
    await tx.minutes.save(changed)
    await keep(tx, vault, changed, written)
    return changed
