"""Whether the service lives and can work, whom to tell about weaknesses, and the keys that Jitsi asks for."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

import msgspec
from litestar import Response, get
from litestar.params import FromPath
from msgspec import UNSET, UnsetType

from meetcoord.adapters.web.parts import Parts, raises
from meetcoord.adapters.web.security import IMMUTABLE
from meetcoord.domain.errors import MeetcoordError, NotFound, Unavailable

PEM_FILE = "application/x-pem-file"
TEXT = "text/plain"
CONTACT_LIFE = timedelta(days=180)


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """`warnings` are sentences for the operator; the service works all the same, or says what it does not do."""

    status: str
    warnings: tuple[str, ...] | UnsetType = UNSET


@get("/livez")
async def live() -> Health:
    """The process answers."""
    return Health(status="alive")


@get("/readyz", opt=raises(Unavailable))
async def ready(parts: Parts) -> Health:
    """The service can do its work: its database answers. What else the operator should know stands beside it."""
    try:
        await parts.ready()
    except (MeetcoordError, OSError) as fault:
        raise Unavailable("The service cannot work just now.") from fault
    return Health(status="ready", warnings=tuple(await parts.warnings()) or UNSET)


@get("/.well-known/security.txt", media_type=TEXT)
async def security_txt(parts: Parts) -> str:
    """Whom to tell about a weakness (RFC 9116). The mailbox name is the standard one of RFC 2142."""
    until = (parts.now() + CONTACT_LIFE).replace(microsecond=0)
    return (
        f"Contact: mailto:security@{urlsplit(parts.public_url).hostname}\n"
        f"Expires: {until.isoformat().replace('+00:00', 'Z')}\n"
        f"Preferred-Languages: fr, en, de\n"
        f"Canonical: {parts.public_url}/.well-known/security.txt\n"
    )


@get("/asap/{name:str}", media_type=PEM_FILE)
async def read_room_key(parts: Parts, name: FromPath[str]) -> Response[bytes]:
    """A public key for room tokens, as `<hex SHA-256 of its kid>.pem`; Jitsi checks tokens with it."""
    return _pem_file(parts.room_keys(), name)


@get("/syskeys/{name:str}", media_type=PEM_FILE)
async def read_system_key(parts: Parts, name: FromPath[str]) -> Response[bytes]:
    """A public key for system tokens, named likewise; Jitsi checks with it who may end a meeting."""
    return _pem_file(parts.system_keys(), name)


def _pem_file(keys: Mapping[str, bytes], name: str) -> Response[bytes]:
    pem = keys.get(name.removesuffix(".pem")) if name.endswith(".pem") else None
    if pem is None:
        raise NotFound("There is no such key.")
    return Response(pem, media_type=PEM_FILE, headers={"Cache-Control": IMMUTABLE})


ROUTES = (live, ready, security_txt, read_room_key, read_system_key)
