"""The door to signed join links."""

from typing import Protocol

from meetcoord.domain.invitations import JoinLink


class JoinLinks(Protocol):
    def write(self, link: JoinLink) -> str:
        """The address a person opens; the token stands in the fragment, which never reaches a server or a log."""
        ...

    def read(self, token: str) -> JoinLink:
        """What a token states, signature, kind and audience checked; it may have expired. Raises LinkInvalid."""
        ...
