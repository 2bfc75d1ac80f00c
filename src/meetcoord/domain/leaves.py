"""What is written in the log: seven kinds of leaf as canonical JSON.

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
from meetcoord.domain.checkpoints import ED25519, parse_vkey, unb64
from meetcoord.domain.errors import Damaged, Invalid

MAX_LEAF = 0xFFFF
NO_POLICY = -1
LARGEST = 2**53 - 1  # the largest integer every JSON reader keeps exactly (RFC 8259, section 6)

SIGNATURE_BYTES = 4 + 64  # the key's id, then Ed25519

_ID = re.compile(r"[a-z0-9][a-z0-9._/-]{0,63}")
_PQ_RECIPIENT = re.compile(r"age1pq1[02-9ac-hj-np-z]{1952}")


class ActKind(Enum):
    MEETING_SETTLED = "meeting.settled"
    MEETING_MOVED = "meeting.moved"
    MEETING_CANCELLED = "meeting.cancelled"
    INVITATION_SENT = "invitation.sent"
    INVITATION_WITHDRAWN = "invitation.withdrawn"
    ADMISSION = "admission"
    ROOM_PUT_OUT = "room.put_out"
    ROOM_ENDED = "room.ended"
    CODE_PHONED = "code.phoned"
    MINUTES_CIRCULATED = "minutes.circulated"
    MINUTES_CHANGE_ASKED = "minutes.change_asked"
    MINUTES_READ = "minutes.read"
    HEADER_CONFIRMED = "minutes.header_confirmed"
    AGENCY_REGISTERED = "agency.registered"
    PERSON_REGISTERED = "person.registered"
    PERSON_CHANGED = "person.changed"
    RECIPIENT_ADDED = "recipient.added"
    RECIPIENT_WITHDRAWN = "recipient.withdrawn"
    APPROVER_ADDED = "approver.added"
    APPROVER_WITHDRAWN = "approver.withdrawn"
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


class PolicyApprover(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A verifier key (Ed25519, type 0x01) of one person who approves for an agency; its name tells nothing of her."""

    agency: str
    key: str

    def __post_init__(self) -> None:
        check_ids(agency=self.agency)
        try:
            key = parse_vkey(self.key)
        except Damaged as fault:
            raise Invalid(fault.detail, "/key") from fault
        check_ids(key=key.name)
        if key.algorithm != ED25519:
            raise Invalid("An approver signs with an Ed25519 key of type 0x01, and no other.", "/key")


