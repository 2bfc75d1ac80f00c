"""Evidence of who could open and who approved: keys change by consent of all, signatures bind to their place."""

from collections.abc import Iterator
from itertools import islice

import pytest
from msgspec.structs import replace

from meetcoord.adapters.sealing.notes import Ed25519Signer
from meetcoord.domain import leaves
from meetcoord.domain.approvals import named_hash
from meetcoord.domain.evidence import Evidence, Outcome, ProvenLeaf, StepName, StepState
from meetcoord.domain.leaves import ApprovalLeaf, ConsentVerdict, PolicyLeaf
from tests.log.builders import (
    BOTH,
    CHANGED,
    CONTENT,
    FIRST,
    ORIGIN,
    Written,
    approval_leaf,
    approver_of,
    consent_leaf,
    consents_to,
    frame,
    good_approval,
    identities,
    leaf_for,
    log_of,
    new_signer,
    policy_leaf,
    rewrap_leaf,
    seal,
    signed_approval,
    signed_consent,
    verify,
    written,
    written_under_change,
)
from tests.log.test_evidence import flipped, flipped_text, refused_at


@pytest.fixture(scope="module")
def here() -> Written:
    return written_under_change()


def approved_so(*approvals: ApprovalLeaf) -> StepName | None:
    """Where evidence with these approvals is refused, or None when it is intact."""
    made = written_under_change(approvals=approvals)
    verdict = verify(made.evidence(), log_key=made.key)
    return None if verdict.outcome is Outcome.INTACT else refused_at(verdict)


def sentence(evidence: Evidence, name: StepName) -> str:
    return next(step.sentence for step in verify(evidence).steps if step.name is name)


def test_evidence_leads_from_the_first_list_of_keys_to_the_one_in_force(here: Written) -> None:
    verdict = verify(here.evidence(), identities()["health"], here.key, here.genesis)
    assert verdict.outcome is Outcome.INTACT
    not_run = {step.name for step in verdict.steps if step.state is not StepState.PASSED}
    assert not_run == {StepName.WITNESSES}  # nobody cosigns this log
    assert "each of these agencies consented to every change" in sentence(here.evidence(), StepName.POLICY)


def test_the_verdict_says_who_signed_and_who_was_only_declared(here: Written) -> None:
    told = sentence(here.evidence(), StepName.APPROVALS)
    assert "city (signed), health (declared by the service: no signing key was named for it)" in told
    assert told in verify(here.evidence()).sentence


def test_the_first_list_is_pinned_by_its_fingerprint(here: Written) -> None:
    spaced = " ".join(here.genesis[at : at + 8].upper() for at in range(0, 64, 8))
    assert verify(here.evidence(), log_key=here.key, genesis=spaced).outcome is Outcome.INTACT
    foreign = verify(here.evidence(), log_key=here.key, genesis="0" * 64)
    assert refused_at(foreign) is StepName.GENESIS
    unpinned = verify(here.evidence(), log_key=here.key)
    assert spaced.lower() in next(s.sentence for s in unpinned.steps if s.name is StepName.GENESIS)


@pytest.mark.parametrize("nonsense", ["", "abc", "g" * 64, "0" * 63])
def test_what_is_no_fingerprint_gives_no_verdict(here: Written, nonsense: str) -> None:
    verdict = verify(here.evidence(), log_key=here.key, genesis=nonsense)
    assert verdict.outcome is Outcome.CANNOT_TELL


@pytest.mark.parametrize("consenting", [(), ("city",), ("health",)])
def test_a_policy_that_not_every_agency_consented_to_was_never_in_force(consenting: tuple[str, ...]) -> None:
    made = written_under_change(consenting)
    verdict = verify(made.evidence(), log_key=made.key)
    assert refused_at(verdict) is StepName.POLICY
    assert min(set(BOTH) - set(consenting)) in verdict.sentence


def test_two_of_three_agencies_are_not_enough() -> None:
    agencies = ("city", "health", "stranger")
    log = log_of(0)
    first = log.write(policy_leaf(agencies))
    policy = policy_leaf(agencies, previous=first, erasure=2)
    named = log.write(policy)
    two = consents_to(log, named, ("city", "health"), {})
    approval = log.write(approval_leaf("city", CONTENT, policy=named))
    sealed = seal(frame(), policy)
    entry = log.write(leaf_for(frame(), sealed, policy=named))
    made = Written(log, [[first], [named, *two]], [approval], entry, sealed)
    assert refused_at(verify(made.evidence(), log_key=made.key)) is StepName.POLICY


def with_consents(here: Written, *consents: int) -> Evidence:
    first, second = here.evidence().policies
    return replace(
        here.evidence(), policies=(first, replace(second, consents=tuple(map(here.log.proven, consents))))
    )


def test_a_consent_left_out_doubled_or_out_of_order_is_found(here: Written) -> None:
    city, health = here.policies[1][1:]
    for shown in (
        (city,),
        (health,),
        (city, city),
        (health, city),
        (city, city, health),
        (city, health, health),
    ):
        assert refused_at(verify(with_consents(here, *shown), log_key=here.key)) is StepName.POLICY


