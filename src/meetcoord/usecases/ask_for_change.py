"""An agency that reads circulated minutes asks for another text instead of approving this one."""

from dataclasses import dataclass

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.errors import Forbidden, Invalid
from meetcoord.domain.kept import COMMENT_MAX, ChangeRequest
from meetcoord.domain.leaves import ActKind
from meetcoord.domain.markings import refuse_marking
from meetcoord.domain.minutes import Minutes
from meetcoord.domain.profiles import Profiles
from meetcoord.domain.values import MeetingId, prose
from meetcoord.ports.sealing import DraftVault
from meetcoord.ports.storage import Storage
from meetcoord.ports.system import Clock
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.minutes_texts import keep, kept_text, minutes_for
from meetcoord.usecases.read_meeting import meeting_for


class WantedChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`content` is the hash of the circulated text, as GET shows it; `comment` says what should be otherwise."""

    content: str
    comment: str


def _comment(wanted: WantedChange) -> str:
    text = prose(wanted.comment, "The comment", "/comment", COMMENT_MAX).strip()
    if not text:
        raise Invalid("Say what should be changed: the comment is empty.", "/comment")
    return refuse_marking(text, "The comment", "/comment")


@dataclass(frozen=True, slots=True)
class AskForChange:
    storage: Storage
    vault: DraftVault
    profiles: Profiles
    now: Clock
    acts: Acts

    async def __call__(self, actor: Actor, meeting: MeetingId, seq: int, wanted: WantedChange) -> Minutes:
        """The minutes, with what the actor's agency asks for kept beside their text, encrypted like it.

        A later request of the same agency takes the place of the former; asking the same twice is once.
        Raises Forbidden, NotFound, Invalid, Stale for another text, Conflict once the agency has approved it.
        """
        actor.must(Action.APPROVE_MINUTES)
        comment = _comment(wanted)
        async with self.storage.transaction() as tx:
            found = await meeting_for(tx, actor, meeting)
            if actor.agency not in found.approvers(self.profiles.named(found.profile)):
                raise Forbidden("The approval of your agency is not asked for, nor can it ask for a change.")
            minutes = await minutes_for(tx, actor, found, seq)
            now = self.now()
            changed = minutes.change_asked(wanted.content, actor.agency, now)
            kept = await kept_text(tx, self.vault, minutes)
            if any((r.agency, r.comment) == (actor.agency, comment) for r in kept.requests):
                return minutes
            request = ChangeRequest(agency=actor.agency, by=actor.person, at=now, comment=comment)
            await tx.minutes.save(changed)
            await keep(tx, self.vault, changed, kept.with_request(request))
            place = f"{meeting}/{seq}"
            await self.acts.record(tx, ActKind.MINUTES_CHANGE_ASKED, actor, what=place, about=meeting)
        return changed
