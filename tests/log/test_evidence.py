"""Evidence: what is intact, what is altered, and what cannot be told."""

import os

import pytest
from msgspec.structs import replace

from meetcoord.adapters.sealing.age import AgeSealer
from meetcoord.domain import leaves
from meetcoord.domain.checkpoints import Checkpoint, LogProof, parse_proof
from meetcoord.domain.evidence import (
    Evidence,
    Outcome,
    ProvenLeaf,
    ProvenPolicy,
    StepName,
    StepState,
    Verdict,
)
from tests.log.builders import (
    Written,
    approval_leaf,
    frame,
    identities,
    new_signer,
    policy_leaf,
    seal,
    verify,
    written,
)

PASSED, NOT_RUN, FAILED = StepState.PASSED, StepState.NOT_RUN, StepState.FAILED


@pytest.fixture(scope="module")
def here() -> Written:
    return written(("city", "health"), ("city", "health"))


def state(verdict: Verdict, name: StepName) -> StepState:
    return next(step.state for step in verdict.steps if step.name is name)


def refused_at(verdict: Verdict) -> StepName:
    """The step that found the alteration; the ones before it passed, the ones behind it did not run."""
    assert verdict.outcome is Outcome.ALTERED
    assert [step.name for step in verdict.steps] == list(StepName)
    at = next(number for number, step in enumerate(verdict.steps) if step.state is FAILED)
    assert all(step.state is NOT_RUN for step in verdict.steps[at + 1 :])
    assert verdict.steps[at].sentence in verdict.sentence
    return verdict.steps[at].name


def with_policy(here: Written, index: int) -> Evidence:
    """The evidence with this leaf in the place of the policy."""
    return replace(here.evidence(), policies=(ProvenPolicy(here.log.proven(index)),))


def test_evidence_is_intact_for_a_recipient_who_holds_the_log_key(here: Written) -> None:
    verdict = verify(here.evidence(), identities()["health"], here.key, here.genesis)
    assert verdict.outcome is Outcome.INTACT
    assert [step.name for step in verdict.steps] == list(StepName)
    assert {step.name for step in verdict.steps if step.state is not PASSED} == {StepName.WITNESSES}
    assert (
        "city (declared by the service: no signing key was named for it), health"
        in verdict.steps[list(StepName).index(StepName.APPROVALS)].sentence
    )


def test_without_an_identity_the_verdict_says_that_the_content_was_not_checked(here: Written) -> None:
    verdict = verify(here.evidence(), log_key=here.key)
    assert verdict.outcome is Outcome.INTACT
    assert state(verdict, StepName.CONTENT) is NOT_RUN
    assert "Content not checked" in verdict.sentence


def test_without_a_key_of_ones_own_the_verdict_shows_the_fingerprint_to_compare(here: Written) -> None:
    verdict = verify(here.evidence())
    key_id = here.key.split("+")[1]
    assert verdict.outcome is Outcome.INTACT
    assert state(verdict, StepName.LOG_KEY) is NOT_RUN
    assert any(key_id in step.sentence for step in verdict.steps)
    assert "only if the log key" in verdict.sentence


def test_another_log_than_the_trusted_one_is_refused(here: Written) -> None:
    verdict = verify(here.evidence(), log_key=new_signer().vkey)
    assert refused_at(verdict) is StepName.LOG_KEY
    assert "another log than the one you trust" in verdict.sentence


def test_a_forger_with_a_log_of_her_own_is_found_by_the_trusted_key(here: Written) -> None:
    forged = written(("city", "health"), ("city", "health")).evidence()
    assert verify(forged).outcome is Outcome.INTACT
    assert refused_at(verify(forged, log_key=here.key)) is StepName.LOG_KEY
    relabelled = replace(forged, log_key=here.key)
    assert refused_at(verify(relabelled, log_key=here.key)) is StepName.SIGNATURE


def test_what_is_no_key_gives_no_verdict(here: Written) -> None:
    verdict = verify(here.evidence(), log_key="not a key")
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert FAILED not in {step.state for step in verdict.steps}


