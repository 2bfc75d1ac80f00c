"""The door to what is remembered: the block is the transaction."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

import msgspec

from meetcoord.domain.attendance import RoomEvent
from meetcoord.domain.challenges import Challenge, SeatDevice
from meetcoord.domain.invitations import Admission, Invitation
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.merkle import Node
from meetcoord.domain.minutes import Minutes, MinutesKind
from meetcoord.domain.outbox import Message
from meetcoord.domain.reservations import Reservation, ReservationId
from meetcoord.domain.sealing import SealedFile
from meetcoord.domain.values import AgencyId, ChallengeId, InvitationId, MeetingId, MessageId
from meetcoord.ports.stored_agencies import (
    Agencies,
    ApiKeys,
    Approvers,
    Circles,
    KeyNotices,
    Persons,
    Recipients,
)
from meetcoord.ports.stored_minutes import SealedFiles
from meetcoord.ports.stored_witnesses import WitnessRecords


class PageMark(msgspec.Struct, frozen=True):
    """The last item of a page of meetings; the next page starts behind it."""

    created_at: datetime
    id: MeetingId


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """Which sealed documents are looked for; what is None is not asked. `sealed_until` itself is not included."""

    sealed_from: datetime | None = None
    sealed_until: datetime | None = None
    agency: AgencyId | None = None
    meeting: MeetingId | None = None
    kind: MinutesKind | None = None


class LogHead(msgspec.Struct, frozen=True):
    """`frontier`: the hashes of the complete subtrees that make up a tree of `size` leaves, the largest first."""

    size: int
    frontier: tuple[bytes, ...]


class PendingLeaf(msgspec.Struct, frozen=True):
    """A leaf promised by a committed deed, not yet placed in the tree. Leaves are found again by `about`."""

    id: int
    about: str
    entry: bytes


class PlacedLeaf(msgspec.Struct, frozen=True):
    index: int
    about: str
    entry: bytes


class StoredCheckpoint(msgspec.Struct, frozen=True):
    size: int
    note: str
    at: datetime


class Meetings(Protocol):
    async def add(self, meeting: Meeting) -> None: ...

    async def get(self, meeting: MeetingId) -> Meeting:
        """Raises NotFound. In a transaction the meeting stays yours until its end: rivals wait."""
        ...

    async def in_room(self, room: str) -> Meeting:
        """The meeting whose room has this name; a look only, nobody waits. Raises NotFound."""
        ...

    async def save(self, meeting: Meeting) -> None:
        """Replace the version just before `meeting.version`. Raises Stale when another has taken its place."""
        ...

    async def page(self, agency: AgencyId, after: PageMark | None, limit: int) -> Sequence[Meeting]:
        """Up to `limit` meetings in which the agency takes part, newest first."""
        ...


class Invitations(Protocol):
    async def add(self, invitations: Sequence[Invitation]) -> None:
        """Raises Conflict when a person is already invited to that meeting."""
        ...

    async def save(self, invitation: Invitation) -> None:
        """Compare-and-swap on the version as for meetings. Raises Stale."""
        ...

    async def of_meeting(self, meeting: MeetingId) -> Sequence[Invitation]:
        """By agency, then name, then id."""
        ...

    async def standing(self, meeting: MeetingId) -> int:
        """How many seats of the meeting stand."""
        ...

    async def revoked(self, admitted_since: datetime) -> Sequence[Invitation]:
        """By meeting, then id: seats through which somebody was admitted since then, and which stand no longer.

        Either the seat was taken back or the meeting is cancelled.
        """
        ...

    async def with_meeting(self, invitation: InvitationId) -> tuple[Invitation, Meeting]:
        """Raises NotFound."""
        ...


class Admissions(Protocol):
    async def add(self, admission: Admission) -> Admission:
        """Record it and return it; if this invitation already has one for the same click, return that one instead."""
        ...

    async def of_meeting(self, meeting: MeetingId) -> Sequence[Admission]:
        """By time, then id."""
        ...


class Challenges(Protocol):
    async def add(self, challenge: Challenge) -> None:
        """Raises Conflict when the id is taken."""
        ...

    async def get(self, challenge: ChallengeId) -> Challenge:
        """Raises NotFound."""
        ...

    async def of(self, invitation: InvitationId) -> Sequence[Challenge]:
        """The oldest first. In a transaction they and the proofs of that seat stay yours until its end: rivals wait."""
        ...

    async def save(self, challenge: Challenge) -> None:
        """Keep what has become of one that `of` gave in this block. Raises NotFound."""
        ...


class Proofs(Protocol):
    async def add(self, device: SeatDevice) -> None:
        """Let in or refused. Raises Conflict when that number is taken."""
        ...

    async def of(self, invitation: InvitationId) -> Sequence[SeatDevice]:
        """By revision, then number."""
        ...

    async def of_meeting(self, meeting: MeetingId) -> Sequence[SeatDevice]:
        """By invitation, revision, number."""
        ...


class Reservations(Protocol):
    async def add(self, reservation: Reservation) -> None: ...

    async def get(self, reservation: ReservationId) -> Reservation:
        """Raises NotFound."""
        ...

    async def standing(self, meeting: MeetingId, name: str) -> Reservation | None:
        """The newest under this name that is not closed, if any. Hold the meeting to keep it so."""
        ...

    async def close(self, reservation: ReservationId, at: datetime) -> None:
        """What is closed, or unknown, is left as it is."""
        ...


class RoomEvents(Protocol):
    """Append-only."""

    async def add(self, events: Sequence[RoomEvent]) -> None:
        """What differs only in when it was received is kept once, as it came first."""
        ...

    async def of_meeting(self, meeting: MeetingId) -> Sequence[RoomEvent]:
        """By the video system's time."""
        ...

    async def joined(self, meeting: MeetingId) -> int:
        """How many events of coming in there are; who left again is not told apart."""
        ...

    async def holders(self, meeting: MeetingId, aliases: Collection[str]) -> Mapping[str, InvitationId]:
        """The invitations behind those of `aliases` that this meeting knows."""
        ...


