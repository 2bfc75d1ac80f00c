"""The door to names that nobody else can make, for rooms in which the video system is checked."""

from datetime import datetime
from typing import Protocol

from meetcoord.domain.probes import ProbeRoom


class ProbeRooms(Protocol):
    def until(self, ends_at: datetime) -> ProbeRoom:
        """A new room that ends then, in whole seconds; no two are alike."""
        ...

    def known(self, room: str) -> ProbeRoom | None:
        """The room of this name if it was made here, be it long ago; None for every other name."""
        ...
