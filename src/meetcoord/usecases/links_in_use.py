"""Until when links that were sent before a moment may still be opened, for whoever wants to retire their key."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from meetcoord.domain.letters import LetterKind
from meetcoord.domain.meetings import Meeting, MeetingState
from meetcoord.domain.values import AgencyId
from meetcoord.ports.storage import PageMark, Storage, Transaction
from meetcoord.ports.system import Clock
from meetcoord.usecases.deliver_mail import LINK_GRACE

PAGE = 100


@dataclass(frozen=True, slots=True)
class LinksInUse:
    storage: Storage
    now: Clock

    async def __call__(self, sent_before: datetime) -> datetime | None:
        """When (UTC) the last of those links expires; None when all have. Links of cancelled meetings are dead."""
        async with self.storage.snapshot() as tx:
            ends = [
                end
                for agency in await tx.agencies.every()
                async for meeting in _organised_by(tx, agency.id)
                if (end := self._end(meeting)) and await _was_sent(tx, meeting, sent_before)
            ]
        return max(ends, default=None)

    def _end(self, meeting: Meeting) -> datetime | None:
        if meeting.slot is None or meeting.state is not MeetingState.SETTLED:
            return None
        end = meeting.slot.end + LINK_GRACE
        return end if end > self.now() else None


async def _organised_by(tx: Transaction, agency: AgencyId) -> AsyncIterator[Meeting]:
    mark: PageMark | None = None
    while page := await tx.meetings.page(agency, mark, PAGE):
        for meeting in page:
            if meeting.organiser == agency:
                yield meeting
        mark = PageMark(page[-1].created_at, page[-1].id)


async def _was_sent(tx: Transaction, meeting: Meeting, before: datetime) -> bool:
    messages = await tx.outbox.of_meeting(meeting.id)
    return any(each.kind is LetterKind.INVITED and each.created_at < before for each in messages)
