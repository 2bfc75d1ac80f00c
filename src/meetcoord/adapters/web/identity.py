"""Who is asking: `Authorization: Bearer mtc_…` on every route under /v1, a shared secret where Jitsi asks."""

import re
from hashlib import sha256
from hmac import compare_digest

from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from meetcoord.adapters.web.address import Connection, only_header
from meetcoord.domain.errors import Unauthenticated
from meetcoord.usecases.authenticate import Authenticate

_CREDENTIALS = re.compile(r"bearer +([\x21-\x7e]{1,200})", re.IGNORECASE)


def key_guard(authenticate: Authenticate) -> Guard:
    """Runs before the body is read, so that nobody unknown makes us read it."""

    async def key_is_valid(connection: Connection, _: BaseRouteHandler) -> None:
        """Leaves the Actor as the connection's user. Raises Unauthenticated."""
        found = _CREDENTIALS.fullmatch(only_header(connection, "Authorization"))
        if not found:
            raise Unauthenticated("Send an API key as `Authorization: Bearer mtc_…`.")
        connection.scope["user"] = await authenticate(found.group(1))

    return key_is_valid


def secret_guard(secret: str) -> Guard:
    """Lets in who holds `secret`; an empty one lets in nobody. Runs before the body is read."""
    expected = sha256(secret.encode()).digest()

    # Asynchronous though it waits for nothing: Litestar hands others to a thread.
    async def secret_is_held(connection: Connection, _: BaseRouteHandler) -> None:
        """Raises Unauthenticated, in the same time and words whatever is wrong."""
        found = _CREDENTIALS.fullmatch(only_header(connection, "Authorization"))
        presented = sha256(found.group(1).encode() if found else b"").digest()
        if not compare_digest(presented, expected) or not secret:
            raise Unauthenticated("Send the secret agreed with the video server in the Authorization header.")

    return secret_is_held
