"""How the service deals with its witnesses: who is asked, who is believed, and what a fork leaves behind."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from msgspec.structs import replace

from meetcoord.adapters.sealing.cosignatures import Ed25519CosignatureVerifier
from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.adapters.witness.server import WitnessParts, create_app
from meetcoord.bootstrap.errands import errands
from meetcoord.bootstrap.listening import Server
from meetcoord.bootstrap.serving import _asking as asking_of
from meetcoord.bootstrap.witnesses import Witnesses
from meetcoord.domain import merkle
from meetcoord.domain.checkpoints import Checkpoint, parse_checkpoint, parse_note, parse_vkey
from meetcoord.domain.collected import FIRST_PAUSE, LOOK_AGAIN, WitnessAnswer
from meetcoord.domain.errors import Forked, NotFound, ReadOnly
from meetcoord.domain.evidence import Outcome, StepName, StepState
from meetcoord.domain.quorum import KnownWitness, Policy, parse_policy
from meetcoord.ports.witnesses import Witness
from meetcoord.usecases.ask_witness import AskWitness
from meetcoord.usecases.fetch_sealed import GatherEvidence
from meetcoord.usecases.policies import Policies
from meetcoord.usecases.standing import GuardedStorage, Standing
from meetcoord.usecases.witnessed import ReadWitnessed
from tests.agencies import World
from tests.fake_witness import FakeWitness, Hands, new_cosigner
from tests.log.builders import new_signer, verify
from tests.usecases.test_log import whole_story
from tests.worlds import on_every_database

AGENCIES = ("city", "health", "prefecture")


@dataclass(slots=True)
class Watched:
    """A world whose log three agencies' witnesses watch; the city operates it."""

    world: World
    witnesses: dict[str, FakeWitness]
    standing: Standing = field(default_factory=Standing)

    @property
    def key(self) -> str:
        return self.world.service.keyring.signer.vkey

    @property
    def policy(self) -> Policy:
        lines = [f"witness {name} {each.vkey}\n" for name, each in self.witnesses.items()]
        return parse_policy("".join([*lines, "group others all health prefecture\n", "quorum others\n"]))

    @property
    def read(self) -> ReadWitnessed:
        return ReadWitnessed(self.world.service.storage, self.policy)

    def asking(self, name: str, witness: Witness | None = None) -> AskWitness:
        known = next(each for each in self.policy.witnesses if each.name == name)
        return AskWitness(
            storage=self.world.service.storage,
            witness=witness or self.witnesses[name],
            known=known,
            policy=self.policy,
            log_key=self.key,
            verifier=Ed25519Verifier(),
            standing=self.standing,
            now=self.world.clock,
        )

    async def ask_all(self) -> None:
        await asyncio.gather(*(self.asking(name)() for name in self.witnesses))

    async def grow(self, name: str) -> int:
        """One more agency is registered and covered by a checkpoint; returns how many entries there are."""
        await self.world.agency(name, with_key=False)
        published = await self.world.use.publish_checkpoint()
        assert published
        return published.size

    async def answer(self, name: str) -> WitnessAnswer:
        async with self.world.service.storage.snapshot() as tx:
            return await tx.witnesses.answer(self.witnesses[name].vkey)

    async def witnessed(self) -> int:
        return (await self.read.newest_witnessed()).size


@pytest.fixture
def watched(world: World) -> Watched:
    key = world.service.keyring.signer.vkey
    return Watched(
        world,
        {
            name: FakeWitness((key,), new_cosigner(f"{name}.example.org/w1"), clock=Hands(world.clock.moment))
            for name in AGENCIES
        },
    )


def size_of(note: str) -> int:
    return parse_checkpoint(parse_note(note).text).size


