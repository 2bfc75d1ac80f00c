"""Agencies as a story speaks of them: each acts through the real use cases, with its own secretary and keys."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from meetcoord.adapters.sealing import approver_keys
from meetcoord.adapters.sealing.age import generate_identity, recipient_of
from meetcoord.adapters.sealing.notes import Ed25519Signer
from meetcoord.adapters.system import entropy
from meetcoord.bootstrap import Service
from meetcoord.domain.access import Actor, Scope, at_the_console
from meetcoord.domain.agencies import Person, RecipientKind, Role
from meetcoord.domain.approvals import approval_text, consent_text, kept_signature
from meetcoord.domain.evidence import Evidence
from meetcoord.domain.invitations import Invitation
from meetcoord.domain.leaves import ActLeaf, ConsentVerdict, ErasureReason, Leaf, parse
from meetcoord.domain.letters import Letter, LetterKind
from meetcoord.domain.meetings import Attendance, Choice, Meeting
from meetcoord.domain.minutes import Minutes
from meetcoord.domain.policies import Proposal
from meetcoord.domain.profiles import ProfileName
from meetcoord.domain.sealing import SealedFile
from meetcoord.domain.values import AgencyId, MeetingId, PersonId
from meetcoord.ports.rooms import RoomEntry
from meetcoord.usecases.add_approver import NewApprover
from meetcoord.usecases.add_recipient import NewRecipient
from meetcoord.usecases.answer_meeting import NewAnswer, NewChoice
from meetcoord.usecases.approve_minutes import ApprovedContent
from meetcoord.usecases.ask_for_code import MailedTo
from meetcoord.usecases.catalogue import UseCases
from meetcoord.usecases.consent_to_policy import GivenConsent, KnownPolicies
from meetcoord.usecases.erase_minutes import KnownErasure, WantedErasure
from meetcoord.usecases.move_meeting import NewSlots
from meetcoord.usecases.name_delegates import NewDelegate, NewDelegates
from meetcoord.usecases.open_invitation import OpenedLink, OpenInvitation, PressedButton
from meetcoord.usecases.propose_meeting import NewConvened, NewMeeting, NewSlot
from meetcoord.usecases.read_minutes import ReadableMinutes
from meetcoord.usecases.register_agency import NewAgency
from meetcoord.usecases.register_person import NewPerson
from meetcoord.usecases.settle_meeting import ChosenSlot
from meetcoord.usecases.write_minutes import MinutesText, NewMinutes
from tests.fakes import PostBox, VideoRooms

YES, IF_NEED_BE, NO = Choice.YES, Choice.IF_NEED_BE, Choice.NO
MORNING = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
AFTERNOON = datetime(2026, 11, 3, 14, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
AGENDA = "1. Situation\n2. Moyens"
BODY = "Décidé : la salle ouvre lundi.\n"


@dataclass(slots=True)
class FakeClock:
    """Stands still until it is moved."""

    moment: datetime = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def go_to(self, moment: datetime) -> None:
        self.moment = moment

    def pass_by(self, time: timedelta) -> None:
        self.moment += time


@cache
def identity_of(agency: str) -> str:
    """The opening key of an agency's auditors and archive; the service never sees it."""
    return generate_identity(entropy)


@cache
def approver_of(agency: str, number: int = 1) -> Ed25519Signer:
    """The key of a person who approves; the service never sees it."""
    return approver_keys.generate(f"{agency}/approver-{number}")


