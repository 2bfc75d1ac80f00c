"""What a check of the log says of leaves that are each well written, and contradict each other."""

from msgspec.structs import replace

from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.domain import leaves
from meetcoord.domain.approvals import named_hash
from meetcoord.domain.leaves import Leaf
from meetcoord.usecases.check_meaning import Meanings
from tests.log.builders import (
    BOTH,
    CONTENT,
    ORIGIN,
    approval_leaf,
    approver,
    approver_of,
    consent_leaf,
    erasure_leaf,
    good_approval,
    minutes_leaf,
    policy_leaf,
    rewrap_leaf,
    signed_approval,
    signed_consent,
)

SIGNED = policy_leaf(("city",), approvers=[approver("city")])


def faults(*log: Leaf) -> list[tuple[int, str]]:
    """Index and sentence of everything found in a log of these leaves."""
    read = Meanings(ORIGIN, Ed25519Verifier())
    return [
        (index, sentence)
        for index, leaf in enumerate(log)
        for sentence in read.faults(index, leaves.encode(leaf), leaf)
    ]


def consent(target: int, policy: Leaf, agency: str = "city") -> leaves.ConsentLeaf:
    return consent_leaf(agency, target=target, leaf=named_hash(leaves.encode(policy)))


def approved(**changed: object) -> leaves.ApprovalLeaf:
    return approval_leaf(**({"content": CONTENT, "policy": 0} | changed))  # type: ignore[arg-type]  # a test changes what it likes


def entry(**changed: object) -> leaves.MinutesLeaf:
    return minutes_leaf(**({"content": CONTENT, "policy": 0} | changed))


def test_a_list_an_approval_and_the_minutes_make_a_sound_log() -> None:
    assert faults(policy_leaf(), approved(), entry()) == []
    signed = signed_approval(SIGNED, content=CONTENT, policy=0)
    assert faults(SIGNED, signed, entry()) == []


def test_minutes_under_a_list_that_not_all_consented_to_are_named() -> None:
    first, second = policy_leaf(BOTH), policy_leaf(BOTH, previous=0, at=5)
    log = (first, second, consent(1, second), approved(policy=1), entry(policy=1))
    assert [index for index, _ in faults(*log)] == [3, 4]
    assert "entry 1, which was not in force" in faults(*log)[0][1]
    assert "not one that every agency has consented to" in faults(*log)[1][1]
    both = (*log[:3], consent(1, second, "health"), *log[3:])
    assert faults(*both) == []


def test_an_approval_under_an_overtaken_list_is_named() -> None:
    first, second = policy_leaf(), policy_leaf(previous=0, at=5)
    ((index, sentence),) = faults(first, second, consent(1, second), approved(policy=0))
    assert (index, "entry 0, which was not in force" in sentence) == (3, True)


def test_an_approval_that_is_not_signed_as_its_list_asks_is_named() -> None:
    for bad in (
        approved(),
        good_approval(policy=0),
        replace(approved(), signature=good_approval().signature),
    ):
        found = faults(SIGNED, bad, entry())
        assert [index for index, _ in found] == [1, 2]
        assert "does not count" in found[0][1]
        assert "no approval of it by the author's agency" in found[1][1]


def test_a_consent_that_is_not_signed_as_the_list_in_force_asks_is_named() -> None:
    second = policy_leaf(("city",), previous=0, at=5)
    good = signed_consent(consent(1, second))
    assert faults(SIGNED, second, good) == []
    for bad in (consent(1, second), signed_consent(consent(1, second), approver_of("city", 2))):
        assert [index for index, _ in faults(SIGNED, second, bad)] == [2]


def test_two_first_lists_of_one_circle_are_named() -> None:
    ((index, sentence),) = faults(policy_leaf(), policy_leaf(at=9))
    assert index == 1
    assert "two first policies: entry 0 and this one" in sentence
    assert faults(policy_leaf(), policy_leaf(BOTH)) == []


def test_an_approval_of_a_stranger_is_named() -> None:
    ((index, sentence),) = faults(policy_leaf(), approved(agency="stranger"))
    assert (index, sentence) == (1, "stranger is not an agency of the policy it names")


def test_behind_a_leaf_that_cannot_be_read_only_certain_faults_are_told() -> None:
    read = Meanings(ORIGIN, Ed25519Verifier())
    read.lost.add(0)
    late = policy_leaf(previous=0, at=5)
    assert list(read.faults(1, leaves.encode(late), late)) == []


def request(target: int = 2, agency: str = "city") -> leaves.ErasureLeaf:
    named = named_hash(leaves.encode(entry()))
    return erasure_leaf(target=target, agency=agency, leaf=named)


def test_an_erasure_consented_to_as_its_list_asks_is_sound() -> None:
    log = (policy_leaf(), approved(), entry(), request(), consent(3, request()))
    assert faults(*log) == []
    asked = (SIGNED, signed_approval(SIGNED, content=CONTENT, policy=0), entry(), request())
    assert faults(*asked, signed_consent(consent(3, request()))) == []


def test_an_erasure_or_a_consent_to_one_that_must_not_count_is_named() -> None:
    sound = (policy_leaf(), approved(), entry())
    for bad, why in (
        (request(target=1), "no sealed document"),
        (request(agency="health"), "not the agency that wrote"),
        (erasure_leaf(target=2), "another document than entry 2"),
    ):
        ((index, sentence),) = faults(*sound, bad)
        assert (index, why in sentence) == (3, True)
    for bad_word, why in (
        (consent(3, request(), "stranger"), "not an agency"),
        (consent(3, policy_leaf()), "another erasure"),
        (signed_consent(consent(3, request())), "none of those named"),
    ):
        ((index, sentence),) = faults(*sound, request(), bad_word)
        assert (index, why in sentence) == (4, True)
    again = (*sound, request(), consent(3, request()), request())
    assert [index for index, _ in faults(*again)] == [5]


def test_an_unsigned_consent_to_an_erasure_is_named_where_its_list_names_keys() -> None:
    sound = (SIGNED, signed_approval(SIGNED, content=CONTENT, policy=0), entry(), request())
    ((index, sentence),) = faults(*sound, consent(3, request()))
    assert (index, "none is there" in sentence) == (4, True)


def test_a_header_made_for_a_list_that_is_not_in_force_is_named() -> None:
    sound = (policy_leaf(), approved(), entry())
    assert faults(*sound, rewrap_leaf(target=2, policy=0)) == []
    for bad, why in (
        (rewrap_leaf(target=1, policy=0), "no sealed document"),
        (rewrap_leaf(target=2, policy=1), "not in force"),
        (rewrap_leaf(target=2, policy=0, agency="stranger"), "not an agency"),
    ):
        ((index, sentence),) = faults(*sound, bad)
        assert (index, why in sentence) == (3, True)
    second = policy_leaf(previous=0, at=5)
    late = (*sound, second, consent(3, second), rewrap_leaf(target=2, policy=0))
    assert [index for index, _ in faults(*late)] == [5]
    assert faults(*late[:5], rewrap_leaf(target=2, policy=3)) == []