@on_every_database
async def test_every_witness_cosigns_as_the_log_grows(watched: Watched) -> None:
    for name in ("a", "b"):
        size = await watched.grow(name)
        await watched.ask_all()
        note = (await watched.read.newest()).note
        assert size_of(note) == size == await watched.witnessed()
        for each in watched.witnesses.values():
            Ed25519CosignatureVerifier().verify(note, each.vkey)
    asked = [list(each.asked) for each in watched.witnesses.values()]
    await watched.ask_all()
    assert [list(each.asked) for each in watched.witnesses.values()] == asked
    assert (await watched.read.now()).sentence.startswith(
        "Cosigned by city, health, prefecture up to entry 3 of 3"
    )


async def test_a_dead_witness_holds_nobody_up_and_is_asked_ever_more_seldom(watched: Watched) -> None:
    await watched.grow("a")
    watched.witnesses["prefecture"].be_silent()
    await watched.ask_all()
    with pytest.raises(NotFound):
        await watched.read.newest_witnessed()
    newest = await watched.read.newest()
    assert len(parse_note(newest.note).signatures) == 3
    failed = await watched.answer("prefecture")
    assert failed.failures == 1
    await watched.ask_all()
    assert await watched.answer("prefecture") == failed
    watched.world.clock.pass_by(FIRST_PAUSE)
    await watched.ask_all()
    assert (await watched.answer("prefecture")).failures == 2
    assert (
        "prefecture has not answered as a witness since it was named" in (await watched.read.now()).sentence
    )
    watched.witnesses["prefecture"].recover()
    watched.world.clock.pass_by(2 * FIRST_PAUSE)
    await watched.ask_all()
    assert await watched.witnessed() == newest.size
    assert (await watched.answer("prefecture")).fault == ""


@dataclass(slots=True)
class Slow:
    """Takes every question and never answers."""

    async def add_checkpoint(self, old: int, proof: Sequence[bytes], note: str) -> object:
        return await asyncio.Event().wait()

    async def latest(self, origin: str) -> object:
        return await asyncio.Event().wait()


async def test_a_slow_witness_delays_neither_the_others_nor_the_checkpoint(watched: Watched) -> None:
    slow = watched.asking("city", Slow())  # type: ignore[arg-type]  # it never answers anything
    asking = {"city": slow, **{name: watched.asking(name) for name in ("health", "prefecture")}}
    await watched.world.agency("a", with_key=False)
    async with errands(watched.world.use, always=asking), asyncio.timeout(5):
        while not (await watched.read.now()).cosigned:
            pass


async def test_an_entry_dated_later_than_a_witness_saw_it_is_pointed_at(watched: Watched) -> None:
    await watched.grow("a")
    watched.world.clock.pass_by(timedelta(days=2))
    size = await watched.grow("b")
    await watched.ask_all()
    report = await watched.world.use.check_log()
    assert report.damages == ()
    assert report.flags == (
        f"entry {size - 2}: it is dated 172800 s after a witness had seen it",
        f"entry {size - 1}: it is dated 172800 s after a witness had seen it",
    )


async def test_without_the_agencies_that_count_there_is_no_quorum(watched: Watched) -> None:
    await watched.grow("a")
    for name in ("city", "health"):
        await watched.asking(name)()
    with pytest.raises(NotFound):
        await watched.read.newest_witnessed()
    assert (await watched.read.now()).sentence.startswith(
        "Not yet cosigned by enough witnesses (quorum `others`)"
    )


async def test_a_lost_reply_is_asked_for_again(watched: Watched) -> None:
    await watched.grow("a")
    await watched.ask_all()
    size = await watched.grow("b")
    watched.witnesses["health"].lose_the_reply()
    await watched.ask_all()
    assert await watched.witnessed() < size
    watched.world.clock.pass_by(FIRST_PAUSE)
    await watched.ask_all()
    assert await watched.witnessed() == size


async def test_two_services_at_once_ask_one_witness_without_harm(watched: Watched) -> None:
    for name in ("a", "b", "c"):
        size = await watched.grow(name)
        await asyncio.gather(*(watched.ask_all() for _ in range(4)))
        assert await watched.witnessed() == size
    assert watched.standing.may_write


