"""Which right each route asks for, and whose object it must be: `python -m tests.web.rights` prints docs/rights.md."""

from enum import Enum
from typing import NamedTuple

from meetcoord.domain.access import RIGHTS, Action, Scope
from meetcoord.domain.agencies import Role
from tests.web.requests import MEETING, MINUTES, ROUTES, Row


class Whose(Enum):
    """Which agencies may name the object; to all others it does not exist."""

    NOBODYS = "none: acts for the asker's own agency"
    OWN = "the asker's own agency"
    CIRCLE = "the agencies of the circle"
    PARTY = "the agencies of the meeting"
    CIRCULATED = "the agencies of the meeting; a draft: the organiser alone"
    WAITING = "the agencies of the meeting, while a header waits"
    ORGANISER = "the organiser; the other agencies of the meeting are refused"
    SEAT = "the person's own agency; the other agencies of the meeting are refused"


class Right(NamedTuple):
    """No action: any key will do."""

    action: Action | None
    whose: Whose


_A, _W = Action, Whose
RIGHT_OF: dict[tuple[str, str], Right] = {
    ("POST", "/v1/agencies"): Right(_A.REGISTER_AGENCY, _W.NOBODYS),
    ("GET", "/v1/agencies"): Right(_A.LIST_AGENCIES, _W.NOBODYS),
    ("GET", "/v1/agencies/{agency_id}"): Right(_A.LIST_AGENCIES, _W.NOBODYS),
    ("POST", "/v1/agencies/{agency_id}/recipients"): Right(_A.ADD_RECIPIENT, _W.OWN),
    ("GET", "/v1/agencies/{agency_id}/recipients"): Right(_A.LIST_AGENCIES, _W.OWN),
    ("DELETE", "/v1/agencies/{agency_id}/recipients/{key_fingerprint}"): Right(_A.ADD_RECIPIENT, _W.OWN),
    ("POST", "/v1/agencies/{agency_id}/approvers"): Right(_A.MANAGE_APPROVERS, _W.OWN),
    ("GET", "/v1/agencies/{agency_id}/approvers"): Right(_A.LIST_AGENCIES, _W.OWN),
    ("DELETE", "/v1/agencies/{agency_id}/approvers/{key_fingerprint}"): Right(_A.MANAGE_APPROVERS, _W.OWN),
    ("GET", "/v1/policies"): Right(_A.READ_POLICIES, _W.NOBODYS),
    ("POST", "/v1/policies/{index}/consents"): Right(_A.CONSENT_TO_POLICY, _W.CIRCLE),
    ("POST", "/v1/persons"): Right(_A.REGISTER_PERSON, _W.NOBODYS),
    ("POST", "/v1/persons/import-preview"): Right(_A.REGISTER_PERSON, _W.NOBODYS),
    ("POST", "/v1/persons/import"): Right(_A.REGISTER_PERSON, _W.NOBODYS),
    ("GET", "/v1/persons"): Right(_A.LIST_PERSONS, _W.NOBODYS),
    ("GET", "/v1/persons/{person_id}"): Right(_A.LIST_PERSONS, _W.OWN),
    ("GET", "/v1/me"): Right(None, _W.NOBODYS),
    ("POST", "/v1/api-keys"): Right(_A.MANAGE_API_KEYS, _W.OWN),
    ("GET", "/v1/api-keys"): Right(_A.MANAGE_API_KEYS, _W.NOBODYS),
    ("DELETE", "/v1/api-keys/{key_id}"): Right(_A.MANAGE_API_KEYS, _W.OWN),
    ("POST", "/v1/meetings"): Right(_A.PROPOSE_MEETING, _W.NOBODYS),
    ("GET", "/v1/meetings"): Right(_A.READ_MEETING, _W.NOBODYS),
    ("GET", MEETING): Right(_A.READ_MEETING, _W.PARTY),
    ("PUT", MEETING + "/answer"): Right(_A.ANSWER_MEETING, _W.PARTY),
    ("PUT", MEETING + "/delegates"): Right(_A.NAME_DELEGATES, _W.PARTY),
    ("PUT", MEETING + "/slot"): Right(_A.SETTLE_MEETING, _W.ORGANISER),
    ("PUT", MEETING + "/slots"): Right(_A.MOVE_MEETING, _W.ORGANISER),
    ("POST", MEETING + "/cancellation"): Right(_A.CANCEL_MEETING, _W.ORGANISER),
    ("POST", MEETING + "/invitations"): Right(_A.INVITE_DELEGATES, _W.ORGANISER),
    ("GET", MEETING + "/invitations"): Right(_A.READ_MEETING, _W.PARTY),
    ("POST", MEETING + "/invitations/{invitation_id}/phone-code"): Right(_A.READ_CODE_BY_PHONE, _W.SEAT),
    ("POST", MEETING + "/invitations/{invitation_id}/removal-from-room"): Right(
        _A.CONTROL_ROOM, _W.ORGANISER
    ),
    ("POST", MEETING + "/room-end"): Right(_A.CONTROL_ROOM, _W.ORGANISER),
    ("GET", MEETING + "/history"): Right(_A.READ_LOG, _W.PARTY),
    ("GET", MEETING + "/attendance"): Right(_A.READ_MEETING, _W.PARTY),
    ("POST", MEETING + "/minutes"): Right(_A.WRITE_MINUTES, _W.ORGANISER),
    ("GET", MINUTES): Right(_A.READ_MINUTES, _W.CIRCULATED),
    ("PUT", MINUTES): Right(_A.WRITE_MINUTES, _W.ORGANISER),
    ("POST", MINUTES + "/circulation"): Right(_A.WRITE_MINUTES, _W.ORGANISER),
    ("POST", MINUTES + "/attendance"): Right(_A.WRITE_MINUTES, _W.ORGANISER),
    # In the matrix no header waits, and the organiser alone approves, as the profile `standard` has it.
    ("POST", MINUTES + "/change-requests"): Right(_A.APPROVE_MINUTES, _W.ORGANISER),
    ("POST", MINUTES + "/approvals"): Right(_A.APPROVE_MINUTES, _W.ORGANISER),
    ("POST", MINUTES + "/readings"): Right(_A.FETCH_SEALED, _W.CIRCULATED),
    ("POST", MINUTES + "/evidence"): Right(_A.FETCH_SEALED, _W.CIRCULATED),
    ("POST", MINUTES + "/evidence-check"): Right(_A.FETCH_SEALED, _W.CIRCULATED),
    ("POST", MINUTES + "/header"): Right(_A.REWRAP, _W.CIRCULATED),
    ("POST", MINUTES + "/header/confirmation"): Right(_A.REWRAP, _W.WAITING),
    ("POST", MINUTES + "/erasure"): Right(_A.ASK_FOR_ERASURE, _W.ORGANISER),
    ("GET", MINUTES + "/erasure"): Right(_A.READ_ERASURE, _W.CIRCULATED),
    ("POST", MINUTES + "/erasure/consents"): Right(_A.CONSENT_TO_ERASURE, _W.CIRCULATED),
    ("GET", "/v1/minutes"): Right(_A.FETCH_SEALED, _W.NOBODYS),
    ("GET", "/v1/log/witnesses"): Right(_A.READ_LOG, _W.NOBODYS),
}
KEYED = tuple(row for row in ROUTES if row.keyed)


