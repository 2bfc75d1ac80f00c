"""`meetcoord agency`: the agencies that take part."""

from typing import TYPE_CHECKING

import click

from meetcoord.cli.answers import Answer, table
from meetcoord.cli.approvers import approver
from meetcoord.cli.asking import actor_of, reading, writing
from meetcoord.cli.policies import policy
from meetcoord.cli.program import Group
from meetcoord.cli.recipient import recipient
from meetcoord.domain.access import Actor
from meetcoord.domain.agencies import Agency
from meetcoord.domain.values import Language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetcoord.ports.storage import Storage
    from meetcoord.usecases.catalogue import UseCases

language_option = click.option(
    "--language",
    type=click.Choice([language.value for language in Language]),
    default=Language.FRENCH.value,
    show_default=True,
    help="The language mail is written in.",
)


@click.group(cls=Group)
def agency() -> None:
    """Add and list agencies and the keys that open or approve their minutes."""


agency.add_command(recipient)
agency.add_command(approver)
agency.add_command(policy)


@agency.command()
@click.argument("id_", metavar="ID")
@click.argument("name")
@language_option
def add(id_: str, name: str, language: str) -> Answer:
    """Make an agency known under ID, a short name chosen once."""
    from meetcoord.usecases.register_agency import NewAgency

    actor = actor_of(id_)
    asked = NewAgency(id=id_, name=name, language=Language(language))

    async def work(cases: "UseCases") -> Agency:
        return await cases.register_agency(actor, asked)

    made = writing(work)
    return Answer(document=made, text=f"{made.id}: {made.name}")


@agency.command("list")
def list_() -> Answer:
    """List the agencies."""
    from meetcoord.usecases.register_agency import ListAgencies

    actor: Actor = actor_of("console")  # whoever asks for all of them asks for none in particular

    async def work(storage: "Storage") -> "Sequence[Agency]":
        return await ListAgencies(storage)(actor)

    found = reading(work)
    rows = [(each.id, each.name, each.language.value) for each in found]
    return Answer(document={"agencies": found}, text=table(["id", "name", "language"], rows))