@pytest.mark.parametrize("identity", ["stranger", "nonsense"])
def test_an_identity_that_opens_nothing_gives_no_verdict(here: Written, identity: str) -> None:
    verdict = verify(here.evidence(), identities().get(identity, identity), here.key)
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert state(verdict, StepName.PAYLOAD) is PASSED
    assert state(verdict, StepName.CONTENT) is NOT_RUN


def test_proofs_may_lead_to_checkpoints_of_other_sizes_of_the_same_log(here: Written) -> None:
    early = ProvenPolicy(here.log.proven(here.policy, here.policy + 1))
    assert verify(replace(here.evidence(), policies=(early,)), log_key=here.key).outcome is Outcome.INTACT


def test_a_proof_under_a_checkpoint_of_another_log_is_refused(here: Written) -> None:
    other = written(("city", "health"), ("city", "health"))
    foreign = replace(here.evidence(), policies=other.evidence().policies)
    assert refused_at(verify(foreign, log_key=here.key)) is StepName.POLICY


def test_two_roots_for_one_size_under_one_signature_are_told(here: Written) -> None:
    """A log that shows each agency another history of the same length."""
    fork = written(("city", "health"), ("city", "health"))
    fork.log.signer = here.log.signer
    assert fork.log.size == here.log.size
    verdict = verify(replace(here.evidence(), policies=fork.evidence().policies), log_key=here.key)
    assert refused_at(verdict) is StepName.POLICY
    assert "two different roots" in verdict.sentence


def test_a_checkpoint_of_another_origin_by_the_same_key_is_refused(here: Written) -> None:
    size = here.log.size
    elsewhere = here.log.signer.sign(Checkpoint("log.other.example.org/2026", size, here.log.root()).encode())
    proof = replace(parse_proof(here.evidence().entry.proof), note=elsewhere)
    entry = replace(here.evidence().entry, proof=proof.encode())
    assert refused_at(verify(replace(here.evidence(), entry=entry), log_key=here.key)) is StepName.SIGNATURE


def test_a_proof_of_another_entry_is_refused(here: Written) -> None:
    entry = ProvenLeaf(here.evidence().entry.leaf, here.log.proven(here.entry - 1).proof)
    assert refused_at(verify(replace(here.evidence(), entry=entry))) is StepName.INCLUSION


def test_a_proof_with_extra_data_is_refused(here: Written) -> None:
    proof = replace(parse_proof(here.evidence().entry.proof), extra=b"more")
    entry = replace(here.evidence().entry, proof=proof.encode())
    assert refused_at(verify(replace(here.evidence(), entry=entry))) is StepName.INCLUSION


def test_a_leaf_of_another_kind_is_not_an_entry(here: Written) -> None:
    for index in (0, here.policy, *here.approvals):
        evidence = replace(here.evidence(), entry=here.log.proven(index))
        assert refused_at(verify(evidence)) is StepName.LEAF


def test_a_missing_approval_of_the_authors_agency_is_told(here: Written) -> None:
    evidence = here.evidence()
    without_city = replace(evidence, approvals=evidence.approvals[1:])
    assert refused_at(verify(without_city, log_key=here.key)) is StepName.APPROVALS
    assert refused_at(verify(replace(evidence, approvals=()))) is StepName.APPROVALS


def test_who_was_not_asked_to_approve_is_not_told_like_a_gap(here: Written) -> None:
    verdict = verify(replace(here.evidence(), approvals=here.evidence().approvals[:1]), log_key=here.key)
    assert verdict.outcome is Outcome.INTACT
    told = next(step.sentence for step in verdict.steps if step.name is StepName.APPROVALS)
    assert "approved by: city (declared by the service: no signing key was named for it)." in told
    assert "health" not in told


def test_the_same_approval_twice_is_refused(here: Written) -> None:
    evidence = here.evidence()
    doubled = replace(evidence, approvals=(*evidence.approvals, evidence.approvals[0]))
    assert refused_at(verify(doubled)) is StepName.APPROVALS


