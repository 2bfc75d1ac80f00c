"""One table says who may do what; whatever it does not say is refused."""

from collections import Counter
from datetime import timedelta

import msgspec
import pytest

from meetcoord.domain.access import CONSOLE, RIGHTS, Action, Actor, ApiKey, Scope, at_the_console
from meetcoord.domain.agencies import Role
from meetcoord.domain.errors import Forbidden, Invalid
from meetcoord.domain.values import AgencyId, PersonId
from tests.domain.builders import CITY, NOW

S, AU, AD, O = Role.SECRETARY, Role.AUDITOR, Role.ADMINISTRATOR, Role.OPERATOR  # noqa: E741  as in the table of rights

EXPECTED: dict[Action, tuple[Scope, set[Role]]] = {
    Action.LIST_AGENCIES: (Scope.AGENCIES_READ, {S, AU, AD, O}),
    Action.REGISTER_AGENCY: (Scope.AGENCIES_WRITE, {O}),
    Action.ADD_RECIPIENT: (Scope.AGENCIES_WRITE, {AD}),
    Action.MANAGE_APPROVERS: (Scope.AGENCIES_WRITE, {AD}),
    Action.READ_POLICIES: (Scope.AGENCIES_READ, {S, AU, AD}),
    Action.CONSENT_TO_POLICY: (Scope.AGENCIES_WRITE, {AD}),
    Action.LIST_PERSONS: (Scope.PERSONS_READ, {S, AU, AD}),
    Action.REGISTER_PERSON: (Scope.PERSONS_WRITE, {AD}),
    Action.MANAGE_API_KEYS: (Scope.PERSONS_WRITE, {AD, O}),
    Action.READ_MEETING: (Scope.MEETINGS_READ, {S, AU, AD}),
    Action.PROPOSE_MEETING: (Scope.MEETINGS_WRITE, {S}),
    Action.ANSWER_MEETING: (Scope.MEETINGS_WRITE, {S}),
    Action.NAME_DELEGATES: (Scope.MEETINGS_WRITE, {S}),
    Action.SETTLE_MEETING: (Scope.MEETINGS_WRITE, {S}),
    Action.MOVE_MEETING: (Scope.MEETINGS_WRITE, {S}),
    Action.INVITE_DELEGATES: (Scope.MEETINGS_WRITE, {S}),
    Action.CANCEL_MEETING: (Scope.MEETINGS_WRITE, {S}),
    Action.CONTROL_ROOM: (Scope.MEETINGS_WRITE, {S}),
    Action.READ_CODE_BY_PHONE: (Scope.MEETINGS_WRITE, {S}),
    Action.READ_MINUTES: (Scope.MINUTES_READ, {S}),
    Action.WRITE_MINUTES: (Scope.MINUTES_WRITE, {S}),
    Action.APPROVE_MINUTES: (Scope.MINUTES_WRITE, {S}),
    Action.FETCH_SEALED: (Scope.MINUTES_READ, {S, AU}),
    Action.REWRAP: (Scope.MINUTES_READ, {AU}),
    Action.ASK_FOR_ERASURE: (Scope.MINUTES_WRITE, {S}),
    Action.READ_ERASURE: (Scope.MINUTES_READ, {S, AU, AD}),
    Action.CONSENT_TO_ERASURE: (Scope.MINUTES_WRITE, {AD}),
    Action.READ_LOG: (Scope.LOG_READ, {S, AU, AD, O}),
}


def allowed(action: Action, *roles: Role, scopes: frozenset[Scope] = frozenset(Scope)) -> bool:
    actor = Actor(person=PersonId("p"), agency=CITY, roles=frozenset(roles), scopes=scopes)
    try:
        actor.must(action)
    except Forbidden:
        return False
    return True


def test_every_action_has_exactly_one_row() -> None:
    assert Counter(action for action, _, _ in RIGHTS) == dict.fromkeys(Action, 1)
    assert all(roles for _, _, roles in RIGHTS)


@pytest.mark.parametrize("action", Action)
def test_each_role_may_do_what_the_table_says_and_nothing_else(action: Action) -> None:
    scope, roles = EXPECTED[action]
    assert {role for role in Role if allowed(action, role)} == roles
    assert not allowed(action)
    for role in roles:
        assert {each for each in Scope if allowed(action, role, scopes=frozenset({each}))} == {scope}
        assert not allowed(action, role, scopes=frozenset(Scope) - {scope})
        assert not allowed(action, role, scopes=frozenset())


def test_the_refusal_says_which_scope_or_role_is_missing() -> None:
    nobody = Actor(person=PersonId("p"), agency=CITY, roles=frozenset(), scopes=frozenset(Scope))
    with pytest.raises(Forbidden, match="role auditor or secretary"):
        nobody.must(Action.FETCH_SEALED)
    with pytest.raises(Forbidden, match="`log:read`"):
        msgspec.structs.replace(nobody, scopes=frozenset()).must(Action.READ_LOG)


def test_the_console_operates_and_administers_but_neither_schedules_nor_reads_minutes() -> None:
    console = at_the_console(AgencyId("city"))
    assert (console.person, console.agency) == (CONSOLE, "city")
    may = {action for action in Action if allowed(action, *console.roles, scopes=console.scopes)}
    assert Action.REGISTER_AGENCY in may
    assert not may & {Action.READ_MINUTES, Action.FETCH_SEALED, Action.WRITE_MINUTES, Action.INVITE_DELEGATES}


def api_key(days: float, scopes: frozenset[Scope] = frozenset({Scope.LOG_READ})) -> ApiKey:
    return ApiKey(
        id="k",
        person=PersonId("p"),
        digest=bytes(32),
        scopes=scopes,
        label="Key",
        created_at=NOW,
        expires_at=NOW + timedelta(days=days),
    )


@pytest.mark.parametrize("days", [-1, 0, 366.01, 1000])
def test_a_key_that_is_dead_at_birth_or_lives_too_long_is_not_born(days: float) -> None:
    with pytest.raises(Invalid):
        api_key(days)


def test_a_key_for_nothing_is_not_born() -> None:
    with pytest.raises(Invalid, match="at least one scope"):
        api_key(1, frozenset())


def test_a_key_is_usable_until_it_expires_or_is_revoked() -> None:
    key = api_key(366)
    assert key.usable(key.expires_at - timedelta(microseconds=1))
    assert not key.usable(key.expires_at)
    assert not msgspec.structs.replace(key, revoked_at=NOW + timedelta(days=9)).usable(NOW)
