"""Who may do what: one table of roles and scopes, and the keys through which programs act for a person."""

from datetime import datetime, timedelta
from enum import Enum

import msgspec

from meetcoord.domain.agencies import Role
from meetcoord.domain.errors import Forbidden, Invalid
from meetcoord.domain.values import AgencyId, PersonId

KEY_LIFE_MAX = timedelta(days=366)


class Scope(Enum):
    """What an API key was issued for; its holder's roles must allow the act as well."""

    AGENCIES_READ = "agencies:read"
    AGENCIES_WRITE = "agencies:write"
    PERSONS_READ = "persons:read"
    PERSONS_WRITE = "persons:write"
    MEETINGS_READ = "meetings:read"
    MEETINGS_WRITE = "meetings:write"
    MINUTES_READ = "minutes:read"
    MINUTES_WRITE = "minutes:write"
    LOG_READ = "log:read"


class Action(Enum):
    LIST_AGENCIES = "list_agencies"
    REGISTER_AGENCY = "register_agency"
    ADD_RECIPIENT = "add_recipient"
    MANAGE_APPROVERS = "manage_approvers"
    READ_POLICIES = "read_policies"
    CONSENT_TO_POLICY = "consent_to_policy"
    LIST_PERSONS = "list_persons"
    REGISTER_PERSON = "register_person"
    MANAGE_API_KEYS = "manage_api_keys"
    READ_MEETING = "read_meeting"
    PROPOSE_MEETING = "propose_meeting"
    ANSWER_MEETING = "answer_meeting"
    NAME_DELEGATES = "name_delegates"
    SETTLE_MEETING = "settle_meeting"
    MOVE_MEETING = "move_meeting"
    INVITE_DELEGATES = "invite_delegates"
    CANCEL_MEETING = "cancel_meeting"
    CONTROL_ROOM = "control_room"
    READ_CODE_BY_PHONE = "read_code_by_phone"
    READ_MINUTES = "read_minutes"
    WRITE_MINUTES = "write_minutes"
    APPROVE_MINUTES = "approve_minutes"
    FETCH_SEALED = "fetch_sealed"
    REWRAP = "rewrap"
    ASK_FOR_ERASURE = "ask_for_erasure"
    READ_ERASURE = "read_erasure"
    CONSENT_TO_ERASURE = "consent_to_erasure"
    READ_LOG = "read_log"


_SECRETARY = frozenset({Role.SECRETARY})
_ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
_READERS = frozenset({Role.SECRETARY, Role.AUDITOR, Role.ADMINISTRATOR})
_ANYBODY = frozenset(Role)

