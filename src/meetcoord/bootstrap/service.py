"""Settings become a running set of use cases, and everything opened is closed again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from meetcoord.adapters import system
from meetcoord.adapters.identity.links import SignedJoinLinks
from meetcoord.adapters.jitsi.tokens import JitsiRooms
from meetcoord.adapters.mail.messages import Sender
from meetcoord.adapters.mail.smtp import SmtpPostman
from meetcoord.adapters.sealing.age import AgeSealer, assert_post_quantum
from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.adapters.sealing.vault import AesGcmVault
from meetcoord.adapters.sql.storage import SqlStorage
from meetcoord.bootstrap.keyring import Keyring
from meetcoord.ports.mail import Postman
from meetcoord.ports.system import Clock
from meetcoord.settings import Settings, read_secret
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.add_recipient import AddRecipient, ListRecipients
from meetcoord.usecases.answer_meeting import AnswerMeeting
from meetcoord.usecases.approve_minutes import ApproveMinutes, CirculateMinutes
from meetcoord.usecases.authenticate import Authenticate
from meetcoord.usecases.catalogue import UseCases
from meetcoord.usecases.check_log import CheckLog
from meetcoord.usecases.deliver_mail import DeliverMail
from meetcoord.usecases.fetch_sealed import FetchSealed, GatherEvidence
from meetcoord.usecases.invite_delegates import InviteDelegates
from meetcoord.usecases.issue_api_key import IssueApiKey, ListApiKeys, RevokeApiKey
from meetcoord.usecases.name_delegates import NameDelegates
from meetcoord.usecases.open_invitation import Admit, LookAtInvitation
from meetcoord.usecases.policies import Policies
from meetcoord.usecases.propose_meeting import ProposeMeeting
from meetcoord.usecases.read_log import ExportLog, ReadLog
from meetcoord.usecases.read_meeting import ListMeetings, ReadBoard, ReadMeeting
from meetcoord.usecases.register_agency import ListAgencies, ReadAgency, RegisterAgency
from meetcoord.usecases.register_person import ListPersons, ReadPerson, RegisterPerson
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
) -> AsyncIterator[Service]:
    """The whole service, ready to be asked; `postman` and `keyring` in place of those the settings name.

    Raises Misconfigured where it must not start.
    """
    assert_post_quantum()
    keyring = keyring or Keyring.read(settings.keys_directory, settings.log_origin)
    async with storage_of(settings) as storage:
        use_cases = _use_cases(settings, keyring, storage, now, postman or _postman(settings))
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


def _use_cases(
    settings: Settings, keyring: Keyring, storage: SqlStorage, now: Clock, postman: Postman
) -> UseCases:
    new_id, entropy = system.new_id, system.entropy
    profiles = settings.profile_table()
    acts, policies = Acts(now), Policies(now)
    links = SignedJoinLinks(keys=keyring.link_keys, public_url=settings.service.public_url, now=now)
    vault, sealer = AesGcmVault(keyring.draft_key, entropy), AgeSealer(entropy)
    publish = PublishCheckpoint(storage, keyring.signer, now)
    seal = SealMinutes(storage, vault, sealer, publish, now)
    return UseCases(
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
        propose_meeting=ProposeMeeting(storage, now, new_id),
        list_meetings=ListMeetings(storage),
        read_meeting=ReadMeeting(storage),
        answer_meeting=AnswerMeeting(storage, now),
        name_delegates=NameDelegates(storage, now, new_id, acts),
        settle_meeting=SettleMeeting(storage, now, acts),
        cancel_meeting=CancelMeeting(storage, now, new_id, acts),
        invite_delegates=InviteDelegates(storage, now, new_id, acts),
        read_board=ReadBoard(storage),
        deliver_mail=DeliverMail(
            storage, postman, links, profiles, now, _mail_domain(settings), settings.service.help_phone
        ),
        look_at_invitation=LookAtInvitation(storage, links, profiles),
        admit=Admit(storage, links, _rooms(settings, keyring), profiles, now, new_id, acts),
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