def consented_so(
    verdict: ConsentVerdict = ConsentVerdict.APPROVE,
    signer: Ed25519Signer | None = None,
    origin: str = ORIGIN,
    signed: bool = True,
    **said: object,
) -> StepName | None:
    """Where evidence is refused in which the city, as the second to speak, consents like this."""
    made = written_under_change(("health",))
    facts = {"target": made.policy, "leaf": named(made, made.policy)} | said
    leaf = consent_leaf("city", verdict=verdict, **facts)
    city = made.log.write(signed_consent(leaf, signer or approver_of("city", 3), origin) if signed else leaf)
    approval = made.log.write(good_approval())
    entry = made.log.write(leaf_for(frame(), made.sealed, policy=made.policy))
    again = Written(made.log, [[FIRST], [*made.policies[1], city]], [approval], entry, made.sealed)
    outcome = verify(again.evidence(), log_key=made.key)
    return None if outcome.outcome is Outcome.INTACT else refused_at(outcome)


def test_a_consent_is_signed_by_a_key_of_the_policy_that_is_to_be_replaced() -> None:
    assert consented_so() is None
    assert consented_so(signed=False) is StepName.POLICY
    for stranger in (approver_of("city"), approver_of("health"), new_signer("city/approver-3"), new_signer()):
        assert consented_so(signer=stranger) is StepName.POLICY


def test_a_consent_to_something_else_does_not_count() -> None:
    assert consented_so(ConsentVerdict.REJECT) is StepName.POLICY
    assert consented_so(origin="log.other.example.org/2026") is StepName.POLICY
    assert consented_so(target=FIRST) is StepName.POLICY
    assert consented_so(leaf=leaves.digest(b"another list")) is StepName.POLICY


def named(here: Written, index: int) -> str:
    return named_hash(here.log.entries[index])


def flips(proven: ProvenLeaf) -> Iterator[ProvenLeaf]:
    for at in range(len(proven.leaf)):
        yield replace(proven, leaf=flipped(proven.leaf, at))
    for at in range(len(proven.proof.encode())):
        yield replace(proven, proof=flipped_text(proven.proof, at))


def test_a_change_of_any_byte_of_a_consent_or_a_signed_approval_is_found(here: Written) -> None:
    evidence = here.evidence()
    (first, second), (city, health) = evidence.policies, evidence.approvals
    agreed, last = second.consents
    changed = [
        *(replace(evidence, approvals=(each, health)) for each in flips(city)),
        *(
            replace(evidence, policies=(first, replace(second, consents=(each, last))))
            for each in flips(agreed)
        ),
    ]
    assert {verify(each).outcome for each in changed} == {Outcome.ALTERED}


def test_a_change_anywhere_in_a_list_of_keys_is_found(here: Written) -> None:
    """Every fifth byte: most of them belong to long keys that differ in nothing else."""
    evidence = here.evidence()
    first, second = evidence.policies
    for each in islice(flips(second.policy), 0, None, 5):
        changed = replace(evidence, policies=(first, replace(second, policy=each)))
        assert verify(changed).outcome is Outcome.ALTERED


def test_an_approval_signed_as_the_policy_asks_counts() -> None:
    assert approved_so(good_approval()) is None
    assert approved_so(good_approval(approver_of("city", 2))) is None


def test_two_approvals_of_one_agency_count_once() -> None:
    both = (good_approval(), good_approval(approver_of("city", 2)))
    assert approved_so(*both) is None
    told = sentence(written_under_change(approvals=both).evidence(), StepName.APPROVALS)
    assert told.count("city") == 1


def test_where_a_key_is_named_an_approval_without_signature_does_not_count() -> None:
    unsigned = approval_leaf("city", CONTENT, policy=FIRST + 1)
    assert approved_so(unsigned) is StepName.APPROVALS


@pytest.mark.parametrize(
    "signer", [approver_of("city", 3), approver_of("health"), new_signer("city/approver-1")]
)
def test_a_key_that_the_policy_does_not_name_does_not_sign(signer: object) -> None:
    """Among them one that an earlier policy named."""
    assert approved_so(good_approval(signer)) is StepName.APPROVALS  # type: ignore[arg-type]  # a test changes what it likes


def test_the_key_of_the_log_does_not_approve() -> None:
    log = new_signer()
    assert approved_so(good_approval(log)) is StepName.APPROVALS


@pytest.mark.parametrize(
    "signed",
    [
        {"seq": 1},
        {"meeting": "another"},
        {"content": leaves.digest(b"another text")},
        {"policy": FIRST},
        {"origin": "log.other.example.org/2026"},
    ],
)
def test_a_signature_does_not_count_in_another_place(signed: dict[str, object]) -> None:
    """A signature made for another document, meeting, text, list of readers or log, put under this one."""
    elsewhere = good_approval(**signed)  # type: ignore[arg-type]  # a test changes what it likes
    replayed = replace(good_approval(), signature=elsewhere.signature)
    assert approved_so(replayed) is StepName.APPROVALS


