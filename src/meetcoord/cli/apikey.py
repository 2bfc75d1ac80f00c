"""`meetcoord apikey`: keys through which programs act for one person."""

from datetime import datetime
from typing import TYPE_CHECKING

import click
import msgspec

from meetcoord.cli.answers import Answer, table, usage
from meetcoord.cli.asking import actor_of, known, reading, writing
from meetcoord.cli.program import Group
from meetcoord.domain.access import RIGHTS, Actor, ApiKey, Scope
from meetcoord.domain.values import PersonId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetcoord.ports.storage import Storage
    from meetcoord.usecases.catalogue import UseCases
    from meetcoord.usecases.issue_api_key import IssuedApiKey


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it may be shown: neither its secret nor the digest of it."""

    id: str
    person: str
    label: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@click.group(cls=Group)
def apikey() -> None:
    """Issue, list and revoke the keys of programs."""


@apikey.command()
@click.argument("agency")
@click.argument("person", metavar="PERSON_ID")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    help="What the key may be used for; may be repeated.",
)
@click.option("--all-of-role", is_flag=True, help="Every scope that the person's roles allow.")
@click.option("--label", required=True, help="Which program will use it.")
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="How long it lives.")
def new(
    agency: str, person: str, scopes: tuple[str, ...], all_of_role: bool, label: str, days: int
) -> Answer:
    """Issue a key that acts for a person of AGENCY.

    The secret is printed this once, alone on stdout.
    """
    if bool(scopes) == all_of_role:
        usage("Say --scope at least once, or --all-of-role.")
    actor = actor_of(agency)
    holder = PersonId(person)

    async def work(cases: "UseCases") -> "IssuedApiKey":
        from meetcoord.usecases.issue_api_key import NewApiKey

        wanted = await _scopes_of(cases, actor, holder) if all_of_role else frozenset(map(Scope, scopes))
        return await cases.issue_api_key(
            actor, NewApiKey(person=holder, scopes=wanted, label=label, days=days)
        )

    issued = writing(work)
    return Answer(
        document={"key": _view(issued.key), "secret": issued.secret},
        text=issued.secret,
        note=f"Key {issued.key.id}, valid until {issued.key.expires_at:%Y-%m-%d}. It is shown this once: store it now.",
    )


@apikey.command("list")
@click.argument("agency")
def list_(agency: str) -> Answer:
    """List the keys of AGENCY, without their secrets."""
    from meetcoord.usecases.issue_api_key import ListApiKeys

    actor = actor_of(agency)

    async def work(storage: "Storage") -> "Sequence[ApiKey]":
        return await ListApiKeys(storage)(await known(storage, actor))

    found = [_view(each) for each in reading(work)]
    rows = [(each.id, each.person, each.label, _until(each), ", ".join(each.scopes)) for each in found]
    return Answer(
        document={"keys": found}, text=table(["id", "person", "label", "valid until", "scopes"], rows)
    )


@apikey.command()
@click.argument("agency")
@click.argument("key", metavar="KEY_ID")
def revoke(agency: str, key: str) -> Answer:
    """Make a key of AGENCY useless, at once and for good."""
    actor = actor_of(agency)

    async def work(cases: "UseCases") -> ApiKey:
        return await cases.revoke_api_key(actor, key)

    revoked = _view(writing(work))
    return Answer(document={"key": revoked}, text=f"{revoked.id} ({revoked.label}): {_until(revoked)}")


async def _scopes_of(cases: "UseCases", actor: Actor, person: PersonId) -> frozenset[Scope]:
    roles = (await cases.read_person(actor, person)).roles
    return frozenset(scope for _, scope, allowed in RIGHTS if allowed & roles)


def _view(key: ApiKey) -> KeyView:
    return KeyView(
        id=key.id,
        person=key.person,
        label=key.label,
        scopes=tuple(sorted(scope.value for scope in key.scopes)),
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
    )


def _until(key: KeyView) -> str:
    return f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else f"{key.expires_at:%Y-%m-%d}"
