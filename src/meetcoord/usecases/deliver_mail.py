"""Hand the messages that are due to the next mail server, and remember what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from meetcoord.domain.challenges import Challenge
from meetcoord.domain.errors import AddressRefused, Damaged, MeetcoordError, Stale, TryLater
from meetcoord.domain.invitations import Invitation, JoinLink
from meetcoord.domain.key_letters import KeyLetter
from meetcoord.domain.key_notices import KeyNotice
from meetcoord.domain.letters import FormerTime, Letter, LetterKind, MailedCode
from meetcoord.domain.meetings import Meeting, MeetingState, Slot
from meetcoord.domain.outbox import Message, awaits_something, believes_herself_invited, moved_since
from meetcoord.domain.profiles import Profiles
from meetcoord.domain.values import ChallengeId
from meetcoord.ports.codes import Codes
from meetcoord.ports.links import JoinLinks
from meetcoord.ports.mail import Postman
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock
from meetcoord.usecases.key_letters import KeyLetters

PATIENCE = timedelta(minutes=5)
LINK_GRACE = timedelta(hours=1)


class Matter(msgspec.Struct, frozen=True):
    """A message that leaves and all it is about; `told` is what was owed to its reader so far, where that matters."""

    message: Message
    invitation: Invitation
    meeting: Meeting
    challenge: Challenge | None
    told: Sequence[Message]


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

    async def _take(self) -> tuple[Message, Letter] | tuple[KeyNotice, KeyLetter] | None:
        """The next due message, marked as leaving before any byte is sent: a crash leaves doubt, never silence.

        Those about meetings come first: nobody waits before a door for one about keys.
        """
        async with self.storage.transaction() as tx:
            about_keys = KeyLetters(self.mail_domain, self.help_phone)
            return await self._next(tx) or await about_keys.take(tx, self.now(), PATIENCE)

    async def _next(self, tx: Transaction) -> tuple[Message, Letter] | None:
        while due := await tx.outbox.due(self.now(), 1):
            invitation, meeting = await tx.invitations.with_meeting(due[0].invitation)
            challenge = await _challenge(tx, due[0])
            told = await _told(tx, due[0])
            gone = _lapsed(challenge, invitation, self.now())
            if gone or _overtaken(due[0], invitation, meeting, told):
                await tx.outbox.save(due[0].overtaken())
                continue
            leaving = due[0].leaving(self.now(), PATIENCE)
            await tx.outbox.save(leaving)
            matter = Matter(leaving, invitation, meeting, challenge, told)
            return leaving, await self._letter(tx, matter)
        return None

    async def _outcome(self, message: Message | KeyNotice, letter: Letter | KeyLetter) -> Message | KeyNotice:
        try:
            return message.accepted(await self.postman.send(letter))
        except AddressRefused as refusal:
            return message.refused(refusal.reply)
        except TryLater as delay:
            return message.postponed(self.now(), delay.reply or delay.detail, answered=bool(delay.reply))
        except MeetcoordError as fault:
            return message.postponed(self.now(), fault.detail)

    async def _report(self, outcome: Message | KeyNotice) -> None:
        try:
            async with self.storage.transaction() as tx:
                if isinstance(outcome, KeyNotice):
                    await tx.key_notices.save(outcome)
                else:
                    await tx.outbox.save(outcome)
        except Stale:
            # Our answer came after `PATIENCE` and another worker took the message up: its report counts.
            return

    async def _letter(self, tx: Transaction, matter: Matter) -> Letter:
        message, invitation, meeting, challenge = (
            matter.message,
            matter.invitation,
            matter.meeting,
            matter.challenge,
        )
        person = await tx.persons.get(invitation.person)
        names = {agency.id: agency.name for agency in await tx.agencies.every()}
        profile = self.profiles.named(meeting.profile)
        slot = _slot(matter)
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
            instead_of=_instead_of(matter),
            code=self._code(challenge) if challenge else None,
        )

    def _code(self, challenge: Challenge) -> MailedCode:
        return MailedCode(digits=self.codes.of(challenge), expires_at=challenge.expires_at)


async def _challenge(tx: Transaction, message: Message) -> Challenge | None:
    """What a message that brings a code brings the code of."""
    if message.kind is not LetterKind.CODE:
        return None
    return await tx.challenges.get(ChallengeId(message.id))


async def _told(tx: Transaction, message: Message) -> Sequence[Message]:
    """What was written to somebody who is to hear that something has changed."""
    if message.kind is LetterKind.CODE or not message.sequence:
        return ()
    return await tx.outbox.of_seat(message.invitation, message.meeting)


def _lapsed(challenge: Challenge | None, invitation: Invitation, now: datetime) -> bool:
    """Whether the code would no longer let anybody in."""
    if challenge is None:
        return False
    return not challenge.counts(now) or challenge.revision != invitation.revision


def _overtaken(message: Message, invitation: Invitation, meeting: Meeting, told: Sequence[Message]) -> bool:
    """Whether the message is no longer true: its link would be dead, or the seat has been given again.

    Nor is anybody told of the loss of a seat that she never heard of.
    """
    match message.kind:
        case LetterKind.INVITED:
            stands = invitation.active and message.sequence == invitation.revision - 1
            return not stands or meeting.state is MeetingState.CANCELLED
        case LetterKind.REMOVED:
            return invitation.active or not believes_herself_invited(told)
        case LetterKind.MOVED:
            news = invitation.active or meeting.state is MeetingState.CANCELLED
            return news or not believes_herself_invited(told)
        case LetterKind.CODE:
            return not invitation.active or meeting.state is MeetingState.CANCELLED
        case LetterKind.CANCELLED:
            return not invitation.active and not awaits_something(told)


def _slot(matter: Matter) -> Slot:
    """The time the letter is about: the one its reader was told, where she is told that nothing comes of it."""
    message, meeting = matter.message, matter.meeting
    found = meeting.last_slot
    moved = moved_since(matter.told, message)
    if message.kind is LetterKind.REMOVED:
        found = meeting.slot_at(message.created_at)
    elif moved and not matter.invitation.active:
        found = meeting.slot_at(moved.created_at)
    if found is None:
        raise Damaged("message", "it is about a meeting that never had a time")
    return found


def _instead_of(matter: Matter) -> FormerTime | None:
    moved = moved_since(matter.told, matter.message)
    if matter.message.kind is not LetterKind.INVITED or moved is None:
        return None
    now, former = matter.meeting.slot, matter.meeting.slot_at(moved.created_at)
    if now is None or former is None or (now.start, now.end) == (former.start, former.end):
        return None
    return FormerTime(start=former.start, end=former.end)
