"""Messages owed: tried again at growing intervals for three days, with honest doubt."""

from datetime import timedelta

import pytest

from meetcoord.domain.letters import LetterKind
from meetcoord.domain.outbox import Delivery, Message
from meetcoord.domain.values import InvitationId, MeetingId, MessageId
from tests.domain.builders import NOW

PATIENCE = timedelta(minutes=5)


def message() -> Message:
    return Message(
        id=MessageId("message"),
        kind=LetterKind.INVITED,
        meeting=MeetingId("meeting"),
        invitation=InvitationId("invitation"),
        sequence=0,
        delivery=Delivery.QUEUED,
        attempts=0,
        next_attempt_at=NOW,
        reply="",
        uncertain=False,
        created_at=NOW,
    )


def test_waits_double_from_a_minute_to_four_hours_and_end_after_three_days() -> None:
    waits, at, owed = [], NOW, message()
    while owed.delivery is Delivery.QUEUED:
        owed = owed.leaving(at, PATIENCE).postponed(at, "451 later")
        waits.append((owed.next_attempt_at - at) / timedelta(minutes=1))
        at = owed.next_attempt_at if owed.delivery is Delivery.QUEUED else at
    assert owed.delivery is Delivery.GIVEN_UP
    assert waits[:9] == [1, 2, 4, 8, 16, 32, 64, 128, 240]
    assert set(waits[8:-1]) == {240}
    assert timedelta(hours=72) < at - NOW <= timedelta(hours=76)
    assert owed.reply == "451 later"


@pytest.mark.parametrize(("age", "then"), [(0, Delivery.QUEUED), (1, Delivery.GIVEN_UP)])
def test_the_last_try_is_made_at_72_hours(age: int, then: Delivery) -> None:
    at = NOW + timedelta(hours=72, seconds=age)
    assert message().leaving(at, PATIENCE).postponed(at, "").delivery is then


def test_however_often_it_was_tried_the_wait_stays_bounded() -> None:
    owed = message()
    for _ in range(5000):
        owed = owed.leaving(NOW, PATIENCE)
    assert owed.postponed(NOW, "").next_attempt_at == NOW + timedelta(hours=4)


def test_while_leaving_its_turn_comes_again_after_patience_and_is_marked_uncertain_then() -> None:
    first = message().leaving(NOW, PATIENCE)
    assert (first.delivery, first.attempts, first.uncertain) == (Delivery.LEAVING, 1, False)
    assert first.next_attempt_at == NOW + PATIENCE
    second = first.leaving(NOW + PATIENCE, PATIENCE)
    assert (second.attempts, second.uncertain) == (2, True)
    assert second.accepted("250 ok").uncertain


def test_a_failure_without_an_answer_leaves_doubt_and_one_with_an_answer_none() -> None:
    leaving = message().leaving(NOW, PATIENCE)
    assert not leaving.postponed(NOW, "451 later").uncertain
    doubtful = leaving.postponed(NOW, "connection lost", answered=False)
    assert doubtful.uncertain
    assert doubtful.leaving(NOW, PATIENCE).postponed(NOW, "451 later").uncertain


def test_what_goes_ahead_is_due_before_everything_that_may_still_wait() -> None:
    ahead = message().ahead()
    assert ahead.next_attempt_at < NOW - timedelta(days=300)
    assert (ahead.created_at, ahead.version) == (NOW, 1)
    assert ahead.leaving(NOW, PATIENCE).postponed(NOW, "451 later").next_attempt_at == NOW + timedelta(
        minutes=1
    )


def test_every_change_is_a_new_version_and_keeps_the_ids() -> None:
    owed = message().leaving(NOW, PATIENCE)
    ends = [owed.accepted("250"), owed.refused("550"), owed.postponed(NOW, "451"), owed.overtaken()]
    assert {each.version for each in ends} == {owed.version + 1} == {3}
    assert {(each.id, each.sequence, each.created_at) for each in ends} == {("message", 0, NOW)}
    assert [each.delivery.value for each in ends] == ["accepted", "refused", "queued", "given_up"]