def test_an_approval_of_an_amended_entry_is_not_one_of_its_addendum(here: Written) -> None:
    addendum = here.log.write(
        leaf_for(frame(), here.sealed, policy=here.policy, seq=1, kind="addendum", amends=here.entry)
    )
    evidence = replace(here.evidence(), entry=here.log.proven(addendum))
    assert refused_at(verify(evidence, log_key=here.key)) is StepName.APPROVALS


def test_an_approval_given_before_the_policy_was_in_force_does_not_count() -> None:
    made = written_under_change(("city",))
    health = made.log.write(consent_leaf("health", target=made.policy, leaf=named(made, made.policy)))
    entry = made.log.write(leaf_for(frame(), made.sealed, policy=made.policy))
    late = Written(made.log, [[FIRST], [*made.policies[1], health]], made.approvals, entry, made.sealed)
    assert refused_at(verify(late.evidence(), log_key=made.key)) is StepName.APPROVALS


def rewrapped(here: Written, **changed: object) -> Evidence:
    """The same payload under a header made anew for the second policy, and the leaf that says so."""
    fresh = seal(frame(), CHANGED)
    facts = {"target": here.entry, "policy": here.policy, "header": leaves.digest(fresh.header)} | changed
    leaf = here.log.write(rewrap_leaf(**facts))
    evidence = here.evidence()
    return replace(evidence, sealed=fresh.header + here.sealed.payload, rewraps=(here.log.proven(leaf),))


def test_a_header_made_anew_and_logged_is_that_of_the_entry() -> None:
    here = written_under_change()
    evidence = rewrapped(here)
    assert verify(evidence, log_key=here.key).outcome is Outcome.INTACT
    unlogged = replace(evidence, rewraps=())
    assert refused_at(verify(unlogged, log_key=here.key)) is StepName.HEADER


@pytest.mark.parametrize(
    "changed", [{"target": 0}, {"policy": 0}, {"policy": 99}, {"header": leaves.digest(b"another")}]
)
def test_a_new_header_of_something_else_is_refused(changed: dict[str, object]) -> None:
    here = written_under_change()
    assert refused_at(verify(rewrapped(here, **changed), log_key=here.key)) is StepName.HEADER


def test_two_texts_under_one_payload_are_found_even_behind_a_logged_header() -> None:
    """The entry commits to the text: a new header cannot bring another one."""
    here = written_under_change()
    evidence = rewrapped(here)
    verdict = verify(evidence, identities()["city"], here.key)
    assert verdict.outcome is Outcome.ALTERED


def test_a_first_policy_in_the_middle_of_a_chain_is_refused(here: Written) -> None:
    first = here.evidence().policies[0]
    assert (
        refused_at(verify(replace(here.evidence(), policies=(first, first)), log_key=here.key))
        is StepName.POLICY
    )
    second = replace(here.evidence(), policies=here.evidence().policies[1:])
    assert refused_at(verify(second, log_key=here.key)) is StepName.POLICY
    assert refused_at(verify(replace(here.evidence(), policies=()), log_key=here.key)) is StepName.POLICY


def test_evidence_of_a_circle_without_any_key_says_so() -> None:
    plain = written(BOTH, BOTH)
    assert "it is the first list of these agencies" in sentence(plain.evidence(), StepName.POLICY)


def test_a_withdrawn_key_does_not_approve_under_a_list_that_the_file_itself_shows_replaced() -> None:
    here = written_under_change()
    first = leaves.parse(here.log.entries[FIRST])
    assert isinstance(first, PolicyLeaf)
    withdrawn = signed_approval(first, signer=approver_of("city", 3), content=CONTENT, policy=FIRST)
    approval, sealed = here.log.write(withdrawn), seal(frame(), first)
    entry = here.log.write(leaf_for(frame(), sealed, policy=FIRST))
    late = Written(here.log, here.policies, [approval], entry, sealed)
    assert refused_at(verify(late.evidence(), log_key=here.key)) is StepName.APPROVALS


def test_a_header_is_not_made_anew_for_a_list_that_was_replaced() -> None:
    here = written_under_change()
    assert refused_at(verify(rewrapped(here, policy=FIRST), log_key=here.key)) is StepName.HEADER


def test_consents_that_only_the_service_declares_are_named_in_the_verdict(here: Written) -> None:
    """It could have put a key of its own in force for an agency that had none, and signed with it."""
    verdict = verify(here.evidence(), log_key=here.key, genesis=here.genesis)
    assert (
        "consents of health bear no signature and count on the word of the service alone" in verdict.sentence
    )
    assert "city bear" not in verdict.sentence


def test_a_verdict_under_a_first_list_that_nobody_holds_says_so(here: Written) -> None:
    said = "The first list of keys came from this file, too"
    assert said in verify(here.evidence(), log_key=here.key).sentence
    assert said not in verify(here.evidence(), log_key=here.key, genesis=here.genesis).sentence
