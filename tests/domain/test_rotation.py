"""Which key signs at a moment, and how long a former one is needed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetcoord.domain.profiles import SHIPPED
from meetcoord.domain.rotation import (
    MARGIN,
    SETTLING,
    UNKNOWN,
    handed_over_at,
    in_order,
    made_at,
    new_kid,
    published_until,
    signing,
)

FIRST = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
rings = st.lists(moments, min_size=1, max_size=5, unique=True).map(
    lambda times: [kid(moment, number) for number, moment in enumerate(times)]
)


def kid(moment: datetime, number: int = 0) -> str:
    return new_kid(moment, bytes([0, 0, 0, number]))


@given(moments)
def test_a_kid_says_when_it_was_made(moment: datetime) -> None:
    assert made_at(kid(moment)) == moment


@pytest.mark.parametrize(
    "name", ["", "k1", "2027", "20261399t000000-00000000", "20261103T090000-00000000", "x" * 300]
)
def test_a_name_given_by_hand_says_nothing_of_its_time(name: str) -> None:
    assert made_at(name) == UNKNOWN


def test_the_only_key_signs_at_once_whatever_the_clock_says() -> None:
    for moment in (FIRST, FIRST - timedelta(days=400), FIRST + timedelta(days=400)):
        assert signing([kid(FIRST)], moment) == kid(FIRST)


def test_a_fresh_key_signs_once_it_has_settled() -> None:
    later = FIRST + timedelta(hours=1)
    both = [kid(later), kid(FIRST)]
    assert signing(both, later + SETTLING - SECOND) == kid(FIRST)
    assert signing(both, later + SETTLING) == kid(later)


def test_a_stamped_key_takes_over_from_one_named_by_hand() -> None:
    assert signing(["zoe", kid(FIRST)], FIRST + SETTLING) == kid(FIRST)
    assert signing(["k1", "k2"], FIRST) == "k2"


def test_without_a_key_nobody_signs() -> None:
    with pytest.raises(ValueError, match="no key"):
        signing([], FIRST)


@given(rings, moments)
def test_exactly_the_key_that_has_not_handed_over_signs(kids: list[str], moment: datetime) -> None:
    signs = signing(kids, moment)
    over = handed_over_at(signs, kids)
    assert over is None or moment < over
    for older in in_order(kids)[: in_order(kids).index(signs)]:
        handed_over = handed_over_at(older, kids)
        assert handed_over is not None
        assert handed_over <= moment


@given(rings, moments)
def test_no_token_outlives_the_key_it_was_signed_with(kids: list[str], moment: datetime) -> None:
    lives = max(SHIPPED.standard.pass_life, SHIPPED.sensitive.pass_life, SHIPPED.critical.pass_life)
    until = published_until(signing(kids, moment), kids)
    assert until is None or until > moment + lives + MARGIN - SECOND
