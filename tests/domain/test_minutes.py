"""From draft to seal: approvals speak for one exact text, and nothing changes after the last of them."""

from datetime import UTC, datetime

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from meetcoord.domain.errors import Conflict, Stale
from meetcoord.domain.minutes import Minutes, MinutesApproval, MinutesKind, MinutesState
from meetcoord.domain.values import AgencyId, MeetingId, PersonId
from tests.domain.builders import CITY, HEALTH, PREFECTURE

AT = datetime(2026, 11, 3, 11, 0, tzinfo=UTC)
NEEDED = frozenset({CITY, HEALTH})


def draft() -> Minutes:
    return Minutes(
        meeting=MeetingId("meeting"),
        seq=0,
        kind=MinutesKind.MINUTES,
        author=PersonId("secretary"),
        author_agency=CITY,
        state=MinutesState.DRAFT,
        version=1,
        content=None,
        policy=None,
        approvals=(),
        leaf=None,
        changed_at=AT,
    )


def approval(agency: AgencyId) -> MinutesApproval:
    return MinutesApproval(agency=agency, by=PersonId("p"), at=AT)


class Life(RuleBasedStateMachine):
    """Minutes beside what a secretary would remember of them."""

    @initialize()
    def begin(self) -> None:
        self.minutes = draft()
        self.text = 0
        self.frozen: str | None = None
        self.yes: set[AgencyId] = set()
        self.sealed = False
        self.changes = 0

    @property
    def complete(self) -> bool:
        return self.yes >= NEEDED

    def took(self, changed: Minutes) -> None:
        self.minutes = changed
        self.changes += 1

    @rule(behind=st.integers(-1, 3))
    def rewrite(self, behind: int) -> None:
        base = self.minutes.version - behind
        if behind:
            with pytest.raises(Stale, match="nothing was saved"):
                self.minutes.rewritten(base, AT)
        elif self.complete:
            with pytest.raises(Conflict, match="addendum"):
                self.minutes.rewritten(base, AT)
        else:
            self.took(self.minutes.rewritten(base, AT))
            self.frozen, self.yes = None, set()

    @rule(behind=st.integers(-1, 3))
    def circulate(self, behind: int) -> None:
        base, content = self.minutes.version - behind, f"content {self.text}"
        if behind:
            with pytest.raises(Stale, match="nothing was saved"):
                self.minutes.circulated(base, content, 7, AT)
        elif self.complete:
            with pytest.raises(Conflict, match="addendum"):
                self.minutes.circulated(base, content, 7, AT)
        else:
            self.took(self.minutes.circulated(base, content, 7, AT))
            self.frozen, self.yes, self.text = content, set(), self.text + 1

    @rule(agency=st.sampled_from([CITY, HEALTH, PREFECTURE]), older=st.booleans())
    def approve(self, agency: AgencyId, older: bool) -> None:
        content = "another content" if older else self.frozen or ""
        before = self.minutes
        if not self.frozen:
            with pytest.raises(Conflict, match="not been circulated"):
                before.approved(content, approval(agency), NEEDED)
        elif older:
            with pytest.raises(Stale, match="circulated version"):
                before.approved(content, approval(agency), NEEDED)
        elif agency in self.yes:
            assert before.approved(content, approval(agency), NEEDED) is before
        elif self.complete:
            with pytest.raises(Conflict, match="all the approvals"):
                before.approved(content, approval(agency), NEEDED)
        else:
            self.took(before.approved(content, approval(agency), NEEDED))
            self.yes.add(agency)

    @rule(agency=st.sampled_from([CITY, HEALTH, PREFECTURE]), older=st.booleans())
    def ask_for_change(self, agency: AgencyId, older: bool) -> None:
        content = "another content" if older else self.frozen or ""
        before = self.minutes
        if not self.frozen:
            with pytest.raises(Conflict, match="not been circulated"):
                before.change_asked(content, agency, AT)
        elif older:
            with pytest.raises(Stale, match="circulated version"):
                before.change_asked(content, agency, AT)
        elif self.complete or agency in self.yes:
            with pytest.raises(Conflict, match="addendum"):
                before.change_asked(content, agency, AT)
        else:
            self.took(before.change_asked(content, agency, AT))

    @rule()
    def seal(self) -> None:
        if self.complete and not self.sealed:
            self.took(self.minutes.sealed(12, AT))
            self.sealed = True
        else:
            with pytest.raises(Conflict, match="only once"):
                self.minutes.sealed(12, AT)

    @invariant()
    def is_as_remembered(self) -> None:
        minutes = self.minutes
        assert minutes.version == 1 + self.changes
        assert minutes.content == self.frozen
        assert (minutes.policy is None) == (self.frozen is None)
        assert {each.agency for each in minutes.approvals} == self.yes
        assert len(minutes.approvals) == len(self.yes)
        assert (minutes.leaf is not None) == self.sealed
        assert (minutes.warning is None) == (self.complete or not self.frozen)
        expected = MinutesState.CIRCULATED if self.frozen else MinutesState.DRAFT
        expected = MinutesState.APPROVED if self.complete else expected
        assert minutes.state is (MinutesState.SEALED if self.sealed else expected)


TestLife = Life.TestCase


def test_circulating_anew_voids_the_approvals_of_the_former_circulation() -> None:
    approved = draft().circulated(1, "first", 7, AT).approved("first", approval(CITY), NEEDED)
    anew = approved.circulated(approved.version, "second", 9, AT)
    assert (anew.state, anew.content, anew.policy) == (MinutesState.CIRCULATED, "second", 9)
    assert anew.approvals == ()
    with pytest.raises(Stale, match="circulated version"):
        anew.approved("first", approval(HEALTH), NEEDED)


def test_the_writer_is_named_by_agency_and_id() -> None:
    assert draft().writer == "city/secretary"


def test_before_circulation_there_is_no_policy() -> None:
    with pytest.raises(Conflict):
        _ = draft().frozen_policy
    assert draft().circulated(1, "content", 7, AT).frozen_policy == 7


@pytest.mark.parametrize(
    ("state", "content", "policy", "leaf"),
    [
        (MinutesState.DRAFT, "content", None, None),
        (MinutesState.DRAFT, None, 1, None),
        (MinutesState.DRAFT, None, None, 1),
        (MinutesState.CIRCULATED, None, 1, None),
        (MinutesState.CIRCULATED, "content", None, None),
        (MinutesState.APPROVED, "content", 1, 2),
        (MinutesState.SEALED, "content", 1, None),
    ],
)
def test_minutes_that_contradict_themselves_are_not_born(
    state: MinutesState, content: str | None, policy: int | None, leaf: int | None
) -> None:
    with pytest.raises(ValueError, match=r"circulation|leaf"):
        Minutes(
            meeting=MeetingId("meeting"),
            seq=0,
            kind=MinutesKind.MINUTES,
            author=PersonId("secretary"),
            author_agency=CITY,
            state=state,
            version=1,
            content=content,
            policy=policy,
            approvals=(),
            leaf=leaf,
            changed_at=AT,
        )