async def test_a_witness_set_up_anew_starts_from_nothing(watched: Watched) -> None:
    await watched.grow("a")
    await watched.ask_all()
    watched.witnesses["health"].forget()
    size = await watched.grow("b")
    await watched.ask_all()
    assert await watched.witnessed() == size


async def test_one_that_lags_goes_along_with_what_another_has_cosigned(watched: Watched) -> None:
    size = await watched.grow("a")
    await watched.asking("health")()
    await watched.grow("b")
    await watched.asking("prefecture")()
    assert await watched.witnessed() == size


async def longer_history(watched: Watched) -> str:
    """A checkpoint of our own key over one entry more than is here, as after a restored backup."""
    async with watched.world.service.storage.snapshot() as tx:
        head = await tx.log.head()
    _, frontier = merkle.append(head.size, head.frontier, merkle.leaf_hash(b"an act that was lost"))
    signer = watched.world.service.keyring.signer
    text = Checkpoint(signer.name, head.size + 1, merkle.root_from_frontier(frontier)).encode()
    return signer.sign(text)


async def test_a_service_that_is_behind_writes_nothing_until_it_has_caught_up(watched: Watched) -> None:
    size = await watched.grow("a")
    lost = await longer_history(watched)
    await watched.witnesses["health"].add_checkpoint(0, [], lost)
    await watched.asking("health")()
    assert not watched.standing.may_write
    guarded = GuardedStorage(watched.world.service.storage, watched.standing)
    with pytest.raises(
        ReadOnly, match=f"has cosigned {size + 1} entries of this log and only {size} are here"
    ):
        guarded.transaction()
    async with guarded.snapshot() as tx:
        assert (await tx.log.head()).size == size
    watched.standing.agrees_with("health")
    async with guarded.transaction() as tx:
        assert (await tx.log.head()).size == size


@dataclass(slots=True)
class Liar:
    """A witness that claims whatever it likes, under a key of its own."""

    claim: str

    async def add_checkpoint(self, old: int, proof: Sequence[bytes], note: str) -> object:
        raise NotImplementedError

    async def latest(self, origin: str) -> str | None:
        return self.claim


async def test_no_witness_stops_the_service_with_what_our_key_did_not_sign(watched: Watched) -> None:
    await watched.grow("a")
    text = parse_note(await longer_history(watched)).text
    liar = Liar(new_signer(watched.world.origin).sign(text))
    await watched.asking("health", liar).compare()  # type: ignore[arg-type]  # only its latest is asked
    assert watched.standing.may_write
    assert (await watched.answer("health")).failures == 1


@on_every_database
async def test_a_fork_stops_everything_and_leaves_both_notes(watched: Watched) -> None:
    other = await forked_history(watched)
    size = await watched.grow("a")
    await watched.witnesses["health"].add_checkpoint(0, [], other)
    with pytest.raises(Forked, match="another history of this log"):
        await watched.asking("health")()
    with pytest.raises(Forked):
        GuardedStorage(watched.world.service.storage, watched.standing).transaction()
    async with watched.world.service.storage.snapshot() as tx:
        (fork,) = await tx.witnesses.forks()
    assert size_of(fork.ours) == size
    assert fork.theirs.startswith(other)


async def test_a_fork_that_shows_while_the_service_runs_stops_it(watched: Watched) -> None:
    other = await forked_history(watched)
    await watched.grow("a")
    await watched.witnesses["health"].add_checkpoint(0, [], other)
    server = Server(
        create_app(WitnessParts(watched.witnesses["city"], (), "https://city.example.org")), lambda: None
    )
    asking = asking_of(Witnesses(watched.read, [watched.asking("health")], watched.standing), server)
    with pytest.raises(Forked):
        await asking["ask witness health"]()
    assert server.should_exit
    with pytest.raises(Forked):
        watched.standing.must_not_be_forked()


