"""`meetcoord agency approver`: the keys with which persons approve for an agency."""

from typing import TYPE_CHECKING

import click

from meetcoord.cli.answers import Answer, table
from meetcoord.cli.asking import actor_of, known, reading, writing
from meetcoord.cli.files import approver_key_from
from meetcoord.cli.program import Group
from meetcoord.domain.agencies import Approver
from meetcoord.domain.checkpoints import parse_vkey
from meetcoord.domain.values import PersonId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetcoord.ports.storage import Storage
    from meetcoord.usecases.catalogue import UseCases


@click.group(cls=Group)
def approver() -> None:
    """Add, list and withdraw the keys that sign an agency's approvals."""


@approver.command()
@click.argument("agency")
@click.argument("person")
@click.argument("key", metavar="KEY_OR_FILE")
def add(agency: str, person: str, key: str) -> Answer:
    """Let PERSON (an id) sign for AGENCY with this key.

    KEY_OR_FILE is what `meetcoord keys approver new` printed on her machine, or its .pub file.
    """
    from meetcoord.usecases.add_approver import NewApprover

    actor = actor_of(agency)
    asked = NewApprover(person=PersonId(person), key=approver_key_from(key))

    async def work(cases: "UseCases") -> Approver:
        await cases.read_agency(actor, actor.agency)
        return await cases.add_approver(actor, asked)

    made = writing(work)
    return Answer(
        document=made,
        text=f"{made.agency}: {parse_vkey(made.key).name}",
        note=f"Compare by telephone: {parse_vkey(made.key).fingerprint}",
    )


@approver.command("list")
@click.argument("agency")
def list_(agency: str) -> Answer:
    """List who signs for AGENCY."""
    from meetcoord.usecases.add_approver import ListApprovers

    actor = actor_of(agency)

    async def work(storage: "Storage") -> "Sequence[Approver]":
        return await ListApprovers(storage)(await known(storage, actor))

    found = reading(work)
    return Answer(
        document={"approvers": found},
        text=table(["key", "person", "added", "state", "fingerprint"], [_row(each) for each in found]),
    )


@approver.command()
@click.argument("agency")
@click.argument("fingerprint")
def withdraw(agency: str, fingerprint: str) -> Answer:
    """Withdraw the key with this FINGERPRINT from AGENCY."""
    actor = actor_of(agency)

    async def work(cases: "UseCases") -> Approver:
        return await cases.withdraw_approver(actor, fingerprint)

    gone = writing(work)
    return Answer(
        document=gone, text=f"{parse_vkey(gone.key).name} no longer signs, once every agency has consented."
    )


def _row(each: Approver) -> tuple[str, ...]:
    key = parse_vkey(each.key)
    state = "in use" if each.in_use else "withdrawn"
    return key.name, each.person, f"{each.added_at:%Y-%m-%d}", state, key.fingerprint
