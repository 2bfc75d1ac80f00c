"""The door through which messages leave."""

from typing import Protocol

from meetcoord.domain.key_letters import KeyLetter
from meetcoord.domain.letters import Letter


class Postman(Protocol):
    async def send(self, letter: Letter | KeyLetter) -> str:
        """Return the next mail server's reply once it has taken responsibility for the letter.

        Raises AddressRefused when it never will (do not retry) or TryLater when it did not this time. Sending one
        `message_id` twice is allowed and yields the same message byte for byte. A cancellation leaves the outcome
        unknown.
        """
        ...
