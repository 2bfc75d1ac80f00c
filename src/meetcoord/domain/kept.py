"""What is kept, encrypted, of minutes that are not sealed yet: their text, its structure, the changes asked for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from meetcoord.domain.drafts import Draft
from meetcoord.domain.errors import Damaged
from meetcoord.domain.minutes import Minutes
from meetcoord.domain.values import AgencyId, PersonId

COMMENT_MAX = 4_000

_FORMAT = b"meetcoord-kept/v1\n"


class ChangeRequest(Struct, frozen=True, kw_only=True):
    """One agency asks for another text instead of approving the circulated one."""

    agency: AgencyId
    by: PersonId
    at: datetime
    comment: str


class Kept(Struct, frozen=True, kw_only=True):
    """`text` is what was written, or the whole frame once that is circulated (`circulated_at`).

    `draft` is the structure the text was rendered from, if it was. A new version begins without requests.
    """

    text: str
    draft: Draft | None = None
    circulated_at: datetime | None = None
    requests: tuple[ChangeRequest, ...] = ()

    def encode(self) -> bytes:
        return _FORMAT + _WRITER.encode(self)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read what `encode` wrote, or a text or frame by itself, as kept before there were structures.

        Raises Damaged.
        """
        try:
            if not data.startswith(_FORMAT):
                return cls(text=data.decode())
            return msgspec.json.decode(memoryview(data)[len(_FORMAT) :], type=cls)
        except (msgspec.MsgspecError, ValueError) as fault:
            raise Damaged("draft", "it is not in the format texts are kept in") from fault

    def with_request(self, asked: ChangeRequest) -> Self:
        """The newest word of an agency takes the place of its former one."""
        others = tuple(request for request in self.requests if request.agency != asked.agency)
        return replace(self, requests=(*others, asked))

    def open_requests(self, minutes: Minutes) -> Sequence[ChangeRequest]:
        """Those of agencies that have not approved since: approving withdraws what was asked for."""
        return [request for request in self.requests if not minutes.has_approval_of(request.agency)]


_WRITER = msgspec.json.Encoder()
