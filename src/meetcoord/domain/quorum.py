"""Which witnesses must have cosigned, and whether that rules out two histories (C2SP tlog-policy, draft)."""

import re
from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256

from msgspec import Struct

from meetcoord.domain.checkpoints import COSIGNATURE_ED25519, ED25519, VerifierKey, number, parse_vkey
from meetcoord.domain.errors import Damaged, Invalid, MeetcoordError

NONE = "none"
ALL, ANY = "all", "any"
MAX_TEXT = 64 * 1024
MAX_LINES = 64
"""Logs, witnesses and groups, of each; the draft asks for 32 at least."""

_BLANK = re.compile(r"[ \t]+")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class KnownLog(Struct, frozen=True):
    """A log whose checkpoints are believed; its origin is the name of its key."""

    key: VerifierKey
    url: str = ""

    def __post_init__(self) -> None:
        if self.key.algorithm != ED25519:
            raise Invalid("A log signs with an Ed25519 key of type 0x01.", "/key")
        _check_url(self.url)


class KnownWitness(Struct, frozen=True):
    """A witness under the name it has in this file; `url` is its submission prefix, or empty."""

    name: str
    key: VerifierKey
    url: str = ""

    def __post_init__(self) -> None:
        _check_word(self.name, "/name")
        if self.key.algorithm != COSIGNATURE_ED25519:
            raise Invalid("A witness cosigns with an Ed25519 key of type 0x04.", "/key")
        _check_url(self.url)


class Group(Struct, frozen=True):
    """Has witnessed a checkpoint once `threshold` of its members have; a member is a witness or a group."""

    name: str
    threshold: int
    members: tuple[str, ...]

    def __post_init__(self) -> None:
        _check_word(self.name, "/name")
        for member in self.members:
            _check_word(member, "/members")
        if not 1 <= self.threshold <= len(self.members):
            raise Invalid(
                "The threshold of a group is at least 1 and at most its number of members.", "/threshold"
            )


class Policy(Struct, frozen=True):
    """A checkpoint is believed when one of `logs` signed it and `quorum` witnessed it: a witness, a group, or `none`.

    A group stands behind its members.
    """

    logs: tuple[KnownLog, ...]
    witnesses: tuple[KnownWitness, ...]
    groups: tuple[Group, ...]
    quorum: str

    def __post_init__(self) -> None:
        if max(len(self.logs), len(self.witnesses), len(self.groups)) > MAX_LINES:
            raise Invalid(f"A policy names at most {MAX_LINES} logs, witnesses and groups of each.")
        _check_keys(self)
        _check_names(self)

    def met_by(self, names: Collection[str]) -> bool:
        """Whether the witnesses of these names (as in this file) are enough, together."""
        return self.quorum == NONE or _met(self, self.quorum, names)

    def counted(self) -> tuple[str, ...]:
        """The witnesses whose cosignatures count towards the quorum, in the order of the file."""
        inside = set() if self.quorum == NONE else set(_below(self, self.quorum))
        return tuple(each.name for each in self.witnesses if each.name in inside)

    def for_readers(self, log: str) -> "Policy":
        """The same rule, for whoever verifies the log with this key: without the addresses. Raises Damaged."""
        witnesses = tuple(KnownWitness(each.name, each.key) for each in self.witnesses)
        return Policy((KnownLog(parse_vkey(log)),), witnesses, self.groups, self.quorum)

    @property
    def digest(self) -> str:
        """Of who must have cosigned, whatever the logs and the addresses: SHA-256, hexadecimal."""
        witnesses = tuple(KnownWitness(each.name, each.key) for each in self.witnesses)
        return sha256(Policy((), witnesses, self.groups, self.quorum).encode().encode()).hexdigest()

    def encode(self) -> str:
        lines = [_line("log", each.key.encode(), each.url) for each in self.logs]
        lines += [_line("witness", each.name, each.key.encode(), each.url) for each in self.witnesses]
        lines += [_line("group", each.name, str(each.threshold), *each.members) for each in self.groups]
        return "".join([*lines, _line("quorum", self.quorum)])


def assert_one_history(policy: Policy, *, faulty: int = 1, own: Collection[str] = ()) -> None:
    """Refuse a quorum that two different histories of one log could both meet. Raises Invalid, saying why.

    For q of n witnesses the rule is 2q > n + f, with f = `faulty`: any two quorums then share a witness that is honest.
    The witnesses named in `own` belong to the agency that operates the log: they sign whatever it wants, so those that
    two quorums share do not count. For groups within groups the smallest overlap is added up from within.
    """
    shared = 0 if policy.quorum == NONE else _overlap(policy, policy.quorum, own)
    if shared > faulty:
        return
    beside = (
        ""
        if not set(own) & set(policy.counted())
        else ", not counting the operator's own, which signs what it wants"
    )
    raise Invalid(
        f"The quorum `{policy.quorum}` allows two histories: two sets of witnesses can both meet it and share only "
        f"{shared}{beside}, while {faulty} may be faulty. Of n witnesses q must cosign so that 2q > n + {faulty}: "
        "ask for more of them, or leave out the operator's own and ask for all others.",
        "/quorum",
    )


