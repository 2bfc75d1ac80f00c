"""Another header for a sealed file, made by an auditor on her own machine, and confirmed by all other agencies."""

from dataclasses import dataclass

import msgspec

from meetcoord.domain import leaves
from meetcoord.domain.access import Action, Actor
from meetcoord.domain.errors import Conflict, Damaged, Forbidden, Invalid, NotFound
from meetcoord.domain.leaves import ActKind, ActLeaf, PolicyLeaf, RewrapLeaf
from meetcoord.domain.sealing import HEADER_LIMIT, SealedFile
from meetcoord.domain.values import MeetingId
from meetcoord.ports.sealing import Opener
from meetcoord.ports.storage import Storage, Transaction
from meetcoord.ports.stored_minutes import NewHeader
from meetcoord.ports.system import Clock
from meetcoord.usecases.acts import Acts
from meetcoord.usecases.erasures import KnownErasures, SealedEntry
from meetcoord.usecases.fetch_sealed import sealed_minutes
from meetcoord.usecases.sequencing import place_now, place_promised

POINTER = "/header"

WAITING_MAX = 5
"""How many headers of one agency wait at a time: each hides those before it, and is kept in full."""


class MadeHeader(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The age header, in base64, that `meetcoord minutes rewrap` made."""

    header: bytes


class OpenedHeader(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`leaf` is the entry of the log that says of the header which was opened."""

    leaf: int


class Rewrapped(msgspec.Struct, frozen=True, kw_only=True):
    """`leaf` is the entry that says so, `policy` the one whose recipients the header is for."""

    leaf: int
    policy: int
    confirmed: bool


@dataclass(frozen=True, slots=True)
class RewrapMinutes:
    storage: Storage
    erasures: KnownErasures
    opener: Opener
    now: Clock

    async def __call__(self, actor: Actor, meeting: MeetingId, seq: int, asked: MadeHeader) -> Rewrapped:
        """The header is kept beside the former one until it is confirmed; the service cannot tell if it opens.

        Raises Forbidden, NotFound, Conflict while not sealed, for a header that is known or too many that wait, Invalid
        for one that is malformed or not for the recipients in force, Erased.
        """
        actor.must(Action.REWRAP)
        async with self.storage.transaction() as tx:
            await tx.log.hold()
            entry = await _entry(tx, self.erasures, actor, meeting, seq)
            self._must_fit(asked.header, entry.in_force.leaf)
            await _must_be_new(tx, asked.header, entry, actor)
            leaf = self._leaf(actor, entry, asked.header)
            index = await place_now(tx, meeting, leaf)
            await tx.sealed_files.add_header(meeting, seq, NewHeader(index, asked.header))
        return Rewrapped(leaf=index, policy=leaf.policy, confirmed=False)

    def _must_fit(self, header: bytes, policy: PolicyLeaf) -> None:
        try:
            if len(header) > HEADER_LIMIT:
                raise Damaged("header", "it is too long")
            found = self.opener.stanzas(SealedFile(header=header, payload=b"").file)
        except Damaged as fault:
            raise Invalid(f"This is not the header of a sealed file: {fault.detail}.", POINTER) from fault
        if found != len(policy.recipients):
            raise Invalid(
                f"This header is for {found} keys, and the list in force names {len(policy.recipients)}: make it anew "
                "with that list.",
                POINTER,
            )

    def _leaf(self, actor: Actor, entry: SealedEntry, header: bytes) -> RewrapLeaf:
        return RewrapLeaf(
            agency=actor.agency,
            at=int(self.now().timestamp()),
            by=actor.person,
            header=leaves.digest(header),
            policy=entry.in_force.index,
            target=entry.index,
        )


@dataclass(frozen=True, slots=True)
class ConfirmHeader:
    storage: Storage
    erasures: KnownErasures
    acts: Acts

    async def __call__(self, actor: Actor, meeting: MeetingId, seq: int, asked: OpenedHeader) -> Rewrapped:
        """The actor has opened the file with this header; with the last such word the headers before it are destroyed.

        Every agency but the one that made it has to say so: one that is left out could never open the file again. The
        same word twice is once.

        Raises Forbidden for the agency that made it, NotFound, Conflict while not sealed, Erased.
        """
        actor.must(Action.REWRAP)
        async with self.storage.transaction() as tx:
            await tx.log.hold()
            entry = await _entry(tx, self.erasures, actor, meeting, seq)
            fresh = {each.leaf: each for each in await tx.sealed_files.new_headers(meeting, seq)}
            if asked.leaf not in fresh:
                raise NotFound("No header of this entry waits to be confirmed.")
            made = leaves.parse((await tx.log.leaf(asked.leaf)).entry)
            if not isinstance(made, RewrapLeaf):
                raise Damaged(f"entry {asked.leaf}", "it is said to be of a header and is not")
            if actor.agency == made.agency:
                raise Forbidden(
                    "An auditor of another agency confirms that the file opens with this header: whoever made it could "
                    "otherwise lock the others out."
                )
            opened = await self._opened(tx, actor, meeting, f"{meeting}/{seq}/{asked.leaf}")
            everybody = opened | {made.agency} >= set(entry.in_force.leaf.agencies)
            if everybody:
                await tx.sealed_files.confirm_header(meeting, seq, fresh[asked.leaf])
        return Rewrapped(leaf=asked.leaf, policy=made.policy, confirmed=everybody)

    async def _opened(self, tx: Transaction, actor: Actor, meeting: MeetingId, what: str) -> set[str]:
        """The agencies that have opened the file with this header, the actor's now among them."""
        await place_promised(tx)
        said = [leaves.parse(each.entry) for each in await tx.log.about(meeting)]
        opened: set[str] = {
            leaf.agency
            for leaf in said
            if isinstance(leaf, ActLeaf) and (leaf.act, leaf.object) == (ActKind.HEADER_CONFIRMED, what)
        }
        if actor.agency not in opened:
            await self.acts.record(tx, ActKind.HEADER_CONFIRMED, actor, what=what, about=meeting)
        return opened | {actor.agency}


async def _entry(
    tx: Transaction, erasures: KnownErasures, actor: Actor, meeting: MeetingId, seq: int
) -> SealedEntry:
    _, index = await sealed_minutes(tx, actor, meeting, seq)
    await erasures.must_not_be_erased(tx, meeting, index)
    entry = await erasures.entry(tx, index)
    if actor.agency not in entry.in_force.leaf.agencies:
        raise NotFound("Your agency is none of those able to open these minutes.")
    return entry


async def _must_be_new(tx: Transaction, header: bytes, entry: SealedEntry, actor: Actor) -> None:
    meeting, seq = MeetingId(entry.leaf.meeting), entry.leaf.seq
    waiting = await tx.sealed_files.new_headers(meeting, seq)
    if header in {(await tx.minutes.sealed(meeting, seq)).header, *(each.header for each in waiting)}:
        raise Conflict("This header is kept already.")
    made = [leaves.parse((await tx.log.leaf(each.leaf)).entry) for each in waiting]
    if sum(isinstance(leaf, RewrapLeaf) and leaf.agency == actor.agency for leaf in made) >= WAITING_MAX:
        raise Conflict(
            f"{WAITING_MAX} headers that your agency made wait to be confirmed: have the last of them confirmed, or "
            "another agency make one."
        )
