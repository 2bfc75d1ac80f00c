"""A secretary reads a code to a person of her own agency, whom she has called at a number she knew before."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.challenges import Challenge, ChallengeKind, SeatCodes
from meetcoord.domain.errors import Conflict, Forbidden, NotFound
from meetcoord.domain.invitations import Invitation, Seat
from meetcoord.domain.leaves import ActKind
from meetcoord.domain.meetings import MeetingState
from meetcoord.domain.profiles import Profiles, Proof
from meetcoord.domain.values import ChallengeId, InvitationId, MeetingId
from meetcoord.ports.codes import Codes
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock, NewId
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.read_meeting import meeting_for


class PhonedCode(msgspec.Struct, frozen=True, kw_only=True):
    """Shown once, to be read aloud. A bearer secret until `expires_at` (UTC)."""

    digits: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ReadCodeByPhone:
    storage: Storage
    codes: Codes
    profiles: Profiles
    now: Clock
    new_id: NewId
    acts: Acts

    async def __call__(self, actor: Actor, meeting: MeetingId, invitation: InvitationId) -> PhonedCode:
        """A new code for this seat, which kills the one read before; the act is logged.

        Raises Forbidden, NotFound, Conflict when the seat takes no code, TooEarly, TooLate.
        """
        actor.must(Action.READ_CODE_BY_PHONE)
        async with self.storage.transaction() as tx:
            seat = await self._seat(tx, actor, meeting, invitation)
            now = self.now()
            seat.must_be_open(now)
            challenge = await self._issue(tx, seat.invitation, now)
            await self.acts.record(tx, ActKind.CODE_PHONED, actor, what=invitation, about=meeting)
        return PhonedCode(digits=self.codes.of(challenge), expires_at=challenge.expires_at)

    async def _seat(
        self, tx: Transaction, actor: Actor, meeting: MeetingId, invitation: InvitationId
    ) -> Seat:
        found = await meeting_for(tx, actor, meeting)
        seats = {each.id: each for each in await tx.invitations.of_meeting(meeting)}
        if invitation not in seats:
            raise NotFound("There is no such invitation to this meeting.")
        seat = Seat(invitation=seats[invitation], meeting=found, profile=self.profiles.named(found.profile))
        if seat.invitation.agency != actor.agency:
            raise Forbidden("Only a secretary of the person's own agency may read her a code.")
        person = await tx.persons.get(seat.invitation.person)
        if found.state is not MeetingState.SETTLED or not seat.invitation.active or not person.active:
            raise Conflict("This seat is closed: the meeting is cancelled, or the invitation withdrawn.")
        if seat.profile.proof is Proof.LINK:
            raise Conflict("This meeting asks for no code: the link alone opens it.")
        return seat

    async def _issue(self, tx: Transaction, invitation: Invitation, now: datetime) -> Challenge:
        codes = SeatCodes.of(invitation, await tx.challenges.of(invitation.id))
        challenge = codes.next(ChallengeId(self.new_id()), ChallengeKind.PHONED, now)
        for former in codes.followed(ChallengeKind.PHONED):
            await tx.challenges.save(former)
        await tx.challenges.add(challenge)
        return challenge
