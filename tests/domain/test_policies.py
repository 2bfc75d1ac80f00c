"""Who may open: a list of keys changes only by the word of every agency under the list in force."""

from collections.abc import Sequence

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from meetcoord.domain import leaves
from meetcoord.domain.agencies import RecipientKind
from meetcoord.domain.errors import Conflict, Damaged
from meetcoord.domain.leaves import ConsentVerdict, PolicyLeaf, PolicyRecipient
from meetcoord.domain.policies import (
    Circle,
    CirclePolicies,
    PlacedConsent,
    PlacedPolicy,
    chain_to,
    must_suit,
    same_keys,
)
from meetcoord.domain.profiles import SHIPPED
from tests.log.builders import approver, archive, consent_leaf, policy_leaf

AGENCIES = ("city", "health", "stranger")
YES, NO = ConsentVerdict.APPROVE, ConsentVerdict.REJECT


def placed(index: int, previous: int = -1, agencies: Sequence[str] = AGENCIES, at: int = 0) -> PlacedPolicy:
    leaf = policy_leaf(agencies, previous=previous, at=at)
    return PlacedPolicy(index, leaves.encode(leaf), leaf)


def word(index: int, policy: PlacedPolicy, agency: str, verdict: ConsentVerdict = YES) -> PlacedConsent:
    leaf = consent_leaf(agency, target=policy.index, leaf=policy.hash, verdict=verdict)
    return PlacedConsent(index, leaf)


def in_force(state: CirclePolicies) -> int | None:
    return state.in_force.policy.index if state.in_force else None


FIRST, SECOND = placed(3), placed(7, 3)
PROPOSED = CirclePolicies().with_policy(FIRST).with_policy(SECOND)


def test_the_first_list_of_a_circle_is_in_force_at_once() -> None:
    assert in_force(CirclePolicies().with_policy(FIRST)) == 3


def test_a_proposal_takes_effect_with_the_last_consent() -> None:
    state = PROPOSED
    for index, agency in enumerate(AGENCIES, 8):
        assert in_force(state) == 3
        state = state.with_consent(word(index, SECOND, agency))
    assert in_force(state) == 7
    assert [each.since for each in state.chain] == [3, 10]
    assert state.proposals == ()
    assert chain_to(state.chain, 7) == state.chain
    assert chain_to(state.chain, 8) == ()


def test_two_of_three_agencies_change_nothing() -> None:
    state = PROPOSED.with_consent(word(8, SECOND, "city")).with_consent(word(9, SECOND, "health"))
    again = state.with_consent(word(10, SECOND, "city"))
    assert in_force(again) == 3


def test_a_yes_that_is_placed_again_behind_a_no_does_not_count() -> None:
    state = PROPOSED
    said = (("city", YES), ("city", NO), ("health", YES), ("stranger", YES), ("city", NO))
    for index, (agency, verdict) in enumerate(said, 8):
        state = state.with_consent(word(index, SECOND, agency, verdict))
    with pytest.raises(Damaged, match="a no is final"):
        state.with_consent(word(13, SECOND, "city"))
    assert in_force(state) == 3


def test_what_takes_effect_voids_the_other_proposals() -> None:
    rival = placed(8, 3, at=5)
    state = PROPOSED.with_policy(rival)
    for index, agency in enumerate(AGENCIES, 9):
        state = state.with_consent(word(index, SECOND, agency))
    with pytest.raises(Damaged, match="no policy that waits"):
        state.with_consent(word(20, rival, "city"))
    with pytest.raises(Damaged, match="it replaces entry 3; entry 7 is in force"):
        state.with_policy(placed(21, 3))


@pytest.mark.parametrize(
    "policy",
    [
        placed(9),
        placed(9, 2),
        placed(9, 7),
        placed(2, 3),
        placed(9, 3, ("city", "health")),
    ],
)
def test_a_list_that_does_not_follow_the_one_in_force_is_refused(policy: PlacedPolicy) -> None:
    with pytest.raises(Damaged):
        PROPOSED.with_policy(policy)


