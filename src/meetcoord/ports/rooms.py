"""The door to the video system."""

from typing import Protocol

import msgspec

from meetcoord.domain.invitations import RoomPass


class RoomEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`address` opens the room in a browser and holds `token`: both are bearer secrets for the life of the pass."""

    address: str
    token: str


class Rooms(Protocol):
    def entry(self, room_pass: RoomPass) -> RoomEntry:
        """The same entry each time for the same pass, so that a double click shows one token."""
        ...
