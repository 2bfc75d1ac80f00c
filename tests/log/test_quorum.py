"""Policies (C2SP tlog-policy, draft): how they are written, when they are met, and which allow two histories."""

from itertools import combinations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from meetcoord.adapters.sealing.cosignatures import Ed25519Cosigner
from meetcoord.domain.checkpoints import COSIGNATURE_ED25519, VerifierKey, parse_vkey
from meetcoord.domain.errors import Damaged, Invalid
from meetcoord.domain.quorum import Group, KnownWitness, Policy, assert_one_history, parse_policy
from tests.log.builders import new_signer

LOG = new_signer().vkey
NAMES = ["city", "health", "prefecture", "hospital", "rescue"]


def vkey(name: str) -> str:
    return Ed25519Cosigner(
        f"{name}.example.org/w1", Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32))
    ).vkey


CITY, HEALTH, PREFECTURE = (f"witness {name} {vkey(name)}\n" for name in NAMES[:3])
GROUP = "group agencies all city health prefecture\n"
POLICY = f"log {LOG}\n{CITY}{HEALTH}{PREFECTURE}{GROUP}quorum agencies\n"


def flat(threshold: str, *names: str) -> Policy:
    lines = [f"witness {name} {vkey(name)}\n" for name in names]
    return parse_policy(
        "".join([*lines, f"group all-of-us {threshold} {' '.join(names)}\n", "quorum all-of-us\n"])
    )


def test_a_policy_names_log_witnesses_groups_and_quorum() -> None:
    policy = parse_policy(POLICY)
    assert [log.key.encode() for log in policy.logs] == [LOG]
    assert [witness.name for witness in policy.witnesses] == ["city", "health", "prefecture"]
    assert policy.groups == (Group("agencies", 3, ("city", "health", "prefecture")),)
    assert policy.counted() == ("city", "health", "prefecture")


def test_blanks_comments_and_addresses_are_read() -> None:
    loose = (
        f"# Les trois administrations\n\n  \t\nlog\t{LOG} https://coord.example.org/log\n  {HEALTH}"
        f"{CITY}   # indented\nwitness préfecture {vkey('prefecture')} \t https://w.example.org/w1  \n"
        "group agencies 2 city health\ngroup top all agencies préfecture\nquorum top\n# after\n"
    )
    policy = parse_policy(loose)
    assert policy.logs[0].url == "https://coord.example.org/log"
    assert policy.witnesses[-1] == KnownWitness(
        "préfecture", parse_vkey(vkey("prefecture")), "https://w.example.org/w1"
    )
    assert parse_policy(policy.encode()) == policy


def test_a_policy_is_written_back_as_it_was_read() -> None:
    policy = parse_policy(POLICY)
    assert policy.encode() == POLICY.replace(" all ", " 3 ")
    assert parse_policy(policy.encode()) == policy


def test_keys_may_stand_behind_the_quorum_that_does_not_name_them() -> None:
    assert parse_policy(f"quorum none\nlog {LOG}\n{CITY}").met_by(set())


