"""`meetcoord keys auditor`: what an auditor does on her own machine, which is never the server."""

from pathlib import Path

import click

from meetcoord.cli.answers import Answer
from meetcoord.cli.files import identity_in, replace
from meetcoord.cli.program import Group
from meetcoord.domain.errors import Conflict


@click.group(cls=Group)
def auditor() -> None:
    """Make and look at the key that opens sealed minutes, on the auditor's own machine."""


@auditor.command()
@click.argument("file", type=click.Path(path_type=Path))
def new(file: Path) -> Answer:
    """Make an identity in FILE and its public half in FILE.pub.

    Give away only the latter; whoever has FILE reads everything sealed to it.
    """
    from meetcoord.adapters import system
    from meetcoord.adapters.sealing import keyfiles
    from meetcoord.adapters.sealing.age import assert_post_quantum, generate_identity, recipient_of

    public = file.with_name(f"{file.name}.pub")
    for path in (file, public):
        if path.exists():
            raise Conflict(f"{path} exists already and is never overwritten: name another file.")
    assert_post_quantum()
    identity = generate_identity(system.entropy)
    recipient, created = recipient_of(identity), f"{system.now():%Y-%m-%dT%H:%M:%SZ}"
    keyfiles.create(file, f"# created: {created}\n# public key: {recipient}\n{identity}\n".encode())
    replace(public, f"{recipient}\n".encode())
    return Answer(
        document={"identity_file": str(file), "recipient_file": str(public), "recipient": recipient},
        text=recipient,
        note=f"Keep {file} and a copy of it in a safe: nobody can replace it. Give {public} to your administrator.",
    )


@auditor.command()
@click.argument("file", type=click.Path(path_type=Path))
def recipient(file: Path) -> Answer:
    """Print the public key that belongs to the identity in FILE."""
    from meetcoord.adapters.sealing.age import recipient_of

    found = recipient_of(identity_in(file))
    return Answer(document={"recipient": found}, text=found)
