"""A sealed file is destroyed once enough agencies have consented, in the very deed of the last consent."""

from dataclasses import dataclass

import msgspec

from meetcoord.domain.access import Action, Actor
from meetcoord.domain.approvals import consent_text, named_hash
from meetcoord.domain.erasures import Erasure
from meetcoord.domain.errors import Conflict, Erased, Invalid, NotFound, Stale
from meetcoord.domain.leaves import ConsentLeaf, ConsentVerdict, ErasureLeaf, ErasureReason
from meetcoord.domain.meetings import Meeting
from meetcoord.domain.profiles import Profiles
from meetcoord.domain.values import MeetingId
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.system import Clock
from meetcoord.usecases.consent_to_policy import GivenConsent
from meetcoord.usecases.erasures import KnownErasures, SealedEntry
from meetcoord.usecases.fetch_sealed import sealed_minutes
from meetcoord.usecases.read_meeting import meeting_for, must_organise
from meetcoord.usecases.sequencing import place_now
from meetcoord.usecases.signatures import Signatures, given

COMMAND = "meetcoord approver consent erasure.json --key FILE"


class WantedErasure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`visa` is the number under which the archives allowed it, in lower case."""

    reason: ErasureReason
    visa: str | None = None


class KnownErasure(msgspec.Struct, frozen=True):
    """A request, what it is about, and whose signatures count; `origin` is the name of the log that they repeat."""

    origin: str
    erasure: Erasure
    entry: SealedEntry


@dataclass(frozen=True, slots=True)
class AskForErasure:
    storage: Storage
    erasures: KnownErasures
    profiles: Profiles
    now: Clock

    async def __call__(
        self, actor: Actor, meeting: MeetingId, seq: int, asked: WantedErasure
    ) -> KnownErasure:
        """The request, now in the log; nothing is destroyed before the agencies consent. Asking twice is asking once,
        unless an agency has rejected the first.

        Raises Forbidden, NotFound, Conflict while not sealed, Invalid without the visa that the profile asks for,
        Erased.
        """
        actor.must(Action.ASK_FOR_ERASURE)
        async with self.storage.transaction() as tx:
            await tx.log.hold()
            about = await meeting_for(tx, actor, meeting)
            _, index = await sealed_minutes(tx, actor, meeting, seq)
            entry = (await tx.log.leaf(index)).entry
            leaf = self._leaf(actor, about, index, entry, asked)
            state = await self.erasures.of(tx, meeting)
            if found := state.erased(index):
                raise Erased(found.request.index)
            if not _same(state.of(index), leaf):
                await place_now(tx, meeting, leaf)
            return await _known(tx, self.erasures, meeting, index)

    def _leaf(
        self, actor: Actor, meeting: Meeting, index: int, entry: bytes, asked: WantedErasure
    ) -> ErasureLeaf:
        must_organise(meeting, actor)
        visa = (asked.visa or "").strip().lower()
        if self.profiles.named(meeting.profile).archive_visa and not visa:
            raise Invalid(
                "Nothing is erased before the archives have allowed it: give the number of their visa.",
                "/visa",
            )
        return ErasureLeaf(
            agency=actor.agency,
            at=int(self.now().timestamp()),
            by=actor.person,
            leaf=named_hash(entry),
            reason=asked.reason,
            target=index,
            visa=visa or msgspec.UNSET,
        )


@dataclass(frozen=True, slots=True)
class ReadErasure:
    storage: Storage
    erasures: KnownErasures

    async def __call__(self, actor: Actor, meeting: MeetingId, seq: int) -> KnownErasure:
        """The newest request about these minutes. Raises Forbidden, NotFound, Conflict while not sealed."""
        actor.must(Action.READ_ERASURE)
        async with self.storage.snapshot() as tx:
            _, index = await sealed_minutes(tx, actor, meeting, seq)
            return await _known(tx, self.erasures, meeting, index)


@dataclass(frozen=True, slots=True)
class ConsentToErasure:
    storage: Storage
    erasures: KnownErasures
    signatures: Signatures
    now: Clock

    async def __call__(self, actor: Actor, meeting: MeetingId, seq: int, asked: GivenConsent) -> KnownErasure:
        """The request after the actor's agency has spoken; with the last consent needed the file is destroyed.

        Raises Forbidden; NotFound: no request, or no agency of the circle; Stale: a newer request took its place;
        Conflict: a yes after a no; Invalid: not signed as it must be; Erased. The same word twice is once.
        """
        actor.must(Action.CONSENT_TO_ERASURE)
        async with self.storage.transaction() as tx:
            await tx.log.hold()
            _, index = await sealed_minutes(tx, actor, meeting, seq)
            known = await _known(tx, self.erasures, meeting, index)
            if actor.agency in known.erasure.having(asked.verdict):
                return known
            leaf = self._leaf(actor, known, asked)
            await place_now(tx, meeting, leaf)
            await self.erasures.honour(tx, meeting)
            return await _known(tx, self.erasures, meeting, index)

    def _leaf(self, actor: Actor, known: KnownErasure, asked: GivenConsent) -> ConsentLeaf:
        request, policy = known.erasure.request, known.entry.in_force.leaf
        if known.erasure.since is not None:
            raise Erased(request.index)
        if actor.agency not in policy.agencies:
            raise NotFound("No erasure waits for the consent of your agency.")
        if asked.leaf != request.hash:
            raise Stale("Another erasure has been asked for since: read what is asked again.")
        rejected = known.erasure.having(ConsentVerdict.REJECT)
        if asked.verdict is ConsentVerdict.APPROVE and actor.agency in rejected:
            raise Conflict(
                "Your agency has rejected this erasure, and a no is final: have it asked for anew."
            )
        text = consent_text(known.origin, request.index, request.hash, asked.verdict)
        self.signatures.check(text, asked.signature, policy.approver_keys(actor.agency), COMMAND)
        return ConsentLeaf(
            agency=actor.agency,
            at=int(self.now().timestamp()),
            by=actor.person,
            leaf=request.hash,
            target=request.index,
            verdict=asked.verdict,
            signature=given(asked.signature),
        )


@dataclass(frozen=True, slots=True)
class HonourErasures:
    """What a restored backup brought back goes again."""

    storage: Storage
    erasures: KnownErasures

    async def __call__(self, unerased: tuple[int, ...]) -> int:
        """`unerased` are the entries that a check of the log found. Returns how many files were destroyed."""
        async with self.storage.transaction() as tx:
            meetings = {(await self.erasures.entry(tx, index)).leaf.meeting for index in unerased}
            return sum([await self.erasures.honour(tx, each) for each in sorted(meetings)])


async def _known(tx: Transaction, erasures: KnownErasures, meeting: str, index: int) -> KnownErasure:
    found = (await erasures.of(tx, meeting)).of(index)
    if found is None:
        raise NotFound("Nobody has asked to erase these minutes.")
    return KnownErasure(erasures.policies.origin, found, await erasures.entry(tx, index))


def _same(erasure: Erasure | None, leaf: ErasureLeaf) -> bool:
    if erasure is None or erasure.having(ConsentVerdict.REJECT):
        return False
    told = erasure.request.leaf
    return (told.reason, told.visa) == (leaf.reason, leaf.visa)