@pytest.mark.parametrize(
    "changed",
    [{"content": leaves.digest(b"another text")}, {"seq": 1}, {"meeting": "another"}, {"agency": "stranger"}],
)
def test_an_approval_of_something_else_does_not_count(changed: dict[str, object]) -> None:
    here = written()
    content = leaves.content_hash(frame().encode())
    text = {"content": content, "policy": here.policy} | changed
    other = here.log.write(approval_leaf(**text))  # type: ignore[arg-type]  # a test changes what it likes
    evidence = replace(here.evidence(), approvals=(here.log.proven(other),))
    assert refused_at(verify(evidence, log_key=here.key)) is StepName.APPROVALS


def test_an_approval_of_an_agency_outside_the_circle_is_refused_beside_good_ones() -> None:
    here = written(approving=("city", "stranger"))
    assert refused_at(verify(here.evidence(), log_key=here.key)) is StepName.APPROVALS


def test_a_leaf_of_another_kind_is_not_an_approval(here: Written) -> None:
    evidence = replace(here.evidence(), approvals=(here.evidence().policies[0].policy,))
    assert refused_at(verify(evidence)) is StepName.APPROVALS


def test_a_policy_at_another_index_is_refused() -> None:
    here = written()
    again = here.log.write(policy_leaf())
    evidence = with_policy(here, again)
    assert refused_at(verify(evidence, log_key=here.key)) is StepName.POLICY


@pytest.mark.parametrize("named", [0, 1, 3, 99])
def test_an_entry_that_names_another_policy_is_refused(named: int) -> None:
    other = written(policy=named)
    assert other.policy != named
    assert refused_at(verify(other.evidence(), log_key=other.key)) is StepName.POLICY


def test_a_policy_behind_its_entry_is_refused() -> None:
    here = written(policy=6)
    behind = here.log.write(policy_leaf())
    evidence = with_policy(here, behind)
    assert (here.entry, behind) == (4, 6)
    assert refused_at(verify(evidence)) is StepName.POLICY


def test_a_leaf_of_another_kind_is_not_a_policy() -> None:
    here = written(policy=3)
    assert here.approvals == [3]
    evidence = with_policy(here, 3)
    assert refused_at(verify(evidence)) is StepName.POLICY


def test_an_author_from_outside_the_circle_is_refused() -> None:
    outside = written(author="stranger/p1")
    assert refused_at(verify(outside.evidence(), log_key=outside.key)) is StepName.POLICY


def test_the_file_of_another_entry_is_refused(here: Written) -> None:
    other = written(("city", "health"), ("city", "health"))
    mixed = replace(here.evidence(), sealed=other.sealed.file)
    assert refused_at(verify(mixed, log_key=here.key)) is StepName.HEADER


def test_another_header_before_the_same_payload_is_refused(here: Written) -> None:
    other = seal(frame(), policy_leaf(("city", "health")))
    mixed = replace(here.evidence(), sealed=other.header + here.sealed.payload)
    assert refused_at(verify(mixed, log_key=here.key)) is StepName.HEADER


def test_another_payload_under_the_same_header_is_refused(here: Written) -> None:
    other = seal(frame(), policy_leaf(("city", "health")))
    for payload in (other.payload, here.sealed.payload[:-1], here.sealed.payload + b"\0"):
        mixed = replace(here.evidence(), sealed=here.sealed.header + payload)
        assert refused_at(verify(mixed, log_key=here.key)) is StepName.PAYLOAD


def test_a_reader_that_no_policy_names_is_found() -> None:
    """Sealed to two keys, logged as such, under a policy that names one."""
    here = written()
    sealed = seal(frame(), policy_leaf(("city", "health")))
    claims = written(
        header=leaves.digest(sealed.header), payload=leaves.digest(sealed.payload), size=len(sealed.payload)
    )
    evidence = replace(claims.evidence(), sealed=sealed.file)
    assert refused_at(verify(evidence, log_key=claims.key)) is StepName.HEADER
    assert verify(here.evidence(), log_key=here.key).outcome is Outcome.INTACT


def test_an_entry_that_lies_about_the_size_is_found() -> None:
    lying = written(size=1)
    assert refused_at(verify(lying.evidence(), log_key=lying.key)) is StepName.PAYLOAD


