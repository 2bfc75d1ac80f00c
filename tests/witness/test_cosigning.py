"""The witness itself: what it remembers before it signs, and what becomes of it when it dies or others hurry."""

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetcoord.adapters.sealing.cosignatures import Ed25519CosignatureVerifier
from meetcoord.domain.cosignatures import Cosignature
from meetcoord.domain.errors import (
    Damaged,
    Forbidden,
    MeetcoordError,
    OtherSize,
    Stale,
    StorageUnavailable,
    Unavailable,
)
from meetcoord.domain.witnessing import Cosigned
from meetcoord.ports.witnesses import Cosigner, Witness
from tests.fake_witness import Hands, WitnessMemory, cosigning, new_cosigner
from tests.log.builders import ORIGIN, SmallLog, log_of, new_signer
from tests.witness.histories import add, forked, named

LOG = log_of(24)
KEY = LOG.signer.vkey
COSIGNED = Ed25519CosignatureVerifier()


class Killed(Exception):
    """The process ends here."""


@dataclass(slots=True)
class DyingMemory(WitnessMemory):
    """Ends the process at one moment."""

    before: bool = False
    after: bool = False

    async def replace(self, held: Cosigned | None, fresh: Cosigned) -> None:
        if self.before:
            raise Killed
        await super(DyingMemory, self).replace(held, fresh)
        if self.after:
            raise Killed


