"""A service as an operator sets one up, with two agencies, a meeting under way and one person invited to it."""

import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from msgspec import Struct

from meetcoord.adapters import system
from meetcoord.adapters.sealing.age import generate_identity, recipient_of
from meetcoord.adapters.sql.migrate import migrate
from meetcoord.bootstrap import compose, create_missing
from meetcoord.domain.access import Actor, Scope, at_the_console
from meetcoord.domain.agencies import Person, RecipientKind, Role
from meetcoord.domain.evidence import Evidence
from meetcoord.domain.key_letters import KeyLetter
from meetcoord.domain.letters import Letter
from meetcoord.domain.meetings import DELEGATES_MAX, Meeting
from meetcoord.domain.values import AgencyId, MeetingId
from meetcoord.settings import load
from meetcoord.usecases.add_recipient import NewRecipient
from meetcoord.usecases.approve_minutes import ApprovedContent
from meetcoord.usecases.catalogue import UseCases
from meetcoord.usecases.issue_api_key import NewApiKey
from meetcoord.usecases.name_delegates import NewDelegate, NewDelegates
from meetcoord.usecases.propose_meeting import NewConvened, NewMeeting, NewSlot
from meetcoord.usecases.register_agency import NewAgency
from meetcoord.usecases.register_person import NewPerson
from meetcoord.usecases.settle_meeting import ChosenSlot
from meetcoord.usecases.write_minutes import NewMinutes

AGENCIES = ("city", "prefecture")
TEXT = "Décision : la cellule de crise se réunit chaque matin à huit heures.\n" * 20


class Stage(Struct, frozen=True, kw_only=True):
    """What a client needs to know: a secretary's API key, a meeting of hers, its guests' links, a sealed entry."""

    settings_file: Path
    api_key: str
    meeting: MeetingId
    join_tokens: tuple[str, ...]
    evidence: Evidence
    log_key: str
    identity: str


@dataclass(slots=True)
class _Letterbox:
    """Takes every letter and keeps the token of the link in it, if it is about a meeting."""

    tokens: list[str] = field(default_factory=list)

    async def send(self, letter: Letter | KeyLetter) -> str:
        if isinstance(letter, Letter):
            self.tokens.append(letter.join_link.partition("#")[2])
        return "250 2.0.0 taken"


async def build(folder: Path, guests: int = 1) -> Stage:
    """`guests` are invited, the secretary among them: to several meetings where one would be too full."""
    file = _settings(folder)
    settings = load(file, {})
    create_missing(settings.keys_directory, system.now, system.entropy)
    migrate(settings.database_url)
    letterbox, identity = _Letterbox(), generate_identity(system.entropy)
    async with compose(settings, postman=letterbox) as service:
        return await _play(service.use_cases, file, letterbox, identity, guests)


def _settings(folder: Path) -> Path:
    file, port = folder / "meetcoord.toml", free_port()
    service = {
        "public_url": f"http://127.0.0.1:{port}",
        "listen_port": port,
        "data_directory": str(folder.resolve() / "data"),
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in service.items()]
    file.write_text("\n".join(["[service]", *lines, ""]), encoding="utf-8")
    return file


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _play(use: UseCases, file: Path, letterbox: _Letterbox, identity: str, guests: int) -> Stage:
    secretaries = [await _secretary(use, agency) for agency in AGENCIES]
    console, secretary = at_the_console(AgencyId(AGENCIES[0])), secretaries[0]
    keys = [recipient_of(identity), recipient_of(generate_identity(system.entropy))]
    for agency, key in zip(AGENCIES, keys, strict=True):
        asked = NewRecipient(kind=RecipientKind.ARCHIVE, key=key, label="Archive")
        await use.add_recipient(at_the_console(AgencyId(agency)), asked)
    everything = NewApiKey(person=secretary.id, scopes=frozenset(Scope), label="bench", days=1)
    issued = await use.issue_api_key(console, everything)
    people = [secretary, *[await _guest(use, number) for number in range(1, guests)]]
    rooms = [people[at : at + DELEGATES_MAX] for at in range(0, guests, DELEGATES_MAX)]
    meeting, *_ = [await _meeting_under_way(use, _actor(secretary), invited) for invited in rooms]
    while await use.deliver_mail():
        pass
    return Stage(
        settings_file=file,
        api_key=issued.secret,
        meeting=meeting.id,
        join_tokens=tuple(letterbox.tokens),
        evidence=await _sealed(use, _actor(secretary), meeting),
        log_key=use.read_log.vkey,
        identity=identity,
    )


async def _secretary(use: UseCases, agency: str) -> Person:
    console = at_the_console(AgencyId(agency))
    await use.register_agency(console, NewAgency(id=agency, name=f"Agency {agency}"))
    asked = NewPerson(
        name=f"Secretary of the {agency}",
        address=f"secretary@{agency}.example.org",
        function="Secretariat",
        roles=frozenset({Role.SECRETARY, Role.AUDITOR}),
    )
    return await use.register_person(console, asked)


async def _guest(use: UseCases, number: int) -> Person:
    asked = NewPerson(
        name=f"Delegate {number}", address=f"delegate-{number}@{AGENCIES[0]}.example.org", function="Delegate"
    )
    return await use.register_person(at_the_console(AgencyId(AGENCIES[0])), asked)


def _actor(person: Person) -> Actor:
    return Actor(person=person.id, agency=person.agency, roles=person.roles, scopes=frozenset(Scope))


def proposal(start: datetime) -> NewMeeting:
    """One slot of two hours; only the organiser's yes is needed."""
    return NewMeeting(
        title="Crisis cell",
        agenda="1. Situation\n2. Means\n3. Decisions",
        slots=(NewSlot(start=start, end=start + timedelta(hours=2)),),
        convened=(NewConvened(agency=AGENCIES[1], required=False),),
        time_zone="Europe/Paris",
    )


async def _meeting_under_way(use: UseCases, actor: Actor, invited: Sequence[Person]) -> Meeting:
    meeting = await use.propose_meeting(actor, proposal(system.now()))
    named = tuple(NewDelegate(person=each.id, moderator=each is invited[0]) for each in invited)
    await use.name_delegates(actor, meeting.id, NewDelegates(delegates=named))
    meeting = await use.settle_meeting(actor, meeting.id, ChosenSlot(slot=meeting.slots[0].id))
    await use.invite_delegates(actor, meeting.id)
    return meeting


async def _sealed(use: UseCases, actor: Actor, meeting: Meeting) -> Evidence:
    draft = await use.start_minutes(actor, meeting.id, NewMinutes(body=TEXT))
    circulated = await use.circulate_minutes(actor, meeting.id, draft.seq, draft.version)
    approved = ApprovedContent(content=circulated.content or "")
    await use.approve_minutes(actor, meeting.id, draft.seq, approved)
    return await use.gather_evidence(actor, meeting.id, draft.seq)
