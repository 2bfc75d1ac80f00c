"""What was signed before an edit holds, an entry that is repeated is named, and a quorum not met is no success."""

from pathlib import Path

import pytest

from meetcoord.adapters.sealing.bundle import pack
from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.domain.evidence import Outcome
from meetcoord.domain.meetings import Meeting
from tests.agencies import YES, Acting, World, identity_of
from tests.cli.conftest import typed
from tests.log.builders import policy_leaf, verify, written
from tests.log.test_evidence_witnesses import cosigned, policy
from tests.usecases.test_log import behind_its_back, damages
from tests.usecases.test_log_meanings import approved, entry, faults


async def test_what_was_signed_before_a_row_was_edited_still_verifies(world: World) -> None:
    city, prefecture = await world.agency("city"), await world.agency("prefecture")
    sealed = await city.approve(await city.circulate(await city.write(await settled(city, prefecture))))
    evidence = await prefecture.evidence(sealed)
    note = (await world.use.read_log.newest_checkpoint()).note
    await behind_its_back(world, 'UPDATE log_leaves SET entry = :entry WHERE "index" = 2', {"entry": b"{}"})
    assert (await damages(world))[0].startswith("entry 2: ")
    Ed25519Verifier().verify((await world.use.read_log.newest_checkpoint()).note, world.use.read_log.vkey)
    assert (await world.use.read_log.newest_checkpoint()).note == note
    verdict = verify(evidence, identity_of("prefecture"), world.use.read_log.vkey)
    assert verdict.outcome is Outcome.INTACT


async def settled(city: Acting, other: Acting) -> Meeting:
    meeting = await city.propose(other)
    await other.answer(meeting, YES)
    return await city.settle(meeting)


@pytest.mark.parametrize(("names", "code"), [(("city", "health"), 1), (("city", "health", "prefecture"), 0)])
def test_evidence_without_the_quorum_is_an_exit_code_of_one(
    tmp_path: Path, names: tuple[str, ...], code: int
) -> None:
    here = written()
    file, held, key = tmp_path / "evidence.zip", tmp_path / "policy.tlog", tmp_path / "log.vkey"
    file.write_bytes(pack(cosigned(here, *names)))
    held.write_text(policy(), encoding="utf-8")
    key.write_text(f"{here.key}\n", encoding="utf-8")
    said = typed("evidence", "verify", file, "--log-key", key, "--witness-policy", held)
    assert said.code == code, said
    assert ("quorum `agencies` not met" in said.out) == (code == 1)


def test_an_entry_that_is_repeated_is_named_in_its_meeting_and_in_another() -> None:
    log = (policy_leaf(), approved(), entry())
    assert faults(*log) == []
    again, unapproved = faults(*log, entry())
    assert again == (3, "it is document 0 of its meeting, document 1 was to come")
    assert unapproved[1].startswith("no approval of it")
    ((index, sentence),) = faults(*log, entry(meeting="another"))
    assert (index, sentence) == (3, unapproved[1])