@dataclass(slots=True)
class Pen:
    """A Cosigner that writes down what it signed."""

    pen: Cosigner = field(default_factory=new_cosigner)
    signed: list[tuple[str, int]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.pen.name

    @property
    def vkey(self) -> str:
        return self.pen.vkey

    def cosign(self, text: str, at: int) -> Cosignature:
        self.signed.append((text, at))
        return self.pen.cosign(text, at)


async def test_killed_before_it_remembered_it_has_signed_nothing() -> None:
    pen, memory = Pen(), DyingMemory(before=True)
    with pytest.raises(Killed):
        await add(cosigning(KEY, cosigner=pen, store=memory), LOG, 0, 7)
    assert (pen.signed, memory.kept) == ([], {})


async def test_killed_after_it_remembered_it_signs_the_same_checkpoint_on_retry() -> None:
    pen, memory = Pen(), DyingMemory(after=True)
    with pytest.raises(Killed):
        await add(cosigning(KEY, cosigner=pen, store=memory), LOG, 0, 7)
    assert pen.signed == []
    memory.after = False
    reborn = cosigning(KEY, cosigner=pen, store=memory)
    with pytest.raises(OtherSize) as told:
        await add(reborn, LOG, 0, 7)
    assert told.value.size == 7
    await add(reborn, LOG, 7, 7)
    assert [text for text, _ in pen.signed] == [LOG.checkpoint(7).partition("\n\n")[0] + "\n"]
    with pytest.raises(Damaged):
        await add(reborn, forked(LOG, 3), 7, 7)


async def test_a_disk_that_fails_leaves_it_unsigned() -> None:
    class FullDisk(WitnessMemory):
        async def replace(self, held: Cosigned | None, fresh: Cosigned) -> None:
            raise StorageUnavailable("The witness' memory cannot be used (disk full).")

    pen = Pen()
    with pytest.raises(Unavailable):
        await add(cosigning(KEY, cosigner=pen, store=FullDisk()), LOG, 0, 7)
    assert pen.signed == []


@given(st.lists(st.integers(1, 24), min_size=2, max_size=8), st.integers(1, 12))
async def test_in_a_race_the_size_never_goes_down(sizes: list[int], start: int) -> None:
    sizes_seen = [start]

    class Watched(WitnessMemory):
        async def replace(self, held: Cosigned | None, fresh: Cosigned) -> None:
            await super().replace(held, fresh)
            sizes_seen.append(fresh.checkpoint.size)

    memory, pen = Watched(), Pen()
    witness = cosigning(KEY, store=memory, cosigner=pen)
    await add(witness, LOG, 0, start)
    await asyncio.gather(*(insist(witness, start, size) for size in sizes))
    assert sizes_seen[1:] == sorted(sizes_seen[1:])
    assert sizes_seen[-1] == max(start, *sizes)
    assert len(pen.signed) == len(sizes_seen) - 1


async def insist(witness: Witness, held: int, size: int) -> None:
    """Prove from what the witness says it holds, until it holds this size or more."""
    while held <= size:
        try:
            await add(witness, LOG, held, size)
        except OtherSize as told:
            held = told.size
        else:
            return


async def test_who_lost_the_race_hears_the_new_size() -> None:
    memory = WitnessMemory()
    witness = cosigning(KEY, store=memory)
    await add(witness, LOG, 0, 5)
    done = await asyncio.gather(
        add(witness, LOG, 5, 9), add(witness, LOG, 5, 24), add(witness, LOG, 5, 7), return_exceptions=True
    )
    (won,) = [each for each in done if isinstance(each, Cosignature)]
    held = await memory.latest(ORIGIN)
    assert held
    assert {each.size for each in done if isinstance(each, OtherSize)} == {held.checkpoint.size}
    assert COSIGNED.verify(held.note + won.line, witness.cosigner.vkey) == won


async def test_under_endless_rivalry_it_asks_to_come_back() -> None:
    class Rival(WitnessMemory):
        async def replace(self, held: Cosigned | None, fresh: Cosigned) -> None:
            raise Stale("Another checkpoint of this log was cosigned meanwhile.")

    with pytest.raises(Unavailable):
        await add(cosigning(KEY, store=Rival()), LOG, 0, 5)


async def test_a_clock_set_back_refuses_for_every_log() -> None:
    clock, other = Hands(), named(4, "log.elsewhere.example.org")
    witness = cosigning(KEY, other.signer.vkey, now=clock)
    await add(witness, LOG, 0, 5)
    clock.move(-2)
    for log in (LOG, other):
        with pytest.raises(Unavailable, match="2 s behind"):
            await add(witness, log, 5 if log is LOG else 0, 4 if log is other else 9)
    clock.move(2)
    assert (await add(witness, other, 0, 4)).at == (await add(witness, LOG, 5, 9)).at


async def test_times_follow_the_clock() -> None:
    clock = Hands()
    witness = cosigning(KEY, now=clock)
    first = await add(witness, LOG, 0, 5)
    clock.move(60)
    assert (await add(witness, LOG, 5, 5)).at == first.at + 60


async def test_a_log_with_a_new_key_goes_on_under_its_name() -> None:
    heir = SmallLog(new_signer(ORIGIN), LOG.hashes, LOG.entries, LOG.nodes, LOG.frontier)
    witness = cosigning(KEY, heir.signer.vkey)
    await add(witness, LOG, 0, 5)
    await add(witness, heir, 5, 9)
    note = await witness.latest(ORIGIN)
    assert note
    assert note.startswith(heir.checkpoint(9))


async def test_the_checkpoint_of_another_log_under_the_same_key_is_refused() -> None:
    elsewhere = SmallLog(LOG.signer, LOG.hashes, LOG.entries, LOG.nodes, LOG.frontier)
    note = LOG.signer.sign(
        elsewhere.checkpoint(5).partition("\n\n")[0].replace(ORIGIN, "log.other.example.org") + "\n"
    )
    for keys in ((KEY,), (KEY, named(1, "log.other.example.org").signer.vkey)):
        with pytest.raises(MeetcoordError) as refused:
            await cosigning(*keys).add_checkpoint(0, [], note)
        assert refused.value.code == ("not_found" if len(keys) == 1 else "forbidden")


async def test_a_witness_key_does_not_pass_for_the_logs() -> None:
    pen = new_cosigner(ORIGIN)
    note = LOG.checkpoint(5).partition("\n\n")[0] + "\n\n" + pen.cosign(_text(5), 1_800_000_000).line
    with pytest.raises(Forbidden):
        await cosigning(pen.vkey).add_checkpoint(0, [], note)


def _text(size: int) -> str:
    return LOG.checkpoint(size).partition("\n\n")[0] + "\n"
