"""Everything that can be asked for, with its parts in place."""

from dataclasses import dataclass

from meetcoord.usecases.add_approver import AddApprover, ListApprovers, WithdrawApprover
from meetcoord.usecases.add_recipient import AddRecipient, ListRecipients, WithdrawRecipient
from meetcoord.usecases.answer_meeting import AnswerMeeting
from meetcoord.usecases.approve_minutes import ApproveMinutes, CirculateMinutes
from meetcoord.usecases.ask_for_change import AskForChange
from meetcoord.usecases.ask_for_code import AskForCode
from meetcoord.usecases.authenticate import Authenticate
from meetcoord.usecases.check_evidence import CheckEvidence
from meetcoord.usecases.check_log import CheckLog
from meetcoord.usecases.clear_rooms import ClearRooms
from meetcoord.usecases.consent_to_policy import ConsentToPolicy, ReadPolicies
from meetcoord.usecases.control_room import EndRoom, PutOut
from meetcoord.usecases.deliver_mail import DeliverMail
from meetcoord.usecases.erase_minutes import AskForErasure, ConsentToErasure, HonourErasures, ReadErasure
from meetcoord.usecases.fetch_sealed import FetchSealed, GatherEvidence
from meetcoord.usecases.import_persons import ImportPersons, PreviewPersons
from meetcoord.usecases.invite_delegates import InviteDelegates
from meetcoord.usecases.issue_api_key import IssueApiKey, ListApiKeys, RevokeApiKey
from meetcoord.usecases.move_meeting import MoveMeeting
from meetcoord.usecases.name_delegates import NameDelegates
from meetcoord.usecases.note_room_events import NoteRoomEvents
from meetcoord.usecases.open_invitation import Admit, LookAtInvitation
from meetcoord.usecases.propose_meeting import ProposeMeeting
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
from meetcoord.usecases.seal_minutes import SealApproved
from meetcoord.usecases.search_minutes import SearchMinutes
from meetcoord.usecases.sequencing import PublishCheckpoint
from meetcoord.usecases.settle_meeting import CancelMeeting, SettleMeeting
from meetcoord.usecases.witnessed import ReadWitnessed
from meetcoord.usecases.write_minutes import RewriteMinutes, StartMinutes


@dataclass(frozen=True, slots=True)
class UseCases:
    authenticate: Authenticate
    register_agency: RegisterAgency
    list_agencies: ListAgencies
    read_agency: ReadAgency
    add_recipient: AddRecipient
    list_recipients: ListRecipients
    withdraw_recipient: WithdrawRecipient
    add_approver: AddApprover
    list_approvers: ListApprovers
    withdraw_approver: WithdrawApprover
    read_policies: ReadPolicies
    consent_to_policy: ConsentToPolicy
    register_person: RegisterPerson
    preview_persons: PreviewPersons
    import_persons: ImportPersons
    list_persons: ListPersons
    read_person: ReadPerson
    issue_api_key: IssueApiKey
    revoke_api_key: RevokeApiKey
    list_api_keys: ListApiKeys
    propose_meeting: ProposeMeeting
    list_meetings: ListMeetings
    read_meeting: ReadMeeting
    answer_meeting: AnswerMeeting
    name_delegates: NameDelegates
    settle_meeting: SettleMeeting
    move_meeting: MoveMeeting
    cancel_meeting: CancelMeeting
    invite_delegates: InviteDelegates
    read_board: ReadBoard
    deliver_mail: DeliverMail
    look_at_invitation: LookAtInvitation
    ask_for_code: AskForCode
    read_code_by_phone: ReadCodeByPhone
    admit: Admit
    reserve_room: ReserveRoom
    read_reservation: ReadReservation
    close_room: CloseRoom
    note_room_events: NoteRoomEvents
    read_attendance: ReadAttendance
    put_out: PutOut
    end_room: EndRoom
    clear_rooms: ClearRooms
    start_minutes: StartMinutes
    rewrite_minutes: RewriteMinutes
    refresh_attendance: RefreshAttendance
    read_minutes: ReadMinutes
    circulate_minutes: CirculateMinutes
    ask_for_change: AskForChange
    approve_minutes: ApproveMinutes
    seal_approved: SealApproved
    fetch_sealed: FetchSealed
    gather_evidence: GatherEvidence
    rewrap_minutes: RewrapMinutes
    confirm_header: ConfirmHeader
    ask_for_erasure: AskForErasure
    read_erasure: ReadErasure
    consent_to_erasure: ConsentToErasure
    honour_erasures: HonourErasures
    search_minutes: SearchMinutes
    check_evidence: CheckEvidence
    publish_checkpoint: PublishCheckpoint
    read_log: ReadLog
    read_witnessed: ReadWitnessed
    export_log: ExportLog
    check_log: CheckLog