async def forked_history(watched: Watched) -> str:
    """Our own key over another first entries than those that come."""
    signer = watched.world.service.keyring.signer
    root = merkle.root([merkle.leaf_hash(b"another first act")])
    return signer.sign(Checkpoint(signer.name, 1, root).encode())


async def test_a_silent_log_still_looks_what_its_witnesses_hold(watched: Watched) -> None:
    await watched.grow("a")
    await watched.ask_all()
    await watched.witnesses["health"].add_checkpoint(2, [], (await watched.read.newest()).note)
    watched.world.clock.pass_by(LOOK_AGAIN)
    await watched.ask_all()
    assert (await watched.answer("health")).answered_at == watched.world.clock.moment


async def test_a_changed_policy_is_counted_anew_for_the_newest_checkpoint(watched: Watched) -> None:
    size = await watched.grow("a")
    await watched.ask_all()
    stricter = replace(watched.policy, groups=(), quorum="health")
    reader = ReadWitnessed(watched.world.service.storage, stricter)
    with pytest.raises(NotFound):
        await reader.newest_witnessed()
    await reader.mark_newest()
    assert (await reader.newest_witnessed()).size == size


async def test_evidence_carries_the_earliest_checkpoint_with_a_quorum(watched: Watched) -> None:
    sealed = await whole_story(watched.world)
    await watched.ask_all()
    first = await watched.witnessed()
    await watched.grow("later")
    await watched.ask_all()
    gather = GatherEvidence(
        watched.world.service.storage,
        watched.world.service.keyring.signer,
        Policies(watched.world.clock, Ed25519Verifier(), watched.world.origin),
        watched.world.use.fetch_sealed.acts,
        watched.read,
    )
    city = watched.world.agencies["city"]
    evidence = await gather(city.auditor, sealed.meeting, sealed.seq)
    assert f"\n{first}\n" in evidence.entry.proof
    held = verify(evidence, log_key=watched.key, witnesses=evidence.witnesses)
    (step,) = [step for step in held.steps if step.name is StepName.WITNESSES]
    assert (held.outcome, step.state) == (Outcome.INTACT, StepState.PASSED)
    assert step.sentence.startswith("2 of 2 cosignatures: the quorum `others` of the policy you hold is met.")


def test_a_witness_is_known_by_its_whole_key() -> None:
    known = KnownWitness("health", parse_vkey(new_cosigner("health.example.org/w1").vkey))
    policy = Policy((), (known,), (), "health")
    moved = replace(policy, witnesses=(replace(known, url="https://witness.example.org"),))
    renewed = KnownWitness("health", parse_vkey(new_cosigner("health.example.org/w1").vkey))
    assert policy.digest == moved.digest
    assert policy.digest != Policy((), (renewed,), (), "health").digest


def test_pauses_grow_to_five_minutes_and_a_clock_set_back_does_not_lengthen_them() -> None:
    at = Hands().at
    answer = WitnessAnswer(witness="w")
    for seconds in (2, 4, 8, 16, 32, 64, 128, 256, 300, 300):
        answer = answer.failed("It does not answer.", at)
        assert not answer.is_due(at + timedelta(seconds=seconds - 1))
        assert answer.is_due(at + timedelta(seconds=seconds))
    assert answer.is_due(at - timedelta(seconds=1))


@on_every_database
async def test_a_cosignature_dated_far_ahead_is_not_kept_and_says_why(watched: Watched) -> None:
    """One agency's witness could otherwise choose a date that no page can show."""
    watched.witnesses["health"].clock.move(25 * 3600)
    size = await watched.grow("a")
    await watched.ask_all()
    assert "ahead of this service's clock" in (await watched.answer("health")).fault
    async with watched.world.service.storage.snapshot() as tx:
        kept = {each.witness for each in await tx.witnesses.cosignatures(size)}
    assert kept == {watched.witnesses[name].vkey for name in ("city", "prefecture")}