class PolicyLeaf(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who can open minutes of meetings between exactly these agencies, and whose signature approves them.

    The stanzas of a file sealed under it are for `recipients`, in this order; `approvers` are sorted by agency and
    key. `erasure` is how many of the agencies must consent to an erasure. `previous` is the index of the policy of the
    same agencies that it is to replace, once each of them has consented; or -1 for their first, which needs no consent.
    """

    agencies: tuple[str, ...]
    approvers: tuple[PolicyApprover, ...]
    at: int
    erasure: int
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
        if not 1 <= self.erasure <= len(self.agencies):
            raise Invalid("At least one agency consents to an erasure, and at most all of them.", "/erasure")
        self._check_recipients()
        self._check_approvers()

    def _check_recipients(self) -> None:
        keys = [each.recipient for each in self.recipients]
        if len(set(keys)) != len(keys):
            raise Invalid("The same key is named twice as a recipient: name it once.", "/recipients")
        self._check_agencies({each.agency for each in self.recipients}, "/recipients")
        archived = {each.agency for each in self.recipients if each.kind is RecipientKind.ARCHIVE}
        lacking = sorted(set(self.agencies) - archived)
        if lacking:
            raise Invalid(
                f"No archive could open these minutes for {lacking[0]}: it needs a recipient of the kind archive.",
                "/recipients",
            )

    def _check_approvers(self) -> None:
        self._check_agencies({each.agency for each in self.approvers}, "/approvers")
        order = [(each.agency, each.key) for each in self.approvers]
        if order != sorted(order) or len({parse_vkey(key).public for _, key in order}) != len(order):
            raise Invalid("Approvers are sorted by agency and key, and each key is named once.", "/approvers")

    def _check_agencies(self, named: set[str], pointer: str) -> None:
        strangers = named - set(self.agencies)
        if strangers:
            raise Invalid(
                f"A key belongs to {min(strangers)}, which is not an agency of this policy.", pointer
            )

    def approver_keys(self, agency: str) -> tuple[str, ...]:
        """The verifier keys of those who approve for one agency; none: its approvals bear no signature."""
        return tuple(each.key for each in self.approvers if each.agency == agency)


class ApprovalLeaf(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One agency's yes to exactly this content, to be sealed under the policy at this index.

    `by` is a random id. `signature` is an approver's, as domain/approvals.py says.
    """

    agency: str
    at: int
    by: str
    content: str
    meeting: str
    policy: int
    seq: int
    type: Literal["approval"] = "approval"
    v: Literal[1] = 1
    signature: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        check_ids(agency=self.agency, by=self.by, meeting=self.meeting)
        _check_hashes(content=self.content)
        check_numbers(at=self.at, seq=self.seq, policy=self.policy)
        _check_signature(self.signature)


class ConsentVerdict(Enum):
    APPROVE = "approve"
    REJECT = "reject"


class ConsentLeaf(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one agency says to the policy or erasure at index `target`, whose leaf hash (RFC 9162) is `leaf`."""

    agency: str
    at: int
    by: str
    leaf: str
    target: int
    verdict: ConsentVerdict
    type: Literal["consent"] = "consent"
    v: Literal[1] = 1
    signature: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        check_ids(agency=self.agency, by=self.by)
        _check_hashes(leaf=self.leaf)
        check_numbers(at=self.at, target=self.target)
        _check_signature(self.signature)


class RewrapLeaf(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The entry `target` has another header, for the recipients of the policy at this index; its payload stays.

    `header` is the SHA-256 of the new age header, in base64.
    """

    agency: str
    at: int
    by: str
    header: str
    policy: int
    target: int
    type: Literal["rewrap"] = "rewrap"
    v: Literal[1] = 1

    def __post_init__(self) -> None:
        check_ids(agency=self.agency, by=self.by)
        _check_hashes(header=self.header)
        check_numbers(at=self.at, policy=self.policy, target=self.target)


class ErasureReason(Enum):
    RETENTION = "retention"
    REQUEST = "request"
    MISTAKE = "mistake"


class ErasureLeaf(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request to destroy the sealed file of the entry `target`, whose leaf hash (RFC 9162) is `leaf`.

    `visa` is the number that the archives gave for it. It takes effect as domain/erasures.py says.
    """

    agency: str
    at: int
    by: str
    leaf: str
    reason: ErasureReason
    target: int
    type: Literal["erasure"] = "erasure"
    v: Literal[1] = 1
    visa: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        check_ids(agency=self.agency, by=self.by)
        _check_hashes(leaf=self.leaf)
        check_numbers(at=self.at, target=self.target)
        if self.visa is not UNSET:
            check_ids(visa=self.visa)


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


Leaf = MinutesLeaf | PolicyLeaf | ApprovalLeaf | ConsentLeaf | RewrapLeaf | ErasureLeaf | ActLeaf


class _AnyLeaf(Struct, frozen=True):
    type: str


_READERS: dict[str, msgspec.json.Decoder[Leaf]] = {
    "minutes": msgspec.json.Decoder(MinutesLeaf),
    "policy": msgspec.json.Decoder(PolicyLeaf),
    "approval": msgspec.json.Decoder(ApprovalLeaf),
    "consent": msgspec.json.Decoder(ConsentLeaf),
    "rewrap": msgspec.json.Decoder(RewrapLeaf),
    "erasure": msgspec.json.Decoder(ErasureLeaf),
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


def _check_signature(signature: str | UnsetType) -> None:
    if signature is UNSET:
        return
    try:
        long = len(unb64(signature))
    except ValueError as fault:
        raise Invalid("`signature` is not base64.", "/signature") from fault
    if long != SIGNATURE_BYTES:
        raise Invalid(f"`signature` is {SIGNATURE_BYTES} bytes in base64: key id, Ed25519.", "/signature")
