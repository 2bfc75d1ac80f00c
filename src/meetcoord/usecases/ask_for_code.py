"""A person who opened her link asks for a code, which goes to her mailbox and nowhere else."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from meetcoord.domain.challenges import PAUSE, Challenge, ChallengeKind, SeatCodes
from meetcoord.domain.errors import Conflict, ProofNeeded
from meetcoord.domain.invitations import Seat
from meetcoord.domain.letters import LetterKind
from meetcoord.domain.profiles import Profiles, Proof
from meetcoord.domain.values import ChallengeId, masked
from meetcoord.ports.links import JoinLinks
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock, NewId
from meetcoord.usecases.invite_delegates import owed
from meetcoord.usecases.open_invitation import OpenedLink, seat_of


class MailedTo(msgspec.Struct, frozen=True, kw_only=True):
    """Where the code went, masked. `fresh` is False when it had gone out just before and nothing new was sent."""

    address: str
    fresh: bool
    again_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AskForCode:
    storage: Storage
    links: JoinLinks
    profiles: Profiles
    now: Clock
    new_id: NewId

    async def __call__(self, opened: OpenedLink) -> MailedTo:
        """Owe the person one message with a new code, which kills the former; asked twice within 30 s is once.

        Raises JoinRefused, among it TooManyTries once only the telephone helps, and Conflict where no code is asked.
        """
        link = self.links.read(opened.token)
        async with self.storage.transaction() as tx:
            now = self.now()
            seat, person = await seat_of(tx, self.profiles, link, now)
            seat.must_be_open(now)
            _must_be_by_mail(seat)
            codes = SeatCodes.of(seat.invitation, await tx.challenges.of(seat.invitation.id))
            former = codes.just_mailed(now)
            challenge = former or await self._mail(tx, seat, codes, now)
        return MailedTo(
            address=masked(person.address),
            fresh=former is None,
            again_at=challenge.issued_at + PAUSE,
            expires_at=challenge.expires_at,
        )

    async def _mail(self, tx: Transaction, seat: Seat, codes: SeatCodes, now: datetime) -> Challenge:
        codes.must_still_mail(seat.slot.end)
        (message,) = owed(LetterKind.CODE, [seat.invitation], now, self.new_id)
        challenge = codes.next(ChallengeId(message.id), ChallengeKind.MAILED, now)
        for former in codes.followed(ChallengeKind.MAILED):
            await tx.challenges.save(former)
        await tx.challenges.add(challenge)
        await tx.outbox.add([message.ahead()])
        return challenge


def _must_be_by_mail(seat: Seat) -> None:
    match seat.profile.proof:
        case Proof.LINK:
            raise Conflict("This meeting asks for no code: the link alone opens it.")
        case Proof.AGENCY_LOGIN_OR_PHONE_CODE:
            raise ProofNeeded(
                "Codes for this meeting are never mailed: your agency's secretariat reads them to you by telephone.",
                (ChallengeKind.PHONED.value,),
            )
