"""`meetcoord person`: the people of an agency."""

from typing import TYPE_CHECKING

import click

from meetcoord.cli.agency import language_option
from meetcoord.cli.answers import Answer, table
from meetcoord.cli.asking import actor_of, known, reading, writing
from meetcoord.cli.importing import import_
from meetcoord.cli.program import Group
from meetcoord.domain.agencies import Person, Role
from meetcoord.domain.values import Language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetcoord.ports.storage import Storage
    from meetcoord.usecases.catalogue import UseCases


@click.group(cls=Group)
def person() -> None:
    """Add, import and list the persons of an agency."""


person.add_command(import_)


@person.command()
@click.argument("agency")
@click.option("--name", required=True)
@click.option("--address", required=True, help="Her mail address; no other agency sees it.")
@click.option("--function", required=True, help="What other agencies see beside the name.")
@language_option
@click.option(
    "--role",
    "roles",
    type=click.Choice([role.value for role in Role]),
    multiple=True,
    help="May be repeated; without one she can still be a delegate.",
)
def add(agency: str, name: str, address: str, function: str, language: str, roles: tuple[str, ...]) -> Answer:
    """Make a person of AGENCY known."""
    from meetcoord.usecases.register_person import NewPerson

    actor = actor_of(agency)
    asked = NewPerson(
        name=name,
        address=address,
        function=function,
        language=Language(language),
        roles=frozenset(map(Role, roles)),
    )

    async def work(cases: "UseCases") -> Person:
        return await cases.register_person(actor, asked)

    made = writing(work)
    return Answer(document=made, text=made.id, note=f"{made.name} is known to {made.agency} under this id.")


@person.command("list")
@click.argument("agency")
def list_(agency: str) -> Answer:
    """List the persons of AGENCY."""
    from meetcoord.usecases.register_person import ListPersons

    actor = actor_of(agency)

    async def work(storage: "Storage") -> "Sequence[Person]":
        return await ListPersons(storage)(await known(storage, actor))

    found = reading(work)
    rows = [(each.id, each.name, each.function, each.address, _roles(each)) for each in found]
    return Answer(
        document={"persons": found}, text=table(["id", "name", "function", "address", "roles"], rows)
    )


def _roles(person: Person) -> str:
    return ", ".join(sorted(role.value for role in person.roles))
