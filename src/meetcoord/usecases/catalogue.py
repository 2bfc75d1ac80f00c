"""Everything that can be asked for, with its parts in place."""

from dataclasses import dataclass

from meetcoord.usecases.add_recipient import AddRecipient, ListRecipients
from meetcoord.usecases.answer_meeting import AnswerMeeting
from meetcoord.usecases.approve_minutes import ApproveMinutes, CirculateMinutes
from meetcoord.usecases.ask_for_code import AskForCode
from meetcoord.usecases.authenticate import Authenticate
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
from meetcoord.usecases.propose_meeting import ProposeMeeting
from meetcoord.usecases.read_attendance import ReadAttendance
from meetcoord.usecases.read_code_by_phone import ReadCodeByPhone
from meetcoord.usecases.read_log import ExportLog, ReadLog
from meetcoord.usecases.read_meeting import ListMeetings, ReadBoard, ReadMeeting
from meetcoord.usecases.register_agency import ListAgencies, ReadAgency, RegisterAgency
from meetcoord.usecases.register_person import ListPersons, ReadPerson, RegisterPerson
from meetcoord.usecases.reserve_room import CloseRoom, ReadReservation, ReserveRoom
from meetcoord.usecases.seal_minutes import SealApproved
from meetcoord.usecases.sequencing import PublishCheckpoint
from meetcoord.usecases.settle_meeting import CancelMeeting, SettleMeeting
from meetcoord.usecases.write_minutes import ReadMinutes, RewriteMinutes, StartMinutes


@dataclass(frozen=True, slots=True)
class UseCases:
    authenticate: Authenticate
    register_agency: RegisterAgency
    list_agencies: ListAgencies
    read_agency: ReadAgency
    add_recipient: AddRecipient
    list_recipients: ListRecipients
    register_person: RegisterPerson
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
    read_minutes: ReadMinutes
    circulate_minutes: CirculateMinutes
    approve_minutes: ApproveMinutes
    seal_approved: SealApproved
    fetch_sealed: FetchSealed
    gather_evidence: GatherEvidence
    publish_checkpoint: PublishCheckpoint
    read_log: ReadLog
    export_log: ExportLog
    check_log: CheckLog
