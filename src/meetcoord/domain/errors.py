"""Everything that can go wrong, as one tree; each leaf carries a sentence that says what to do.

MeetcoordError
├── Refused                the request cannot be granted as asked
│   ├── Invalid            a value breaks a rule of the domain
│   │   └── UnclearTime    a time that is naive, does not exist or contradicts its zone
│   ├── Unauthenticated    nobody is known to be asking
│   ├── Forbidden          known, but without the right
│   ├── NotFound           absent, or not for this asker to know about
│   ├── Conflict           the state of things does not allow it now
│   ├── Stale              based on a version that is no longer the newest
│   └── JoinRefused        a join link does not open a door now
│       ├── LinkInvalid    not one of our links, or altered
│       ├── LinkReplaced   withdrawn or replaced by a newer one
│       ├── TooEarly       the doors are not open yet
│       ├── TooLate        the meeting is over
│       ├── MeetingCancelled
│       ├── ProofNeeded    the link alone does not show who holds it
│       ├── CodeWrong      not the digits of a code that counts
│       ├── CodeExpired    no code counts now
│       ├── TooManyTries   only the telephone helps with this link
│       └── UsedElsewhere  another device holds the seat
├── Damaged                a stored or presented thing is not what was sealed
├── CannotTell             there is not enough to give a verdict
├── Unavailable            a part we depend on does not answer now
│   ├── StorageUnavailable
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


class Stale(Refused):
    code = "stale"


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


class CannotTell(MeetcoordError):
    code = "cannot_tell"


class Unavailable(MeetcoordError):
    code = "unavailable"


class StorageUnavailable(Unavailable):
    code = "storage_unavailable"


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
