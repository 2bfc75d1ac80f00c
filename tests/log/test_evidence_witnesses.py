"""Evidence and its witnesses: a quorum met or not, false lines, and whose clock is believed."""

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from meetcoord.adapters.sealing.bundle import pack, unpack
from meetcoord.adapters.sealing.cosignatures import Ed25519Cosigner
from meetcoord.domain.checkpoints import parse_note, parse_proof
from meetcoord.domain.evidence import Evidence, Outcome, ProvenLeaf, Step, StepName, StepState, Verdict
from meetcoord.domain.leaves import LARGEST
from meetcoord.domain.quorum import Policy, parse_policy
from tests.fake_witness import new_cosigner
from tests.log.builders import Written, verify, written

SEALED_AT = 1_790_000_000
MINUTE, HOUR = 60, 3600
AGENCIES = ("city", "health", "prefecture")
WITNESSES: Mapping[str, Ed25519Cosigner] = {name: new_cosigner(f"{name}.example.org/w1") for name in AGENCIES}


@pytest.fixture(scope="module")
def here() -> Written:
    return written()


def policy(quorum: str = "all", *logs: str) -> str:
    lines = [f"log {log}\n" for log in logs]
    lines += [f"witness {name} {each.vkey}\n" for name, each in WITNESSES.items()]
    return "".join([*lines, f"group agencies {quorum} {' '.join(AGENCIES)}\n", "quorum agencies\n"])


def lines_over(here: Written, *names: str, at: int = SEALED_AT + MINUTE) -> str:
    text = parse_note(parse_proof(here.evidence().entry.proof).note).text
    return "".join(WITNESSES[name].cosign(text, at).line for name in names)


def with_lines(here: Written, lines: str, own: str = "") -> Evidence:
    """The evidence with these lines under every checkpoint."""
    found = here.evidence()

    def below(leaf: ProvenLeaf) -> ProvenLeaf:
        return replace(leaf, proof=leaf.proof + lines)

    policies = tuple(replace(each, policy=below(each.policy)) for each in found.policies)
    approvals = tuple(map(below, found.approvals))
    return replace(found, entry=below(found.entry), policies=policies, approvals=approvals, witnesses=own)


def cosigned(here: Written, *names: str, at: int = SEALED_AT + MINUTE, own: str = "") -> Evidence:
    return with_lines(here, lines_over(here, *names, at=at), own)


def step_of(verdict: Verdict) -> Step:
    return next(step for step in verdict.steps if step.name is StepName.WITNESSES)


def test_a_quorum_of_the_policy_held_is_met(here: Written) -> None:
    verdict = verify(cosigned(here, *AGENCIES), log_key=here.key, witnesses=policy("all", here.key))
    assert verdict.outcome is Outcome.INTACT
    assert step_of(verdict).state is StepState.PASSED
    assert (
        "3 of 3 cosignatures: the quorum `agencies` of the policy you hold is met"
        in step_of(verdict).sentence
    )
    assert "existed at 2026-09-21 14:14:20Z" in step_of(verdict).sentence
    assert "Witnesses" not in verdict.sentence


def test_two_of_three_do_not_meet_a_quorum_of_all(here: Written) -> None:
    evidence = cosigned(here, "city", "health", own=policy())
    held = verify(evidence, log_key=here.key, witnesses=policy())
    assert held.outcome is Outcome.ALTERED
    assert "2 of 3 cosignatures: quorum `agencies` not met" in held.sentence
    own = verify(evidence, log_key=here.key)
    assert (own.outcome, step_of(own).state) == (Outcome.INTACT, StepState.NOT_RUN)
    assert "2 of 3 cosignatures: quorum `agencies` not met, by the policy in this very file" in own.sentence


def test_the_policy_in_the_file_is_counted_and_not_trusted(here: Written) -> None:
    verdict = verify(cosigned(here, *AGENCIES, own=policy()), log_key=here.key)
    assert (verdict.outcome, step_of(verdict).state) == (Outcome.INTACT, StepState.NOT_RUN)
    assert "is met, by the policy in this very file. Compare it" in verdict.sentence


def test_without_witnesses_the_verdict_says_what_that_leaves_open(here: Written) -> None:
    verdict = verify(here.evidence(), log_key=here.key)
    assert "No witness has vouched for this log" in verdict.sentence