def right_of(row: Row) -> Right:
    return RIGHT_OF[row.method, row.path]


def needed(action: Action | None) -> tuple[Scope | None, frozenset[Role] | None]:
    """What RIGHTS asks for; none of either where any key will do."""
    found = {known: (scope, roles) for known, scope, roles in RIGHTS}
    return (None, None) if action is None else found[action]


def printed() -> str:
    """docs/rights.md."""
    head = ["| Route | Scope | " + " | ".join(role.value for role in Role) + " | Whose object |"]
    head.append("|---|---|" + ":-:|" * len(Role) + "---|")
    open_routes = [f"- `{row.method} {row.path}`" for row in ROUTES if not row.keyed]
    return "\n".join(
        [
            "# Who may do what",
            "",
            "Written by `make rights`; a test compares it with the routes, with the table of roles and scopes in",
            "`domain/access.py`, and with what the service really answers.",
            "",
            "A key needs the scope and its person one of the roles marked. Without them the answer is 403, before any",
            "object is looked at. An object of nobody who may name it, and one that does not exist, give the same 404.",
            "",
            *head,
            *(_line(row) for row in KEYED),
            "",
            "## Without an API key",
            "",
            "Pages, join links (which are a key of their own), the public log, and the video server with its secret:",
            "",
            *open_routes,
            "",
        ]
    )


def _line(row: Row) -> str:
    action, whose = right_of(row)
    scope, roles = needed(action)
    marks = " | ".join("x" if roles is None or role in roles else " " for role in Role)
    named = f"`{scope.value}`" if scope else "any"
    return f"| `{row.method} {row.path}` | {named} | {marks} | {whose.value} |"


if __name__ == "__main__":
    print(printed(), end="")
