"""A stand-in for the video room: a page that checks the very token a Jitsi would check and shows who entered."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jwt
import msgspec
from litestar import MediaType, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from meetcoord.adapters.web.assets import address_of
from meetcoord.bootstrap import Keyring
from meetcoord.demo.stage import Stage
from meetcoord.domain.errors import LinkInvalid

_FILES = Path(__file__).parent / "pages"


class ShownToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token: str


class Entered(msgspec.Struct, frozen=True):
    """`room` and `name` as the token states them; `moderator` as Jitsi would grant it."""

    room: str
    name: str
    moderator: bool
    until: int


def room_routes(stage: Stage) -> Sequence[HTTPRouteHandler]:
    """Handlers for the stand-in, checking with the public keys the service publishes."""
    published = Keyring.read(stage.settings.keys_directory, stage.settings.log_origin).room_keys.published()
    rooms = stage.settings.rooms

    @get("/demo/room/{room:str}", media_type=MediaType.HTML, sync_to_thread=False)
    def page(room: FromPath[str]) -> str:
        text = (_FILES / "room.html").read_text(encoding="utf-8")
        for name in ("meetcoord.css", "meetcoord.svg"):
            text = text.replace(f"/static/{name}", address_of(name))
        return text

    @get("/demo/room.js", media_type="text/javascript", sync_to_thread=False)
    def script() -> str:
        return (_FILES / "room.js").read_text(encoding="utf-8")

    @post("/demo/check", status_code=200, sync_to_thread=False)
    def check(data: JSONBody[ShownToken]) -> Response[Entered]:
        for pem in published.values():
            try:
                claims: dict[str, Any] = jwt.decode(
                    data.token, pem, algorithms=["RS256"], audience=rooms.audience, issuer=rooms.issuer
                )
            except jwt.PyJWTError:
                continue
            user = claims["context"]["user"]
            return Response(
                Entered(claims["room"], user["name"], user["affiliation"] == "owner", claims["exp"])
            )
        raise LinkInvalid("This token does not open a room: it has expired, or is not one of ours.")

    return [page, script, check]
