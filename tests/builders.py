"""Small makers of valid domain values: say only what the test is about."""

from base64 import b32encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from meetcoord.domain.access import ApiKey, Scope
from meetcoord.domain.agencies import Agency, Approver, Person, Recipient, RecipientKind, Role
from meetcoord.domain.checkpoints import ED25519, VerifierKey
from meetcoord.domain.invitations import Admission, Invitation
from meetcoord.domain.letters import LetterKind
from meetcoord.domain.meetings import (
    Answer,
    Choice,
    Convened,
    Delegate,
    Meeting,
    MeetingState,
    Slot,
    SlotChoice,
)
from meetcoord.domain.minutes import Minutes, MinutesKind, MinutesState
from meetcoord.domain.outbox import Delivery, Message
from meetcoord.domain.profiles import ProfileName
from meetcoord.domain.sealing import SealedFile
from meetcoord.domain.values import (
    AdmissionId,
    AgencyId,
    InvitationId,
    Language,
    MeetingId,
    MessageId,
    PersonId,
    SlotId,
)

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
CITY, HEALTH, PREFECTURE = AgencyId("city"), AgencyId("health-agency"), AgencyId("prefecture")


def random_id(name: str) -> str:
    """The same 26 letters for the same name, in the form of the system's identifiers."""
    return b32encode(sha256(name.encode()).digest()).decode()[:26].lower()


def agency(id_: str = "city", name: str = "", language: Language = Language.FRENCH) -> Agency:
    return Agency(id=AgencyId(id_), name=name or f"Agency {id_}", language=language)


def person(
    name: str = "Secretary of the city",
    agency: str = "city",
    address: str = "",
    roles: frozenset[Role] = frozenset({Role.SECRETARY}),
    active: bool = True,
) -> Person:
    return Person(
        id=PersonId(random_id(f"person {agency} {name}")),
        agency=AgencyId(agency),
        name=name,
        function="Secretariat",
        address=address or f"{random_id(name)}@{agency}.example.org",
        language=Language.FRENCH,
        roles=roles,
        active=active,
    )


def api_key(holder: Person, name: str = "calendar", created_at: datetime = NOW) -> ApiKey:
    return ApiKey(
        id=random_id(f"key {name}"),
        person=holder.id,
        digest=sha256(name.encode()).digest(),
        scopes=frozenset({Scope.MEETINGS_READ, Scope.MEETINGS_WRITE}),
        label=name,
        created_at=created_at,
        expires_at=created_at + timedelta(days=30),
    )


def recipient(
    agency: str = "city",
    kind: RecipientKind = RecipientKind.AUDITOR,
    name: str = "first",
    added_at: datetime = NOW,
) -> Recipient:
    return Recipient(
        agency=AgencyId(agency),
        kind=kind,
        key=("age1pq1" + random_id(f"recipient {name}") * 76)[:1959],
        label=f"{name} key",
        added_at=added_at,
        added_by=PersonId(random_id("administrator")),
    )


def approver(name: str, public: bytes, agency: str = "city") -> Approver:
    """A key that belongs to the person that `person()` makes."""
    return Approver(
        agency=AgencyId(agency),
        person=person().id,
        key=VerifierKey(name, ED25519, public).encode(),
        added_at=NOW,
        added_by=PersonId(random_id("administrator")),
    )


def slot(days: int = 7, hours: int = 1) -> Slot:
    start = NOW + timedelta(days=days)
    return Slot(id=SlotId(random_id(f"slot {days}")), start=start, end=start + timedelta(hours=hours))


def meeting(
    name: str = "Crisis unit",
    organiser: str = "city",
    convened: tuple[str, ...] = ("health-agency", "prefecture"),
    delegates: tuple[Person, ...] = (),
    created_at: datetime = NOW,
    profile: ProfileName = ProfileName.STANDARD,
    slots: tuple[Slot, ...] = (),
) -> Meeting:
    return Meeting(
        id=MeetingId(random_id(f"meeting {name}")),
        version=1,
        title=name,
        agenda="1. Situation",
        profile=profile,
        organiser=AgencyId(organiser),
        convened=tuple(Convened(agency=AgencyId(other), required=True) for other in convened),
        slots=slots or (slot(7), slot(8)),
        time_zone="Europe/Paris",
        terms=1,
        answers=(),
        delegates=tuple(Delegate(person=p.id, agency=p.agency) for p in delegates),
        state=MeetingState.PROPOSED,
        settled=None,
        room=random_id(f"room {name}"),
        created_by=PersonId(random_id("secretary")),
        created_at=created_at,
    )


def answer(to: Meeting, agency: str, choice: Choice = Choice.YES, at: datetime = NOW) -> Answer:
    return Answer(
        agency=AgencyId(agency),
        terms=to.terms,
        choices=tuple(SlotChoice(slot=s.id, choice=choice) for s in to.slots),
        by=PersonId(random_id(f"secretary of {agency}")),
        at=at,
    )


def agreed(proposed: Meeting) -> Meeting:
    """The meeting after every agency said yes to every slot."""
    for taking_part in proposed.agencies:
        proposed = proposed.answered(answer(proposed, taking_part))
    return proposed


def settled(proposed: Meeting) -> Meeting:
    """The meeting agreed by all and fixed on its first slot."""
    return agreed(proposed).settled_on(proposed.slots[0].id, NOW)


def invitation(to: Meeting, guest: Person) -> Invitation:
    return Invitation(
        id=InvitationId(random_id(f"invitation {to.id} {guest.id}")),
        meeting=to.id,
        person=guest.id,
        agency=guest.agency,
        alias=random_id(f"alias {guest.id}"),
        name=guest.name,
        revision=1,
        active=True,
        created_at=NOW,
    )


def admission(of: Invitation, click: str = "first", at: datetime = NOW, name: str = "") -> Admission:
    return Admission(
        id=AdmissionId(random_id(f"admission {of.id} {click} {name}")),
        invitation=of.id,
        meeting=of.meeting,
        click=click,
        at=at,
    )


def message(
    about: Invitation,
    name: str = "first",
    next_attempt_at: datetime = NOW,
    created_at: datetime = NOW,
    delivery: Delivery = Delivery.QUEUED,
) -> Message:
    return Message(
        id=MessageId(random_id(f"message {about.id} {name}")),
        kind=LetterKind.INVITED,
        meeting=about.meeting,
        invitation=about.id,
        sequence=0,
        delivery=delivery,
        attempts=0,
        next_attempt_at=next_attempt_at,
        reply="",
        uncertain=False,
        created_at=created_at,
    )


def minutes(of: Meeting, seq: int = 1, changed_at: datetime = NOW) -> Minutes:
    return Minutes(
        meeting=of.id,
        seq=seq,
        kind=MinutesKind.MINUTES if seq == 1 else MinutesKind.ADDENDUM,
        author=of.created_by,
        author_agency=of.organiser,
        state=MinutesState.DRAFT,
        version=1,
        content=None,
        policy=None,
        approvals=(),
        leaf=None,
        changed_at=changed_at,
    )


def sealed_file(payload: bytes = b"nonce and chunks") -> SealedFile:
    return SealedFile(b"age-encryption.org/v1\n-> stanza\n--- mac\n", payload)
