"""Codes that prove who holds a seat, and the devices on which that has been proven."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256
from typing import Self

import msgspec

from meetcoord.domain.errors import Invalid, TooManyTries
from meetcoord.domain.invitations import Invitation
from meetcoord.domain.profiles import Proof
from meetcoord.domain.values import ChallengeId, InvitationId

CODE_LIFE = timedelta(minutes=10)
PAUSE = timedelta(seconds=30)
TRIES = 5
TRIES_IN_ALL = 15
"""Wrong tries of mailed codes that one link allows, from wherever they come; then only the telephone helps."""

MAILED_MAX = 20
"""Codes mailed for one link: whoever finds a link cannot fill its holder's mailbox."""

DEVICES_MAX = 20
"""Devices remembered of a seat that the link alone opens, or refused at one: long before, somebody must be called."""

_CODE = re.compile(r"[0-9]{6}")
_CODE_TYPED_MAX = 32
_DEVICE = re.compile(r"[A-Za-z0-9_-]{43}")


class ChallengeKind(Enum):
    """How the six digits reach the person."""

    MAILED = "mailed"
    PHONED = "phoned"


WAYS = {
    Proof.LINK: (),
    Proof.MAILED_CODE: (ChallengeKind.MAILED, ChallengeKind.PHONED),
    Proof.AGENCY_LOGIN_OR_PHONE_CODE: (ChallengeKind.PHONED,),
}


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """One code that was asked for. The digits are not here: they are derived from `id` and `kind` when needed.

    `id` is that of the outbox message which carries a mailed code. `spent`: used rightly, or followed by a newer one.
    """

    id: ChallengeId
    invitation: InvitationId
    revision: int
    kind: ChallengeKind
    issued_at: datetime
    expires_at: datetime
    wrong: int = 0
    spent: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.wrong <= TRIES:
            raise ValueError(f"a code is tried wrongly at most {TRIES} times")

    def counts(self, now: datetime) -> bool:
        return not self.spent and self.wrong < TRIES and now < self.expires_at

    def used(self) -> Self:
        return msgspec.structs.replace(self, spent=True)

    def missed(self) -> Self:
        return msgspec.structs.replace(self, wrong=self.wrong + 1)


class SeatCodes(msgspec.Struct, frozen=True, kw_only=True):
    """Every code given for one seat under its present link, oldest first."""

    invitation: InvitationId
    revision: int
    given: tuple[Challenge, ...]

    @classmethod
    def of(cls, invitation: Invitation, known: Sequence[Challenge]) -> Self:
        """What was given under a former link is dead with it."""
        given = tuple(each for each in known if each.revision == invitation.revision)
        return cls(invitation=invitation.id, revision=invitation.revision, given=given)

    @property
    def _mailed(self) -> tuple[Challenge, ...]:
        return tuple(each for each in self.given if each.kind is ChallengeKind.MAILED)

    @property
    def tries_left_in_all(self) -> int:
        return max(0, TRIES_IN_ALL - sum(each.wrong for each in self._mailed))

    @property
    def mailing_is_over(self) -> bool:
        return not self.tries_left_in_all or len(self._mailed) >= MAILED_MAX

    def ways(self, proof: Proof) -> tuple[ChallengeKind, ...]:
        """How a code that counts can still be had."""
        closed = ChallengeKind.MAILED if self.mailing_is_over else None
        return tuple(kind for kind in WAYS[proof] if kind is not closed)

    def live(self, proof: Proof, now: datetime) -> tuple[Challenge, ...]:
        """The codes that count now: at most one of each kind."""
        return tuple(
            each
            for each in self.given
            if each.kind in WAYS[proof]
            if each.counts(now)
            if each.kind is not ChallengeKind.MAILED or self.tries_left_in_all
        )

    def missed(self, tried: Sequence[Challenge]) -> Self:
        """One wrong try: it counts against each of `tried`, since it might have been meant for any."""
        given = tuple(each.missed() if each in tried else each for each in self.given)
        return msgspec.structs.replace(self, given=given)

    def tries_left(self, proof: Proof, now: datetime) -> int:
        left = [
            min(TRIES - each.wrong, self.tries_left_in_all)
            if each.kind is ChallengeKind.MAILED
            else TRIES - each.wrong
            for each in self.live(proof, now)
        ]
        return max(left, default=0)

    def just_mailed(self, now: datetime) -> Challenge | None:
        """The code that went out less than `PAUSE` ago: no other is mailed meanwhile."""
        newest = self._mailed[-1] if self._mailed else None
        return newest if newest and now < newest.issued_at + PAUSE else None

    def must_still_mail(self, until: datetime) -> None:
        """Raises TooManyTries, which lasts `until` the meeting's end, once only the telephone helps."""
        if self.mailing_is_over:
            raise TooManyTries(
                "Too many codes were asked for or mistyped with this link. Call your agency's secretariat: it can "
                "read you a code.",
                until,
            )

    def followed(self, kind: ChallengeKind) -> tuple[Challenge, ...]:
        """The former codes of this kind, dead once a new one is given."""
        return tuple(each.used() for each in self.given if each.kind is kind and not each.spent)

    def next(self, id_: ChallengeId, kind: ChallengeKind, now: datetime) -> Challenge:
        return Challenge(
            id=id_,
            invitation=self.invitation,
            revision=self.revision,
            kind=kind,
            issued_at=now,
            expires_at=now + CODE_LIFE,
        )