def test_a_cosignature_under_the_name_of_another_witness_is_rejected(here: Written) -> None:
    health = WITNESSES["health"]
    text = parse_note(parse_proof(here.evidence().entry.proof).note).text
    signed = parse_note(text + "\n" + WITNESSES["city"].cosign(text, SEALED_AT).line).signatures[0]
    key_id = parse_note(text + "\n" + health.cosign(text, SEALED_AT).line).signatures[0].key_id
    relabelled = replace(signed, name=health.name, key_id=key_id).encode()
    for own, held in ((policy(), None), ("", policy())):
        verdict = verify(with_lines(here, relabelled, own), log_key=here.key, witnesses=held)
        assert verdict.outcome is Outcome.ALTERED
        assert step_of(verdict).state is StepState.FAILED


def test_a_cosignature_of_another_checkpoint_is_rejected(here: Written) -> None:
    elsewhere = WITNESSES["city"].cosign(parse_note(here.log.checkpoint(1)).text, SEALED_AT).line
    verdict = verify(with_lines(here, elsewhere), log_key=here.key, witnesses=policy())
    assert verdict.outcome is Outcome.ALTERED


def test_one_key_counts_once_however_often_it_cosigned(here: Written) -> None:
    lines = lines_over(here, "city") + lines_over(here, "city", at=SEALED_AT + HOUR)
    verdict = verify(with_lines(here, lines), log_key=here.key, witnesses=policy())
    assert "1 of 3 cosignatures" in verdict.sentence


def test_a_policy_for_another_log_is_not_met(here: Written) -> None:
    other = policy("all", written().log.signer.vkey)
    verdict = verify(cosigned(here, *AGENCIES), log_key=here.key, witnesses=other)
    assert verdict.outcome is Outcome.ALTERED
    assert "for another log" in verdict.sentence


@pytest.mark.parametrize("text", ["", "nonsense\n", "witness city\n"])
def test_what_is_no_policy_gives_no_verdict(here: Written, text: str) -> None:
    assert verify(here.evidence(), witnesses=text).outcome is Outcome.CANNOT_TELL
    assert not text or verify(replace(here.evidence(), witnesses=text)).outcome is Outcome.ALTERED


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (SEALED_AT - 6 * MINUTE, "The service dates it later"),
        (SEALED_AT - 4 * MINUTE, ""),
        (SEALED_AT + 23 * HOUR, ""),
        (SEALED_AT + 25 * HOUR, "The service dates it more than a day earlier"),
    ],
)
def test_a_time_that_the_witnesses_do_not_bear_out_is_pointed_at(here: Written, seen: int, said: str) -> None:
    verdict = verify(cosigned(here, *AGENCIES, at=seen), log_key=here.key, witnesses=policy())
    assert verdict.outcome is Outcome.INTACT
    assert ("The service dates" in step_of(verdict).sentence) is bool(said)
    assert said in step_of(verdict).sentence


def test_the_policy_travels_in_the_file(here: Written) -> None:
    evidence = cosigned(here, *AGENCIES, own=policy("all", here.key))
    assert unpack(pack(evidence)) == evidence
    rule: Policy = parse_policy(unpack(pack(evidence)).witnesses)
    assert rule.counted() == AGENCIES


def test_what_is_proven_under_a_checkpoint_that_no_witness_saw_does_not_count(here: Written) -> None:
    """A history of the same log, shown to nobody else, that holds another list of keys or another approval."""
    whole = cosigned(here, *AGENCIES)
    unseen = replace(whole, approvals=(here.log.proven(here.approvals[0], here.entry),))
    verdict = verify(unseen, log_key=here.key, witnesses=policy())
    assert (verdict.outcome, step_of(verdict).state) == (Outcome.ALTERED, StepState.FAILED)
    assert "0 of 3 cosignatures" in verdict.sentence


def test_a_witness_that_does_not_count_does_not_date_the_entry(here: Written) -> None:
    """Such as the operator's own, which signs whatever time it is told."""
    others = policy().replace("group agencies all city ", "group agencies all ")
    lines = lines_over(here, "health", "prefecture") + lines_over(here, "city", at=SEALED_AT - HOUR)
    verdict = verify(with_lines(here, lines), log_key=here.key, witnesses=others)
    assert verdict.outcome is Outcome.INTACT
    assert "when the first of health, prefecture cosigned it" in step_of(verdict).sentence
    assert "The service dates" not in step_of(verdict).sentence


def test_a_time_beyond_every_calendar_is_told_all_the_same() -> None:
    far = written(at=LARGEST)
    verdict = verify(cosigned(far, *AGENCIES), log_key=far.key, witnesses=policy())
    assert verdict.outcome is Outcome.INTACT
    assert f"second {LARGEST} after 1970" in step_of(verdict).sentence
