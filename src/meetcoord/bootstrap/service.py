"""Settings become a running set of use cases, and everything opened is closed again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from meetcoord.adapters import system
from meetcoord.adapters.identity.codes import DerivedCodes
from meetcoord.adapters.identity.links import SignedJoinLinks
from meetcoord.adapters.jitsi.control import JitsiControl, NoControl, client
from meetcoord.adapters.jitsi.tokens import JitsiRooms
from meetcoord.adapters.mail.messages import Sender
from meetcoord.adapters.mail.smtp import SmtpPostman
from meetcoord.adapters.sealing.age import AgeSealer, assert_post_quantum
from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.adapters.sealing.vault import AesGcmVault
from meetcoord.adapters.sql.storage import SqlStorage
from meetcoord.bootstrap.keyring import Keyring
from meetcoord.domain.profiles import Profiles
from meetcoord.ports.mail import Postman
from meetcoord.ports.rooms import RoomControl
from meetcoord.ports.system import Clock
from meetcoord.settings import Settings, read_secret
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.add_recipient import AddRecipient, ListRecipients
from meetcoord.usecases.answer_meeting import AnswerMeeting
from meetcoord.usecases.approve_minutes import ApproveMinutes, CirculateMinutes
from meetcoord.usecases.ask_for_code import AskForCode
from meetcoord.usecases.authenticate import Authenticate
from meetcoord.usecases.catalogue import UseCases
from meetcoord.usecases.check_log import CheckLog
from meetcoord.usecases.clear_rooms import ClearRooms
from meetcoord.usecases.control_room import EndRoom, PutOut
from meetcoord.usecases.deliver_mail import DeliverMail
from meetcoord.usecases.fetch_sealed import FetchSealed, GatherEvidence
from meetcoord.usecases.invite_delegates import InviteDelegates
from meetcoord.usecases.issue_api_key import IssueApiKey, ListApiKeys, RevokeApiKey
from meetcoord.usecases.name_delegates import NameDelegates
from meetcoord.usecases.note_room_events import NoteRoomEvents
from meetcoord.usecases.open_invitation import Admit, LookAtInvitation
from meetcoord.usecases.policies import Policies
from meetcoord.usecases.propose_meeting import ProposeMeeting
from meetcoord.usecases.prove_person import ProvePerson
from meetcoord.usecases.read_attendance import ReadAttendance
from meetcoord.usecases.read_code_by_phone import ReadCodeByPhone
from meetcoord.usecases.read_log import ExportLog, ReadLog
from meetcoord.usecases.read_meeting import ListMeetings, ReadBoard, ReadMeeting
from meetcoord.usecases.register_agency import ListAgencies, ReadAgency, RegisterAgency
from meetcoord.usecases.register_person import ListPersons, ReadPerson, RegisterPerson
from meetcoord.usecases.reserve_room import CloseRoom, ReadReservation, ReserveRoom
from meetcoord.usecases.seal_minutes import SealApproved, SealMinutes
from meetcoord.usecases.sequencing import PublishCheckpoint
from meetcoord.usecases.settle_meeting import CancelMeeting, SettleMeeting
from meetcoord.usecases.write_minutes import ReadMinutes, RewriteMinutes, StartMinutes


@dataclass(frozen=True, slots=True)
class Service:
    """Everything a way in (HTTP, command line, demo) needs."""

    settings: Settings
    keyring: Keyring
    storage: SqlStorage
    use_cases: UseCases


@asynccontextmanager
async def storage_of(settings: Settings, *, read_only: bool = False) -> AsyncIterator[SqlStorage]:
    """The configured database, opened and closed. Raises Misconfigured, StorageUnavailable."""
    file = settings.database.password_file
    password = read_secret("database.password_file", file) if file else None
    async with SqlStorage.open(settings.database_url, read_only=read_only, password=password) as storage:
        yield storage


@asynccontextmanager
async def compose(
    settings: Settings,
    *,
    now: Clock = system.now,
    postman: Postman | None = None,
    keyring: Keyring | None = None,
    control: RoomControl | None = None,
) -> AsyncIterator[Service]:
    """The whole service, ready to be asked; `postman`, `keyring`, `control` in place of those the settings name.

    Raises Misconfigured where it must not start.
    """
    assert_post_quantum()
    keyring = keyring or Keyring.read(settings.keys_directory, settings.log_origin)
    async with storage_of(settings) as storage, _control(settings, keyring, now) as ours:
        use_cases = _use_cases(
            settings, keyring, storage, now, postman or _postman(settings), control or ours
        )
        yield Service(settings, keyring, storage, use_cases)


def _postman(settings: Settings) -> SmtpPostman:
    mail = settings.mail
    return SmtpPostman(
        host=mail.host,
        port=mail.port,
        sender=Sender(mail.from_address, mail.from_name),
        tls=mail.tls,
        username=mail.username,
        password=read_secret("mail.password_file", mail.password_file) if mail.password_file else "",
        ca_file=Path(mail.ca_file) if mail.ca_file else None,
        timeout=float(mail.timeout_seconds),
    )


def _mail_domain(settings: Settings) -> str:
    return settings.mail.from_address.rpartition("@")[2]


def _rooms(settings: Settings, keyring: Keyring) -> JitsiRooms:
    rooms = settings.rooms
    return JitsiRooms(
        keys=keyring.room_keys,
        url=rooms.url,
        subject=rooms.subject,
        issuer=rooms.issuer,
        audience=rooms.audience,
    )


@asynccontextmanager
async def _control(settings: Settings, keyring: Keyring, now: Clock) -> AsyncIterator[RoomControl]:
    rooms = settings.rooms
    if not rooms.control_url:
        yield NoControl()
        return
    async with client() as http:
        yield JitsiControl(
            http=http,
            keys=keyring.system_keys,
            url=rooms.control_url,
            conference_domain=rooms.conference_domain,
            subject=rooms.subject,
            issuer=rooms.issuer,
            audience=rooms.audience,
            now=now,
            new_id=system.new_id,
        )


def _use_cases(
    settings: Settings,
    keyring: Keyring,
    storage: SqlStorage,
    now: Clock,
    postman: Postman,
    control: RoomControl,
) -> UseCases:
    new_id, entropy = system.new_id, system.entropy
    profiles = settings.profile_table()
    acts, policies = Acts(now), Policies(now)
    links = SignedJoinLinks(keys=keyring.link_keys, public_url=settings.service.public_url, now=now)
    codes = DerivedCodes(keyring.code_key)
    vault, sealer = AesGcmVault(keyring.draft_key, entropy), AgeSealer(entropy)
    publish = PublishCheckpoint(storage, keyring.signer, now)
    seal = SealMinutes(storage, vault, sealer, publish, now)
    return UseCases(
        **_for_agencies(storage, sealer, now, acts).keywords,
        **_for_rooms(storage, control, profiles, now, acts).keywords,
        propose_meeting=ProposeMeeting(storage, now, new_id),
        list_meetings=ListMeetings(storage),
        read_meeting=ReadMeeting(storage),
        answer_meeting=AnswerMeeting(storage, now),
        name_delegates=NameDelegates(storage, now, new_id, acts),
        settle_meeting=SettleMeeting(storage, now, acts),
        cancel_meeting=CancelMeeting(storage, now, new_id, acts),
        invite_delegates=InviteDelegates(storage, now, new_id, acts),
        read_board=ReadBoard(storage, now),
        deliver_mail=DeliverMail(
            storage, postman, links, codes, profiles, now, _mail_domain(settings), settings.service.help_phone
        ),
        look_at_invitation=LookAtInvitation(storage, links, profiles),
        ask_for_code=AskForCode(storage, links, profiles, now, new_id),
        read_code_by_phone=ReadCodeByPhone(storage, codes, profiles, now, new_id, acts),
        admit=Admit(
            storage, links, _rooms(settings, keyring), profiles, ProvePerson(codes), now, new_id, acts
        ),
        start_minutes=StartMinutes(storage, vault, now),
        rewrite_minutes=RewriteMinutes(storage, vault, now),
        read_minutes=ReadMinutes(storage, vault),
        circulate_minutes=CirculateMinutes(storage, vault, policies, now, entropy, acts, settings.log_origin),
        approve_minutes=ApproveMinutes(storage, profiles, policies, seal, now),
        seal_approved=SealApproved(storage, seal),
        fetch_sealed=FetchSealed(storage, acts),
        gather_evidence=GatherEvidence(storage, keyring.signer, acts),
        publish_checkpoint=publish,
        read_log=ReadLog(storage, keyring.signer),
        export_log=ExportLog(storage),
        check_log=CheckLog(storage, Ed25519Verifier(), keyring.signer.vkey),
    )


# Partial calls, so that names and types are checked where they are written.
def _for_agencies(storage: SqlStorage, sealer: AgeSealer, now: Clock, acts: Acts) -> partial[UseCases]:
    new_id, entropy = system.new_id, system.entropy
    return partial(
        UseCases,
        authenticate=Authenticate(storage, now),
        register_agency=RegisterAgency(storage, acts),
        list_agencies=ListAgencies(storage),
        read_agency=ReadAgency(storage),
        add_recipient=AddRecipient(storage, sealer, now, acts),
        list_recipients=ListRecipients(storage),
        register_person=RegisterPerson(storage, new_id, acts),
        list_persons=ListPersons(storage),
        read_person=ReadPerson(storage),
        issue_api_key=IssueApiKey(storage, now, new_id, entropy, acts),
        revoke_api_key=RevokeApiKey(storage, now, acts),
        list_api_keys=ListApiKeys(storage),
    )


def _for_rooms(
    storage: SqlStorage, control: RoomControl, profiles: Profiles, now: Clock, acts: Acts
) -> partial[UseCases]:
    return partial(
        UseCases,
        reserve_room=ReserveRoom(storage, profiles, now, system.new_id),
        read_reservation=ReadReservation(storage, profiles, now),
        close_room=CloseRoom(storage, now),
        note_room_events=NoteRoomEvents(storage, now),
        read_attendance=ReadAttendance(storage, now),
        put_out=PutOut(storage, control, now, acts),
        end_room=EndRoom(storage, control, acts),
        clear_rooms=ClearRooms(storage, control, now),
    )
