"""The doors to the video system: the way in for one person, and the way to put her out again."""

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


class RoomControl(Protocol):
    """Power over open rooms. Who holds a pass that has not expired may come back: stop admitting first.

    Every method returns once the video server has done it, and raises Unavailable when it does not answer in time
    (it may have done it all the same: asking twice is allowed), NotFound for what is not in an open room, Misconfigured
    when the server does not take our word, saying what to check, and Conflict where no such power was given to us.
    """

    async def put_out(self, room: str, occupant: str) -> None:
        """Put one occupant out. `occupant` is the video system's own name for her in this room, from its events."""
        ...

    async def end(self, room: str) -> None:
        """End the conference for everybody in it."""
        ...
