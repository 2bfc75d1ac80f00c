"""Circulating fixes the exact text; the agencies approve its hash; the last approval leads to the seal."""

from dataclasses import dataclass

import msgspec

from meetcoord.domain import leaves
from meetcoord.domain.access import SERVICE, Action, Actor
from meetcoord.domain.approvals import approval_text
from meetcoord.domain.errors import Forbidden
from meetcoord.domain.frames import SALT_BYTES, Frame
from meetcoord.domain.kept import Kept
from meetcoord.domain.key_notices import ChangedKeys, KeyChange
from meetcoord.domain.leaves import ActKind, ApprovalLeaf
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.minutes import Minutes, MinutesApproval, MinutesState
from meetcoord.domain.policies import PlacedPolicy, must_suit
from meetcoord.domain.profiles import Profiles
from meetcoord.domain.values import MeetingId
from meetcoord.ports.sealing import DraftVault
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock, Entropy
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.minutes_texts import body_of, keep, kept_text, minutes_for
from meetcoord.usecases.policies import Policies
from meetcoord.usecases.read_meeting import meeting_for, must_organise
from meetcoord.usecases.seal_minutes import SealMinutes
from meetcoord.usecases.sequencing import place_now
from meetcoord.usecases.signatures import Signatures, given
from meetcoord.usecases.tell_of_keys import TellOfKeys

COMMAND = "meetcoord approver sign circulated.json --key FILE"


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
    profiles: Profiles
    tell: TellOfKeys

    async def __call__(self, actor: Actor, meeting: MeetingId, seq: int, based_on: int) -> Minutes:
        """The minutes with their text frozen. Raises Forbidden, NotFound, Stale; Conflict when an agency lacks a key.

        They will be readable for those whom the policy in force names: proposed changes of keys are not waited for.
        """
        actor.must(Action.WRITE_MINUTES)
        async with self.storage.transaction() as tx:
            found = await meeting_for(tx, actor, meeting)
            must_organise(found, actor)
            draft = await minutes_for(tx, actor, found, seq)
            draft.must_be(based_on)
            draft.must_not_be_approved()
            kept = await kept_text(tx, self.vault, draft)
            frame = self._frame(draft, body_of(draft, kept))
            policy = await self._policy(tx, found)
            profile = self.profiles.named(found.profile)
            must_suit(policy.leaf, profile, found.approvers(profile))
            now = self.now()
            circulated = draft.circulated(based_on, leaves.content_hash(frame), policy.index, now)
            await tx.minutes.save(circulated)
            frozen = Kept(text=frame.decode(), draft=kept.draft, circulated_at=now)
            await keep(tx, self.vault, circulated, frozen)
            await self.acts.record(
                tx,
                ActKind.MINUTES_CIRCULATED,
                actor,
                what=f"{meeting}/{seq}",
                about=meeting,
            )
        return circulated

    async def _policy(self, tx: Transaction, meeting: Meeting) -> PlacedPolicy:
        first = await self.policies.begin(tx, meeting)
        if first is None:
            return await self.policies.in_force(tx, meeting)
        changed = ChangedKeys(
            change=KeyChange.POLICY_IN_FORCE, agency=meeting.organiser, object=str(first.index), by=SERVICE
        )
        await self.tell.agencies(tx, changed, first.leaf.agencies)
        return first

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
    """`content` is the hash of the circulated text, as GET shows it: what was read is what is approved.

    `signature` is what `meetcoord approver sign` wrote, for an agency whose keys the policy names.
    """

    content: str
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class ApproveMinutes:
    storage: Storage
    profiles: Profiles
    policies: Policies
    seal: SealMinutes
    signatures: Signatures
    now: Clock

    async def __call__(self, actor: Actor, meeting: MeetingId, seq: int, asked: ApprovedContent) -> Minutes:
        """The minutes with the approval of the actor's agency, sealed when it was the last one needed.

        Approving twice is once. Raises Forbidden, NotFound, Stale for another text, Conflict; Invalid when it is not
        signed as the policy asks.
        """
        actor.must(Action.APPROVE_MINUTES)
        async with self.storage.transaction() as tx:
            found = await meeting_for(tx, actor, meeting)
            needed = found.approvers(self.profiles.named(found.profile))
            if actor.agency not in needed:
                raise Forbidden("The approval of your agency is not asked for under this profile.")
            minutes = await minutes_for(tx, actor, found, seq)
            signed = asked.signature is not None
            approval = MinutesApproval(agency=actor.agency, by=actor.person, at=self.now(), signed=signed)
            approved = minutes.approved(asked.content, approval, needed)
            if approved is not minutes:
                policy = await self.policies.must_be_in_force(tx, found, minutes.policy)
                self._must_be_signed(actor, minutes, policy, asked)
                await tx.minutes.save(approved)
                await place_now(tx, meeting, _leaf(approved, approval, asked))
        return await self.seal(meeting, seq) if approved.state is MinutesState.APPROVED else approved

    def _must_be_signed(
        self, actor: Actor, minutes: Minutes, policy: PlacedPolicy, asked: ApprovedContent
    ) -> None:
        text = approval_text(
            self.policies.origin, minutes.meeting, minutes.seq, asked.content, policy.index, policy.hash
        )
        self.signatures.check(text, asked.signature, policy.leaf.approver_keys(actor.agency), COMMAND)


def _leaf(minutes: Minutes, approval: MinutesApproval, asked: ApprovedContent) -> ApprovalLeaf:
    return ApprovalLeaf(
        agency=approval.agency,
        at=int(approval.at.timestamp()),
        by=approval.by,
        content=minutes.content or "",
        meeting=minutes.meeting,
        policy=minutes.frozen_policy,
        seq=minutes.seq,
        signature=given(asked.signature),
    )
