"""Rooms made for one check of the video system: whoever knows our keys can name one, and it lives some minutes."""

from datetime import datetime, timedelta

import msgspec

from meetcoord.domain.errors import NotFound

PROBE_LIFE = timedelta(minutes=3)
"""Longer than a check may take."""

PROBE_PLACES = 8
"""For all that a check sends in at once: a refusal because the room is full would prove nothing."""


class ProbeRoom(msgspec.Struct, frozen=True, kw_only=True):
    """A room by a name that only our keys make. Nothing of it is stored, no meeting has it and nobody is invited.

    `receipt` is what only the service can answer when it is asked for this room.
    """

    room: str
    ends_at: datetime
    receipt: str

    @property
    def start(self) -> datetime:
        return self.ends_at - PROBE_LIFE

    def must_be_open(self, now: datetime) -> None:
        """Raises ProbeRefused outside its few minutes: whoever made the name cannot make them longer."""
        if not self.start <= now < self.ends_at:
            raise ProbeRefused(self.receipt)


class ProbeRefused(NotFound):
    """`receipt` is to be told to who asked: it proves to the check that this service was asked."""

    def __init__(self, receipt: str) -> None:
        super().__init__("This room was made for a check and is not open.")
        self.receipt = receipt
