"""Codes: ten minutes, five tries, fifteen for a link, one of each kind alive; and the devices they have proven."""

from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from meetcoord.adapters.identity.codes import DerivedCodes
from meetcoord.domain.challenges import (
    CODE_LIFE,
    MAILED_MAX,
    PAUSE,
    TRIES,
    TRIES_IN_ALL,
    WAYS,
    Challenge,
    ChallengeKind,
    SeatCodes,
    SeatDevice,
    SeatDevices,
    device_digest,
    typed_code,
)
from meetcoord.domain.errors import Invalid, TooManyTries
from meetcoord.domain.profiles import Proof
from meetcoord.domain.values import ChallengeId, InvitationId, masked
from tests.builders import NOW, invitation, meeting, person, random_id

SEAT = invitation(meeting(), person())
SECOND = timedelta(seconds=1)
MAILED, PHONED = ChallengeKind.MAILED, ChallengeKind.PHONED
CODES = DerivedCodes(b"k" * 32)


def given(*codes: Challenge) -> SeatCodes:
    return SeatCodes.of(SEAT, codes)


def code(
    name: str = "first", kind: ChallengeKind = MAILED, at: datetime = NOW, wrong: int = 0, revision: int = 1
) -> Challenge:
    return Challenge(
        id=ChallengeId(random_id(name)),
        invitation=SEAT.id,
        revision=revision,
        kind=kind,
        issued_at=at,
        expires_at=at + CODE_LIFE,
        wrong=wrong,
    )


@pytest.mark.parametrize(
    ("age", "counts"), [(0 * SECOND, True), (CODE_LIFE - SECOND, True), (CODE_LIFE, False)]
)
def test_a_code_counts_for_ten_minutes(age: timedelta, counts: bool) -> None:
    assert code().counts(NOW + age) is counts
    assert bool(given(code()).live(Proof.MAILED_CODE, NOW + age)) is counts


def test_a_used_a_replaced_and_a_worn_out_code_count_no_longer() -> None:
    assert not code().used().counts(NOW)
    assert not code(wrong=TRIES).counts(NOW)
    assert code(wrong=TRIES - 1).counts(NOW)
    (former,) = given(code(), code("read", PHONED)).followed(MAILED)
    assert former == code().used()


def test_what_was_given_under_a_former_link_is_dead() -> None:
    assert given(code(revision=2)).live(Proof.MAILED_CODE, NOW) == ()


@pytest.mark.parametrize("proof", Proof)
def test_each_profile_takes_its_own_kinds_of_code(proof: Proof) -> None:
    codes = given(code(), code("read", PHONED))
    assert {each.kind for each in codes.live(proof, NOW)} == set(WAYS[proof]) == set(codes.ways(proof))


@pytest.mark.parametrize(("age", "mailed"), [(0 * SECOND, True), (PAUSE - SECOND, True), (PAUSE, False)])
def test_no_second_code_is_mailed_within_half_a_minute(age: timedelta, mailed: bool) -> None:
    assert bool(given(code()).just_mailed(NOW + age)) is mailed
    assert given(code("read", PHONED)).just_mailed(NOW) is None


