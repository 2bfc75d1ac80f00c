"""What becomes of a sealed file after it is kept: headers made anew for other keys, and its destruction."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from meetcoord.domain.values import MeetingId


class NewHeader(msgspec.Struct, frozen=True):
    """A header made for the payload of a sealed file; `leaf` is the index of the entry that says so."""

    leaf: int
    header: bytes


class SealedFiles(Protocol):
    async def add_header(self, meeting: MeetingId, seq: int, new: NewHeader) -> None:
        """Keep it beside the header of the file and others made since. Raises Conflict for that entry's second one."""
        ...

    async def new_headers(self, meeting: MeetingId, seq: int) -> Sequence[NewHeader]:
        """Those that nobody has confirmed, the oldest first."""
        ...

    async def confirm_header(self, meeting: MeetingId, seq: int, new: NewHeader) -> None:
        """Make it the header of the file; the former one and what was made before it are destroyed."""
        ...

    async def erase(self, meeting: MeetingId, seq: int) -> bool:
        """Destroy payload and every header; returns whether there was a file. An erasure in effect comes first."""
        ...
