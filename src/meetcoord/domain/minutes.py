"""Minutes from draft to seal: versions, circulation, approvals on an exact hash."""

from datetime import datetime
from enum import Enum
from typing import Self

import msgspec

from meetcoord.domain.errors import Conflict, Stale
from meetcoord.domain.values import AgencyId, MeetingId, PersonId

BODY_MAX = 500_000
SEQ_MAX = 2**31 - 1


class MinutesState(Enum):
    DRAFT = "draft"
    CIRCULATED = "circulated"
    APPROVED = "approved"
    SEALED = "sealed"


class MinutesKind(Enum):
    MINUTES = "minutes"
    ADDENDUM = "addendum"


class Finality(Enum):
    """What the last approval makes impossible: to change the text otherwise than by an addendum."""

    ADDENDUM_ONLY = "corrected_only_by_addendum"


class MinutesApproval(msgspec.Struct, frozen=True, kw_only=True):
    """One agency's yes to the text whose frame hashes to the circulated content, `signed` by an approver or not."""

    agency: AgencyId
    by: PersonId
    at: datetime
    signed: bool = False


class Minutes(msgspec.Struct, frozen=True, kw_only=True):
    """The life of one document of a meeting; its text is kept apart, encrypted.

    `content` (SHA-256 of the frame, base64) and `policy` (index of the leaf naming who will be able to open) are fixed
    by circulation; `leaf` is the index of the sealed entry in the log. `version` grows at each change.
    """

    meeting: MeetingId
    seq: int
    kind: MinutesKind
    author: PersonId
    author_agency: AgencyId
    state: MinutesState
    version: int
    content: str | None
    policy: int | None
    approvals: tuple[MinutesApproval, ...]
    leaf: int | None
    changed_at: datetime

    def __post_init__(self) -> None:
        frozen = self.state is not MinutesState.DRAFT
        if frozen is (self.content is None) or frozen is (self.policy is None):
            raise ValueError("content and policy are fixed by circulation, not before")
        if (self.state is MinutesState.SEALED) is (self.leaf is None):
            raise ValueError("a leaf belongs to sealed minutes, and only to them")

    @property
    def writer(self) -> str:
        """The author as the log names her: agency and random id."""
        return f"{self.author_agency}/{self.author}"

    def rewritten(self, based_on: int, at: datetime) -> Self:
        """A new text. Raises Stale unless written on the newest version, Conflict once sealing has begun.

        A text already circulated becomes a draft again, and its approvals are void.
        """
        self.must_be(based_on)
        self.must_not_be_approved()
        return self._changed(at, state=MinutesState.DRAFT, content=None, policy=None, approvals=())

    def circulated(self, based_on: int, content: str, policy: int, at: datetime) -> Self:
        """The text frozen for approval under its hash; circulating anew voids the approvals given so far."""
        self.must_be(based_on)
        self.must_not_be_approved()
        return self._changed(at, state=MinutesState.CIRCULATED, content=content, policy=policy, approvals=())

    def approved(self, content: str, approval: MinutesApproval, needed: frozenset[AgencyId]) -> Self:
        """One more approval of exactly `content`; the last one needed makes the minutes approved."""
        self._must_have_circulated(content)
        if self.has_approval_of(approval.agency):
            return self
        if self.state is not MinutesState.CIRCULATED:
            raise Conflict("These minutes have all the approvals they need and can no longer be changed.")
        approvals = (*self.approvals, approval)
        complete = needed <= {a.agency for a in approvals}
        state = MinutesState.APPROVED if complete else MinutesState.CIRCULATED
        return self._changed(approval.at, state=state, approvals=approvals)

    def change_asked(self, content: str, agency: AgencyId, at: datetime) -> Self:
        """The minutes after `agency` asked for a change of exactly `content` instead of approving it."""
        self._must_have_circulated(content)
        if self.state is not MinutesState.CIRCULATED or self.has_approval_of(agency):
            raise Conflict(
                "Your agency has approved this text: a change is asked for before that, or made by an addendum."
            )
        return self._changed(at)

    def sealed(self, leaf: int, at: datetime) -> Self:
        self.must_be_approved()
        return self._changed(at, state=MinutesState.SEALED, leaf=leaf)

    @property
    def warning(self) -> Finality | None:
        """What to say beforehand of that which cannot be undone, while it can still be avoided."""
        return Finality.ADDENDUM_ONLY if self.state is MinutesState.CIRCULATED else None

    def has_approval_of(self, agency: AgencyId) -> bool:
        return any(approval.agency == agency for approval in self.approvals)

    @property
    def frozen_policy(self) -> int:
        """The policy fixed by circulation. Raises Conflict before that."""
        if self.policy is None:
            raise Conflict("These minutes have not been circulated.")
        return self.policy

    def must_not_be_approved(self) -> None:
        if self.state in {MinutesState.APPROVED, MinutesState.SEALED}:
            raise Conflict("These minutes are approved and can no longer be changed: write an addendum.")

    def must_be_approved(self) -> None:
        if self.state is not MinutesState.APPROVED:
            raise Conflict("Only minutes that have every approval are sealed, and only once.")

    def _must_have_circulated(self, content: str) -> None:
        if self.state is MinutesState.DRAFT:
            raise Conflict("These minutes have not been circulated: there is no fixed text to approve yet.")
        if content != self.content:
            raise Stale(
                "The text has changed since you read it: read the circulated version and approve that one."
            )

    def must_be(self, version: int) -> None:
        if version != self.version:
            raise Stale(
                f"The minutes are now at version {self.version}, yours was {version}: "
                "read them again, nothing was saved."
            )

    def _changed(self, at: datetime, **fields: object) -> Self:
        return msgspec.structs.replace(self, version=self.version + 1, changed_at=at, **fields)
