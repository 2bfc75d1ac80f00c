"""Find out who an API key acts for."""

from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from meetcoord.domain.access import Actor
from meetcoord.domain.errors import NotFound, Unauthenticated
from meetcoord.domain.values import is_random_id
from meetcoord.ports.storage import Storage
from meetcoord.ports.system import Clock

KEY_PREFIX = "mtc"
_REFUSAL = "This API key is unknown, expired or revoked: ask your agency's administrator for a new one."
_NO_DIGEST = bytes(32)


def key_digest(secret: str) -> bytes:
    """What is stored of a key's secret: 256 random bits need no slow hash."""
    return sha256(secret.encode()).digest()


@dataclass(frozen=True, slots=True)
class Authenticate:
    storage: Storage
    now: Clock

    async def __call__(self, presented: str) -> Actor:
        """The actor behind `mtc_<id>_<secret>`, with her rights as they are now. Raises Unauthenticated."""
        prefix, _, rest = presented.partition("_")
        key_id, _, secret = rest.partition("_")
        if prefix != KEY_PREFIX or not is_random_id(key_id) or not secret.isascii():
            raise Unauthenticated("Send an API key as `Authorization: Bearer mtc_…`.")
        async with self.storage.snapshot() as tx:
            try:
                key, person = await tx.api_keys.holder(key_id)
            except NotFound:
                compare_digest(_NO_DIGEST, key_digest(secret))  # the same work as for a known id
                raise Unauthenticated(_REFUSAL) from None
        if (
            not compare_digest(key.digest, key_digest(secret))
            or not key.usable(self.now())
            or not person.active
        ):
            raise Unauthenticated(_REFUSAL)
        return Actor(person=person.id, agency=person.agency, roles=person.roles, scopes=key.scopes)