def test_another_text_than_the_approved_one_is_found_by_whoever_opens_it() -> None:
    """Two texts cannot hide under one entry, even if the log agrees with the file."""
    two = written(inside=frame(body="Another decision.\n"))
    assert verify(two.evidence(), log_key=two.key).outcome is Outcome.INTACT
    assert refused_at(verify(two.evidence(), identities()["city"], two.key)) is StepName.CONTENT


@pytest.mark.parametrize(
    "changed",
    [
        {"log": "log.other.example.org/2026"},
        {"meeting": "another"},
        {"seq": 1},
        {"kind": "addendum"},
        {"author": "city/p9"},
    ],
)
def test_a_text_written_for_another_place_is_found(changed: dict[str, object]) -> None:
    moved = frame(**changed)
    content = leaves.content_hash(moved.encode())
    here = written(inside=moved, approved=content, content=content)
    evidence = here.evidence()
    assert verify(evidence, log_key=here.key).outcome is Outcome.INTACT
    assert refused_at(verify(evidence, identities()["city"], here.key)) is StepName.CONTENT


def test_something_else_than_minutes_inside_is_found() -> None:
    junk = b"not a frame"
    keys = [each.recipient for each in policy_leaf().recipients]
    sealed = AgeSealer(os.urandom).seal(junk, keys)
    content = leaves.content_hash(junk)
    here = written(
        approved=content,
        content=content,
        header=leaves.digest(sealed.header),
        payload=leaves.digest(sealed.payload),
        size=len(sealed.payload),
    )
    evidence = replace(here.evidence(), sealed=sealed.file)
    assert refused_at(verify(evidence, identities()["city"], here.key)) is StepName.CONTENT


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def flipped_text(text: str, at: int) -> str:
    return flipped(text.encode(), at).decode()


def every_flip(evidence: Evidence) -> list[Evidence]:
    entry, policy, approval = evidence.entry, evidence.policies[0].policy, evidence.approvals[0]

    def leaf(proven: ProvenLeaf) -> list[ProvenLeaf]:
        return [replace(proven, leaf=flipped(proven.leaf, at)) for at in range(len(proven.leaf))]

    def proof(proven: ProvenLeaf) -> list[ProvenLeaf]:
        size = len(proven.proof.encode())
        return [replace(proven, proof=flipped_text(proven.proof, at)) for at in range(size)]

    return [
        *(
            replace(evidence, log_key=flipped_text(evidence.log_key, at))
            for at in range(len(evidence.log_key))
        ),
        *(replace(evidence, entry=each) for each in leaf(entry) + proof(entry)),
        *(replace(evidence, policies=(ProvenPolicy(each),)) for each in leaf(policy) + proof(policy)),
        *(replace(evidence, approvals=(each,)) for each in leaf(approval) + proof(approval)),
        *(replace(evidence, sealed=flipped(evidence.sealed, at)) for at in range(len(evidence.sealed))),
    ]


def test_a_change_of_any_byte_of_any_member_is_found() -> None:
    here = written()
    evidence = here.evidence()
    assert verify(evidence).outcome is Outcome.INTACT
    assert {verify(changed).outcome for changed in every_flip(evidence)} == {Outcome.ALTERED}


def test_a_proof_for_a_tree_that_never_was_is_refused(here: Written) -> None:
    """Size, root and path agree with each other, but no log signed them."""
    lone = LogProof(
        0,
        (),
        new_signer(here.log.signer.name).sign(
            Checkpoint(here.log.signer.name, 1, here.log.hashes[here.entry]).encode()
        ),
    )
    entry = replace(here.evidence().entry, proof=lone.encode())
    assert refused_at(verify(replace(here.evidence(), entry=entry), log_key=here.key)) is StepName.SIGNATURE


def test_two_histories_shown_by_two_approvals_are_told(here: Written) -> None:
    fork = written(("city", "health"), ("city", "health"))
    fork.log.signer = here.log.signer
    early = here.entry + 1
    approvals = (here.log.proven(here.approvals[0], early), fork.log.proven(fork.approvals[1], early))
    verdict = verify(replace(here.evidence(), approvals=approvals), log_key=here.key)
    assert refused_at(verdict) is StepName.APPROVALS
    assert "two different roots" in verdict.sentence