def parse_policy(text: str) -> Policy:
    """Read a policy file (UTF-8). Raises Damaged, naming the line."""
    if len(text) > MAX_TEXT or not text.endswith("\n") or _FORBIDDEN.search(text):
        raise Damaged(
            "policy", "it is short text whose lines all end with a line break, without control characters"
        )
    reader = _Read()
    for count, line in enumerate(text[:-1].split("\n"), 1):
        words = [word for word in _BLANK.split(line) if word]
        try:
            reader = (
                reader if not words or words[0].startswith("#") else reader.with_line(words[0], words[1:])
            )
        except (MeetcoordError, ValueError) as fault:
            raise Damaged(f"policy, line {count}", str(fault)) from fault
    if not reader.quorum:
        raise Damaged("policy", "the line `quorum` is missing")
    return reader.policy()


class _Read(Struct, frozen=True):
    """What the lines above have said; a quorum that is still empty stands for none."""

    logs: tuple[KnownLog, ...] = ()
    witnesses: tuple[KnownWitness, ...] = ()
    groups: tuple[Group, ...] = ()
    quorum: str = ""

    def policy(self) -> Policy:
        return Policy(self.logs, self.witnesses, self.groups, self.quorum or NONE)

    def with_line(self, kind: str, words: Sequence[str]) -> "_Read":
        """Each line is judged with all before it, so that the fault is found where it stands."""
        if self.quorum and kind == "quorum":
            raise ValueError("there is one line `quorum` only")
        match kind, [*words]:
            case "log", [vkey, *url] if len(url) < 2:
                read = _Read(
                    (*self.logs, KnownLog(parse_vkey(vkey), *url)), self.witnesses, self.groups, self.quorum
                )
            case "witness", [name, vkey, *url] if len(url) < 2:
                one = KnownWitness(name, parse_vkey(vkey), *url)
                read = _Read(self.logs, (*self.witnesses, one), self.groups, self.quorum)
            case "group", [name, threshold, *members] if members:
                group = Group(name, _threshold(threshold, len(members)), tuple(members))
                read = _Read(self.logs, self.witnesses, (*self.groups, group), self.quorum)
            case "quorum", [name]:
                read = _Read(self.logs, self.witnesses, self.groups, name)
            case _:
                raise ValueError(
                    "a line is one of `log`, `witness`, `group`, `quorum` with what belongs to it"
                )
        read.policy()
        return read


def _threshold(word: str, members: int) -> int:
    return {ALL: members, ANY: 1}.get(word) or number(word)


def _line(*words: str) -> str:
    return " ".join(filter(None, words)) + "\n"


def _met(policy: Policy, name: str, names: Collection[str]) -> bool:
    group = _group(policy, name)
    if group is None:
        return name in names
    return sum(_met(policy, member, names) for member in group.members) >= group.threshold


def _overlap(policy: Policy, name: str, own: Collection[str]) -> int:
    """How many witnesses, the operator's own left out, any two sets that witness `name` have in common at least."""
    group = _group(policy, name)
    if group is None:
        return int(name not in own)
    least = sorted(_overlap(policy, member, own) for member in group.members)
    return sum(least[: max(0, 2 * group.threshold - len(least))])


def _below(policy: Policy, name: str) -> Iterator[str]:
    group = _group(policy, name)
    if group is None:
        yield name
    for member in group.members if group else ():
        yield from _below(policy, member)


def _group(policy: Policy, name: str) -> Group | None:
    return next((each for each in policy.groups if each.name == name), None)


def _check_keys(policy: Policy) -> None:
    keys = [log.key.public for log in policy.logs] + [witness.key.public for witness in policy.witnesses]
    if len(set(keys)) != len(keys):
        # Also one key under two names, and one key for a log and a witness.
        raise Invalid("Every key stands in a policy once.")


def _check_names(policy: Policy) -> None:
    defined = {each.name for each in policy.witnesses}
    if len(defined) != len(policy.witnesses):
        raise Invalid("Every witness and group has a name of its own.", "/witnesses")
    used = set[str]()
    for group in policy.groups:
        if group.name in defined:
            raise Invalid("Every witness and group has a name of its own.", "/groups")
        if len(set(group.members)) != len(group.members) or used & set(group.members):
            raise Invalid("A witness or group is a member once.", "/groups")
        if not set(group.members) <= defined:
            raise Invalid("A group names witnesses and groups that stand above it.", "/groups")
        used |= set(group.members)
        defined.add(group.name)
    if policy.quorum not in defined | {NONE}:
        raise Invalid("The quorum names a witness or a group that stands above it, or `none`.", "/quorum")


def _check_word(word: str, pointer: str) -> None:
    if not word or word == NONE or word.startswith("#") or _BLANK.search(word) or _unwritable(word):
        raise Invalid("A name is one word and not `none`.", pointer)


def _check_url(url: str) -> None:
    if _BLANK.search(url) or _unwritable(url):
        raise Invalid("A URL is one word.", "/url")


def _unwritable(word: str) -> bool:
    return "\n" in word or _FORBIDDEN.search(word) is not None
