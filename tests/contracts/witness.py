"""What every Witness does, told through what it cosigned and what it remembers afterwards."""

from typing import Protocol

import pytest

from meetcoord.adapters.sealing.cosignatures import Ed25519CosignatureVerifier
from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.domain.checkpoints import parse_checkpoint, parse_note
from meetcoord.domain.cosignatures import Cosignature
from meetcoord.domain.errors import Damaged, Forbidden, Forked, Invalid, NotFound, OtherSize, Unavailable
from meetcoord.ports.witnesses import Witness
from tests.log.builders import SmallLog, new_signer
from tests.witness.histories import add, forked, named, proof

COSIGNED = Ed25519CosignatureVerifier()


class FarWitness(Protocol):
    """The far side of a Witness, and the misfortunes it can be told to cause. It knows one log by its key."""

    @property
    def witness(self) -> Witness: ...

    @property
    def vkey(self) -> str: ...

    def be_silent(self) -> None: ...
    def lose_the_reply(self) -> None: ...


def must_be_cosigned(cosignature: Cosignature, log: SmallLog, size: int, vkey: str) -> None:
    found = COSIGNED.verify(log.checkpoint(size) + cosignature.line, vkey)
    assert found == cosignature


async def size_of(witness: Witness, log: SmallLog) -> int:
    note = await witness.latest(log.signer.name)
    return parse_checkpoint(parse_note(note).text).size if note else 0


class WitnessContract:
    """Subclasses give the fixtures `log`, of 10 entries, and `far`, which knows it and has cosigned nothing."""

    async def test_a_log_is_cosigned_as_it_grows(self, far: FarWitness, log: SmallLog) -> None:
        for old, size in ((0, 3), (3, 4), (4, 8), (8, 10)):
            must_be_cosigned(await add(far.witness, log, old, size), log, size, far.vkey)
            assert await size_of(far.witness, log) == size

    async def test_a_log_is_known_from_its_first_empty_checkpoint(
        self, far: FarWitness, log: SmallLog
    ) -> None:
        for size in (0, 0, 10):
            must_be_cosigned(await add(far.witness, log, 0, size), log, size, far.vkey)

    async def test_the_same_checkpoint_is_cosigned_again(self, far: FarWitness, log: SmallLog) -> None:
        first = await add(far.witness, log, 0, 7)
        again = await add(far.witness, log, 7, 7)
        must_be_cosigned(again, log, 7, far.vkey)
        assert again.at >= first.at

    async def test_who_names_another_size_hears_the_right_one(self, far: FarWitness, log: SmallLog) -> None:
        await add(far.witness, log, 0, 7)
        for old in (0, 3, 8):
            with pytest.raises(OtherSize) as refused:
                await add(far.witness, log, old, 10)
            assert refused.value.size == 7
        assert await size_of(far.witness, log) == 7

    async def test_a_fork_is_not_cosigned(self, far: FarWitness, log: SmallLog) -> None:
        await add(far.witness, log, 0, 7)
        before = await far.witness.latest(log.signer.name)
        with pytest.raises(Forked):
            await add(far.witness, forked(log, 5), 7, 7)
        assert await far.witness.latest(log.signer.name) == before

    async def test_a_longer_fork_finds_no_proof(self, far: FarWitness, log: SmallLog) -> None:
        await add(far.witness, log, 0, 7)
        other = forked(log, 5)
        for hashes in (proof(other, 7, 10), proof(log, 7, 10), [], proof(other, 6, 10)):
            with pytest.raises(Damaged) as refused:
                await far.witness.add_checkpoint(7, hashes, other.checkpoint(10))
            assert not isinstance(refused.value, Forked)
        assert await size_of(far.witness, log) == 7

    async def test_a_log_does_not_go_back(self, far: FarWitness, log: SmallLog) -> None:
        await add(far.witness, log, 0, 7)
        with pytest.raises(Invalid):
            await far.witness.add_checkpoint(7, [], log.checkpoint(5))
        with pytest.raises(OtherSize):
            await add(far.witness, log, 5, 5)
        assert await size_of(far.witness, log) == 7

    async def test_what_is_no_checkpoint_is_not_asked(self, far: FarWitness, log: SmallLog) -> None:
        for note in ("hello\n", log.signer.sign("hello\n"), log.checkpoint(3)[:-1]):
            with pytest.raises(Invalid):
                await far.witness.add_checkpoint(0, [], note)

    async def test_an_unknown_log_is_not_cosigned(self, far: FarWitness) -> None:
        stranger = named(3, "log.elsewhere.example.org")
        with pytest.raises(NotFound):
            await add(far.witness, stranger, 0, 3)
        assert await far.witness.latest(stranger.signer.name) is None

    async def test_another_key_under_the_logs_name_is_not_trusted(
        self, far: FarWitness, log: SmallLog
    ) -> None:
        impostor = SmallLog(new_signer(log.signer.name), log.hashes, log.entries, log.nodes, log.frontier)
        with pytest.raises(Forbidden):
            await add(far.witness, impostor, 0, 10)
        assert await far.witness.latest(log.signer.name) is None

    async def test_what_it_cosigned_last_bears_both_signatures(self, far: FarWitness, log: SmallLog) -> None:
        assert await far.witness.latest(log.signer.name) is None
        await add(far.witness, log, 0, 7)
        cosignature = await add(far.witness, log, 7, 10)
        note = await far.witness.latest(log.signer.name)
        assert note == log.checkpoint(10) + cosignature.line
        assert Ed25519Verifier().verify(note, log.signer.vkey) == parse_note(note).text

    async def test_a_silent_witness_is_unavailable(self, far: FarWitness, log: SmallLog) -> None:
        far.be_silent()
        with pytest.raises(Unavailable):
            await add(far.witness, log, 0, 7)
        with pytest.raises(Unavailable):
            await far.witness.latest(log.signer.name)

    async def test_a_lost_reply_leaves_the_checkpoint_cosigned(self, far: FarWitness, log: SmallLog) -> None:
        await add(far.witness, log, 0, 3)
        far.lose_the_reply()
        with pytest.raises(Unavailable):
            await add(far.witness, log, 3, 7)
        with pytest.raises(OtherSize) as refused:
            await add(far.witness, log, 3, 7)
        assert refused.value.size == 7
        must_be_cosigned(await add(far.witness, log, 7, 7), log, 7, far.vkey)
