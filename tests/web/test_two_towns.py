"""Two circles of agencies on one service: whatever one asks for, not a word of the other is in the answer."""

from dataclasses import dataclass, field

from meetcoord.domain.agencies import Role
from meetcoord.domain.policies import fingerprint
from tests.agencies import MORNING, YES, Acting, World
from tests.web.conftest import Asking, key_of
from tests.web.requests import ROUTES
from tests.worlds import on_every_database


@dataclass(slots=True)
class Town:
    """Two agencies that meet with each other; `secrets` are the words that belong to them alone."""

    city: Acting
    prefecture: Acting
    facts: dict[str, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)


async def town(world: World, name: str) -> Town:
    """With everything there is to know: people, keys, a meeting held, sealed minutes, and a draft."""
    city, prefecture = await world.agency(f"city-{name}"), await world.agency(f"prefecture-{name}")
    made = Town(city, prefecture)
    person = await prefecture.person(f"Canary {name} delegate")
    auditor = await city.person(f"Canary {name} auditor", frozenset({Role.AUDITOR}))
    meeting = await city.propose(prefecture)
    await prefecture.answer(meeting, YES)
    await prefecture.send(meeting, person)
    await city.settle(meeting)
    (seat,) = await city.invite(meeting)
    await world.deliver()
    world.clock.go_to(MORNING)
    await world.press(world.newest_link(person))
    sealed = await city.approve(await city.circulate(await city.write(meeting, f"# Canary {name} sealed")))
    draft = await city.write(meeting, f"# Canary {name} draft")
    await prefecture.add_approver()
    (known,) = await city.circles()
    (archive,) = await city.use.list_recipients(city.console)
    made.facts = {
        "agency_id": city.id,
        "person_id": person.id,
        "meeting_id": meeting.id,
        "invitation_id": seat.id,
        "seq": str(sealed.seq),
        "index": str(known.state.proposals[0].policy.index),
        "key_fingerprint": fingerprint(archive.key),
    }
    made.secrets = {
        f"Canary {name}",
        meeting.id,
        meeting.room,
        seat.id,
        person.id,
        auditor.id,
        archive.key,
        fingerprint(archive.key),
        city.secretary.person,
        f"@{city.id}.example.org",
        f"@{prefecture.id}.example.org",
        f"canary.{name}",
    }
    assert draft.seq != sealed.seq
    return made


@on_every_database
async def test_no_answer_to_one_town_holds_a_word_of_the_other(world: World, nobody: Asking) -> None:
    towns = [await town(world, "north"), await town(world, "south")]
    for mine, theirs in (towns, towns[::-1]):
        for agency in (mine.city, mine.prefecture):
            asking = Asking(nobody.http, await key_of(agency, *Role))
            for path in paths(theirs) | paths(mine):
                answer = await asking.get(path)
                told = answer.text + repr(dict(answer.headers))
                assert answer.status_code < 500, path
                # What was asked with stands in no answer either, but in its own address.
                leaked = [each for each in theirs.secrets if each in told]
                assert leaked == [], (path, answer.text)


async def test_each_town_does_read_what_is_its_own(world: World, nobody: Asking) -> None:
    """Else the other test would prove nothing."""
    north = await town(world, "north")
    asking = Asking(nobody.http, await key_of(north.city, *Role))
    told = "".join([(await asking.get(path)).text for path in sorted(paths(north))])
    seen = {each for each in north.secrets if each in told}
    assert seen >= {"Canary north", north.facts["meeting_id"], north.facts["invitation_id"]}
    assert f"@{north.city.id}.example.org" in seen


def paths(of: Town) -> set[str]:
    """Every address under /v1 that can be read, with the names of this town's objects, drafts too."""
    readable = [row.path for row in ROUTES if row.method == "GET" and row.keyed]
    return {path.format(**{**of.facts, "seq": seq}) for path in readable for seq in (of.facts["seq"], "1")}