def test_after_fifteen_wrong_tries_only_the_telephone_helps() -> None:
    worn = [code(f"code {n}", wrong=TRIES) for n in range(TRIES_IN_ALL // TRIES - 1)]
    last = code("last", wrong=TRIES - 1)
    assert given(*worn, last).tries_left(Proof.MAILED_CODE, NOW) == 1
    over = given(*worn, last).missed([last])
    assert (over.tries_left(Proof.MAILED_CODE, NOW), over.ways(Proof.MAILED_CODE)) == (0, (PHONED,))
    with pytest.raises(TooManyTries) as refusal:
        over.must_still_mail(NOW + SECOND)
    assert refusal.value.until == NOW + SECOND
    read = SeatCodes.of(SEAT, (*over.given, code("read", PHONED)))
    assert (read.live(Proof.MAILED_CODE, NOW), read.tries_left(Proof.MAILED_CODE, NOW)) == (
        (read.given[-1],),
        TRIES,
    )


def test_nobody_can_fill_a_mailbox_with_codes() -> None:
    codes = [code(f"code {n}") for n in range(MAILED_MAX)]
    given(*codes[1:]).must_still_mail(NOW)
    with pytest.raises(TooManyTries):
        given(*codes).must_still_mail(NOW)


@pytest.mark.parametrize("text", ["123456", " 123 456\n", "123\u00a0456", "1 2 3 4 5 6", "\t123456"])
def test_blanks_in_a_typed_code_do_not_matter(text: str) -> None:
    assert typed_code(text) == "123456"


@pytest.mark.parametrize(
    "text",
    ["", "12345", "1234567", "12345a", "123-456", "+12345", "１２３４５６", "٤٥٦٧٨٩", " " * 99 + "123456"],
)
def test_anything_else_is_no_code(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        typed_code(text, "/code")
    assert refusal.value.pointer == "/code"


@pytest.mark.parametrize("device", ["", "short", "é" * 43, "x" * 44, "x" * 42 + "\n", "x" * 42 + "="])
def test_a_device_has_a_secret_of_256_bits(device: str) -> None:
    with pytest.raises(Invalid):
        device_digest(SEAT.id, device)


def test_one_device_is_remembered_differently_for_each_seat() -> None:
    assert device_digest(SEAT.id, "x" * 43) != device_digest(InvitationId(random_id("other")), "x" * 43)


def device(number: int, digest: bytes, revision: int = 1) -> SeatDevice:
    return SeatDevice(invitation=SEAT.id, revision=revision, number=number, digest=digest, at=NOW)


def test_where_codes_are_phoned_the_newest_device_takes_the_place_of_the_others() -> None:
    devices = SeatDevices.of(SEAT, [device(1, b"a"), device(2, b"b")])
    held = {proof: [devices.proven(proof, each) for each in (b"a", b"b", None)] for proof in Proof}
    assert held[Proof.MAILED_CODE] == [True, True, False]
    assert held[Proof.AGENCY_LOGIN_OR_PHONE_CODE] == [False, True, False]
    assert devices.next(b"c", NOW) == device(3, b"c")
    assert not SeatDevices.of(SEAT.renewed(), devices.known).proven(Proof.MAILED_CODE, b"b")


def test_the_digits_come_from_key_id_and_kind_and_are_spread_evenly() -> None:
    assert CODES.of(code()) == DerivedCodes(b"k" * 32).of(code(wrong=3).used())
    assert len({CODES.of(code()), CODES.of(code(kind=PHONED)), DerivedCodes(b"l" * 32).of(code())}) == 3
    digits = [CODES.of(code(f"code {n}")) for n in range(5000)]
    assert all(len(each) == 6 and each.isdecimal() for each in digits)
    counts = [sum(each[place] == figure for each in digits) for place in range(6) for figure in "0123456789"]
    assert 380 < min(counts) <= max(counts) < 620, "500 of each are to be expected"
    assert CODES.fits(code(), CODES.of(code()))
    assert not CODES.fits(code(), CODES.of(code("other")))
    assert "kkkk" not in repr(CODES)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("veille@health-agency.example.org", "v…e@health-agency.example.org"),
        ("ab@city.example.org", "a…@city.example.org"),
        ("a@city.example.org", "a…@city.example.org"),
    ],
)
def test_a_masked_address_is_known_again_by_its_owner_only(address: str, shown: str) -> None:
    assert masked(address) == shown


class ManyCodes(RuleBasedStateMachine):
    """Whatever is asked for and tried in whatever order."""

    def __init__(self) -> None:
        super().__init__()
        self.codes, self.now, self.misses = given(), NOW, 0

    def _replaced(self, *changed: Challenge) -> None:
        fresh = {each.id: each for each in changed}
        kept = tuple(fresh.pop(each.id, each) for each in self.codes.given)
        self.codes = SeatCodes.of(SEAT, (*kept, *fresh.values()))

    def _give(self, kind: ChallengeKind) -> None:
        fresh = self.codes.next(ChallengeId(random_id(str(len(self.codes.given)))), kind, self.now)
        self._replaced(*self.codes.followed(kind), fresh)

    @rule(seconds=st.integers(0, 700))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds * SECOND

    @precondition(lambda self: not self.codes.just_mailed(self.now) and not self.codes.mailing_is_over)
    @rule()
    def a_code_is_mailed(self) -> None:
        self._give(MAILED)

    @rule()
    def a_code_is_read_by_phone(self) -> None:
        self._give(PHONED)

    @rule(tries=st.integers(1, 7))
    def wrong_ones_are_typed(self, tries: int) -> None:
        for _ in range(tries):
            live = self.codes.live(Proof.MAILED_CODE, self.now)
            before = self.codes.tries_left(Proof.MAILED_CODE, self.now)
            assert bool(live) is bool(before)
            self.codes = self.codes.missed(live)
            assert self.codes.tries_left(Proof.MAILED_CODE, self.now) == max(0, before - 1)

    @rule()
    def the_right_one_is_typed(self) -> None:
        live = self.codes.live(Proof.MAILED_CODE, self.now)
        self._replaced(*(each.used() for each in live[:1]))
        assert len(self.codes.live(Proof.MAILED_CODE, self.now)) == max(0, len(live) - 1)

    @invariant()
    def at_most_one_of_each_kind_counts(self) -> None:
        kinds = [each.kind for each in self.codes.live(Proof.MAILED_CODE, self.now)]
        assert len(kinds) == len(set(kinds))

    @invariant()
    def nobody_tries_more_often_than_allowed(self) -> None:
        mailed = [each for each in self.codes.given if each.kind is MAILED]
        assert all(each.wrong <= TRIES for each in self.codes.given)
        assert sum(each.wrong for each in mailed) <= TRIES_IN_ALL
        assert len(mailed) <= MAILED_MAX

    @invariant()
    def nothing_older_than_ten_minutes_counts(self) -> None:
        assert all(
            self.now < each.issued_at + CODE_LIFE for each in self.codes.live(Proof.MAILED_CODE, self.now)
        )


TestManyCodes = ManyCodes.TestCase
