"""Who an API key acts for, as things are at this very moment."""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import text

from meetcoord.domain.access import Actor, Scope
from meetcoord.domain.agencies import Person, Role
from meetcoord.domain.errors import Forbidden, Invalid, NotFound, Unauthenticated
from meetcoord.usecases.issue_api_key import IssuedApiKey, NewApiKey
from tests.agencies import Acting, World
from tests.worlds import on_every_database

DAY = timedelta(days=1)


@pytest.fixture
async def clerk(city: Acting) -> Person:
    return await city.person("Clerk", frozenset({Role.SECRETARY}))


@pytest.fixture
async def issued(world: World, city: Acting, clerk: Person) -> IssuedApiKey:
    asked = NewApiKey(person=clerk.id, scopes=frozenset({Scope.MEETINGS_READ}), label="Calendar", days=30)
    return await world.use.issue_api_key(city.console, asked)


@on_every_database
async def test_a_key_acts_for_its_person_within_its_scopes(
    world: World, issued: IssuedApiKey, clerk: Person
) -> None:
    actor = await world.use.authenticate(issued.secret)
    assert actor == Actor(
        person=clerk.id, agency=clerk.agency, roles=clerk.roles, scopes=frozenset({Scope.MEETINGS_READ})
    )
    with pytest.raises(Forbidden, match="meetings:write"):
        await world.use.invite_delegates(actor, "a" * 26)  # type: ignore[arg-type]  # any text will do


@on_every_database
async def test_whatever_is_wrong_with_a_key_the_answer_is_the_same(
    world: World, issued: IssuedApiKey
) -> None:
    prefix, key_id, secret = issued.secret.split("_")
    wrong = [
        f"{prefix}_{key_id}_{secret[:-1]}",
        f"{prefix}_{key_id}_{'a' * len(secret)}",
        f"{prefix}_{'a' * 26}_{secret}",
        f"{prefix}_{key_id}_{secret}\n",
        f"{prefix}_{key_id}_{secret.upper()}",
        f"{prefix}_{key_id}_",
    ]
    told = set()
    for presented in wrong:
        with pytest.raises(Unauthenticated) as refusal:
            await world.use.authenticate(presented)
        told.add(refusal.value.detail)
    assert len(told) == 1


@on_every_database
@pytest.mark.parametrize(
    "presented", ["", "mtc", "mtc__", "mtc_\0_a", "mtc_a_\ud800", "x_y_z", "mtc_é_a", "_" * 9999]
)
async def test_what_is_no_key_at_all_is_refused(world: World, presented: str) -> None:
    with pytest.raises(Unauthenticated):
        await world.use.authenticate(presented)


async def test_a_key_lives_to_its_last_second(world: World, issued: IssuedApiKey) -> None:
    world.clock.go_to(issued.key.expires_at - timedelta(seconds=1))
    assert (await world.use.authenticate(issued.secret)).person == issued.key.person
    world.clock.go_to(issued.key.expires_at)
    with pytest.raises(Unauthenticated, match="expired"):
        await world.use.authenticate(issued.secret)


async def test_a_revoked_key_is_dead_at_once_and_revoking_twice_is_once(
    world: World, city: Acting, issued: IssuedApiKey
) -> None:
    first = await world.use.revoke_api_key(city.console, issued.key.id)
    with pytest.raises(Unauthenticated):
        await world.use.authenticate(issued.secret)
    world.clock.pass_by(DAY)
    assert await world.use.revoke_api_key(city.console, issued.key.id) == first


@on_every_database
async def test_the_key_of_a_person_who_left_is_dead_at_once(
    world: World, issued: IssuedApiKey, clerk: Person
) -> None:
    await behind(world, "UPDATE persons SET active = :no WHERE id = :id", {"id": clerk.id, "no": False})
    with pytest.raises(Unauthenticated):
        await world.use.authenticate(issued.secret)


async def test_a_role_taken_away_is_gone_at_the_next_request(
    world: World, issued: IssuedApiKey, clerk: Person
) -> None:
    assert (await world.use.authenticate(issued.secret)).roles == {Role.SECRETARY}
    await behind(world, "UPDATE persons SET roles = :roles WHERE id = :id", {"id": clerk.id, "roles": ""})
    actor = await world.use.authenticate(issued.secret)
    assert actor.roles == frozenset()
    with pytest.raises(Forbidden):
        await world.use.list_meetings(actor, None, 10)


async def behind(world: World, statement: str, values: dict[str, object]) -> None:
    async with world.service.storage.transaction() as tx:
        assert await tx.block.change(text(statement), values) == 1


async def test_the_secret_is_not_kept_and_not_printed(
    world: World, city: Acting, issued: IssuedApiKey
) -> None:
    secret = issued.secret.rpartition("_")[2]
    (kept,) = await world.use.list_api_keys(city.console)
    assert secret not in repr(kept)
    assert secret.encode() not in msgspec.json.encode(kept)
    assert len(secret) * 5 >= 256


async def test_an_agency_manages_its_own_keys_only(
    world: World, city: Acting, prefecture: Acting, issued: IssuedApiKey, clerk: Person
) -> None:
    asked = NewApiKey(person=clerk.id, scopes=frozenset(Scope), label="Foreign")
    with pytest.raises(NotFound):
        await world.use.issue_api_key(prefecture.console, asked)
    with pytest.raises(NotFound):
        await world.use.revoke_api_key(prefecture.console, issued.key.id)
    assert await world.use.list_api_keys(prefecture.console) == []
    with pytest.raises(Forbidden):
        await world.use.issue_api_key(city.secretary, asked)


async def test_a_key_of_narrow_scope_cannot_make_itself_a_wider_one(
    world: World, city: Acting, clerk: Person
) -> None:
    administrator = await city.person("Administrator", frozenset({Role.ADMINISTRATOR}))
    narrow = NewApiKey(person=administrator.id, scopes=frozenset({Scope.LOG_READ}), label="Reader")
    actor = await world.use.authenticate((await world.use.issue_api_key(city.console, narrow)).secret)
    wide = NewApiKey(person=administrator.id, scopes=frozenset(Scope), label="Everything")
    with pytest.raises(Forbidden, match="persons:write"):
        await world.use.issue_api_key(actor, wide)
    with pytest.raises(Forbidden, match="persons:write"):
        await world.use.list_api_keys(actor)


@pytest.mark.parametrize("days", [0, -5, 367, 10**9, -(10**9)])
async def test_a_key_lives_between_a_day_and_a_year(
    world: World, city: Acting, clerk: Person, days: int
) -> None:
    asked = NewApiKey(person=clerk.id, scopes=frozenset({Scope.LOG_READ}), label="Key", days=days)
    with pytest.raises(Invalid) as refusal:
        await world.use.issue_api_key(city.console, asked)
    assert refusal.value.pointer == "/expires_at"


async def test_only_an_operator_names_an_operator(world: World, city: Acting) -> None:
    administrator = msgspec.structs.replace(city.console, roles=frozenset({Role.ADMINISTRATOR}))
    acting = Acting(world, city.id, administrator, city.secretary, city.auditor)
    with pytest.raises(Forbidden, match="operator"):
        await acting.person("Ambitious", frozenset({Role.OPERATOR}))
    assert (await city.person("Operator", frozenset({Role.OPERATOR}))).roles == {Role.OPERATOR}
