"""What is written in the log: four kinds of leaf as canonical JSON.

A leaf holds random ids, times, hashes and public keys; never a name, an address or a sentence.
"""

import re
from base64 import b64decode, b64encode
from enum import Enum
from hashlib import sha256
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from meetcoord.domain.agencies import RecipientKind
from meetcoord.domain.errors import Damaged, Invalid

MAX_LEAF = 0xFFFF
NO_POLICY = -1
LARGEST = 2**53 - 1  # the largest integer every JSON reader keeps exactly (RFC 8259, section 6)

_ID = re.compile(r"[a-z0-9][a-z0-9._/-]{0,63}")
_PQ_RECIPIENT = re.compile(r"age1pq1[02-9ac-hj-np-z]{1952}")


class ActKind(Enum):
    MEETING_SETTLED = "meeting.settled"
    MEETING_CANCELLED = "meeting.cancelled"
    INVITATION_SENT = "invitation.sent"
    INVITATION_WITHDRAWN = "invitation.withdrawn"
    ADMISSION = "admission"
    ROOM_PUT_OUT = "room.put_out"
    ROOM_ENDED = "room.ended"
    CODE_PHONED = "code.phoned"
    MINUTES_CIRCULATED = "minutes.circulated"
    MINUTES_READ = "minutes.read"
    AGENCY_REGISTERED = "agency.registered"
    PERSON_REGISTERED = "person.registered"
    RECIPIENT_ADDED = "recipient.added"
    KEY_ISSUED = "key.issued"
    KEY_REVOKED = "key.revoked"


