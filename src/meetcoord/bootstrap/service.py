"""Settings become a running set of use cases, and everything opened is closed again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from meetcoord.adapters import system
from meetcoord.adapters.identity.codes import DerivedCodes
from meetcoord.adapters.identity.links import SignedJoinLinks
from meetcoord.adapters.identity.probe_rooms import DerivedProbeRooms
from meetcoord.adapters.jitsi.control import JitsiControl, NoControl, client
from meetcoord.adapters.jitsi.tokens import JitsiRooms
from meetcoord.adapters.mail.messages import Sender
from meetcoord.adapters.mail.smtp import SmtpPostman
from meetcoord.adapters.sealing.age import AgeOpener, AgeSealer, assert_post_quantum
from meetcoord.adapters.sealing.cosignatures import Ed25519CosignatureVerifier
from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.adapters.sealing.vault import AesGcmVault
from meetcoord.adapters.sql.storage import SqlStorage
from meetcoord.bootstrap.keyring import Keyring
from meetcoord.bootstrap.witnesses import Witnesses, witnesses_of
from meetcoord.domain.profiles import Profiles
from meetcoord.ports.mail import Postman
from meetcoord.ports.rooms import RoomControl
from meetcoord.ports.signing import CheckpointSigner
from meetcoord.ports.storage import Storage
from meetcoord.ports.system import Clock
from meetcoord.settings import Settings, read_secret
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.add_approver import AddApprover, ListApprovers, WithdrawApprover
from meetcoord.usecases.add_recipient import AddRecipient, ListRecipients, WithdrawRecipient
from meetcoord.usecases.answer_meeting import AnswerMeeting
from meetcoord.usecases.approve_minutes import ApproveMinutes, CirculateMinutes
from meetcoord.usecases.ask_for_change import AskForChange
from meetcoord.usecases.ask_for_code import AskForCode
from meetcoord.usecases.authenticate import Authenticate
from meetcoord.usecases.catalogue import UseCases
from meetcoord.usecases.check_evidence import CheckEvidence
from meetcoord.usecases.check_log import CheckLog
from meetcoord.usecases.clear_rooms import ClearRooms
from meetcoord.usecases.consent_to_policy import ConsentToPolicy, ReadPolicies
from meetcoord.usecases.control_room import EndRoom, PutOut
from meetcoord.usecases.deliver_mail import DeliverMail
from meetcoord.usecases.erase_minutes import AskForErasure, ConsentToErasure, HonourErasures, ReadErasure
from meetcoord.usecases.erasures import KnownErasures
from meetcoord.usecases.fetch_sealed import FetchSealed, GatherEvidence
from meetcoord.usecases.import_persons import ImportPersons, PreviewPersons
from meetcoord.usecases.invite_delegates import InviteDelegates
from meetcoord.usecases.issue_api_key import IssueApiKey, ListApiKeys, RevokeApiKey
from meetcoord.usecases.move_meeting import MoveMeeting
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
from meetcoord.usecases.read_minutes import ReadMinutes
from meetcoord.usecases.refresh_attendance import RefreshAttendance
from meetcoord.usecases.register_agency import ListAgencies, ReadAgency, RegisterAgency
from meetcoord.usecases.register_person import ListPersons, ReadPerson, RegisterPerson
from meetcoord.usecases.reserve_room import CloseRoom, ReadReservation, ReserveRoom
from meetcoord.usecases.rewrap_minutes import ConfirmHeader, RewrapMinutes
from meetcoord.usecases.seal_minutes import SealApproved, SealMinutes
from meetcoord.usecases.search_minutes import SearchMinutes
from meetcoord.usecases.sequencing import PublishCheckpoint
from meetcoord.usecases.settle_meeting import CancelMeeting, SettleMeeting
from meetcoord.usecases.signatures import Signatures
from meetcoord.usecases.standing import GuardedStorage
from meetcoord.usecases.tell_of_keys import TellOfKeys
from meetcoord.usecases.verify_evidence import VerifyEvidence
from meetcoord.usecases.witnessed import ReadWitnessed
from meetcoord.usecases.write_minutes import RewriteMinutes, StartMinutes


@dataclass(frozen=True, slots=True)
class Service:
    """Everything a way in (HTTP, command line, demo) needs."""

    settings: Settings
    keyring: Keyring
    storage: SqlStorage
    use_cases: UseCases
    witnesses: Witnesses


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
    async with (
        storage_of(settings) as storage,
        witnesses_of(settings, keyring.signer.vkey, storage, now) as witnesses,
        _control(settings, keyring, now) as ours,
    ):
        guarded = GuardedStorage(storage, witnesses.standing)
        audit = _for_auditors(guarded, keyring.signer, now, witnesses.read)
        use_cases = _use_cases(
            settings, keyring, guarded, now, postman or _postman(settings), control or ours, audit
        )
        yield Service(settings, keyring, storage, use_cases, witnesses)


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
    storage: Storage,
    now: Clock,
    postman: Postman,
    control: RoomControl,
    audit: partial[UseCases],
) -> UseCases:
    new_id, entropy = system.new_id, system.entropy
    profiles = settings.profile_table()
    acts, policies = Acts(now), Policies(now, Ed25519Verifier(), settings.log_origin)
    signatures, tell = Signatures(policies.verifier), TellOfKeys(now, new_id)
    links = SignedJoinLinks(keys=keyring.link_keys, public_url=settings.service.public_url, now=now)
    codes = DerivedCodes(keyring.code_key)
    vault, sealer = AesGcmVault(keyring.draft_key, entropy), AgeSealer(entropy)
    publish = PublishCheckpoint(storage, keyring.signer, now)
    seal = SealMinutes(storage, vault, sealer, publish, now)
    return UseCases(
        **_for_agencies(storage, now, acts).keywords,
        **_for_keys(storage, sealer, policies, signatures, keyring.signer.vkey, acts).keywords,
        **_for_meetings(storage, now, acts).keywords,
        **audit.keywords,
        **_for_drafts(storage, vault, profiles, now, acts).keywords,
        **_for_sealed(storage, KnownErasures(policies), signatures, profiles, acts).keywords,
        **_for_rooms(storage, control, profiles, keyring.probe_rooms, now, acts).keywords,
        deliver_mail=DeliverMail(
            storage, postman, links, codes, profiles, now, _mail_domain(settings), settings.service.help_phone
        ),
        look_at_invitation=LookAtInvitation(storage, links, profiles, now),
        ask_for_code=AskForCode(storage, links, profiles, now, new_id),
        read_code_by_phone=ReadCodeByPhone(storage, codes, profiles, now, new_id, acts),
        admit=Admit(
            storage, links, _rooms(settings, keyring), profiles, ProvePerson(codes), now, new_id, acts
        ),
        circulate_minutes=CirculateMinutes(
            storage, vault, policies, now, entropy, acts, settings.log_origin, profiles, tell
        ),
        approve_minutes=ApproveMinutes(storage, profiles, policies, seal, signatures, now),
        seal_approved=SealApproved(storage, seal),
        publish_checkpoint=publish,
        read_log=ReadLog(storage, keyring.signer),
        export_log=ExportLog(storage),
        check_log=CheckLog(storage, Ed25519Verifier(), keyring.signer.vkey),
    )


# Partial calls, so that names and types are checked where they are written.
def _for_agencies(storage: Storage, now: Clock, acts: Acts) -> partial[UseCases]:
    new_id, entropy = system.new_id, system.entropy
    return partial(
        UseCases,
        authenticate=Authenticate(storage, now),
        register_agency=RegisterAgency(storage, acts),
        list_agencies=ListAgencies(storage),
        read_agency=ReadAgency(storage),
        register_person=RegisterPerson(storage, new_id, acts),
        preview_persons=PreviewPersons(storage),
        import_persons=ImportPersons(storage, new_id, acts),
        list_persons=ListPersons(storage),
        read_person=ReadPerson(storage),
        issue_api_key=IssueApiKey(storage, now, new_id, entropy, acts),
        revoke_api_key=RevokeApiKey(storage, now, acts),
        list_api_keys=ListApiKeys(storage),
    )


def _for_meetings(storage: Storage, now: Clock, acts: Acts) -> partial[UseCases]:
    new_id = system.new_id
    return partial(
        UseCases,
        propose_meeting=ProposeMeeting(storage, now, new_id),
        list_meetings=ListMeetings(storage),
        read_meeting=ReadMeeting(storage),
        answer_meeting=AnswerMeeting(storage, now),
        name_delegates=NameDelegates(storage, now, new_id, acts),
        settle_meeting=SettleMeeting(storage, now, acts),
        move_meeting=MoveMeeting(storage, now, new_id, acts),
        cancel_meeting=CancelMeeting(storage, now, new_id, acts),
        invite_delegates=InviteDelegates(storage, now, new_id, acts),
        read_board=ReadBoard(storage, now),
    )


def _for_auditors(
    storage: Storage, signer: CheckpointSigner, now: Clock, witnessed: ReadWitnessed
) -> partial[UseCases]:
    verifier, acts = Ed25519Verifier(), Acts(now)
    gather = GatherEvidence(storage, signer, Policies(now, verifier, signer.name), acts, witnessed)
    verify = VerifyEvidence(verifier, AgeOpener(), Ed25519CosignatureVerifier())
    return partial(
        UseCases,
        read_witnessed=witnessed,
        search_minutes=SearchMinutes(storage),
        fetch_sealed=FetchSealed(storage, KnownErasures(gather.policies), acts),
        gather_evidence=gather,
        check_evidence=CheckEvidence(storage, gather, verify, acts.now),
    )


def _for_drafts(
    storage: Storage, vault: AesGcmVault, profiles: Profiles, now: Clock, acts: Acts
) -> partial[UseCases]:
    return partial(
        UseCases,
        start_minutes=StartMinutes(storage, vault, now),
        rewrite_minutes=RewriteMinutes(storage, vault, now),
        refresh_attendance=RefreshAttendance(storage, vault, now),
        read_minutes=ReadMinutes(storage, vault, profiles),
        ask_for_change=AskForChange(storage, vault, profiles, now, acts),
    )


def _for_sealed(
    storage: Storage, erasures: KnownErasures, signatures: Signatures, profiles: Profiles, acts: Acts
) -> partial[UseCases]:
    return partial(
        UseCases,
        rewrap_minutes=RewrapMinutes(storage, erasures, AgeOpener(), acts.now),
        confirm_header=ConfirmHeader(storage, erasures, acts),
        ask_for_erasure=AskForErasure(storage, erasures, profiles, acts.now),
        read_erasure=ReadErasure(storage, erasures),
        consent_to_erasure=ConsentToErasure(storage, erasures, signatures, acts.now),
        honour_erasures=HonourErasures(storage, erasures),
    )


def _for_keys(
    storage: Storage,
    sealer: AgeSealer,
    policies: Policies,
    signatures: Signatures,
    log_key: str,
    acts: Acts,
) -> partial[UseCases]:
    now = policies.now
    tell = TellOfKeys(now, system.new_id)
    return partial(
        UseCases,
        add_recipient=AddRecipient(storage, sealer, policies, now, acts, tell),
        list_recipients=ListRecipients(storage),
        withdraw_recipient=WithdrawRecipient(storage, policies, now, acts, tell),
        add_approver=AddApprover(storage, policies, log_key, now, acts, tell),
        list_approvers=ListApprovers(storage),
        withdraw_approver=WithdrawApprover(storage, policies, now, acts, tell),
        read_policies=ReadPolicies(storage, policies),
        consent_to_policy=ConsentToPolicy(storage, policies, signatures, now, tell),
    )


def _for_rooms(
    storage: Storage,
    control: RoomControl,
    profiles: Profiles,
    probes: DerivedProbeRooms,
    now: Clock,
    acts: Acts,
) -> partial[UseCases]:
    return partial(
        UseCases,
        reserve_room=ReserveRoom(storage, profiles, probes, now, system.new_id),
        read_reservation=ReadReservation(storage, profiles, now),
        close_room=CloseRoom(storage, now),
        note_room_events=NoteRoomEvents(storage, now),
        read_attendance=ReadAttendance(storage, now),
        put_out=PutOut(storage, control, now, acts),
        end_room=EndRoom(storage, control, acts),
        clear_rooms=ClearRooms(storage, control, now, acts),
    )