def test_two_first_lists_of_one_circle_are_told() -> None:
    with pytest.raises(Damaged, match="two first policies: entry 3 and this one"):
        PROPOSED.with_policy(placed(9))
    with pytest.raises(Damaged, match="that these agencies do not have"):
        CirclePolicies().with_policy(SECOND)


def test_a_consent_is_of_an_agency_to_this_very_list_and_behind_it() -> None:
    good = word(8, SECOND, "city")
    for bad in (
        replace(good, leaf=replace(good.leaf, target=3)),
        replace(good, leaf=replace(good.leaf, leaf=leaves.digest(b"another"))),
        replace(good, leaf=replace(good.leaf, agency="prefecture")),
        replace(good, index=6),
    ):
        with pytest.raises(Damaged):
            PROPOSED.with_consent(bad)


def test_a_critical_meeting_has_no_custodian_and_a_signing_key_of_every_agency_asked() -> None:
    critical, standard = SHIPPED.critical, SHIPPED.standard
    signed = policy_leaf(("city",), approvers=[approver("city")])
    must_suit(signed, critical, ["city"])
    must_suit(policy_leaf(("city",)), standard, ["city"])
    with pytest.raises(Conflict, match="no signing key is in force for city"):
        must_suit(policy_leaf(("city",)), critical, ["city"])
    kept = PolicyRecipient(
        agency="city", kind=RecipientKind.CUSTODIAN, recipient=archive("stranger").recipient
    )
    held: PolicyLeaf = replace(signed, recipients=(*signed.recipients, kept))
    must_suit(held, standard, ["city"])
    with pytest.raises(Conflict, match="custodian"):
        must_suit(held, critical, ["city"])


def test_a_circle_has_one_name_whatever_the_order() -> None:
    assert Circle.of(["health", "city"]).name == Circle.of(["city", "health", "city"]).name
    assert Circle.of(["city"]).name != Circle.of(["health"]).name


class Replay(RuleBasedStateMachine):
    """Leaves arrive in any order, good and bad; a plain account of them says what must be in force."""

    def __init__(self) -> None:
        super().__init__()
        self.size = 1
        self.state = CirclePolicies().with_policy(placed(0))
        self.current = 0
        self.waiting: dict[int, dict[str, ConsentVerdict]] = {}
        self.known = {0: placed(0)}

    @rule(previous=st.integers(-1, 12))
    def a_list_is_placed(self, previous: int) -> None:
        policy = placed(self.size, previous, at=self.size)
        self.size += 1
        try:
            self.state = self.state.with_policy(policy)
        except Damaged:
            assert previous != self.current
            return
        assert previous == self.current
        self.known[policy.index] = policy
        self.waiting[policy.index] = {}

    @precondition(lambda self: len(self.known) > 1)
    @rule(data=st.data(), agency=st.sampled_from(AGENCIES), verdict=st.sampled_from([YES, YES, YES, NO]))
    def an_agency_speaks(self, data: st.DataObject, agency: str, verdict: ConsentVerdict) -> None:
        target = data.draw(st.sampled_from(sorted(self.known)))
        consent = word(self.size, self.known[target], agency, verdict)
        self.size += 1
        try:
            self.state = self.state.with_consent(consent)
        except Damaged:
            assert target not in self.waiting or (verdict, self.waiting[target].get(agency)) == (YES, NO)
            return
        said = self.waiting[target]
        said[agency] = verdict
        if all(said.get(each) is YES for each in AGENCIES):
            self.current, self.waiting = target, {}

    @invariant()
    def exactly_what_all_consented_to_is_in_force(self) -> None:
        assert in_force(self.state) == self.current
        assert {each.policy.index for each in self.state.proposals} == set(self.waiting)

    @invariant()
    def every_link_of_the_chain_follows_the_one_before(self) -> None:
        for former, taken in zip(self.state.chain, self.state.chain[1:], strict=False):
            assert taken.policy.leaf.previous == former.policy.index
            assert former.since < taken.policy.index < taken.since


Replay.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestReplay = Replay.TestCase


def test_lists_that_name_the_same_keys_are_no_change() -> None:
    assert same_keys(placed(1).leaf, placed(2, 1, at=9).leaf)
    assert not same_keys(policy_leaf(("city",)), policy_leaf(("city",), approvers=[approver("city")]))