class MinutesLeaf(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sealed document. Hashes are SHA-256 in base64; `at` is in seconds since 1970, UTC.

    `content` is of the frame before sealing, `header` of the age header, `payload` of what follows it (nonce and
    chunks), and `size` is the payload's length in bytes. `policy` is the index of the leaf that names who can open
    it, in the order of the header's stanzas. `amends` is the index of an earlier leaf of the same meeting.
    """

    at: int
    author: str
    content: str
    header: str
    kind: str
    meeting: str
    payload: str
    policy: int
    seq: int
    size: int
    type: Literal["minutes"] = "minutes"
    v: Literal[1] = 1
    amends: int | UnsetType = UNSET

    def __post_init__(self) -> None:
        check_ids(author=self.author, kind=self.kind, meeting=self.meeting)
        author_agency(self.author)
        _check_hashes(content=self.content, header=self.header, payload=self.payload)
        check_numbers(at=self.at, policy=self.policy, seq=self.seq, size=self.size)
        if self.amends is not UNSET:
            check_numbers(amends=self.amends)


class PolicyRecipient(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One public key able to open what is sealed under a policy, and the agency that answers for it."""

    agency: str
    kind: RecipientKind
    recipient: str

    def __post_init__(self) -> None:
        check_ids(agency=self.agency)
        if not _PQ_RECIPIENT.fullmatch(self.recipient):
            raise Invalid(
                "A recipient is an age1pq1… key: the post-quantum kind, and no other.", "/recipient"
            )


class PolicyLeaf(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who can open minutes of meetings between exactly these agencies, from this leaf on.

    The stanzas of a file sealed under it are for `recipients`, in this order. `previous` is the index of the policy
    of the same agencies that it replaces, or -1.
    """

    agencies: tuple[str, ...]
    at: int
    previous: int
    recipients: tuple[PolicyRecipient, ...]
    type: Literal["policy"] = "policy"
    v: Literal[1] = 1

    def __post_init__(self) -> None:
        for agency in self.agencies:
            check_ids(agencies=agency)
        if not self.agencies or list(self.agencies) != sorted(set(self.agencies)):
            raise Invalid("The agencies of a policy are sorted, and each is named once.", "/agencies")
        if self.previous != NO_POLICY:
            check_numbers(previous=self.previous)
        check_numbers(at=self.at)
        self._check_recipients()

    def _check_recipients(self) -> None:
        keys = [each.recipient for each in self.recipients]
        if len(set(keys)) != len(keys):
            raise Invalid("The same key is named twice as a recipient: name it once.", "/recipients")
        own = {each.agency for each in self.recipients if each.kind is not RecipientKind.CUSTODIAN}
        strangers = {each.agency for each in self.recipients} - set(self.agencies)
        if strangers:
            raise Invalid(
                f"A recipient belongs to {min(strangers)}, which is not an agency of this policy.",
                "/recipients",
            )
        lacking = sorted(set(self.agencies) - own)
        if lacking:
            raise Invalid(
                f"No key could open these minutes for {lacking[0]}: add a recipient of its own.",
                "/recipients",
            )


class ApprovalLeaf(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One agency's yes to exactly this content, given by a person known here by a random id."""

    agency: str
    at: int
    by: str
    content: str
    meeting: str
    seq: int
    type: Literal["approval"] = "approval"
    v: Literal[1] = 1

    def __post_init__(self) -> None:
        check_ids(agency=self.agency, by=self.by, meeting=self.meeting)
        _check_hashes(content=self.content)
        check_numbers(at=self.at, seq=self.seq)


class ActLeaf(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An act that gave, used or removed a right: who did it, for which agency, to what; ids only."""

    act: ActKind
    agency: str
    at: int
    by: str
    object: str
    type: Literal["act"] = "act"
    v: Literal[1] = 1

    def __post_init__(self) -> None:
        check_ids(agency=self.agency, by=self.by, object=self.object)
        check_numbers(at=self.at)


Leaf = MinutesLeaf | PolicyLeaf | ApprovalLeaf | ActLeaf


class _AnyLeaf(Struct, frozen=True):
    type: str


_READERS: dict[str, msgspec.json.Decoder[Leaf]] = {
    "minutes": msgspec.json.Decoder(MinutesLeaf),
    "policy": msgspec.json.Decoder(PolicyLeaf),
    "approval": msgspec.json.Decoder(ApprovalLeaf),
    "act": msgspec.json.Decoder(ActLeaf),
}
_ANY = msgspec.json.Decoder(_AnyLeaf)
_WRITER = msgspec.json.Encoder(order="sorted")


def encode(leaf: Leaf) -> bytes:
    """The leaf's canonical JSON: sorted keys, no blanks, ASCII, integers only. Raises Invalid if too long."""
    data = _WRITER.encode(leaf)
    if len(data) > MAX_LEAF:
        raise Invalid(
            f"This entry has {len(data)} bytes, the log takes up to {MAX_LEAF}: name fewer recipients."
        )
    return data


def parse(data: bytes) -> Leaf:
    """Read a leaf back; raises Damaged for anything that `encode` would not have written."""
    if len(data) > MAX_LEAF:
        raise Damaged("leaf", f"it has {len(data)} bytes, more than the log admits ({MAX_LEAF})")
    try:
        reader = _READERS.get(_ANY.decode(data).type)
        leaf = reader.decode(data) if reader else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, Invalid) as fault:
        raise Damaged("leaf", str(fault)) from fault
    if leaf is None:
        raise Damaged("leaf", "it is of a kind that this version does not know")
    if encode(leaf) != data:
        raise Damaged("leaf", "it is not written in the one permitted way (canonical JSON)")
    return leaf


def digest(data: bytes) -> str:
    """SHA-256 in base64, as leaves write it."""
    return b64encode(sha256(data).digest()).decode()


def content_hash(frame: bytes) -> str:
    """What approvals and the minutes leaf name: the hash of the encoded frame."""
    return digest(frame)


def author_agency(author: str) -> str:
    """The agency in an author's `<agency>/<random id>`. Raises Invalid without both parts."""
    agency, _, person = author.rpartition("/")
    if not agency or not person:
        raise Invalid("An author is written <agency>/<random id>.", "/author")
    return agency


def check_ids(**ids: str) -> None:
    """Raises Invalid unless each is an identifier as the log writes them."""
    for name, text in ids.items():
        if not _ID.fullmatch(text):
            raise Invalid(
                f"`{name}` is 1 to 64 of a-z, 0-9 and . _ / - and begins with a letter or digit.",
                f"/{name}",
            )


def check_numbers(**numbers: int) -> None:
    """Raises Invalid unless each is a whole number from 0 to 2**53 - 1."""
    for name, number in numbers.items():
        if not 0 <= number <= LARGEST:
            raise Invalid(f"`{name}` is a whole number from 0 to {LARGEST}.", f"/{name}")


def _check_hashes(**hashes: str) -> None:
    for name, text in hashes.items():
        try:
            data = b64decode(text, validate=True)
        except ValueError as fault:
            raise Invalid(f"`{name}` is not base64.", f"/{name}") from fault
        if len(data) != sha256().digest_size or b64encode(data).decode() != text:
            raise Invalid(f"`{name}` is a SHA-256 in base64: 44 characters.", f"/{name}")
