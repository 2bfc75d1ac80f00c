"""Everything that can go wrong, as one tree; each leaf carries a sentence that says what to do.

MeetcoordError
├── Refused                the request cannot be granted as asked
│   ├── Invalid            a value breaks a rule of the domain
│   │   └── UnclearTime    a time that is naive, does not exist or contradicts its zone
│   ├── Unauthenticated    nobody is known to be asking
│   ├── Forbidden          known, but without the right
│   ├── NotFound           absent, or not for this asker to know about
│   ├── Conflict           the state of things does not allow it now
│   │   └── OtherSize      a witness has cosigned another size than the one named
│   ├── Erased             the sealed file was destroyed, as enough agencies had consented
│   ├── Stale              based on a version that is no longer the newest
│   │   └── Overtaken      and the newest text is told, to be compared with the one not saved
│   └── JoinRefused        a join link does not open a door now
│       ├── LinkInvalid    not one of our links, or altered
│       ├── LinkReplaced   withdrawn or replaced by a newer one
│       ├── TooEarly       the doors are not open yet
│       ├── TooLate        the meeting is over
│       ├── MeetingCancelled
│       ├── MeetingMoved   it has another time, or will have: a new link comes
│       ├── RoomFull       as many are in the room as it holds
│       ├── ProofNeeded    the link alone does not show who holds it
│       ├── CodeWrong      not the digits of a code that counts
│       ├── CodeExpired    no code counts now
│       ├── TooManyTries   only the telephone helps with this link
│       └── UsedElsewhere  another device holds the seat
├── Damaged                a stored or presented thing is not what was sealed
│   └── Forked             two checkpoints of one log exclude each other
├── CannotTell             there is not enough to give a verdict
├── Unavailable            a part we depend on does not answer now
│   ├── StorageUnavailable
│   ├── ReadOnly           witnesses have seen more of the log than is here, so nothing is written
│   └── TryLater           the next mail server could not take the message this time
├── AddressRefused         the next mail server will never take this recipient
└── Misconfigured          the settings or key files cannot be used
"""

from datetime import datetime
from typing import ClassVar


class MeetcoordError(Exception):
    """Root of the tree. `detail` is a sentence for the person who asked; `code` is stable for programs."""

    code: ClassVar[str] = "error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Refused(MeetcoordError):
    code = "refused"


class Invalid(Refused):
    """`pointer` is the JSON pointer (RFC 6901) of the value at fault, or empty."""

    code = "invalid"

    def __init__(self, detail: str, pointer: str = "") -> None:
        super().__init__(detail)
        self.pointer = pointer


class UnclearTime(Invalid):
    code = "unclear_time"


class Unauthenticated(Refused):
    code = "unauthenticated"


class Forbidden(Refused):
    code = "forbidden"


class NotFound(Refused):
    code = "not_found"


class Conflict(Refused):
    code = "conflict"


class OtherSize(Conflict):
    """`size` is that of the newest checkpoint the witness cosigned; 0 for none."""

    def __init__(self, detail: str, size: int) -> None:
        super().__init__(detail)
        self.size = size


class Erased(Refused):
    """`leaf` is the index of the entry of the log that asked for it."""

    code = "erased"

    def __init__(self, leaf: int) -> None:
        super().__init__(
            f"This sealed file was destroyed with the consent of the agencies: entry {leaf} of the log says why. "
            "Its own entry, and proofs of it, stay."
        )
        self.leaf = leaf


class Stale(Refused):
    code = "stale"


class Overtaken(Stale):
    """`version` is the newest and `body` its text. Nothing of what was sent has been saved."""

    def __init__(self, detail: str, version: int, body: str) -> None:
        super().__init__(detail)
        self.version = version
        self.body = body


class JoinRefused(Refused):
    code = "join_refused"


class LinkInvalid(JoinRefused):
    code = "link_invalid"


class LinkReplaced(JoinRefused):
    code = "link_replaced"


class TooEarly(JoinRefused):
    """`opens_at` (UTC) is when the same link will open."""

    code = "too_early"

    def __init__(self, detail: str, opens_at: datetime) -> None:
        super().__init__(detail)
        self.opens_at = opens_at


class TooLate(JoinRefused):
    code = "too_late"


class MeetingCancelled(JoinRefused):
    code = "meeting_cancelled"


class MeetingMoved(JoinRefused):
    code = "meeting_moved"


class RoomFull(JoinRefused):
    code = "room_full"


class ProofNeeded(JoinRefused):
    """`ways` names how a code can be had: `mailed`, `phoned`."""

    code = "proof_needed"

    def __init__(self, detail: str, ways: tuple[str, ...]) -> None:
        super().__init__(detail)
        self.ways = ways


class CodeWrong(JoinRefused):
    """`tries_left` is how many wrong tries the newest code still allows."""

    code = "code_wrong"

    def __init__(self, detail: str, tries_left: int) -> None:
        super().__init__(detail)
        self.tries_left = tries_left


class CodeExpired(JoinRefused):
    """The same whether a code was never asked for, is too old, used, replaced or tried too often."""

    code = "code_expired"


class TooManyTries(JoinRefused):
    """`until` (UTC) is when it ends."""

    code = "too_many_tries"

    def __init__(self, detail: str, until: datetime) -> None:
        super().__init__(detail)
        self.until = until


class UsedElsewhere(JoinRefused):
    """`ways` as for ProofNeeded."""

    code = "used_elsewhere"

    def __init__(self, detail: str, ways: tuple[str, ...]) -> None:
        super().__init__(detail)
        self.ways = ways


class Damaged(MeetcoordError):
    """`what` names the damaged thing ("entry 3", "checkpoint of size 7")."""

    code = "damaged"

    def __init__(self, what: str, detail: str) -> None:
        super().__init__(f"{what}: {detail}")
        self.what = what


class Forked(Damaged):
    """Both checkpoints bear the log's signature: keep the two notes, they are the proof."""


class CannotTell(MeetcoordError):
    code = "cannot_tell"


class Unavailable(MeetcoordError):
    code = "unavailable"


class StorageUnavailable(Unavailable):
    code = "storage_unavailable"


class ReadOnly(Unavailable):
    code = "read_only"


class TryLater(Unavailable):
    """`reply` is what the mail server said, if it said anything."""

    code = "try_later"

    def __init__(self, detail: str, reply: str = "") -> None:
        super().__init__(detail)
        self.reply = reply


class AddressRefused(MeetcoordError):
    """`reply` is the mail server's final answer, code first."""

    code = "address_refused"

    def __init__(self, detail: str, reply: str) -> None:
        super().__init__(detail)
        self.reply = reply


class Misconfigured(MeetcoordError):
    code = "misconfigured"
