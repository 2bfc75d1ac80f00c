"""`meetcoord agency recipient`: the public keys able to open what is sealed for an agency."""

from typing import TYPE_CHECKING

import click

from meetcoord.cli.answers import Answer, table
from meetcoord.cli.asking import actor_of, known, reading, writing
from meetcoord.cli.files import recipient_from
from meetcoord.cli.program import Group
from meetcoord.domain.agencies import Recipient, RecipientKind
from meetcoord.domain.policies import fingerprint, grouped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetcoord.ports.storage import Storage
    from meetcoord.usecases.catalogue import UseCases


@click.group(cls=Group)
def recipient() -> None:
    """Add, list and withdraw the public keys that minutes are sealed to."""


@recipient.command()
@click.argument("agency")
@click.argument("key", metavar="KEY_OR_FILE")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in RecipientKind]),
    required=True,
    help="An auditor at work; the key in the archive's safe, at least one; or the service's own, if all agree.",
)
@click.option("--label", required=True, help="Whose key it is, for people.")
def add(agency: str, key: str, kind: str, label: str) -> Answer:
    """Seal AGENCY's future minutes also to this key.

    KEY_OR_FILE is a public key (age1pq1…) or the .pub file that holds it.
    """
    from meetcoord.usecases.add_recipient import NewRecipient

    actor = actor_of(agency)
    asked = NewRecipient(kind=RecipientKind(kind), key=recipient_from(key), label=label)

    async def work(cases: "UseCases") -> Recipient:
        await cases.read_agency(actor, actor.agency)
        return await cases.add_recipient(actor, asked)

    made = writing(work)
    return Answer(document=made, text=f"{made.kind.value} of {made.agency}: {made.label} {_short(made.key)}")


@recipient.command("list")
@click.argument("agency")
def list_(agency: str) -> Answer:
    """List the keys able to open what is sealed for AGENCY."""
    from meetcoord.usecases.add_recipient import ListRecipients

    actor = actor_of(agency)

    async def work(storage: "Storage") -> "Sequence[Recipient]":
        return await ListRecipients(storage)(await known(storage, actor))

    found = reading(work)
    headings = ["kind", "label", "added", "state", "key", "fingerprint"]
    return Answer(document={"recipients": found}, text=table(headings, [_row(each) for each in found]))


@recipient.command()
@click.argument("agency")
@click.argument("key_fingerprint", metavar="FINGERPRINT")
def withdraw(agency: str, key_fingerprint: str) -> Answer:
    """Withdraw the key with this FINGERPRINT from AGENCY.

    What is sealed already stays open to it.
    """
    actor = actor_of(agency)

    async def work(cases: "UseCases") -> Recipient:
        return await cases.withdraw_recipient(actor, key_fingerprint)

    gone = writing(work)
    return Answer(document=gone, text=f"{gone.label}: withdrawn, once every agency has consented.")


def _row(each: Recipient) -> tuple[str, ...]:
    state = "in use" if each.in_use else "withdrawn"
    told = grouped(fingerprint(each.key))
    return each.kind.value, each.label, f"{each.added_at:%Y-%m-%d}", state, _short(each.key), told


def _short(key: str) -> str:
    """A post-quantum key has two thousand characters: its ends tell it apart."""
    return f"{key[:15]}…{key[-12:]}"
