"""Join links: a signed statement with one key, one kind and one audience, carried in the URL's fragment."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import jwt
import msgspec
from jwt.types import Options

from meetcoord.domain import rotation
from meetcoord.domain.errors import LinkInvalid, Misconfigured
from meetcoord.domain.invitations import JoinLink
from meetcoord.domain.values import InvitationId, is_random_id
from meetcoord.ports.system import Clock

KIND = "join+jwt"
ALGORITHM = "HS256"
TOKEN_MAX = 1_000
LATEST = 2**37
"""Seconds since 1970, in the year 6325: what no calendar knows is no end of a meeting."""

_CLAIMS = frozenset({"aud", "sub", "rev", "exp"})
_OPTIONS: Options = {
    "enforce_minimum_key_length": True,
    "strict_aud": True,
    "verify_exp": False,
    "require": sorted(_CLAIMS),
}


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    typ: str
    alg: str
    kid: str


def _not_ours() -> LinkInvalid:
    return LinkInvalid(
        "This link is not one of ours, or part of it is missing. Open it again from the message you received."
    )


@dataclass(frozen=True, slots=True)
class SignedJoinLinks:
    """HMAC keys of 32 bytes by `kid`: all verify, the newest settled one signs. The mapping may change under us.

    Only this service ever checks these links.
    """

    keys: Mapping[str, bytes]
    public_url: str
    now: Clock

    def __post_init__(self) -> None:
        if not self.keys:
            raise Misconfigured("There is no key for join links: type `meetcoord keys new`.")

    @property
    def audience(self) -> str:
        return f"{self.public_url.rstrip('/')}/j"

    def write(self, link: JoinLink) -> str:
        kid = rotation.signing(self.keys, self.now())
        claims = {
            "aud": self.audience,
            "sub": link.invitation,
            "rev": link.revision,
            "exp": int(link.expires_at.timestamp()),
        }
        token = jwt.encode(claims, self.keys[kid], algorithm=ALGORITHM, headers={"typ": KIND, "kid": kid})
        return f"{self.audience}#{token}"

    def read(self, token: str) -> JoinLink:
        return _link(self._claims(token))

    def _claims(self, token: str) -> Mapping[str, object]:
        """The claims under a valid signature; every doubt is the same refusal (RFC 8725, 3.1 to 3.11)."""
        if len(token) > TOKEN_MAX or not token.isascii():
            raise _not_ours()
        try:
            header = _header(token)
            if header.typ != KIND or header.kid not in self.keys:
                raise _not_ours()
            claims: dict[str, object] = jwt.decode(
                token,
                self.keys[header.kid],
                algorithms=[ALGORITHM],
                audience=self.audience,
                options=_OPTIONS,
            )
        except (jwt.PyJWTError, msgspec.MsgspecError, ValueError, RecursionError):
            raise _not_ours() from None
        return claims


def _header(token: str) -> _Header:
    """The first part, once each part is base64 that only one text decodes to. Raises ValueError, MsgspecError."""
    first, *_ = map(_canonical, token.split("."))
    return msgspec.json.decode(first, type=_Header)


def _canonical(part: str) -> bytes:
    """Raises ValueError where a lenient decoder would see the same bytes in other characters."""
    data = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if urlsafe_b64encode(data).rstrip(b"=") != part.encode():
        raise ValueError("this base64 is not canonical")
    return data


def _link(claims: Mapping[str, object]) -> JoinLink:
    invitation, revision, expires = claims.get("sub"), claims.get("rev"), claims.get("exp")
    if set(claims) != _CLAIMS or type(revision) is not int or type(expires) is not int:
        raise _not_ours()
    if not isinstance(invitation, str) or not is_random_id(invitation) or not 0 <= expires < LATEST:
        raise _not_ours()
    return JoinLink(
        invitation=InvitationId(invitation),
        revision=revision,
        expires_at=datetime.fromtimestamp(expires, UTC),
    )
