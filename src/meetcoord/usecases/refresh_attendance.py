"""The attendance in a draft is filled anew from admissions and room events; nothing else in it changes."""

from dataclasses import dataclass

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.drafts import Draft
from meetcoord.domain.errors import Conflict
from meetcoord.domain.minutes import Minutes
from meetcoord.domain.proposed_drafts import Known, attendance_list
from meetcoord.domain.values import MeetingId
from meetcoord.ports.sealing import DraftVault
from meetcoord.ports.storage import Storage
from meetcoord.ports.system import Clock
from meetcoord.usecases.known_of_meeting import known_of
from meetcoord.usecases.minutes_texts import kept_text, minutes_for
from meetcoord.usecases.read_meeting import meeting_for, must_organise
from meetcoord.usecases.write_minutes import from_parts, rewritten


@dataclass(frozen=True, slots=True)
class RefreshAttendance:
    storage: Storage
    vault: DraftVault
    now: Clock

    async def __call__(self, actor: Actor, meeting: MeetingId, seq: int, based_on: int) -> Minutes:
        """The draft with its attendance as it is known now, and everything else as it was.

        Raises Forbidden, NotFound, Overtaken, Conflict for a text not written in parts or once approved.
        """
        actor.must(Action.WRITE_MINUTES)
        async with self.storage.transaction() as tx:
            found = await meeting_for(tx, actor, meeting)
            must_organise(found, actor)
            minutes = await minutes_for(tx, actor, found, seq)
            minutes.must_not_be_approved()
            former = await kept_text(tx, self.vault, minutes)
            written = from_parts(self._refreshed(former.draft, await known_of(tx, found)))
            return await rewritten(tx, self.vault, minutes, based_on, former, written, self.now())

    def _refreshed(self, draft: Draft | None, known: Known) -> Draft:
        if draft is None:
            raise Conflict("These minutes are one free text: its attendance is yours to write.")
        lean = draft.attendance is not None and draft.attendance.lean
        return msgspec.structs.replace(draft, attendance=attendance_list(known, self.now(), lean=lean))
