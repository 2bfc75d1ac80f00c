"""Every route with the key it asks for, and bodies that would do: a new route without a row here fails a test."""

from base64 import b64encode
from typing import Any, NamedTuple

from tests.builders import random_id

SOME = random_id("somebody")


class Row(NamedTuple):
    """`path` as the route is registered; `body` is one that is well-formed, though it may name nobody."""

    method: str
    path: str
    keyed: bool
    body: Any = None


MEETING = "/v1/meetings/{meeting_id}"
JITSI = "/jitsi"
"""What begins so is asked by the video server alone, with a secret of its own before the body is looked at."""

MINUTES = MEETING + "/minutes/{seq}"
SLOT = {"start": "2026-11-03T10:00:00+01:00", "end": "2026-11-03T11:00:00+01:00"}
NEW_MEETING = {
    "title": "Crisis cell",
    "slots": [SLOT],
    "convened": [{"agency": "prefecture"}],
    "time_zone": "Europe/Paris",
}
NEW_PERSON = {"name": "A delegate", "address": "delegate@city.example.org", "function": "Head of unit"}
PERSONS_FILE = b64encode(b"Nom;Fonction;Courriel\nDelegate;Head of unit;head@city.example.org").decode()
NEW_KEY = {"person": SOME, "scopes": ["meetings:read"], "label": "calendar"}

ROUTES = (
    Row("POST", "/v1/agencies", True, {"id": "fire-brigade", "name": "Fire brigade"}),
    Row("GET", "/v1/agencies", True),
    Row("GET", "/v1/agencies/{agency_id}", True),
    Row(
        "POST",
        "/v1/agencies/{agency_id}/recipients",
        True,
        {"kind": "auditor", "key": "age1pq1", "label": "x"},
    ),
    Row("GET", "/v1/agencies/{agency_id}/recipients", True),
    Row("DELETE", "/v1/agencies/{agency_id}/recipients/{key_fingerprint}", True),
    Row("POST", "/v1/agencies/{agency_id}/approvers", True, {"person": SOME, "key": "city/a+00000000+AQ=="}),
    Row("GET", "/v1/agencies/{agency_id}/approvers", True),
    Row("DELETE", "/v1/agencies/{agency_id}/approvers/{key_fingerprint}", True),
    Row("GET", "/v1/policies", True),
    Row("POST", "/v1/policies/{index}/consents", True, {"verdict": "approve", "leaf": SOME}),
    Row("POST", "/v1/persons", True, NEW_PERSON),
    Row("POST", "/v1/persons/import-preview", True, {"file": PERSONS_FILE}),
    Row("POST", "/v1/persons/import", True, {"file": PERSONS_FILE, "digest": SOME}),
    Row("GET", "/v1/persons", True),
    Row("GET", "/v1/persons/{person_id}", True),
    Row("GET", "/v1/me", True),
    Row("POST", "/v1/api-keys", True, NEW_KEY),
    Row("GET", "/v1/api-keys", True),
    Row("DELETE", "/v1/api-keys/{key_id}", True),
    Row("POST", "/v1/meetings", True, NEW_MEETING),
    Row("GET", "/v1/meetings", True),
    Row("GET", MEETING, True),
    Row("PUT", MEETING + "/answer", True, {"terms": 1, "choices": []}),
    Row("PUT", MEETING + "/delegates", True, {"delegates": []}),
    Row("PUT", MEETING + "/slot", True, {"slot": SOME}),
    Row("PUT", MEETING + "/slots", True, {"terms": 1, "slots": [SLOT]}),
    Row("POST", MEETING + "/cancellation", True),
    Row("POST", MEETING + "/invitations", True),
    Row("GET", MEETING + "/invitations", True),
    Row("POST", MEETING + "/invitations/{invitation_id}/phone-code", True),
    Row("POST", MEETING + "/invitations/{invitation_id}/removal-from-room", True),
    Row("POST", MEETING + "/room-end", True),
    Row("POST", MEETING + "/minutes", True, {"body": "# Décisions"}),
    Row("GET", MINUTES, True),
    Row("PUT", MINUTES, True, {"body": "# Décisions"}),
    Row("POST", MINUTES + "/circulation", True),
    Row("POST", MINUTES + "/attendance", True),
    Row("POST", MINUTES + "/change-requests", True, {"content": "hash", "comment": "Lundi, non mardi."}),
    Row("POST", MINUTES + "/approvals", True, {"content": "hash"}),
    Row("POST", MINUTES + "/readings", True),
    Row("POST", MINUTES + "/evidence", True),
    Row("POST", MINUTES + "/header", True, {"header": PERSONS_FILE}),
    Row("POST", MINUTES + "/header/confirmation", True, {"leaf": 0}),
    Row("POST", MINUTES + "/erasure", True, {"reason": "retention", "visa": "da-2026/14"}),
    Row("GET", MINUTES + "/erasure", True),
    Row("POST", MINUTES + "/erasure/consents", True, {"verdict": "approve", "leaf": SOME}),
    Row("POST", MINUTES + "/evidence-check", True),
    Row("GET", "/v1/minutes", True),
    Row("GET", MEETING + "/history", True),
    Row("GET", MEETING + "/attendance", True),
    Row("POST", JITSI + "/conference", False),
    Row("GET", JITSI + "/conference/{conference_id}", False),
    Row("DELETE", JITSI + "/conference/{conference_id}", False),
    Row("POST", JITSI + "/events/room/created", False, {"room_name": SOME, "created_at": 1}),
    Row("POST", JITSI + "/events/room/destroyed", False, {"room_name": SOME, "destroyed_at": 1}),
    Row("POST", JITSI + "/events/occupant/joined", False, {"room_name": SOME, "occupant": {"joined_at": 1}}),
    Row("POST", JITSI + "/events/occupant/left", False, {"room_name": SOME}),
    Row("GET", "/", False),
    Row("GET", "/problems/{code}", False),
    Row("GET", "/j", False),
    Row("GET", "/audit", False),
    Row("POST", "/j/look", False, {"token": "a.b.c"}),
    Row("POST", "/j/code", False, {"token": "a.b.c"}),
    Row("POST", "/j/admission", False, {"token": "a.b.c", "click": "first-press"}),
    Row("GET", "/log/checkpoint", False),
    Row("GET", "/log/cosigned-checkpoint", False),
    Row("GET", "/v1/log/witnesses", True),
    Row("GET", "/log/key", False),
    Row("GET", "/log/tile/{path}", False),
    Row("GET", "/livez", False),
    Row("GET", "/readyz", False),
    Row("GET", "/.well-known/security.txt", False),
    Row("GET", "/asap/{name}", False),
    Row("GET", "/syskeys/{name}", False),
    Row("GET", "/static/{name}", False),
)


def filled(path: str, *, meeting: str = SOME, agency: str = "city") -> str:
    """The path with identifiers of the right shape in it."""
    facts = {
        "meeting_id": meeting,
        "agency_id": agency,
        "person_id": SOME,
        "key_id": SOME,
        "invitation_id": SOME,
        "conference_id": SOME,
        "seq": "0",
        "index": "0",
        "key_fingerprint": SOME,
    }
    return path.format(**facts, name=f"{SOME}.pem", path="0/000", code="no-such-code")
