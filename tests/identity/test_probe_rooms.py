"""Names of rooms for a check: only our keys make them, they live minutes, and no other key can answer for them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetcoord.adapters import system
from meetcoord.adapters.identity.probe_rooms import DerivedProbeRooms
from meetcoord.domain.errors import NotFound
from meetcoord.domain.probes import PROBE_LIFE, ProbeRefused

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ROOMS = DerivedProbeRooms.under(b"k" * 32, system.entropy)
STRANGERS = DerivedProbeRooms.under(b"s" * 32, system.entropy)


def test_a_name_is_known_again_with_its_end_and_its_receipt() -> None:
    made = ROOMS.until(NOW)
    assert ROOMS.known(made.room) == made
    assert made.ends_at == NOW


def test_it_looks_like_every_room_of_ours_and_no_two_are_alike() -> None:
    names = {ROOMS.until(NOW).room for _ in range(20)}
    assert len(names) > 10
    assert all(re.fullmatch(r"[a-z2-7]{26}", name) for name in names)


def test_another_key_neither_knows_it_nor_answers_for_it() -> None:
    made = ROOMS.until(NOW)
    assert STRANGERS.known(made.room) is None
    assert STRANGERS.until(NOW).receipt != made.receipt


def test_the_receipt_does_not_follow_from_the_name() -> None:
    made = ROOMS.until(NOW)
    assert made.receipt not in made.room
    assert made.room[-16:] != made.receipt


@given(st.integers(0, 25), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_name_altered_in_any_letter_is_no_such_name(place: int, letter: str) -> None:
    room = ROOMS.until(NOW).room
    altered = room[:place] + letter + room[place + 1 :]
    assert (ROOMS.known(altered) is None) == (altered != room)


@given(st.text(max_size=80))
def test_text_of_any_shape_is_no_such_name(text: str) -> None:
    assert ROOMS.known(text) is None


def test_a_random_room_is_no_such_name() -> None:
    assert all(ROOMS.known(system.new_id()) is None for _ in range(100))


@pytest.mark.parametrize("spelling", [str.upper, lambda room: f"{room}======", lambda room: f" {room}"])
def test_a_name_has_one_spelling(spelling: type[str]) -> None:
    assert ROOMS.known(spelling(ROOMS.until(NOW).room)) is None


@pytest.mark.parametrize("at", [NOW - PROBE_LIFE, NOW - SECOND])
def test_it_is_open_for_some_minutes_before_its_end(at: datetime) -> None:
    ROOMS.until(NOW).must_be_open(at)


@pytest.mark.parametrize("at", [NOW - PROBE_LIFE - SECOND, NOW, NOW + timedelta(days=365)])
def test_whoever_names_a_later_end_makes_it_live_no_longer(at: datetime) -> None:
    made = ROOMS.until(NOW)
    with pytest.raises(ProbeRefused) as refusal:
        made.must_be_open(at)
    assert refusal.value.receipt == made.receipt
    assert isinstance(refusal.value, NotFound)
