"""Circulating fixes the exact text; the agencies approve its hash; the last approval leads to the seal."""

from dataclasses import dataclass

import msgspec

from meetcoord.domain import leaves
from meetcoord.domain.access import Action, Actor
from meetcoord.domain.errors import Forbidden
from meetcoord.domain.frames import SALT_BYTES, Frame
from meetcoord.domain.leaves import ActKind, ApprovalLeaf
from meetcoord.domain.minutes import Minutes, MinutesApproval, MinutesState
from meetcoord.domain.profiles import Profiles
from meetcoord.domain.values import MeetingId
from meetcoord.ports.sealing import DraftVault
from meetcoord.ports.storage import Storage
from meetcoord.ports.system import Clock, Entropy
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.policies import Policies
from meetcoord.usecases.read_meeting import meeting_for, must_organise
from meetcoord.usecases.seal_minutes import SealMinutes
from meetcoord.usecases.write_minutes import frame_place, minutes_for, readable_body


@dataclass(frozen=True, slots=True)
class CirculateMinutes:
    """`origin` is the name of the log the text is written for."""

    storage: Storage
    vault: DraftVault
    policies: Policies
    now: Clock
    entropy: Entropy
    acts: Acts
    origin: str

    async def __call__(self, actor: Actor, meeting: MeetingId, seq: int, based_on: int) -> Minutes:
        """The minutes with their text frozen. Raises Forbidden, NotFound, Stale, Conflict when an agency has no key."""
        actor.must(Action.WRITE_MINUTES)
        async with self.storage.transaction() as tx:
            found = await meeting_for(tx, actor, meeting)
            must_organise(found, actor)
            draft = await minutes_for(tx, actor, found, seq)
            draft.must_be(based_on)
            draft.must_not_be_approved()
            frame = self._frame(draft, await readable_body(tx, self.vault, draft))
            policy = await self.policies.in_force(tx, found)
            circulated = draft.circulated(based_on, leaves.content_hash(frame), policy, self.now())
            await tx.minutes.save(circulated)
            await tx.minutes.keep_text(meeting, seq, self.vault.lock(frame, frame_place(circulated)))
            await self.acts.record(
                tx,
                ActKind.MINUTES_CIRCULATED,
                actor,
                what=f"{meeting}/{seq}",
                about=meeting,
            )
        return circulated

    def _frame(self, draft: Minutes, body: str) -> bytes:
        return Frame(
            log=self.origin,
            meeting=draft.meeting,
            seq=draft.seq,
            kind=draft.kind.value,
            author=draft.writer,
            salt=self.entropy(SALT_BYTES),
            body=body,
        ).encode()


class ApprovedContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`content` is the hash of the circulated text, as GET shows it: what was read is what is approved."""

    content: str


@dataclass(frozen=True, slots=True)
class ApproveMinutes:
    storage: Storage
    profiles: Profiles
    policies: Policies
    seal: SealMinutes
    now: Clock

    async def __call__(self, actor: Actor, meeting: MeetingId, seq: int, asked: ApprovedContent) -> Minutes:
        """The minutes with the approval of the actor's agency, sealed when it was the last one needed.

        Approving twice is once. Raises Forbidden, NotFound, Stale for another text, Conflict.
        """
        actor.must(Action.APPROVE_MINUTES)
        async with self.storage.transaction() as tx:
            found = await meeting_for(tx, actor, meeting)
            needed = found.approvers(self.profiles.named(found.profile))
            if actor.agency not in needed:
                raise Forbidden("The approval of your agency is not asked for under this profile.")
            minutes = await minutes_for(tx, actor, found, seq)
            approval = MinutesApproval(agency=actor.agency, by=actor.person, at=self.now())
            approved = minutes.approved(asked.content, approval, needed)
            if approved is not minutes:
                await self.policies.must_be_in_force(tx, found, minutes.policy)
                await tx.minutes.save(approved)
                await tx.log.promise(meeting, leaves.encode(_leaf(approved, approval)))
        return await self.seal(meeting, seq) if approved.state is MinutesState.APPROVED else approved


def _leaf(minutes: Minutes, approval: MinutesApproval) -> ApprovalLeaf:
    return ApprovalLeaf(
        agency=approval.agency,
        at=int(approval.at.timestamp()),
        by=approval.by,
        content=minutes.content or "",
        meeting=minutes.meeting,
        seq=minutes.seq,
    )
