"""The three profiles, as the table of the product says them."""

import itertools
from datetime import timedelta

import msgspec
import pytest

from meetcoord.domain.errors import Invalid
from meetcoord.domain.profiles import SHIPPED, Approval, ProfileName, Proof

MINUTE = timedelta(minutes=1)

TABLE = {
    "proof": (Proof.LINK, Proof.MAILED_CODE, Proof.AGENCY_LOGIN_OR_PHONE_CODE),
    "neutral_mail": (False, True, True),
    "doors": (15 * MINUTE, 15 * MINUTE, 10 * MINUTE),
    "pass_life": (15 * MINUTE, 10 * MINUTE, 5 * MINUTE),
    "lobby": (False, True, True),
    "recording_allowed": (True, False, False),
    "custodian_allowed": (True, True, False),
    "approval": (Approval.ORGANISER, Approval.EVERY_REQUIRED_AGENCY, Approval.EVERY_REQUIRED_AGENCY),
    "signed_approvals": (False, False, True),
    "archive_visa": (True, True, True),
    "max_occupants": (0, 0, 0),
}


@pytest.mark.parametrize("rule", TABLE)
def test_what_is_shipped_is_the_table(rule: str) -> None:
    assert tuple(getattr(SHIPPED.named(name), rule) for name in ProfileName) == TABLE[rule]


def test_the_table_speaks_of_every_rule_and_every_profile() -> None:
    assert set(TABLE) == set(SHIPPED.standard.__struct_fields__) - {"name"}
    assert [SHIPPED.named(name).name for name in ProfileName] == list(ProfileName)


def test_a_stricter_profile_is_never_looser_in_anything() -> None:
    ladder = [SHIPPED.named(name) for name in ProfileName]
    for looser, stricter in itertools.pairwise(ladder):
        assert stricter.pass_life <= looser.pass_life
        assert stricter.doors <= looser.doors
        assert stricter.lobby >= looser.lobby
        assert stricter.neutral_mail >= looser.neutral_mail
        assert stricter.recording_allowed <= looser.recording_allowed
        assert stricter.custodian_allowed <= looser.custodian_allowed
        assert stricter.signed_approvals >= looser.signed_approvals
        assert stricter.archive_visa >= looser.archive_visa


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("doors", timedelta(seconds=-1)),
        ("doors", timedelta(hours=1, seconds=1)),
        ("pass_life", timedelta(seconds=59)),
        ("pass_life", timedelta(minutes=15, seconds=1)),
    ],
)
def test_a_profile_keeps_within_its_bounds(rule: str, value: timedelta) -> None:
    with pytest.raises(Invalid):
        msgspec.structs.replace(SHIPPED.standard, **{rule: value})
