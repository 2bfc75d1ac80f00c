"""Room tokens as a strict self-hosted Jitsi checks them: RS256 JWT, one room, one person, one window."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from meetcoord.adapters.jitsi.keys import RoomKeys
from meetcoord.domain.invitations import RoomPass
from meetcoord.ports.rooms import RoomEntry

SKEW = timedelta(seconds=5)
"""Prosody allows no leeway on `nbf`: a clock a little behind ours must not refuse a fresh token."""

FEATURES = (
    "branding", "calendar", "create-polls", "file-upload", "flip", "inbound-call", "livestreaming", "live-translation",
    "lobby", "moderation", "outbound-call", "recording", "room", "screen-sharing", "send-groupchat", "list-visitors",
    "sip-inbound-call", "sip-outbound-call", "transcription",
)  # fmt: skip
"""Every feature the web client knows. What is not granted is then refused, to moderators too."""

NAME_MAX = 100
"""Characters; a longer name would carry the token over the 4 KB that web servers in front of Jitsi take."""

_EVERYBODY = frozenset({"screen-sharing", "send-groupchat"})
_MODERATORS = frozenset({"lobby", "moderation", "create-polls"})


@dataclass(frozen=True, slots=True)
class JitsiRooms:
    """`url` is where browsers find Jitsi, `subject` its XMPP domain or tenant; `issuer` and `audience` are exact."""

    keys: RoomKeys
    url: str
    subject: str
    issuer: str
    audience: str

    def entry(self, room_pass: RoomPass) -> RoomEntry:
        token = self._token(room_pass)
        return RoomEntry(address=f'{self.url.rstrip("/")}/{room_pass.room}#jwt="{token}"', token=token)

    def _token(self, room_pass: RoomPass) -> str:
        # By the key of the pass's own moment: the same pass is the same token also while keys rotate.
        return self.keys.signed(self._claims(room_pass), room_pass.issued_at)

    def _claims(self, room_pass: RoomPass) -> dict[str, object]:
        return {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": self.subject,
            "room": room_pass.room,
            "iat": _seconds(room_pass.issued_at),
            "nbf": _seconds(room_pass.issued_at - SKEW),
            "exp": _seconds(room_pass.expires_at),
            "jti": room_pass.id,
            "context": {"user": _user(room_pass), "features": _features(room_pass)},
        }


def _user(room_pass: RoomPass) -> dict[str, str]:
    """Shown to everybody in the room: an opaque id and the name the agency fixed, nothing else about the person."""
    affiliation = "owner" if room_pass.moderator else "member"
    return {"id": room_pass.alias, "name": room_pass.name[:NAME_MAX], "affiliation": affiliation}


def _features(room_pass: RoomPass) -> dict[str, bool]:
    granted = _EVERYBODY | (_MODERATORS if room_pass.moderator else frozenset())
    if room_pass.moderator and room_pass.recording:
        granted |= {"recording"}
    return {feature: feature in granted for feature in FEATURES}


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
