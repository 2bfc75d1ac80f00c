"""Every agency reads minutes once they are circulated, with who is waited for and which changes were asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.drafts import Draft
from meetcoord.domain.kept import ChangeRequest, Kept
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.minutes import Minutes, MinutesState
from meetcoord.domain.policies import PlacedPolicy
from meetcoord.domain.profiles import Profiles
from meetcoord.domain.values import AgencyId, MeetingId
from meetcoord.ports.sealing import DraftVault
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.usecases.minutes_texts import body_of, kept_text, minutes_for
from meetcoord.usecases.policies import policy_at
from meetcoord.usecases.read_meeting import SeenPerson, meeting_for, seen_by


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An agency that has not approved yet, and since when it could."""

    agency: AgencyId
    since: datetime


class AskedChange(msgspec.Struct, frozen=True, kw_only=True):
    request: ChangeRequest
    person: SeenPerson


class ReadableMinutes(msgspec.Struct, frozen=True, kw_only=True):
    """`body` is None once sealed: from then on only the holders of the recipients' keys can read it.

    `frame` and `policy` are what an approver signs for, from circulation to seal. `draft` and all `changes` asked for
    are the organising agency's to see; an agency sees its own request.
    """

    minutes: Minutes
    body: str | None
    draft: Draft | None = None
    waiting_for: tuple[Waiting, ...] = ()
    changes: tuple[AskedChange, ...] = ()
    frame: bytes | None = None
    policy: PlacedPolicy | None = None


@dataclass(frozen=True, slots=True)
class ReadMinutes:
    storage: Storage
    vault: DraftVault
    profiles: Profiles

    async def __call__(self, actor: Actor, meeting: MeetingId, seq: int) -> ReadableMinutes:
        """Raises Forbidden, NotFound, also for another agency's draft that has not been circulated."""
        actor.must(Action.READ_MINUTES)
        async with self.storage.snapshot() as tx:
            found = await meeting_for(tx, actor, meeting)
            minutes = await minutes_for(tx, actor, found, seq)
            if minutes.state is MinutesState.SEALED:
                return ReadableMinutes(minutes=minutes, body=None)
            kept = await kept_text(tx, self.vault, minutes)
            return ReadableMinutes(
                minutes=minutes,
                body=body_of(minutes, kept),
                draft=kept.draft if actor.agency == found.organiser else None,
                waiting_for=self._waiting_for(found, minutes, kept),
                changes=await _changes(tx, actor, found, kept.open_requests(minutes)),
                frame=kept.text.encode() if minutes.policy is not None else None,
                policy=await policy_at(tx, minutes.policy) if minutes.policy is not None else None,
            )

    def _waiting_for(self, meeting: Meeting, minutes: Minutes, kept: Kept) -> tuple[Waiting, ...]:
        if minutes.state is not MinutesState.CIRCULATED:
            return ()
        needed = meeting.approvers(self.profiles.named(meeting.profile))
        since = kept.circulated_at or minutes.changed_at
        return tuple(
            Waiting(agency=agency, since=since)
            for agency in meeting.agencies
            if agency in needed and not minutes.has_approval_of(agency)
        )


async def _changes(
    tx: Transaction, actor: Actor, meeting: Meeting, requests: Sequence[ChangeRequest]
) -> tuple[AskedChange, ...]:
    seen = [each for each in requests if actor.agency in {meeting.organiser, each.agency}]
    persons = {p.id: p for p in await tx.persons.several([each.by for each in seen])}
    return tuple(
        AskedChange(request=each, person=seen_by(actor.agency, persons[each.by]))
        for each in seen
        if each.by in persons
    )