OTHER_LOG = new_signer("log.elsewhere.example.org").vkey
SAME_KEY = VerifierKey("other.example.org/w1", COSIGNATURE_ED25519, parse_vkey(vkey("city")).public).encode()
AS_LOG = VerifierKey("log.two.example.org", 1, parse_vkey(vkey("city")).public).encode()
TWICE = "group agencies all city prefecture\n"
REFUSED = {
    "nothing": "",
    "no quorum": POLICY.replace("quorum agencies\n", ""),
    "two quorums": POLICY + "quorum city\n",
    "a quorum of nobody": POLICY.replace("quorum agencies", "quorum region"),
    "a quorum without a name": POLICY.replace("quorum agencies", "quorum"),
    "a quorum of two names": POLICY.replace("quorum agencies", "quorum city health"),
    "no line break at the end": POLICY[:-1],
    "carriage returns": POLICY.replace("\n", "\r\n"),
    "a zero byte": POLICY + "# \0\n",
    "a delete": POLICY + "# \x7f\n",
    "an unknown word": POLICY + "witnesses city\n",
    "a capital": POLICY.replace("quorum", "Quorum"),
    "a comment behind a line": POLICY.replace("quorum agencies", "quorum agencies # all"),
    "a log without key": POLICY.replace(f"log {LOG}", "log"),
    "a log with two addresses": POLICY.replace(f"log {LOG}", f"log {LOG} https://a https://b"),
    "a log with a damaged key": POLICY.replace(f"log {LOG}", f"log {LOG}A"),
    "a log twice": POLICY + f"log {LOG}\n",
    "a log with a witness' key": POLICY.replace(LOG, vkey("rescue")),
    "a log that is a witness too": POLICY + f"log {AS_LOG}\n",
    "a witness with a log's key": POLICY.replace(vkey("city"), OTHER_LOG),
    "a witness without key": POLICY + "witness rescue\n",
    "a witness with two addresses": POLICY + f"witness rescue {vkey('rescue')} a b\n",
    "a witness twice": POLICY + CITY,
    "one name for two witnesses": POLICY + f"witness city {vkey('rescue')}\n",
    "one key under two names": POLICY + f"witness rescue {SAME_KEY}\n",
    "a witness named none": POLICY + f"witness none {vkey('rescue')}\n",
    "a group named as a witness": POLICY.replace("group agencies", "group city"),
    "a group named none": POLICY.replace("agencies", "none"),
    "a group twice": POLICY.replace(GROUP, GROUP + GROUP),
    "a group of itself": POLICY.replace(GROUP, "group agencies all city agencies\n"),
    "a group of who stands below": POLICY.replace(GROUP, "").replace(CITY, GROUP + CITY),
    "a group of nobody": POLICY.replace(GROUP, "group agencies all\n"),
    "a group with a stranger": POLICY.replace(GROUP, "group agencies all city region\n"),
    "a group with none": POLICY.replace(GROUP, "group agencies any city none\n"),
    "a member twice": POLICY.replace(GROUP, "group agencies 2 city city\n"),
    "a member of two groups": POLICY.replace(GROUP, f"group one any city health\n{TWICE}"),
    "a threshold of nought": POLICY.replace(" all ", " 0 "),
    "a threshold too high": POLICY.replace(" all ", " 4 "),
    "a threshold with a leading zero": POLICY.replace(" all ", " 02 "),
    "a threshold with a sign": POLICY.replace(" all ", " +2 "),
    "a threshold in words": POLICY.replace(" all ", " two "),
    "no threshold": POLICY.replace(" all ", " "),
    "too long": POLICY + "#" * 70_000 + "\n",
    "too many witnesses": "".join(f"witness w{n} {vkey(f'w{n}')}\n" for n in range(65)) + "quorum w1\n",
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_any_other_spelling_is_refused(name: str) -> None:
    assert REFUSED[name] != POLICY
    with pytest.raises(Damaged):
        parse_policy(REFUSED[name])


def test_the_line_at_fault_is_named() -> None:
    with pytest.raises(Damaged, match="line 5"):
        parse_policy(POLICY.replace(" all ", " 4 "))


def test_as_many_as_the_draft_asks_for_are_taken() -> None:
    logs = "".join(f"log {new_signer(f'log{n}.example.org').vkey}\n" for n in range(32))
    witnesses = "".join(f"witness w{n} {vkey(f'w{n}')}\n" for n in range(32))
    groups = "".join(f"group g{n} any w{n}\n" for n in range(32))
    assert parse_policy(f"{logs}{witnesses}{groups}quorum g31\n").met_by({"w31"})


def test_a_group_is_met_by_its_threshold() -> None:
    for threshold, needed in (("any", 1), ("2", 2), ("all", 3)):
        policy = flat(threshold, *NAMES[:3])
        for count in range(4):
            for names in combinations(NAMES[:3], count):
                assert policy.met_by(set(names)) is (count >= needed)
        assert not policy.met_by({"stranger", "other", "third"})


def test_groups_within_groups_are_met_from_within() -> None:
    policy = parse_policy(
        f"{CITY}{HEALTH}{PREFECTURE}witness hospital {vkey('hospital')}\n"
        "group care any health hospital\ngroup top all city care\nquorum top\n"
    )
    assert policy.met_by({"city", "hospital"})
    assert not policy.met_by({"health", "hospital", "prefecture"})
    assert policy.counted() == ("city", "health", "hospital")


@pytest.mark.parametrize(
    ("names", "threshold", "own", "faulty", "safe"),
    [
        (3, 3, [], 1, True),
        (3, 2, [], 1, False),
        (3, 2, [], 0, True),
        (3, 2, ["city"], 1, False),
        (3, 2, ["city"], 0, False),
        (3, 3, ["city"], 1, True),
        (2, 2, [], 1, True),
        (2, 1, [], 0, False),
        (1, 1, [], 1, False),
        (1, 1, [], 0, True),
        (4, 3, [], 1, True),
        (4, 3, ["city"], 1, False),
        (5, 4, [], 1, True),
        (5, 4, [], 3, False),
        (5, 3, [], 1, False),
    ],
)
def test_more_than_half_must_be_shared_and_honest(
    names: int, threshold: int, own: list[str], faulty: int, safe: bool
) -> None:
    policy = flat(str(threshold), *NAMES[:names])
    if safe:
        assert_one_history(policy, faulty=faulty, own=own)
    else:
        with pytest.raises(Invalid, match="two histories"):
            assert_one_history(policy, faulty=faulty, own=own)


def test_two_of_three_with_the_host_is_refused_with_the_reason() -> None:
    with pytest.raises(Invalid, match=r"not counting the operator's own.*2q > n \+ 1"):
        assert_one_history(flat("2", *NAMES[:3]), own=["city"])
    assert_one_history(flat("all", "health", "prefecture"), own=["city"])


def test_no_quorum_at_all_is_refused() -> None:
    with pytest.raises(Invalid):
        assert_one_history(parse_policy(f"{CITY}quorum none\n"), faulty=0)


@given(st.integers(1, 5), st.data())
def test_the_rule_is_what_trying_every_pair_of_quorums_finds(count: int, data: st.DataObject) -> None:
    """Groups within groups included: the smallest overlap of two quorums decides."""
    names = NAMES[:count]
    cut = data.draw(st.integers(0, count - 1))
    inner = names[:cut]
    groups = [Group("inner", data.draw(st.integers(1, cut)), tuple(inner))] if inner else []
    members = (["inner"] if inner else []) + names[cut:]
    groups.append(Group("top", data.draw(st.integers(1, len(members))), tuple(members)))
    witnesses = tuple(KnownWitness(name, parse_vkey(vkey(name))) for name in names)
    policy = Policy((), witnesses, tuple(groups), "top")
    own = data.draw(st.sets(st.sampled_from(names)))
    quorums = [set(q) for n in range(count + 1) for q in combinations(names, n) if policy.met_by(set(q))]
    shared = min(len((one & other) - own) for one in quorums for other in quorums)
    for faulty in range(4):
        if shared > faulty:
            assert_one_history(policy, faulty=faulty, own=own)
        else:
            with pytest.raises(Invalid):
                assert_one_history(policy, faulty=faulty, own=own)
