"""An erasure takes effect with as many consents as the policy in force asks for, never earlier and never twice."""

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from meetcoord.domain import leaves
from meetcoord.domain.erasures import Erasures, PlacedErasure
from meetcoord.domain.errors import Damaged
from meetcoord.domain.leaves import ConsentVerdict, PolicyLeaf
from meetcoord.domain.policies import PlacedConsent
from tests.log.builders import (
    ORIGIN,
    approver,
    consent_leaf,
    erasure_leaf,
    minutes_leaf,
    policy_leaf,
    signed_consent,
)

NO = ConsentVerdict.REJECT
ENTRY = leaves.encode(minutes_leaf())


def two_of_three() -> PolicyLeaf:
    return policy_leaf(("city", "health"), erasure=2)


def asked(index: int = 9, **changed: object) -> PlacedErasure:
    leaf = erasure_leaf(**changed)
    return PlacedErasure(index, leaves.encode(leaf), leaf)


def said(index: int, agency: str, request: PlacedErasure, **changed: object) -> PlacedConsent:
    facts: dict[str, object] = {"target": request.index, "leaf": request.hash} | changed
    return PlacedConsent(index, consent_leaf(agency, **facts))


def test_the_last_consent_needed_puts_it_in_effect() -> None:
    request, policy = asked(), two_of_three()
    state = Erasures().with_request(request, ENTRY, minutes_leaf())
    state = state.with_consent(said(10, "city", request), policy)
    assert (state.erased(4), state.effective) == (None, ())
    state = state.with_consent(said(11, "city", request), policy)
    assert state.erased(4) is None
    state = state.with_consent(said(12, "health", request), policy)
    found = state.erased(4)
    assert found
    assert (found.since, found.request.index) == (12, 9)


def test_a_no_is_not_counted_and_takes_back_a_yes() -> None:
    request, policy = asked(), two_of_three()
    state = Erasures().with_request(request, ENTRY, minutes_leaf())
    state = state.with_consent(said(10, "city", request), policy)
    state = state.with_consent(said(11, "city", request, verdict=NO), policy)
    assert state.with_consent(said(12, "health", request), policy).erased(4) is None


def test_a_yes_that_is_placed_again_behind_a_no_erases_nothing() -> None:
    request, policy = asked(), two_of_three()
    state = Erasures().with_request(request, ENTRY, minutes_leaf())
    state = state.with_consent(said(10, "city", request, verdict=NO), policy)
    with pytest.raises(Damaged, match="a no is final"):
        state.with_consent(said(11, "city", request), policy)


def test_a_request_that_names_another_document_than_its_entry_is_refused() -> None:
    with pytest.raises(Damaged, match="another document than entry 4"):
        Erasures().with_request(asked(leaf=leaves.digest(b"another")), ENTRY, minutes_leaf())


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (lambda request: said(10, "stranger", request), "not an agency"),
        (lambda request: said(10, "city", request, target=8), "no erasure that waits"),
        (lambda request: said(10, "city", request, leaf=leaves.digest(b"other")), "another erasure"),
        (lambda request: said(9, "city", request), "stands before"),
    ],
)
def test_a_consent_that_must_not_count_is_refused(
    wrong: Callable[[PlacedErasure], PlacedConsent], why: str
) -> None:
    request = asked()
    state = Erasures().with_request(request, ENTRY, minutes_leaf())
    with pytest.raises(Damaged, match=why):
        state.with_consent(wrong(request), two_of_three())


def test_only_the_agency_that_wrote_an_entry_asks_and_only_behind_it() -> None:
    with pytest.raises(Damaged, match="not the agency that wrote"):
        Erasures().with_request(asked(agency="health"), ENTRY, minutes_leaf())
    with pytest.raises(Damaged, match="stands before"):
        Erasures().with_request(asked(index=4), ENTRY, minutes_leaf())


def test_what_is_erased_is_neither_asked_for_nor_consented_to_again() -> None:
    request, policy = asked(), policy_leaf()
    state = (
        Erasures()
        .with_request(request, ENTRY, minutes_leaf())
        .with_consent(said(10, "city", request), policy)
    )
    with pytest.raises(Damaged, match="erased already"):
        state.with_request(asked(11), ENTRY, minutes_leaf())
    with pytest.raises(Damaged, match="no erasure that waits"):
        state.with_consent(said(11, "city", request), policy)


def test_what_must_be_signed_is_the_consent_to_this_very_request() -> None:
    request, policy = asked(), policy_leaf(("city",), approvers=[approver("city")])
    state = Erasures().with_request(request, ENTRY, minutes_leaf())
    unsigned = said(10, "city", request).leaf
    with pytest.raises(Damaged, match="none is there"):
        state.note_behind(ORIGIN, unsigned, policy)
    note = state.note_behind(ORIGIN, signed_consent(unsigned), policy)
    assert note
    assert request.hash in note.note


class Replay(RuleBasedStateMachine):
    """Requests and consents in any order, beside a model that keeps nothing but who said what last."""

    def __init__(self) -> None:
        super().__init__()
        self.state = Erasures()
        self.index = 10
        self.requests: dict[int, PlacedErasure] = {}
        self.words: dict[int, dict[str, ConsentVerdict]] = {}
        self.erased: set[int] = set()
        self.policy = policy_leaf(("city", "health"), erasure=2)

    @rule(about=st.integers(0, 2))
    def ask(self, about: int) -> None:
        self.index += 1
        request = asked(self.index, target=about)
        if about in self.erased:
            with pytest.raises(Damaged):
                self.state.with_request(request, ENTRY, minutes_leaf())
            return
        self.state = self.state.with_request(request, ENTRY, minutes_leaf())
        self.requests[about], self.words[about] = request, {}

    @rule(
        about=st.integers(0, 2),
        agency=st.sampled_from(["city", "health"]),
        verdict=st.sampled_from(ConsentVerdict),
    )
    def say(self, about: int, agency: str, verdict: ConsentVerdict) -> None:
        if about not in self.requests:
            return
        self.index += 1
        consent = said(self.index, agency, self.requests[about], verdict=verdict)
        no_before = self.words[about].get(agency) is NO and verdict is not NO
        if about in self.erased or no_before:
            with pytest.raises(Damaged):
                self.state.with_consent(consent, self.policy)
            return
        self.state = self.state.with_consent(consent, self.policy)
        self.words[about][agency] = verdict
        if list(self.words[about].values()).count(ConsentVerdict.APPROVE) >= self.policy.erasure:
            self.erased.add(about)

    @invariant()
    def the_same_entries_are_erased(self) -> None:
        assert {each.target for each in self.state.effective} == self.erased


TestReplay = Replay.TestCase
TestReplay.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