class Outbox(Protocol):
    async def add(self, messages: Sequence[Message]) -> None: ...

    async def due(self, now: datetime, limit: int) -> Sequence[Message]:
        """Messages whose next attempt is due, earliest first; rivals are not given them until the block ends."""
        ...

    async def get(self, message: MessageId) -> Message:
        """Raises NotFound."""
        ...

    async def save(self, message: Message) -> None:
        """Compare-and-swap on the version. Raises Stale."""
        ...

    async def of_meeting(self, meeting: MeetingId) -> Sequence[Message]:
        """By creation time, then id."""
        ...

    async def of_seat(self, invitation: InvitationId, meeting: MeetingId) -> Sequence[Message]:
        """Those of one invitation to this meeting, likewise."""
        ...

    async def held(self, limit: int) -> Sequence[Message]:
        """Messages that wait for the operator's word, by id. Looks through all messages: for rare use."""
        ...


class MinutesStore(Protocol):
    async def add(self, minutes: Minutes) -> None:
        """Raises Conflict when that number is taken."""
        ...

    async def get(self, meeting: MeetingId, seq: int) -> Minutes:
        """Raises NotFound. In a transaction it stays yours until the end."""
        ...

    async def save(self, minutes: Minutes) -> None:
        """Compare-and-swap on the version. Raises Stale."""
        ...

    async def of_meeting(self, meeting: MeetingId) -> Sequence[Minutes]:
        """By seq."""
        ...

    async def approved(self, limit: int) -> Sequence[Minutes]:
        """Those that have every approval and wait to be sealed."""
        ...

    async def sealed_for(
        self, agency: AgencyId, sought: Sought, before: int | None, limit: int
    ) -> Sequence[tuple[Minutes, Meeting]]:
        """Sealed documents of meetings in which the agency takes part, the newest entry of the log first.

        With `before`, only those whose entry is older than that index.
        """
        ...

    async def keep_text(self, meeting: MeetingId, seq: int, locked: bytes) -> None:
        """Keep this encrypted text in place of any former one."""
        ...

    async def text(self, meeting: MeetingId, seq: int) -> bytes:
        """Raises NotFound, also once destroyed."""
        ...

    async def destroy_text(self, meeting: MeetingId, seq: int) -> None: ...

    async def keep_sealed(self, meeting: MeetingId, seq: int, sealed: SealedFile) -> None:
        """Raises Conflict when there is one already: sealed files are never replaced here."""
        ...

    async def sealed(self, meeting: MeetingId, seq: int) -> SealedFile:
        """Raises NotFound."""
        ...


