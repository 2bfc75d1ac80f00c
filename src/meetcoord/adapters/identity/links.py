"""Join links: a signed statement with one key, one kind and one audience, carried in the URL's fragment."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import jwt
from jwt.types import Options

from meetcoord.domain import rotation
from meetcoord.domain.errors import LinkInvalid, Misconfigured, TooLate
from meetcoord.domain.invitations import JoinLink
from meetcoord.domain.values import InvitationId, is_random_id
from meetcoord.ports.system import Clock

KIND = "join+jwt"
ALGORITHM = "HS256"
TOKEN_MAX = 1_000
LATEST = 2**37
"""Seconds since 1970, in the year 6325: what no calendar knows is no end of a meeting."""

_HEADER = frozenset({"typ", "alg", "kid"})
_CLAIMS = frozenset({"aud", "sub", "rev", "exp"})
_OPTIONS: Options = {
    "enforce_minimum_key_length": True,
    "strict_aud": True,
    "verify_exp": False,
    "require": sorted(_CLAIMS),
}


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
        claims = self._claims(token)
        link = _link(claims)
        if self.now() >= link.expires_at:
            raise TooLate("The meeting is over. Its minutes will come from the organising agency.")
        return link

    def _claims(self, token: str) -> Mapping[str, object]:
        """The claims under a valid signature; every doubt is the same refusal (RFC 8725, 3.1 to 3.11)."""
        if len(token) > TOKEN_MAX or not token.isascii():
            raise _not_ours()
        try:
            _must_be_canonical(token)
            header = jwt.get_unverified_header(token)
            if set(header) != _HEADER or header["typ"] != KIND or header["kid"] not in self.keys:
                raise _not_ours()
            claims: dict[str, object] = jwt.decode(
                token,
                self.keys[header["kid"]],
                algorithms=[ALGORITHM],
                audience=self.audience,
                options=_OPTIONS,
            )
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise _not_ours() from None
        return claims


def _must_be_canonical(token: str) -> None:
    """Raises ValueError where a lenient decoder would see the same signature in other characters."""
    for part in token.split("."):
        if urlsafe_b64encode(urlsafe_b64decode(part + "=" * (-len(part) % 4))).rstrip(b"=") != part.encode():
            raise ValueError("this base64 is not canonical")


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
