"""Agreement: a meeting is settled only on a slot that every required agency said yes to, for these very terms."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from meetcoord.domain.errors import Conflict, Invalid, NotFound, Stale
from meetcoord.domain.meetings import (
    AGENCIES_MAX,
    Attendance,
    Choice,
    Convened,
    Delegate,
    Meeting,
    MeetingState,
    Slot,
    SlotChoice,
)
from meetcoord.domain.profiles import SHIPPED
from meetcoord.domain.values import AgencyId, PersonId, SlotId
from tests.domain.builders import (
    CITY,
    END,
    FIRST,
    GUEST,
    HEALTH,
    NOW,
    PREFECTURE,
    SECOND,
    SECRETARY,
    START,
    THIRD,
    UNIVERSITY,
    answer,
    proposed,
    settled,
    slots,
)

AGENCIES = (CITY, HEALTH, PREFECTURE, UNIVERSITY)
REQUIRED = (CITY, HEALTH, PREFECTURE)
IDS = (FIRST, SECOND, THIRD)
REFUSALS = (Conflict, Stale, Invalid, NotFound)
TICK, WEEK = timedelta(microseconds=1), timedelta(weeks=1)


class Agreement(RuleBasedStateMachine):
    """A meeting beside a model so simple that one sees it is right."""

    meeting: Meeting

    @initialize()
    def propose(self) -> None:
        self.meeting = proposed()
        self.said = {(CITY, slot): Choice.YES for slot in IDS}
        self.on: SlotId | None = None
        self.dead = False
        self.sent: dict[AgencyId, frozenset[str]] = {}
        self.changes = self.weeks = 0
        self.now = NOW

    def agreed(self, slot: SlotId) -> bool:
        return all(self.said.get((agency, slot)) is Choice.YES for agency in REQUIRED)

    def ended(self, slot: SlotId) -> bool:
        return self.now >= END + timedelta(days=IDS.index(slot)) + self.weeks * WEEK

    def took(self, changed: Meeting) -> None:
        self.meeting = changed
        self.changes += 1

    @rule(agency=st.sampled_from(AGENCIES), choices=st.tuples(*[st.sampled_from(Choice)] * 3))
    def answers(self, agency: AgencyId, choices: tuple[Choice, ...]) -> None:
        before = msgspec.json.encode(self.meeting)
        given_answer = answer(agency, *choices, terms=self.meeting.terms)
        if self.dead or self.on:
            with pytest.raises(Conflict):
                self.meeting.answered(given_answer)
        else:
            old = self.meeting
            self.took(old.answered(given_answer))
            assert msgspec.json.encode(old) == before
            self.said |= {(agency, slot): choice for slot, choice in zip(IDS, choices, strict=True)}

    @rule(agency=st.sampled_from(AGENCIES), by=st.sampled_from([-1, 1, 99]))
    def answers_other_terms(self, agency: AgencyId, by: int) -> None:
        with pytest.raises((Stale, Conflict)):
            self.meeting.answered(answer(agency, Choice.YES, terms=self.meeting.terms + by))

    @rule()
    def terms_change(self) -> None:
        if not self.dead and not self.on:
            terms = self.meeting.terms + 1
            self.took(msgspec.structs.replace(self.meeting, terms=terms, version=self.meeting.version + 1))
            self.said = {}

    @rule(agency=st.sampled_from([HEALTH, PREFECTURE]), people=st.frozensets(st.sampled_from("abc")))
    def names(self, agency: AgencyId, people: frozenset[str]) -> None:
        delegates = tuple(
            Delegate(person=PersonId(f"{agency}-{each}"), agency=agency) for each in sorted(people)
        )
        if self.dead:
            with pytest.raises(Conflict):
                self.meeting.with_delegates(agency, delegates)
        else:
            self.took(self.meeting.with_delegates(agency, delegates))
            self.sent[agency] = frozenset(each.person for each in delegates)

    @rule(slot=st.sampled_from([*IDS, SlotId("none")]))
    def settles(self, slot: SlotId) -> None:
        if not self.dead and self.on == slot:
            assert self.meeting.settled_on(slot, self.now) is self.meeting
        elif self.dead or self.on or not self.agreed(slot) or self.ended(slot):
            with pytest.raises(REFUSALS):
                self.meeting.settled_on(slot, self.now)
        else:
            self.took(self.meeting.settled_on(slot, self.now))
            self.on = slot

    @rule(again=st.booleans())
    def moves(self, again: bool) -> None:
        other = tuple(replace(s, start=s.start + WEEK, end=s.end + WEEK) for s in self.meeting.slots)
        former = self.meeting
        if self.dead or (self.on and self.ended(self.on)):
            with pytest.raises(Conflict):
                former.moved(former.terms, other, SECRETARY, self.now)
            return
        self.took(former.moved(former.terms, other, SECRETARY, self.now))
        assert self.meeting.last_slot == (former.slot or former.last_slot)
        self.weeks += 1
        self.said, self.on = {(CITY, slot): Choice.YES for slot in IDS}, None
        if again:
            assert self.meeting.moved(former.terms, other, SECRETARY, self.now) is self.meeting
        with pytest.raises(Stale):
            self.meeting.moved(former.terms, former.slots, SECRETARY, self.now)

    @rule()
    def cancels(self) -> None:
        if self.dead:
            assert self.meeting.cancelled(self.now) is self.meeting
        elif self.on and self.ended(self.on):
            with pytest.raises(Conflict, match="over"):
                self.meeting.cancelled(self.now)
        else:
            self.took(self.meeting.cancelled(self.now))
            self.dead = True

    @rule(hours=st.sampled_from([1, 24, 24 * 14]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def is_as_the_model_says(self) -> None:
        meeting = self.meeting
        assert meeting.version == 1 + self.changes
        assert meeting.settled == self.on
        assert [move.at for move in meeting.moves] == sorted({move.at for move in meeting.moves})
        state = MeetingState.SETTLED if self.on else MeetingState.PROPOSED
        assert meeting.state is (MeetingState.CANCELLED if self.dead else state)
        assert {slot.id for slot in meeting.agreed_slots()} == {slot for slot in IDS if self.agreed(slot)}
        named = {
            agency: frozenset(p.person for p in meeting.delegates if p.agency == agency)
            for agency in self.sent
        }
        assert named == self.sent
        assert msgspec.json.decode(msgspec.json.encode(meeting), type=Meeting) == meeting


TestAgreement = Agreement.TestCase


def test_who_is_missing_is_named_and_who_is_optional_is_not() -> None:
    with pytest.raises(Conflict, match=r"Waiting for: health, prefecture\.$"):
        proposed().settled_on(FIRST, NOW)
    meeting = proposed().answered(answer(HEALTH, Choice.YES)).answered(answer(UNIVERSITY, Choice.NO))
    with pytest.raises(Conflict, match=r"Waiting for: prefecture\.$"):
        meeting.settled_on(FIRST, NOW)


def test_if_need_be_is_not_yes() -> None:
    meeting = proposed().answered(answer(HEALTH, Choice.IF_NEED_BE)).answered(answer(PREFECTURE, Choice.YES))
    assert meeting.agreed_slots() == ()


def test_the_organiser_may_take_its_own_yes_back() -> None:
    meeting = proposed().answered(answer(HEALTH, Choice.YES)).answered(answer(PREFECTURE, Choice.YES))
    with pytest.raises(Conflict, match="Waiting for: city"):
        meeting.answered(answer(CITY, Choice.NO, Choice.YES, Choice.YES)).settled_on(FIRST, NOW)


def test_an_answer_to_former_terms_counts_no_more() -> None:
    meeting = settled()
    assert meeting.agreed_slots() != ()
    with pytest.raises(ValueError, match="without agreement"):
        msgspec.structs.replace(meeting, terms=2)


@pytest.mark.parametrize(
    "said", [(), (FIRST, SECOND), (FIRST, SECOND, SECOND), (FIRST, SECOND, THIRD, THIRD), ("x",) * 3]
)
def test_every_slot_is_answered_exactly_once(said: tuple[SlotId, ...]) -> None:
    choices = tuple(SlotChoice(slot=slot, choice=Choice.YES) for slot in said)
    with pytest.raises(Invalid) as refusal:
        proposed().answered(msgspec.structs.replace(answer(HEALTH, Choice.YES), choices=choices))
    assert refusal.value.pointer == "/choices"


def test_a_stranger_cannot_answer() -> None:
    with pytest.raises(NotFound):
        proposed().answered(answer(AgencyId("stranger"), Choice.YES))


def test_a_meeting_that_was_settled_and_then_cancelled_is_not_settled_again() -> None:
    with pytest.raises(Conflict, match="cancelled"):
        settled().cancelled(NOW).settled_on(FIRST, NOW)


def test_a_meeting_that_is_over_is_neither_settled_nor_cancelled() -> None:
    agreed = proposed().answered(answer(HEALTH, Choice.YES)).answered(answer(PREFECTURE, Choice.YES))
    meeting = agreed.settled_on(FIRST, END - TICK)
    meeting.must_not_be_over(END - TICK)
    assert meeting.cancelled(END - TICK).state is MeetingState.CANCELLED
    for late in (END, END + TICK, END + timedelta(days=365)):
        for act in (meeting.must_not_be_over, meeting.cancelled, lambda at: agreed.settled_on(FIRST, at)):
            with pytest.raises(Conflict, match="is over"):
                act(late)
        assert meeting.settled_on(FIRST, late) is meeting
    assert agreed.settled_on(SECOND, END).settled == SECOND


def test_without_a_time_a_meeting_is_never_over() -> None:
    proposed().must_not_be_over(END + timedelta(days=365))
    assert proposed().cancelled(END + timedelta(days=365)).state is MeetingState.CANCELLED


def test_only_the_organiser_moderates_and_each_agency_names_its_own() -> None:
    with pytest.raises(Invalid, match="moderate"):
        proposed().with_delegates(HEALTH, (Delegate(person=GUEST, agency=HEALTH, moderator=True),))
    with pytest.raises(Invalid, match="own delegates"):
        proposed().with_delegates(HEALTH, (Delegate(person=GUEST, agency=PREFECTURE),))
    with pytest.raises(Invalid, match="once"):
        proposed().with_delegates(HEALTH, (Delegate(person=GUEST, agency=HEALTH),) * 2)
    with pytest.raises(ValueError, match="no part"):
        stranger = AgencyId("stranger")
        proposed().with_delegates(stranger, (Delegate(person=GUEST, agency=stranger),))


def test_naming_delegates_leaves_those_of_the_others_alone() -> None:
    meeting = settled().with_delegates(HEALTH, (Delegate(person=PersonId("h"), agency=HEALTH),))
    meeting = meeting.with_delegates(PREFECTURE, ())
    assert [delegate.person for delegate in meeting.delegates] == ["h"]
    assert Attendance.IN_CALL is meeting.delegates[0].attendance


def test_the_profile_says_who_approves() -> None:
    assert proposed().approvers(SHIPPED.standard) == {CITY}
    for profile in (SHIPPED.sensitive, SHIPPED.critical):
        assert proposed().approvers(profile) == set(REQUIRED)


@pytest.mark.parametrize(
    ("convened", "told"),
    [
        ((), "between 1 and"),
        ((Convened(agency=CITY, required=True),), "takes part already"),
        ((Convened(agency=HEALTH, required=True), Convened(agency=HEALTH, required=False)), "twice"),
        (
            tuple(Convened(agency=AgencyId(f"a{n}"), required=True) for n in range(AGENCIES_MAX + 1)),
            "between 1 and",
        ),
    ],
)
def test_a_meeting_convenes_others_once_each(convened: tuple[Convened, ...], told: str) -> None:
    with pytest.raises(Invalid, match=told):
        proposed(convened=convened)


def test_slots_are_few_different_and_in_order() -> None:
    with pytest.raises(Invalid, match="slots"):
        proposed(slots=())
    with pytest.raises(Invalid, match="twice"):
        proposed(slots=(slots()[0], msgspec.structs.replace(slots()[0], id=SECOND)))
    with pytest.raises(ValueError, match="order"):
        proposed(slots=tuple(reversed(slots())))
    many = tuple(Slot(id=SlotId(f"s{n}"), start=START, end=END + timedelta(minutes=n)) for n in range(21))
    with pytest.raises(Invalid, match="20"):
        proposed(slots=many)


@pytest.mark.parametrize("length", [timedelta(0), timedelta(seconds=-1), timedelta(hours=24, microseconds=1)])
def test_a_slot_ends_after_its_start_and_within_a_day(length: timedelta) -> None:
    with pytest.raises(Invalid):
        Slot(id=FIRST, start=START, end=START + length)
    Slot(id=FIRST, start=START, end=START + timedelta(hours=24))


@pytest.mark.parametrize("zone", [None, timezone(timedelta(0), "GMT"), timezone(timedelta(hours=1))])
def test_a_slot_is_kept_in_utc(zone: timezone | None) -> None:
    with pytest.raises(ValueError, match="UTC"):
        Slot(id=FIRST, start=START.replace(tzinfo=zone), end=END)
    assert datetime(2026, 11, 3, 9, 0, tzinfo=UTC) == START