@dataclass(slots=True)
class World:
    """A running service, its clock, the mailboxes it writes to and the rooms it has power over."""

    service: Service
    clock: FakeClock
    post: PostBox
    video: VideoRooms = field(default_factory=VideoRooms)
    agencies: dict[str, "Acting"] = field(default_factory=dict)

    @property
    def use(self) -> UseCases:
        return self.service.use_cases

    @property
    def origin(self) -> str:
        return self.service.settings.log_origin

    async def agency(self, name: str, *, with_key: bool = True) -> "Acting":
        """An agency with a secretary and, unless told otherwise, its archive's public key."""
        console = at_the_console(AgencyId(name))
        await self.use.register_agency(console, NewAgency(id=name, name=f"Agency {name}"))
        secretary = await self._secretary(console)
        acting = Acting(self, AgencyId(name), console, _actor(secretary), _actor(secretary, Role.AUDITOR))
        self.agencies[name] = acting
        if with_key:
            await acting.add_key(recipient_of(identity_of(name)), RecipientKind.ARCHIVE)
        return acting

    async def _secretary(self, console: Actor) -> Person:
        asked = NewPerson(
            name=f"Secretary of {console.agency}",
            address=f"secretary@{console.agency}.example.org",
            function="Secretary",
            roles=frozenset({Role.SECRETARY}),
        )
        return await self.use.register_person(console, asked)

    async def deliver(self) -> int:
        """Every message that is due leaves."""
        return await self.use.deliver_mail()

    def token_in(self, letter: Letter) -> str:
        return letter.join_link.partition("#")[2]

    def newest_link(self, person: Person) -> str:
        """The token of the newest link in this person's mailbox."""
        letters = [each for each in self.post.to(person.address) if each.kind is LetterKind.INVITED]
        return self.token_in(letters[-1])

    async def press(
        self, token: str, click: str = "click-1", *, device: str = "", code: str = ""
    ) -> RoomEntry:
        return await self.use.admit(PressedButton(token=token, click=click, device=device, code=code))

    async def look(self, token: str, device: str = "") -> OpenInvitation:
        return await self.use.look_at_invitation(OpenedLink(token=token, device=device))

    async def ask_for_code(self, token: str) -> MailedTo:
        return await self.use.ask_for_code(OpenedLink(token=token))

    def newest_code(self, person: Person) -> str:
        """The digits of the newest code in this person's mailbox."""
        return [each.code.digits for each in self.post.to(person.address) if each.code][-1]

    async def entries(self, about: MeetingId) -> list[Leaf]:
        """What the log holds about a meeting, everything promised being placed first."""
        await self.use.publish_checkpoint()
        city = self.agencies["city"]
        return [parse(placed.entry) for placed in await self.use.read_log.history(city.secretary, about)]

    async def acts(self, about: MeetingId) -> list[str]:
        return [leaf.act.value for leaf in await self.entries(about) if isinstance(leaf, ActLeaf)]

    async def must_be_sound(self) -> None:
        await self.use.publish_checkpoint()
        assert (await self.use.check_log()).damages == ()