RIGHTS: tuple[tuple[Action, Scope, frozenset[Role]], ...] = (
    (Action.LIST_AGENCIES, Scope.AGENCIES_READ, _ANYBODY),
    (Action.REGISTER_AGENCY, Scope.AGENCIES_WRITE, frozenset({Role.OPERATOR})),
    (Action.ADD_RECIPIENT, Scope.AGENCIES_WRITE, _ADMINISTRATOR),
    (Action.MANAGE_APPROVERS, Scope.AGENCIES_WRITE, _ADMINISTRATOR),
    (Action.READ_POLICIES, Scope.AGENCIES_READ, _READERS),
    # Who answers for the agency's own keys answers for those of the others; where keys are named, an approver signs.
    (Action.CONSENT_TO_POLICY, Scope.AGENCIES_WRITE, _ADMINISTRATOR),
    (Action.LIST_PERSONS, Scope.PERSONS_READ, _READERS),
    (Action.REGISTER_PERSON, Scope.PERSONS_WRITE, _ADMINISTRATOR),
    (Action.MANAGE_API_KEYS, Scope.PERSONS_WRITE, frozenset({Role.ADMINISTRATOR, Role.OPERATOR})),
    (Action.READ_MEETING, Scope.MEETINGS_READ, _READERS),
    (Action.PROPOSE_MEETING, Scope.MEETINGS_WRITE, _SECRETARY),
    (Action.ANSWER_MEETING, Scope.MEETINGS_WRITE, _SECRETARY),
    (Action.NAME_DELEGATES, Scope.MEETINGS_WRITE, _SECRETARY),
    (Action.SETTLE_MEETING, Scope.MEETINGS_WRITE, _SECRETARY),
    (Action.MOVE_MEETING, Scope.MEETINGS_WRITE, _SECRETARY),
    (Action.INVITE_DELEGATES, Scope.MEETINGS_WRITE, _SECRETARY),
    (Action.CANCEL_MEETING, Scope.MEETINGS_WRITE, _SECRETARY),
    (Action.CONTROL_ROOM, Scope.MEETINGS_WRITE, _SECRETARY),
    (Action.READ_CODE_BY_PHONE, Scope.MEETINGS_WRITE, _SECRETARY),
    (Action.READ_MINUTES, Scope.MINUTES_READ, frozenset({Role.SECRETARY})),
    (Action.WRITE_MINUTES, Scope.MINUTES_WRITE, _SECRETARY),
    (Action.APPROVE_MINUTES, Scope.MINUTES_WRITE, _SECRETARY),
    (Action.FETCH_SEALED, Scope.MINUTES_READ, frozenset({Role.SECRETARY, Role.AUDITOR})),
    # A new header is made with a key that opens the old one, which an auditor has.
    (Action.REWRAP, Scope.MINUTES_READ, frozenset({Role.AUDITOR})),
    # The secretary of the agency that wrote the minutes asks, and cannot consent with that role: no one person erases.
    (Action.ASK_FOR_ERASURE, Scope.MINUTES_WRITE, _SECRETARY),
    (Action.READ_ERASURE, Scope.MINUTES_READ, _READERS),
    (Action.CONSENT_TO_ERASURE, Scope.MINUTES_WRITE, _ADMINISTRATOR),
    (Action.READ_LOG, Scope.LOG_READ, _ANYBODY),
)


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking: a person of one agency, with the rights read from the database for this very request."""

    person: PersonId
    agency: AgencyId
    roles: frozenset[Role]
    scopes: frozenset[Scope]

    def must(self, action: Action) -> None:
        """Return if the actor may `action` at all; raises Forbidden with what is missing."""
        for known, scope, roles in RIGHTS:
            if known is action:
                if scope not in self.scopes:
                    raise Forbidden(
                        f"This key was not issued for `{scope.value}`: ask for a key with that scope."
                    )
                if not roles & self.roles:
                    names = " or ".join(sorted(role.value for role in roles))
                    raise Forbidden(f"Only a person with the role {names} may do this.")
                return
        raise Forbidden("Nobody may do this.")


CONSOLE = PersonId("console")


def at_the_console(agency: AgencyId) -> Actor:
    """Whoever runs commands on the service's own machine: operator, and administrator of the agency she names."""
    return Actor(
        person=CONSOLE,
        agency=agency,
        roles=frozenset({Role.OPERATOR, Role.ADMINISTRATOR}),
        scopes=frozenset(Scope),
    )


SERVICE = PersonId("service")


def the_service(organiser: AgencyId) -> Actor:
    """What nobody asks for at that moment: the service itself, for the agency that organises. It has no other right."""
    return Actor(person=SERVICE, agency=organiser, roles=frozenset(), scopes=frozenset())


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """`digest` is SHA-256 of a 256-bit secret: the database alone opens nothing."""

    id: str
    person: PersonId
    digest: bytes
    scopes: frozenset[Scope]
    label: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        if not timedelta(0) < self.expires_at - self.created_at <= KEY_LIFE_MAX:
            raise Invalid("A key expires between now and 366 days from now.", "/expires_at")
        if not self.scopes:
            raise Invalid("A key needs at least one scope.", "/scopes")

    def usable(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at