class Log(Protocol):
    """Leaves are the truth; nodes are derived from them and kept so that proofs need O(log n) reads."""

    async def promise(self, about: str, entry: bytes) -> None:
        """Record a leaf with the deed itself; the sequencer places it later."""
        ...

    async def promise_all(self, about: str, entries: Sequence[bytes]) -> None:
        """As many leaves, to be placed in this order."""
        ...

    async def promised(self, limit: int) -> Sequence[PendingLeaf]:
        """The oldest promised leaves."""
        ...

    async def hold(self) -> LogHead:
        """The head of the tree, yours alone until the transaction ends."""
        ...

    async def head(self) -> LogHead: ...

    async def place(
        self, leaves: Sequence[PlacedLeaf], nodes: Sequence[Node], head: LogHead, kept: Sequence[int]
    ) -> None:
        """Append under a held head and forget the promises `kept` (ids). Raises Conflict if an index is taken."""
        ...

    async def leaf(self, index: int) -> PlacedLeaf:
        """Raises NotFound."""
        ...

    async def leaves(self, start: int, limit: int) -> Sequence[PlacedLeaf]:
        """In order of index, from `start`."""
        ...

    async def about(self, about: str) -> Sequence[PlacedLeaf]:
        """In order of index."""
        ...

    async def nodes(self, wanted: Sequence[tuple[int, int]]) -> Sequence[Node]:
        """The stored ones of the (level, index) pairs `wanted`, in no particular order."""
        ...

    async def keep_checkpoint(self, checkpoint: StoredCheckpoint) -> None:
        """Keep the first checkpoint of each size; a second one of the same size is ignored."""
        ...

    async def checkpoints(self, beyond: int, limit: int) -> Sequence[StoredCheckpoint]:
        """Those of more than `beyond` leaves, the smallest first."""
        ...

    async def newest_checkpoint(self) -> StoredCheckpoint | None: ...

    async def checkpoint_covering(self, index: int) -> StoredCheckpoint | None:
        """The earliest checkpoint whose tree contains leaf `index`."""
        ...


class Transaction(Protocol):
    """What can be read and changed inside one block."""

    @property
    def agencies(self) -> Agencies: ...
    @property
    def persons(self) -> Persons: ...
    @property
    def api_keys(self) -> ApiKeys: ...
    @property
    def recipients(self) -> Recipients: ...
    @property
    def approvers(self) -> Approvers: ...
    @property
    def circles(self) -> Circles: ...
    @property
    def meetings(self) -> Meetings: ...
    @property
    def invitations(self) -> Invitations: ...
    @property
    def admissions(self) -> Admissions: ...
    @property
    def challenges(self) -> Challenges: ...
    @property
    def proofs(self) -> Proofs: ...
    @property
    def reservations(self) -> Reservations: ...
    @property
    def room_events(self) -> RoomEvents: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def key_notices(self) -> KeyNotices: ...
    @property
    def minutes(self) -> MinutesStore: ...
    @property
    def sealed_files(self) -> SealedFiles: ...
    @property
    def log(self) -> Log: ...
    @property
    def witnesses(self) -> WitnessRecords: ...


class Storage(Protocol):
    """Durable memory. Everything may raise StorageUnavailable."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """A block that is committed, and on disk, when it ends; undone when it raises or is cancelled at any await."""
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        """A block for reading only, which sees one committed state and delays no writer; writing in it fails."""
        ...
