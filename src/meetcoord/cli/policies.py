"""`meetcoord agency policy`: who can open the minutes of an agency's circles, and its word on changes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click
import msgspec

from meetcoord.cli.answers import Answer
from meetcoord.cli.asking import actor_of, known, reading, writing
from meetcoord.cli.program import Group, settings
from meetcoord.domain.checkpoints import parse_vkey
from meetcoord.domain.leaves import ConsentVerdict
from meetcoord.domain.policies import PlacedPolicy, Proposal, fingerprint, grouped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetcoord.ports.storage import Storage
    from meetcoord.usecases.catalogue import UseCases
    from meetcoord.usecases.consent_to_policy import KnownPolicies


class ListOfKeys(msgspec.Struct, frozen=True):
    """What may be told of a policy; `hash` is what a consent names."""

    index: int
    hash: str
    keys: tuple[str, ...]
    waiting_for: tuple[str, ...] = ()


class CircleLine(msgspec.Struct, frozen=True):
    """`first` is the fingerprint to pin when evidence is verified."""

    agencies: tuple[str, ...]
    first: str
    in_force: ListOfKeys | None
    proposals: tuple[ListOfKeys, ...]


@click.group(cls=Group)
def policy() -> None:
    """Show the lists of keys in force and proposed, and consent to changes."""


@policy.command("list")
@click.argument("agency")
def list_(agency: str) -> Answer:
    """List who can open what is sealed in each circle of AGENCY."""
    from meetcoord.adapters import system
    from meetcoord.adapters.sealing.notes import Ed25519Verifier
    from meetcoord.usecases.consent_to_policy import ReadPolicies
    from meetcoord.usecases.policies import Policies

    actor, origin = actor_of(agency), settings().log_origin

    async def work(storage: "Storage") -> "Sequence[KnownPolicies]":
        policies = Policies(system.now, Ed25519Verifier(), origin)
        return await ReadPolicies(storage, policies)(await known(storage, actor))

    lines = [_line(each) for each in reading(work)]
    text = "\n\n".join("\n".join(_told(line)) for line in lines)
    return Answer(document={"circles": lines}, text=text or "No minutes of this agency have circulated yet.")


@policy.command()
@click.argument("agency")
@click.argument("index", type=int)
@click.argument("leaf", metavar="HASH")
@click.option(
    "--signature", help="What `meetcoord approver consent` wrote, where AGENCY has named signing keys."
)
@click.option("--reject", is_flag=True, help="Say no to it.")
def consent(agency: str, index: int, leaf: str, signature: str | None, reject: bool) -> Answer:
    """Give the word of AGENCY on the list proposed at INDEX.

    HASH is the one that `list` shows: what was read is what is consented to.
    """
    from meetcoord.usecases.consent_to_policy import GivenConsent

    actor = actor_of(agency)
    verdict = ConsentVerdict.REJECT if reject else ConsentVerdict.APPROVE
    asked = GivenConsent(verdict=verdict, leaf=leaf, signature=signature)

    async def work(cases: "UseCases") -> "KnownPolicies":
        return await cases.consent_to_policy(actor, index, asked)

    line = _line(writing(work))
    return Answer(document=line, text="\n".join(_told(line)))


def _line(found: "KnownPolicies") -> CircleLine:
    state = found.state
    return CircleLine(
        agencies=found.circle.agencies,
        first=state.chain[0].policy.fingerprint if state.chain else "",
        in_force=_keys(state.in_force.policy) if state.in_force else None,
        proposals=tuple(_proposed(each) for each in state.proposals),
    )


def _proposed(proposal: Proposal) -> ListOfKeys:
    approved = proposal.having(ConsentVerdict.APPROVE)
    waiting = tuple(agency for agency in proposal.policy.leaf.agencies if agency not in approved)
    return msgspec.structs.replace(_keys(proposal.policy), waiting_for=waiting)


def _keys(found: PlacedPolicy) -> ListOfKeys:
    leaf = found.leaf
    opening = (f"{r.agency} {r.kind.value} {grouped(fingerprint(r.recipient))}" for r in leaf.recipients)
    signing = (f"{a.agency} approver {parse_vkey(a.key).fingerprint}" for a in leaf.approvers)
    return ListOfKeys(found.index, found.hash, (*opening, *signing))


def _told(line: CircleLine) -> Iterator[str]:
    yield f"{', '.join(line.agencies)}: first list {line.first}"
    if line.in_force:
        yield f"  in force: entry {line.in_force.index}"
        yield from (f"    {key}" for key in line.in_force.keys)
    for each in line.proposals:
        yield f"  proposed: entry {each.index}, hash {each.hash}, waiting for {', '.join(each.waiting_for)}"
        yield from (f"    {key}" for key in each.keys)
