"""The policy file as an operator names it: what is taken, and what is refused with its reason."""

from pathlib import Path

import pytest

from meetcoord.bootstrap.witnesses import policy_of
from meetcoord.domain.errors import Misconfigured
from meetcoord.settings import Settings
from meetcoord.settings.sections import Witnesses
from tests.fake_witness import new_cosigner
from tests.log.builders import new_signer

LOG = new_signer("log.meet.example.org").vkey
AGENCIES = ("city", "health", "prefecture")
KEYS = {name: new_cosigner(f"{name}.example.org/w1").vkey for name in AGENCIES}
LINES = "".join(f"witness {name} {key} https://witness.{name}.example.org\n" for name, key in KEYS.items())
OTHERS = "group others all health prefecture\nquorum others\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "policy.tlog"


def named(file: Path, text: str, own: str = "city", faulty: int = 1) -> Settings:
    file.write_text(text, encoding="utf-8")
    return Settings(witnesses=Witnesses(policy_file=str(file), own=own, faulty=faulty))


def test_without_a_policy_nobody_is_asked() -> None:
    assert policy_of(Settings(), LOG) is None


def test_both_others_of_three_agencies_are_enough(file: Path) -> None:
    policy = policy_of(named(file, f"log {LOG}\n{LINES}{OTHERS}"), LOG)
    assert policy
    assert policy.counted() == ("health", "prefecture")
    assert policy.witnesses[0].url == "https://witness.city.example.org"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (LINES + f"group any2 2 {' '.join(AGENCIES)}\nquorum any2\n", "allows two histories"),
        (LINES + "quorum none\n", "allows two histories"),
        (LINES + "quorum city\n", "allows two histories"),
        (LINES, "`quorum` is missing"),
        (
            f"log {new_signer('log.elsewhere.example.org').vkey}\n{LINES}{OTHERS}",
            "do not hold this log's key",
        ),
        (
            LINES.replace("https://witness.health.example.org", "") + OTHERS,
            "the witness health ends with its address",
        ),
        (LINES.replace("https://witness.health", "http://witness.health") + OTHERS, "begins with https://"),
        (LINES.replace("health.example.org\n", "health.example.org/\n") + OTHERS, "no slash"),
        ("nonsense\n", "line 1"),
    ],
)
def test_a_policy_that_cannot_be_used_is_refused_with_its_reason(file: Path, text: str, why: str) -> None:
    with pytest.raises(Misconfigured, match=why) as refused:
        policy_of(named(file, text), LOG)
    assert str(file) in refused.value.detail


def test_the_operators_own_witness_has_to_be_in_the_policy(file: Path) -> None:
    with pytest.raises(Misconfigured, match="names no witness town"):
        policy_of(named(file, LINES + OTHERS, own="city town"), LOG)
    with pytest.raises(Misconfigured, match="policy_file names no policy"):
        policy_of(Settings(witnesses=Witnesses(own="city")), LOG)


def test_more_faults_ask_for_more_witnesses(file: Path) -> None:
    with pytest.raises(Misconfigured, match="while 2 may be faulty"):
        policy_of(named(file, LINES + OTHERS, faulty=2), LOG)


def test_a_policy_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        policy_of(Settings(witnesses=Witnesses(policy_file=str(tmp_path / "absent"))), LOG)
    (tmp_path / "noise").write_bytes(b"\xff\xfe")
    with pytest.raises(Misconfigured, match="not text"):
        policy_of(Settings(witnesses=Witnesses(policy_file=str(tmp_path / "noise"))), LOG)
