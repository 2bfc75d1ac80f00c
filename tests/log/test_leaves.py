"""Leaves: one permitted spelling, ids and hashes only."""

import json
from collections.abc import Callable
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from meetcoord.domain import leaves
from meetcoord.domain.agencies import RecipientKind
from meetcoord.domain.checkpoints import COSIGNATURE_ED25519, ED25519, VerifierKey, parse_vkey
from meetcoord.domain.errors import Damaged, Invalid
from meetcoord.domain.leaves import (
    ActKind,
    ActLeaf,
    Leaf,
    MinutesLeaf,
    PolicyApprover,
    PolicyRecipient,
)
from tests.log.builders import (
    MEETING,
    approval_leaf,
    approver,
    archive,
    auditor,
    consent_leaf,
    erasure_leaf,
    minutes_leaf,
    policy_leaf,
    rewrap_leaf,
    signed_approval,
)

SOME = leaves.digest(b"something")
BAD_IDS = ["", "A", "-a", "a b", "a\n", "\na", "a" * 65, "é", "a\u2028", "a:b", "a\\b", "/a"]


def act_leaf(**changed: object) -> ActLeaf:
    facts: dict[str, object] = {
        "act": ActKind.ADMISSION,
        "agency": "city",
        "at": 1_785_000_000,
        "by": "p5k2q7gqzv5rjw3n6bt7ycuaac",
        "object": MEETING,
    }
    return ActLeaf(**(facts | changed))  # type: ignore[arg-type]  # a test changes what it likes


EVERY_KIND: list[Leaf] = [
    minutes_leaf(),
    minutes_leaf(amends=7, kind="addendum", seq=1),
    policy_leaf(),
    policy_leaf(("city", "health"), previous=4, approvers=[approver("health"), approver("city")], erasure=1),
    approval_leaf(),
    signed_approval(policy_leaf(approvers=[approver("city")])),
    consent_leaf(),
    rewrap_leaf(),
    erasure_leaf(),
    erasure_leaf(visa="ad68/2026-114"),
    act_leaf(),
]


@pytest.mark.parametrize("leaf", EVERY_KIND)
def test_every_kind_is_read_back_as_it_was_written(leaf: Leaf) -> None:
    assert leaves.parse(leaves.encode(leaf)) == leaf


@pytest.mark.parametrize("leaf", EVERY_KIND)
def test_the_bytes_are_those_of_any_canonical_json_writer(leaf: Leaf) -> None:
    data = leaves.encode(leaf)
    assert data == json.dumps(json.loads(data), sort_keys=True, separators=(",", ":")).encode("ascii")


def test_a_minutes_leaf_has_exactly_these_members() -> None:
    members = json.loads(leaves.encode(minutes_leaf(amends=3)))
    assert " ".join(sorted(members)) == (
        "amends at author content header kind meeting payload policy seq size type v"
    )
    assert "amends" not in json.loads(leaves.encode(minutes_leaf()))


@given(
    at=st.integers(0, 2**53 - 1),
    seq=st.integers(0, 10**6),
    author=st.from_regex(r"[a-z0-9][a-z0-9._-]{0,30}/[a-z0-9]{1,30}", fullmatch=True),
    content=st.binary(max_size=40),
)
def test_any_minutes_leaf_is_read_back(at: int, seq: int, author: str, content: bytes) -> None:
    leaf = minutes_leaf(at=at, seq=seq, author=author, content=leaves.digest(content))
    assert leaves.parse(leaves.encode(leaf)) == leaf


GOOD = leaves.encode(minutes_leaf()).decode()

