"""Whether whoever holds a link is the person it was made for, as the meeting's profile asks."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import msgspec

from meetcoord.domain.challenges import (
    DEVICES_MAX,
    Challenge,
    ChallengeKind,
    SeatCodes,
    SeatDevices,
    device_digest,
    nameless_device,
    typed_code,
)
from meetcoord.domain.errors import (
    CodeExpired,
    CodeWrong,
    Conflict,
    Invalid,
    JoinRefused,
    ProofNeeded,
    TooManyTries,
    UsedElsewhere,
)
from meetcoord.domain.invitations import Seat
from meetcoord.domain.profiles import Proof
from meetcoord.domain.values import InvitationId
from meetcoord.ports.codes import Codes
from meetcoord.ports.storage import Transaction


class GivenProof(msgspec.Struct, frozen=True, kw_only=True):
    """What came with the link: the digest of the device's secret, and the digits of a code, if any."""

    device: bytes | None
    digits: str


def given_proof(invitation: InvitationId, device: str, code: str) -> GivenProof:
    """Raises Invalid for what can be neither."""
    if code and not device:
        raise Invalid("Send `device` with the code: 32 random bytes in base64url, kept for later.", "/device")
    return GivenProof(
        device=device_digest(invitation, device, "/device") if device else None,
        digits=typed_code(code, "/code") if code else "",
    )


async def devices_of(tx: Transaction, seat: Seat) -> SeatDevices:
    return SeatDevices.of(seat.invitation, await tx.proofs.of(seat.invitation.id))


def is_proven(seat: Seat, devices: SeatDevices, device: bytes | None) -> bool:
    """Whether the seat needs no proof, or was proven on this device under its present link."""
    proof = seat.profile.proof
    return proof is Proof.LINK or devices.proven(proof, device)


def on_another_device(seat: Seat, devices: SeatDevices, device: bytes | None) -> bool:
    """Whether the present link let somebody in on a device that is not this one."""
    return devices.beside(device or nameless_device(seat.invitation.id))


@dataclass(frozen=True, slots=True)
class ProvePerson:
    codes: Codes

    async def __call__(
        self, tx: Transaction, seat: Seat, given: GivenProof, now: datetime
    ) -> JoinRefused | None:
        """None once this device holds the seat; a right code makes it so, and is spent.

        Otherwise the refusal, to be raised behind the block: the block keeps the wrong try, or the device refused.
        """
        if seat.profile.proof is Proof.LINK:
            await _notice(tx, seat, given, now)
            return None
        # Read first, because it holds the seat: of rivals with one code, one comes first.
        codes = SeatCodes.of(seat.invitation, await tx.challenges.of(seat.invitation.id))
        devices = await devices_of(tx, seat)
        if devices.proven(seat.profile.proof, given.device):
            return None
        if given.device is None or not given.digits:
            return await _needed(tx, seat, codes, devices, given, now)
        live = codes.live(seat.profile.proof, now)
        fitting = [each for each in live if self.codes.fits(each, given.digits)]
        if not fitting:
            return await _missed(tx, seat, codes, live, now)
        for challenge in fitting:
            await tx.challenges.save(challenge.used())
        await tx.proofs.add(devices.next(given.device, now))
        return None


async def _notice(tx: Transaction, seat: Seat, given: GivenProof, now: datetime) -> None:
    """Where the link alone opens the seat nobody is refused, but a second device is remembered."""
    digest = given.device or nameless_device(seat.invitation.id)
    for _ in range(DEVICES_MAX):
        devices = await devices_of(tx, seat)
        if devices.proven(Proof.LINK, digest) or len(devices.known) >= DEVICES_MAX:
            return
        # Optimistic, because a thousand people enter in one minute: only a rival at the same seat takes the number.
        with suppress(Conflict):
            await tx.proofs.add(devices.next(digest, now))
            return


async def _missed(
    tx: Transaction, seat: Seat, codes: SeatCodes, live: tuple[Challenge, ...], now: datetime
) -> JoinRefused:
    if not live:
        return _nothing_counts(seat, codes)
    after = codes.missed(live)
    for challenge in live:
        await tx.challenges.save(challenge.missed())
    return CodeWrong(
        "This code is not right. Type the newest one you were given.",
        after.tries_left(seat.profile.proof, now),
    )


def _nothing_counts(seat: Seat, codes: SeatCodes) -> JoinRefused:
    if seat.profile.proof is Proof.MAILED_CODE and not codes.tries_left_in_all:
        return TooManyTries(
            "Too many codes were mistyped with this link. Call your agency's secretariat: it can read you a code.",
            seat.slot.end,
        )
    return CodeExpired("No code counts now: the last one is too old, used or replaced. Ask for a new one.")


async def _needed(
    tx: Transaction, seat: Seat, codes: SeatCodes, devices: SeatDevices, given: GivenProof, now: datetime
) -> JoinRefused:
    ways = codes.ways(seat.profile.proof)
    named = tuple(way.value for way in ways)
    if devices.let_in and seat.profile.proof is Proof.AGENCY_LOGIN_OR_PHONE_CODE:
        digest = given.device or nameless_device(seat.invitation.id)
        if devices.worth_remembering(digest):
            await tx.proofs.add(devices.next(digest, now, refused=True))
        return UsedElsewhere(
            "This link is in use on another device. Call your agency's secretariat: it can read you a code that "
            "lets this device take its place, or withdraw the link.",
            named,
        )
    if ChallengeKind.MAILED in ways:
        return ProofNeeded(
            "This meeting asks for a code: have it mailed to you, or read to you by your agency's secretariat.",
            named,
        )
    return ProofNeeded(
        "This meeting asks for a code that your agency's secretariat reads to you by telephone: call it.",
        named,
    )
