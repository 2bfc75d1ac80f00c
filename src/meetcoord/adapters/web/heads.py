"""HEAD is GET without the body (RFC 9110, section 9.3.2): every address that can be read can be asked so too."""

from typing import Any

from litestar import Litestar
from litestar.types import Message, Send


class Application(Litestar):
    """Answers HEAD from the handler of GET, so that the headers are the same by construction."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            # The server keeps its own scope, which still says HEAD: it frames the answer as one.
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        await super().__call__(scope, receive, send)


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message["body"] = b""
        await send(message)

    return send_head