DAMAGED: dict[str, str | bytes] = {
    "nothing": "",
    "not JSON": "minutes",
    "a list": "[]",
    "no kind": "{}",
    "null": "null",
    "a member twice": GOOD.replace('"seq":0', '"seq":0,"seq":0'),
    "a member twice with another value": GOOD.replace('"seq":0', '"seq":1,"seq":0'),
    "the kind twice": GOOD.replace('"type":"minutes"', '"type":"policy","type":"minutes"'),
    "a float": GOOD.replace('"seq":0', '"seq":0.0'),
    "an exponent": GOOD.replace('"size":100', '"size":1e2'),
    "a leading zero": GOOD.replace('"seq":0', '"seq":00'),
    "minus nought": GOOD.replace('"seq":0', '"seq":-0'),
    "a negative number": GOOD.replace('"seq":0', '"seq":-1'),
    "a number as text": GOOD.replace('"seq":0', '"seq":"0"'),
    "a truth value": GOOD.replace('"seq":0', '"seq":false'),
    "a number beyond what JSON keeps": GOOD.replace('"seq":0', f'"seq":{2**53}'),
    "a huge number": GOOD.replace('"seq":0', '"seq":' + "9" * 400),
    "a space": GOOD.replace('"seq":0', '"seq": 0'),
    "a space before": " " + GOOD,
    "a line break after": GOOD + "\n",
    "something after": GOOD + "{}",
    "a byte order mark": b"\xef\xbb\xbf" + GOOD.encode(),
    "an escape for a plain letter": GOOD.replace("city/", "\\u0063ity/"),
    "an escaped slash": GOOD.replace("city/", "city\\/"),
    "a letter outside ASCII": GOOD.replace("city/", "cité/"),
    "an escape outside ASCII": GOOD.replace("city/", "cit\\u00e9/"),
    "invalid UTF-8": GOOD.encode().replace(b"city/", b"cit\xff/"),
    "another order": "{" + ",".join(reversed(GOOD[1:-1].split(","))) + "}",
    "an unknown member": GOOD.replace('"seq":0', '"seq":0,"sequel":1'),
    "a missing member": GOOD.replace(',"seq":0', ""),
    "another version": GOOD.replace('"v":1', '"v":2'),
    "an unknown kind": GOOD.replace('"type":"minutes"', '"type":"memo"'),
    "another kind": GOOD.replace('"type":"minutes"', '"type":"approval"'),
    "null for an absent member": GOOD.replace('{"at"', '{"amends":null,"at"'),
    "base64 that is not canonical": GOOD.replace(SOME, SOME[:-2] + chr(ord(SOME[-2]) + 1) + "="),
    "base64 without padding": GOOD.replace(SOME, SOME.rstrip("=")),
    "a short hash": GOOD.replace(SOME, "AAAA"),
    "deep nesting": "[" * 50_000,
    "a deep unknown member": '{"type":"minutes","x":' + "[" * 50_000,
    "too long": GOOD.replace('"seq":0', '"seq":0' + " " * 65_535),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_any_other_spelling_is_refused(name: str) -> None:
    bad = DAMAGED[name]
    data = bad if isinstance(bad, bytes) else bad.encode()
    assert data != GOOD.encode()
    with pytest.raises(Damaged):
        leaves.parse(data)


@given(st.data())
def test_a_change_of_one_byte_never_reads_as_the_same_leaf(data: st.DataObject) -> None:
    good = leaves.encode(data.draw(st.sampled_from(EVERY_KIND)))
    at = data.draw(st.integers(0, len(good) - 1))
    changed = good[:at] + bytes([good[at] ^ data.draw(st.integers(1, 255))]) + good[at + 1 :]
    with suppress(Damaged):
        assert leaves.encode(leaves.parse(changed)) == changed


@pytest.mark.parametrize("bad", BAD_IDS)
@pytest.mark.parametrize(
    "made",
    [
        lambda bad: minutes_leaf(author=f"{bad}/p1"),
        lambda bad: minutes_leaf(kind=bad),
        lambda bad: minutes_leaf(meeting=bad),
        approval_leaf,
        lambda bad: approval_leaf(by=bad),
        lambda bad: act_leaf(object=bad),
        lambda bad: policy_leaf(agencies=(bad,), recipients=()),
        lambda bad: consent_leaf(agency=bad),
        lambda bad: rewrap_leaf(by=bad),
        lambda bad: erasure_leaf(visa=bad),
    ],
)
def test_an_id_that_could_break_a_line_or_hide_a_name_is_refused(
    made: Callable[[str], Leaf], bad: str
) -> None:
    with pytest.raises(Invalid):
        made(bad)


def test_an_author_is_an_agency_and_a_random_id() -> None:
    assert leaves.author_agency("region/health/p1") == "region/health"
    for author in ("city", "city/", "/p1"):
        with pytest.raises(Invalid):
            minutes_leaf(author=author)


def test_a_leaf_too_long_for_the_log_is_neither_written_nor_read() -> None:
    key = auditor("city").recipient
    letters = "023456789acdefghjklmnpqrstuvwxyz"
    crowd = tuple(
        PolicyRecipient(agency="city", kind=RecipientKind.AUDITOR, recipient=key[:-2] + first + second)
        for first in letters[:2]
        for second in letters[:20]
    )
    policy = policy_leaf(recipients=(*crowd, archive("city")))
    with pytest.raises(Invalid, match="65535"):
        leaves.encode(policy)
    with pytest.raises(Damaged, match="65535"):
        leaves.parse(msgspec.json.encode(policy, order="sorted"))


def test_a_policy_sorts_its_agencies_and_names_each_once() -> None:
    for agencies in [("health", "city"), ("city", "city")]:
        with pytest.raises(Invalid):
            policy_leaf(agencies)
    with pytest.raises(Invalid):
        policy_leaf(agencies=())


def test_every_agency_of_a_policy_has_an_archive_that_can_open() -> None:
    city = archive("city")
    for agencies, recipients in [
        (("city",), ()),
        (("city", "health"), (city,)),
        (("city",), (city, city)),
        (("city",), (city, archive("health"))),
        (("city",), (auditor("city"),)),
        (
            ("city",),
            (PolicyRecipient(agency="city", kind=RecipientKind.CUSTODIAN, recipient=city.recipient),),
        ),
    ]:
        with pytest.raises(Invalid):
            policy_leaf(agencies, recipients=recipients)


@pytest.mark.parametrize("previous", [-2, 2**53])
def test_a_policy_replaces_an_earlier_leaf_or_none(previous: int) -> None:
    with pytest.raises(Invalid):
        policy_leaf(previous=previous)


def test_only_post_quantum_keys_are_recipients() -> None:
    key = auditor("city").recipient
    for bad in [
        "age1" + "q" * 58,
        key[:-1],
        key + "q",
        key.upper(),
        key + "\n",
        key.replace("age1pq1", "age1pq2"),
    ]:
        with pytest.raises(Invalid):
            PolicyRecipient(agency="city", kind=RecipientKind.AUDITOR, recipient=bad)


def test_a_minutes_leaf_is_a_minutes_leaf() -> None:
    assert isinstance(leaves.parse(GOOD.encode()), MinutesLeaf)


def test_only_a_key_that_signs_notes_is_an_approvers() -> None:
    """The keys of witnesses are of another type, and names that could tell of a person are refused."""
    public = bytes(range(32))
    PolicyApprover(agency="city", key=VerifierKey("city/approver-1", ED25519, public).encode())
    for name, algorithm in (("city/a", COSIGNATURE_ED25519), ("Ada", ED25519), ("a@b.example.org", ED25519)):
        with pytest.raises(Invalid):
            PolicyApprover(agency="city", key=VerifierKey(name, algorithm, public).encode())
    with pytest.raises(Invalid):
        PolicyApprover(agency="city", key="nonsense")


def test_approvers_are_sorted_each_key_once_and_of_the_circle() -> None:
    one, two = sorted([approver("city"), approver("city", 2)], key=lambda each: each.key)
    same = PolicyApprover(agency="city", key=replace(parse_vkey(one.key), name="city/z").encode())
    policy_leaf(approvers=[one, two])
    for wrong in ((two, one), (one, one), (one, same), (approver("health"),)):
        with pytest.raises(Invalid):
            replace(policy_leaf(), approvers=tuple(wrong))


@pytest.mark.parametrize("erasure", [0, 3])
def test_an_erasure_asks_one_agency_at_least_and_all_at_most(erasure: int) -> None:
    with pytest.raises(Invalid):
        policy_leaf(("city", "health"), erasure=erasure)


@pytest.mark.parametrize("signature", ["", "nonsense", "AAAA", "A" * 90 + "==", "A" * 88])
def test_a_signature_has_one_length_and_spelling(signature: str) -> None:
    for leaf in (approval_leaf(), consent_leaf()):
        with pytest.raises(Invalid):
            replace(leaf, signature=signature)
