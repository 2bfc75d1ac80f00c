"""Hand the messages that are due to the next mail server, and remember what became of each."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from meetcoord.domain.challenges import Challenge
from meetcoord.domain.errors import AddressRefused, MeetcoordError, Stale, TryLater
from meetcoord.domain.invitations import Invitation, JoinLink, Seat
from meetcoord.domain.letters import Letter, LetterKind, MailedCode
from meetcoord.domain.meetings import Meeting, MeetingState
from meetcoord.domain.outbox import Message
from meetcoord.domain.profiles import Profiles
from meetcoord.domain.values import ChallengeId
from meetcoord.ports.codes import Codes
from meetcoord.ports.links import JoinLinks
from meetcoord.ports.mail import Postman
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock

PATIENCE = timedelta(minutes=5)
LINK_GRACE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DeliverMail:
    """`mail_domain` ends the Message-IDs and calendar UIDs; `help_phone` may be empty."""

    storage: Storage
    postman: Postman
    links: JoinLinks
    codes: Codes
    profiles: Profiles
    now: Clock
    mail_domain: str
    help_phone: str

    async def __call__(self, limit: int = 20) -> int:
        """Try up to `limit` messages; returns how many. An accepted message is never tried again.

        Each is taken just before it leaves: a slow mail server delays the queue and makes nobody's turn come twice.
        """
        for tried in range(limit):
            taken = await self._take()
            if taken is None:
                return tried
            message, letter = taken
            await self._report(await self._outcome(message, letter))
        return limit

    async def _take(self) -> tuple[Message, Letter] | None:
        """The next due message, marked as leaving before any byte is sent: a crash leaves doubt, never silence."""
        async with self.storage.transaction() as tx:
            while due := await tx.outbox.due(self.now(), 1):
                invitation, meeting = await tx.invitations.with_meeting(due[0].invitation)
                challenge = await _challenge(tx, due[0])
                if _overtaken(due[0], invitation, meeting) or _lapsed(challenge, invitation, self.now()):
                    await tx.outbox.save(due[0].overtaken())
                    continue
                leaving = due[0].leaving(self.now(), PATIENCE)
                await tx.outbox.save(leaving)
                return leaving, await self._letter(tx, leaving, invitation, meeting, challenge)
        return None

    async def _outcome(self, message: Message, letter: Letter) -> Message:
        try:
            return message.accepted(await self.postman.send(letter))
        except AddressRefused as refusal:
            return message.refused(refusal.reply)
        except TryLater as delay:
            return message.postponed(self.now(), delay.reply or delay.detail, answered=bool(delay.reply))
        except MeetcoordError as fault:
            return message.postponed(self.now(), fault.detail)

    async def _report(self, outcome: Message) -> None:
        try:
            async with self.storage.transaction() as tx:
                await tx.outbox.save(outcome)
        except Stale:
            # Our answer came after `PATIENCE` and another worker took the message up: its report counts.
            return

    async def _letter(
        self,
        tx: Transaction,
        message: Message,
        invitation: Invitation,
        meeting: Meeting,
        challenge: Challenge | None,
    ) -> Letter:
        person = await tx.persons.get(invitation.person)
        names = {agency.id: agency.name for agency in await tx.agencies.every()}
        profile = self.profiles.named(meeting.profile)
        slot = Seat(invitation=invitation, meeting=meeting, profile=profile).slot
        link = JoinLink(
            invitation=invitation.id, revision=invitation.revision, expires_at=slot.end + LINK_GRACE
        )
        return Letter(
            kind=message.kind,
            message_id=f"{message.id}@{self.mail_domain}",
            uid=f"{invitation.id}@{self.mail_domain}",
            sequence=message.sequence,
            written_at=message.created_at,
            to_address=person.address,
            to_name=person.name,
            language=person.language,
            title="" if challenge else meeting.title,
            agenda="" if challenge else meeting.agenda,
            neutral=profile.neutral_mail,
            organiser=names[meeting.organiser],
            agencies=tuple(names[agency] for agency in meeting.agencies),
            start=slot.start,
            end=slot.end,
            time_zone=meeting.time_zone,
            join_link=self.links.write(link) if message.kind is LetterKind.INVITED else "",
            help_phone=self.help_phone,
            code=self._code(challenge) if challenge else None,
        )

    def _code(self, challenge: Challenge) -> MailedCode:
        return MailedCode(digits=self.codes.of(challenge), expires_at=challenge.expires_at)


async def _challenge(tx: Transaction, message: Message) -> Challenge | None:
    """What a message that brings a code brings the code of."""
    if message.kind is not LetterKind.CODE:
        return None
    return await tx.challenges.get(ChallengeId(message.id))


def _lapsed(challenge: Challenge | None, invitation: Invitation, now: datetime) -> bool:
    """Whether the code would no longer let anybody in."""
    if challenge is None:
        return False
    return not challenge.counts(now) or challenge.revision != invitation.revision


def _overtaken(message: Message, invitation: Invitation, meeting: Meeting) -> bool:
    """Whether the message is no longer true: its link would be dead, or the seat has been given again."""
    match message.kind:
        case LetterKind.INVITED:
            stands = invitation.active and message.sequence == invitation.revision - 1
            return not stands or meeting.state is MeetingState.CANCELLED
        case LetterKind.REMOVED:
            return invitation.active
        case LetterKind.CODE:
            return not invitation.active or meeting.state is MeetingState.CANCELLED
        case LetterKind.CANCELLED:
            return False
