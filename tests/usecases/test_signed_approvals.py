"""Approvals signed on the approver's own machine: what binds them, and what nobody can make her sign."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import pytest

from meetcoord.adapters.sealing.age import AgeOpener
from meetcoord.adapters.sealing.cosignatures import Ed25519CosignatureVerifier
from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.domain.approvals import kept_signature
from meetcoord.domain.checkpoints import parse_vkey
from meetcoord.domain.errors import CannotTell, Conflict, Damaged, Invalid
from meetcoord.domain.evidence import Evidence, Outcome, StepName
from meetcoord.domain.frames import Frame
from meetcoord.domain.leaves import encode, parse
from meetcoord.domain.minutes import Minutes, MinutesState
from meetcoord.domain.profiles import ProfileName
from meetcoord.domain.to_sign import read_circulated, read_proposed, signs_for
from meetcoord.usecases.approve_minutes import ApprovedContent
from meetcoord.usecases.verify_evidence import VerifyEvidence
from tests.agencies import BODY, Acting, World, agreed, approver_of, identity_of
from tests.log.builders import policy_leaf
from tests.worlds import on_every_database

verify = VerifyEvidence(Ed25519Verifier(), AgeOpener(), Ed25519CosignatureVerifier())
Said = dict[str, Any]


@pytest.fixture
async def circulated(city: Acting, prefecture: Acting) -> Minutes:
    """Sensitive minutes of two agencies, the city having named two approvers."""
    for number in (1, 2):
        await city.add_approver(number)
    meeting = await agreed(city, prefecture, ProfileName.SENSITIVE)
    return await city.circulate(await city.write(meeting))


def told(evidence: Evidence, name: StepName) -> str:
    return next(step.sentence for step in verify(evidence).steps if step.name is name)


@on_every_database
async def test_signed_and_declared_approvals_lead_to_evidence_that_tells_them_apart(
    world: World, city: Acting, prefecture: Acting, circulated: Minutes
) -> None:
    await prefecture.approve(circulated)
    sealed = await city.approve(circulated, signed_by=2)
    assert {each.agency: each.signed for each in sealed.approvals} == {"city": True, "prefecture": False}
    await world.use.publish_checkpoint()
    evidence = await city.evidence(sealed)
    verdict = verify(evidence, identity_of("city"), world.service.keyring.signer.vkey)
    assert verdict.outcome is Outcome.INTACT
    assert "city (signed), prefecture (declared by the service" in told(evidence, StepName.APPROVALS)
    await world.must_be_sound()


async def test_where_a_key_is_named_the_interface_alone_does_not_approve(
    city: Acting, circulated: Minutes
) -> None:
    with pytest.raises(Invalid, match="meetcoord approver sign"):
        await city.approve(circulated)
    assert (await city.read(circulated)).minutes.approvals == ()


async def test_a_signature_of_somebody_else_or_for_something_else_is_refused(
    city: Acting, prefecture: Acting, circulated: Minutes
) -> None:
    good = await city.signature(circulated)
    foreign = await prefecture.signature(circulated)
    again = await city.circulate(circulated)
    for signature in (foreign, good, good[:-8] + "AAAAAAA=", "", "nonsense"):
        with pytest.raises(Invalid):
            await send(city, again, signature)
    with pytest.raises(Invalid, match="No key that signs for your agency"):
        await prefecture.approve(again, signed_by=1)


async def send(agency: Acting, minutes: Minutes, signature: str) -> Minutes:
    asked = ApprovedContent(content=minutes.content or "", signature=signature)
    return await agency.use.approve_minutes(agency.secretary, minutes.meeting, minutes.seq, asked)


async def test_critical_minutes_circulate_only_when_every_agency_asked_can_sign(
    city: Acting, prefecture: Acting
) -> None:
    await city.add_approver()
    meeting = await agreed(city, prefecture, ProfileName.CRITICAL)
    draft = await city.write(meeting)
    with pytest.raises(Conflict, match="no signing key is in force for prefecture"):
        await city.circulate(draft)
    await prefecture.add_approver()
    ready = await city.circulate(draft)
    await city.approve(ready, signed_by=1)
    assert (await prefecture.approve(ready, signed_by=1)).state is MinutesState.SEALED


async def test_a_withdrawn_approver_signs_until_every_agency_has_consented(
    world: World, city: Acting, prefecture: Acting, circulated: Minutes
) -> None:
    gone = next(each for each in await world.use.list_approvers(city.secretary) if "approver-1+" in each.key)
    await world.use.withdraw_approver(city.console, parse_vkey(gone.key).fingerprint)
    late = await city.signature(circulated)
    (known,) = await city.circles()
    await prefecture.consent(known.state.proposals[-1])
    await city.consent(known.state.proposals[-1], number=2)
    with pytest.raises(Conflict, match="circulate them again"):
        await send(city, circulated, late)
    again = await city.circulate(circulated)
    with pytest.raises(Invalid, match="none of those named"):
        await city.approve(again, signed_by=1)
    await city.approve(again, signed_by=2)
    await world.must_be_sound()


async def answer(agency: Acting, minutes: Minutes) -> Said:
    """What an honest service answers about circulated minutes."""
    found = await agency.read(minutes)
    assert found.policy
    assert found.frame
    policy = found.policy
    return {
        "meeting": minutes.meeting,
        "seq": minutes.seq,
        "content": minutes.content,
        "body": found.body,
        "frame": b64encode(found.frame).decode(),
        "policy": {"index": policy.index, "hash": policy.hash, "leaf": b64encode(policy.entry).decode()},
    }


async def test_what_the_tool_signs_is_what_the_service_accepts(
    city: Acting, prefecture: Acting, circulated: Minutes
) -> None:
    shown = read_circulated(json.dumps(await answer(city, circulated)).encode())
    signer = approver_of("city", 1)
    assert (shown.frame.body, signs_for(shown.policy, signer.vkey)) == (BODY, "city")
    approved = await send(city, circulated, kept_signature(signer.sign(shown.text)))
    assert approved.approvals[0].signed


def other_text(said: Said) -> Said:
    """The hash of one text, and another text to be read."""
    return said | {"body": "Une autre décision.\n"}


def other_frame(said: Said) -> Said:
    frame = b64decode(said["frame"]).replace(BODY.encode(), b"Another decision.\n")
    return said | {"frame": b64encode(frame).decode(), "body": Frame.parse(frame).body}


def other_reader(said: Said) -> Said:
    """One more recipient behind the same hash."""
    more = encode(policy_leaf(("city", "health")))
    return said | {"policy": said["policy"] | {"leaf": b64encode(more).decode()}}


def no_policy(said: Said) -> Said:
    return said | {"policy": said["policy"] | {"leaf": b64encode(b"{}").decode()}}


def other_meeting(said: Said) -> Said:
    return said | {"meeting": "another"}


def other_document(said: Said) -> Said:
    return said | {"seq": 1}


def no_base64(said: Said) -> Said:
    return said | {"frame": "?"}


@pytest.mark.parametrize(
    "lie", [other_text, other_frame, other_reader, no_policy, other_meeting, other_document, no_base64]
)
async def test_a_service_that_lies_about_text_or_readers_is_caught_by_the_tool(
    city: Acting, circulated: Minutes, lie: Callable[[Said], Said]
) -> None:
    honest = await answer(city, circulated)
    with pytest.raises(Damaged):
        read_circulated(json.dumps(lie(honest)).encode())


async def test_a_list_put_at_another_index_is_signed_for_in_vain(city: Acting, circulated: Minutes) -> None:
    """The signature names index and hash: it counts where exactly this list stands in the log."""
    honest = await answer(city, circulated)
    moved = read_circulated(json.dumps(honest | {"policy": honest["policy"] | {"index": 0}}).encode())
    with pytest.raises(Invalid):
        await send(city, circulated, kept_signature(approver_of("city", 1).sign(moved.text)))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"items": 3}'])
def test_what_is_no_answer_of_the_service_is_not_signed(data: bytes) -> None:
    with pytest.raises(CannotTell):
        read_circulated(data)
    with pytest.raises(CannotTell):
        read_proposed(data)


async def test_the_log_holds_what_was_signed(world: World, city: Acting, circulated: Minutes) -> None:
    await city.approve(circulated, signed_by=1)
    async with world.service.storage.snapshot() as tx:
        leaves_of = [parse(each.entry) for each in await tx.log.about(circulated.meeting)]
    assert [leaf.policy for leaf in leaves_of if leaf.type == "approval"] == [circulated.policy]
