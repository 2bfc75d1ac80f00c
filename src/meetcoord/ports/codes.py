"""The door to one-time codes."""

from typing import Protocol

from meetcoord.domain.challenges import Challenge


class Codes(Protocol):
    """Six digits derived from a challenge's `id` and `kind` under a key of their own: nothing stored tells them."""

    def of(self, challenge: Challenge) -> str:
        """The same six digits each time; a bearer secret for as long as the challenge counts."""
        ...

    def fits(self, challenge: Challenge, digits: str) -> bool:
        """Whether these are its digits, in a time that does not depend on how many are right."""
        ...