class SeatDevice(msgspec.Struct, frozen=True, kw_only=True):
    """The `number`th device that came with one link: the seat was proven on it, be it by that link alone.

    Holds until the meeting's end. `refused`: it proved nothing and was turned away, as another held the seat.

    `digest` is SHA-256 of a 256-bit secret that the device keeps: the database alone opens nothing.
    """

    invitation: InvitationId
    revision: int
    number: int
    digest: bytes
    at: datetime
    refused: bool = False


class SeatDevices(msgspec.Struct, frozen=True, kw_only=True):
    """The devices of one seat under its present link, in the order in which they came."""

    invitation: InvitationId
    revision: int
    known: tuple[SeatDevice, ...]

    @classmethod
    def of(cls, invitation: Invitation, known: Sequence[SeatDevice]) -> Self:
        present = tuple(each for each in known if each.revision == invitation.revision)
        return cls(invitation=invitation.id, revision=invitation.revision, known=present)

    @property
    def let_in(self) -> tuple[SeatDevice, ...]:
        return tuple(each for each in self.known if not each.refused)

    @property
    def refused(self) -> tuple[SeatDevice, ...]:
        return tuple(each for each in self.known if each.refused)

    def proven(self, proof: Proof, digest: bytes | None) -> bool:
        """Whether this device still holds the seat. Where codes are phoned, the newest alone does."""
        counting = self.let_in[-1:] if proof is Proof.AGENCY_LOGIN_OR_PHONE_CODE else self.let_in
        return digest is not None and any(each.digest == digest for each in counting)

    def beside(self, digest: bytes) -> bool:
        """Whether any other device but this one was let in."""
        return any(each.digest != digest for each in self.let_in)

    def worth_remembering(self, digest: bytes) -> bool:
        """Whether a device that is refused now adds anything: each does once, and not without end."""
        return len(self.refused) < DEVICES_MAX and all(each.digest != digest for each in self.refused)

    def next(self, digest: bytes, now: datetime, *, refused: bool = False) -> SeatDevice:
        return SeatDevice(
            invitation=self.invitation,
            revision=self.revision,
            number=len(self.known) + 1,
            digest=digest,
            at=now,
            refused=refused,
        )


def typed_code(text: str, pointer: str = "") -> str:
    """The six digits of what somebody typed or pasted, blanks left out. Raises Invalid."""
    digits = "".join(text.split()) if len(text) <= _CODE_TYPED_MAX else ""
    if not _CODE.fullmatch(digits):
        raise Invalid("A code has six digits: type it as it stands in the message.", pointer)
    return digits


def device_digest(invitation: InvitationId, device: str, pointer: str = "") -> bytes:
    """What is remembered of a device's secret; it differs for each seat. Raises Invalid."""
    if not _DEVICE.fullmatch(device):
        raise Invalid("`device` is 32 random bytes in base64url, which this device keeps.", pointer)
    return sha256(f"{invitation} {device}".encode()).digest()


def nameless_device(invitation: InvitationId) -> bytes:
    """What stands for every device that says nothing of itself: all of them count as one."""
    return sha256(f"{invitation} ".encode()).digest()