@dataclass(slots=True)
class Acting:
    """One agency, as its secretary acts for it."""

    world: World
    id: AgencyId
    console: Actor
    secretary: Actor
    auditor: Actor

    @property
    def use(self) -> UseCases:
        return self.world.use

    async def add_key(self, key: str, kind: RecipientKind = RecipientKind.AUDITOR) -> None:
        await self.use.add_recipient(self.console, NewRecipient(kind=kind, key=key, label="Auditors"))

    async def add_approver(self, number: int = 1) -> str:
        """The agency names a person who signs for it; her verifier key."""
        return (await self.use.add_approver(self.console, await self.new_approver(number))).key

    async def new_approver(self, number: int = 1) -> NewApprover:
        person = await self.person(f"Approver {number}")
        return NewApprover(person=person.id, key=approver_of(self.id, number).vkey)

    async def circles(self) -> Sequence[KnownPolicies]:
        """As the agency's secretary is shown them."""
        return await self.use.read_policies(self.secretary)

    async def consent(
        self, proposal: Proposal, verdict: ConsentVerdict = ConsentVerdict.APPROVE, number: int = 0
    ) -> KnownPolicies:
        """With the signature of this approver, or with none (0)."""
        policy, signature = proposal.policy, None
        if number:
            text = consent_text(self.world.origin, policy.index, policy.hash, verdict)
            signature = kept_signature(approver_of(self.id, number).sign(text))
        asked = GivenConsent(verdict=verdict, leaf=policy.hash, signature=signature)
        return await self.use.consent_to_policy(self.console, policy.index, asked)

    async def person(self, name: str = "Delegate", roles: frozenset[Role] = frozenset()) -> Person:
        address = f"{name.lower().replace(' ', '.')}@{self.id}.example.org"
        asked = NewPerson(name=name, address=address, function="Head of unit", roles=roles)
        return await self.use.register_person(self.console, asked)

    async def propose(
        self,
        *convened: "Acting",
        optional: Sequence["Acting"] = (),
        starts: Sequence[datetime] = (MORNING, AFTERNOON),
        profile: ProfileName = ProfileName.STANDARD,
    ) -> Meeting:
        asked = NewMeeting(
            title="Crisis cell",
            agenda=AGENDA,
            slots=tuple(NewSlot(start=start, end=start + HOUR) for start in starts),
            convened=(
                *(NewConvened(agency=each.id) for each in convened),
                *(NewConvened(agency=each.id, required=False) for each in optional),
            ),
            time_zone="Europe/Paris",
            profile=profile,
        )
        return await self.use.propose_meeting(self.secretary, asked)

    async def answer(self, meeting: Meeting, *choices: Choice) -> Meeting:
        """One choice for all slots, or one for each."""
        each = choices if len(choices) == len(meeting.slots) else choices * len(meeting.slots)
        pairs = zip(meeting.slots, each, strict=True)
        asked = tuple(NewChoice(slot=slot.id, choice=choice) for slot, choice in pairs)
        answer = NewAnswer(terms=meeting.terms, choices=asked)
        return await self.use.answer_meeting(self.secretary, meeting.id, answer)

    async def send(self, meeting: Meeting, *persons: Person, chair: Person | None = None) -> Meeting:
        """Name these delegates and no others."""
        named = tuple(NewDelegate(person=each.id, moderator=each is chair) for each in persons)
        return await self.use.name_delegates(self.secretary, meeting.id, NewDelegates(delegates=named))

    async def excuse(self, meeting: Meeting, person: Person) -> Meeting:
        excused = NewDelegate(person=person.id, attendance=Attendance.EXCUSED)
        return await self.use.name_delegates(self.secretary, meeting.id, NewDelegates(delegates=(excused,)))

    async def settle(self, meeting: Meeting, slot: int = 0) -> Meeting:
        chosen = ChosenSlot(slot=meeting.slots[slot].id)
        return await self.use.settle_meeting(self.secretary, meeting.id, chosen)

    async def invite(self, meeting: Meeting) -> Sequence[Invitation]:
        return await self.use.invite_delegates(self.secretary, meeting.id)

    async def phone(self, meeting: Meeting, seat: Invitation) -> str:
        """The digits that the secretary reads aloud."""
        code = await self.use.read_code_by_phone(self.secretary, meeting.id, seat.id)
        return code.digits

    async def move(self, meeting: Meeting, *starts: datetime) -> Meeting:
        """To other candidate slots, as a secretary who looks at the meeting as it is told here."""
        slots = tuple(NewSlot(start=start, end=start + HOUR) for start in starts)
        return await self.use.move_meeting(
            self.secretary, meeting.id, NewSlots(terms=meeting.terms, slots=slots)
        )

    async def cancel(self, meeting: Meeting) -> Meeting:
        return await self.use.cancel_meeting(self.secretary, meeting.id)

    async def write(self, meeting: Meeting, body: str = BODY) -> Minutes:
        return await self.use.start_minutes(self.secretary, meeting.id, NewMinutes(body=body))

    async def rewrite(self, draft: Minutes, body: str = BODY, based_on: int | None = None) -> Minutes:
        base = draft.version if based_on is None else based_on
        text = MinutesText(body=body)
        return await self.use.rewrite_minutes(self.secretary, draft.meeting, draft.seq, base, text)

    async def circulate(self, draft: Minutes) -> Minutes:
        return await self.use.circulate_minutes(self.secretary, draft.meeting, draft.seq, draft.version)

    async def approve(self, minutes: Minutes, content: str | None = None, signed_by: int = 0) -> Minutes:
        """With the signature of this approver, or with none (0)."""
        signature = await self.signature(minutes, signed_by) if signed_by else None
        asked = ApprovedContent(content=content or minutes.content or "", signature=signature)
        return await self.use.approve_minutes(self.secretary, minutes.meeting, minutes.seq, asked)

    async def signature(self, minutes: Minutes, number: int = 1) -> str:
        """What the approver's own tool writes."""
        found = await self.read(minutes)
        assert found.policy
        text = approval_text(
            self.world.origin,
            minutes.meeting,
            minutes.seq,
            minutes.content or "",
            found.policy.index,
            found.policy.hash,
        )
        return kept_signature(approver_of(self.id, number).sign(text))

    async def read(self, minutes: Minutes) -> ReadableMinutes:
        return await self.use.read_minutes(self.secretary, minutes.meeting, minutes.seq)

    async def ask_for_erasure(self, minutes: Minutes, visa: str | None = "da-2026/14") -> KnownErasure:
        asked = WantedErasure(reason=ErasureReason.RETENTION, visa=visa)
        return await self.use.ask_for_erasure(self.secretary, minutes.meeting, minutes.seq, asked)

    async def consent_to_erasure(
        self, known: KnownErasure, verdict: ConsentVerdict = ConsentVerdict.APPROVE, number: int = 0
    ) -> KnownErasure:
        """With the signature of this approver, or with none (0)."""
        request, signature = known.erasure.request, None
        if number:
            text = consent_text(self.world.origin, request.index, request.hash, verdict)
            signature = kept_signature(approver_of(self.id, number).sign(text))
        asked = GivenConsent(verdict=verdict, leaf=request.hash, signature=signature)
        leaf = known.entry.leaf
        return await self.use.consent_to_erasure(self.console, MeetingId(leaf.meeting), leaf.seq, asked)

    async def fetch(self, minutes: Minutes) -> SealedFile:
        return await self.use.fetch_sealed(self.auditor, minutes.meeting, minutes.seq)

    async def evidence(self, minutes: Minutes) -> Evidence:
        return await self.use.gather_evidence(self.auditor, minutes.meeting, minutes.seq)


async def agreed(city: Acting, other: Acting, profile: ProfileName) -> Meeting:
    """A meeting of two agencies, settled on the morning."""
    meeting = await city.propose(other, profile=profile)
    await other.answer(meeting, YES)
    return await city.settle(meeting)


def _actor(person: Person, *more: Role) -> Actor:
    return Actor(
        person=PersonId(person.id),
        agency=person.agency,
        roles=person.roles | frozenset(more),
        scopes=frozenset(Scope),
    )
