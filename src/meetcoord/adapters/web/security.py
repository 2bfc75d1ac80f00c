"""The headers that every answer carries, errors included."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from litestar.types import Message, Scope

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
)
IMMUTABLE = "public, max-age=31536000, immutable"
"""For answers whose address changes with their content."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "X-Robots-Tag": "noindex",
}
TRANSPORT = "max-age=63072000; includeSubDomains"


def join_page_headers(framed_rooms: str) -> dict[str, str]:
    """The join page alone may look through the camera, and frames the rooms of one origin or none."""
    allowed = f'(self "{framed_rooms}")' if framed_rooms else "(self)"
    shared = f", display-capture={allowed}, fullscreen={allowed}" if framed_rooms else ""
    frame = f"; frame-src {framed_rooms}" if framed_rooms else ""
    return {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY + frame,
        "Permissions-Policy": f"camera={allowed}, microphone={allowed}{shared}, geolocation=()",
    }


@dataclass(frozen=True, slots=True)
class SecurityHeaders:
    """A hook for the start of each answer; what an answer says for itself stands.

    `https` says whether browsers may insist on it from now on.
    """

    https: bool
    written: tuple[tuple[bytes, bytes], ...] = field(init=False)

    def __post_init__(self) -> None:
        headers = {**HEADERS, "Cache-Control": "no-store"}
        if self.https:
            headers["Strict-Transport-Security"] = TRANSPORT
        written = tuple((name.lower().encode(), value.encode()) for name, value in headers.items())
        object.__setattr__(self, "written", written)

    async def __call__(self, message: Message, scope: Scope) -> None:
        # As the bytes that ASGI carries: Litestar's own setter looks through all headers for each one.
        if message["type"] == "http.response.start":
            said = list(message["headers"])
            names = {name for name, _ in said}
            message["headers"] = [*said, *(each for each in self.written if each[0] not in names)]
