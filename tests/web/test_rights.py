"""Every route, asked by every kind of asker about objects in every state: who is let through, who learns nothing."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from meetcoord.domain.access import Scope
from meetcoord.domain.agencies import Role
from meetcoord.domain.checkpoints import parse_vkey
from meetcoord.domain.invitations import Invitation
from meetcoord.domain.policies import fingerprint
from meetcoord.usecases.issue_api_key import NewApiKey
from tests.agencies import MORNING, YES, Acting, World
from tests.builders import random_id
from tests.web.conftest import Asking, key_of, stored
from tests.web.requests import Row
from tests.web.rights import KEYED, RIGHT_OF, Right, Whose, needed, printed, right_of

ALL_ROLES = frozenset(Role)
UNKNOWN = random_id("unknown")
STATES = ("proposed", "settled", "cancelled", "draft", "circulated", "sealed")
_WITH_MINUTES = {"draft", "circulated", "sealed"}


@dataclass(slots=True)
class Asker:
    """Who asks, `of` which agency; `refused` where the key itself lets nobody through."""

    name: str
    of: str
    asking: Asking
    roles: frozenset[Role]
    lacks: Scope | None = None
    refused: bool = False


class Scene:
    """A meeting of city and prefecture in one state, and everybody who might ask about it. Health has no part in it."""

    def __init__(self, world: World, http: httpx.AsyncClient, state: str) -> None:
        self.world, self.http, self.state = world, http, state
        self.approver = ""
        self.facts: dict[str, str] = {}
        self.bodies: dict[str, Any] = {}
        self.keys: dict[tuple[str, frozenset[Role], frozenset[Scope], str], str] = {}

    async def begin(self) -> None:
        world = self.world
        city, prefecture = await world.agency("city"), await world.agency("prefecture")
        await world.agency("health-agency")
        meeting = await city.propose(prefecture)
        person = await city.person("Somebody")
        seat: Invitation | None = None
        self.facts = {"agency_id": "city", "person_id": person.id, "key_id": await self._key_id(city)}
        self.facts |= {"meeting_id": meeting.id, "seq": "0", "key_fingerprint": await self._fingerprint(city)}
        self.approver = parse_vkey(await city.add_approver()).fingerprint.replace(" ", "")
        if self.state != "proposed":
            await prefecture.answer(meeting, YES)
            await prefecture.send(meeting, await prefecture.person("Delegate"))
            await city.settle(meeting)
            (seat,) = await city.invite(meeting)
            self.facts["invitation_id"] = seat.id
            world.clock.go_to(MORNING)
        if self.state == "cancelled":
            await city.cancel(meeting)
        if self.state in _WITH_MINUTES:
            await self._minutes(city, prefecture, meeting)
        self.bodies = {
            "/slot": {"slot": meeting.slots[0].id},
            "/api-keys": {"person": person.id, "scopes": ["meetings:read"], "label": "x"},
        }

    async def _minutes(self, city: Acting, prefecture: Acting, meeting: Any) -> None:
        draft = await city.write(meeting)
        if self.state == "draft":
            return
        circulated = await city.circulate(draft)
        await prefecture.add_approver()
        (known,) = await city.circles()
        self.facts["index"] = str(known.state.proposals[0].policy.index)
        if self.state == "sealed":
            await city.approve(circulated, signed_by=1)

    async def _fingerprint(self, city: Acting) -> str:
        (archive,) = await city.use.list_recipients(city.console)
        return fingerprint(archive.key)

    async def _key_id(self, city: Acting) -> str:
        secret = await key_of(city, Role.AUDITOR, Role.SECRETARY)
        keys = await city.use.list_api_keys(city.console)
        return next(each.id for each in keys if each.id in secret)

    async def askers(self, row: Row) -> list[Asker]:
        """Those of the owner first, each with one role alone; then those who lack something."""
        right = right_of(row)
        owner, other = ("prefecture", "city") if right.whose is Whose.SEAT else ("city", "prefecture")
        scope, _ = needed(right.action)
        found = [await self.asker(f"no role of {owner}", owner, frozenset())]
        found += [await self.asker(f"{role.value} of {owner}", owner, frozenset({role})) for role in Role]
        found.append(await self.asker("another agency of the meeting", other, ALL_ROLES))
        found.append(await self.asker("a foreign agency", "health-agency", ALL_ROLES))
        found.append(Asker("no key", owner, Asking(self.http), ALL_ROLES, refused=True))
        found.append(await self._revoked(owner))
        if scope:
            found.append(await self.asker(f"without {scope.value}", owner, ALL_ROLES, lacks=scope))
        return found

    async def asker(
        self, name: str, agency: str, roles: frozenset[Role], lacks: Scope | None = None
    ) -> Asker:
        key = await self._key(agency, roles, frozenset(Scope) - {lacks} if lacks else frozenset(Scope))
        return Asker(name, agency, Asking(self.http, key), roles, lacks)

    async def _revoked(self, agency: str) -> Asker:
        acting = self.world.agencies[agency]
        secret = await self._key(agency, ALL_ROLES, frozenset(Scope), label="revoked")
        for each in await self.world.use.list_api_keys(acting.console):
            if each.id in secret and each.revoked_at is None:
                await self.world.use.revoke_api_key(acting.console, each.id)
        return Asker("a revoked key", agency, Asking(self.http, secret), ALL_ROLES, refused=True)

    async def _key(
        self, agency: str, roles: frozenset[Role], scopes: frozenset[Scope], label: str = "tests"
    ) -> str:
        """Made once for each kind of asker."""
        asked = (agency, roles, scopes, label)
        if asked not in self.keys:
            acting = self.world.agencies[agency]
            person = await acting.person(f"Asker {len(self.keys)}", roles)
            new = NewApiKey(person=person.id, scopes=scopes, label=label, days=90)
            self.keys[asked] = (await self.world.use.issue_api_key(acting.console, new)).secret
        return self.keys[asked]

    def fits(self, row: Row) -> bool:
        """Whether there is, in this state, what the route speaks of."""
        named = {field.split("}")[0] for field in row.path.split("{")[1:]}
        if "seq" in named and self.state not in _WITH_MINUTES:
            return False
        if "/erasure" in row.path or "/header" in row.path:
            return self.state == "sealed"
        return named <= set(self.facts)

    async def ask(self, asker: Asker, row: Row, **instead: str) -> httpx.Response:
        ending = next((each for each in self.bodies if row.path.endswith(each)), "")
        body = self.bodies.get(ending, row.body) if row.method in {"POST", "PUT"} else None
        if instead and ending == "/api-keys":
            body = {**self.bodies[ending], "person": UNKNOWN}
        key = {"key_fingerprint": self.approver} if "/approvers/" in row.path else {}
        path = row.path.format(**{**self.facts, **key, **instead})
        return await asker.asking(row.method, path, json=body, headers={"If-Match": '"1"'})


def expected(right: Right, asker: Asker, state: str) -> str:
    """One cell of the matrix, from the table of rights and from whose the object is."""
    scope, roles = needed(right.action)
    if asker.refused:
        return "unauthenticated"
    if (scope and asker.lacks is scope) or (roles is not None and not roles & asker.roles):
        return "forbidden"
    if right.whose is Whose.NOBODYS:
        return "let through"
    if asker.of == "health-agency" or right.whose is Whose.WAITING:
        return "missing"
    return of_another(right.whose, state) if asker.name == "another agency of the meeting" else "let through"


def of_another(whose: Whose, state: str) -> str:
    """What the other agency of the meeting is told, which has every role."""
    if whose in {Whose.ORGANISER, Whose.SEAT}:
        return "forbidden"
    hidden = whose is Whose.OWN or (whose is Whose.CIRCULATED and state == "draft")
    return "missing" if hidden else "let through"


def told(answer: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "request_id"}


def outcome(answer: httpx.Response, missing: httpx.Response) -> str:
    if answer.status_code == 401:
        return "unauthenticated"
    if answer.status_code == 403:
        return "forbidden"
    if answer.status_code == 404 and told(answer) == told(missing):
        return "missing"
    return "let through" if answer.status_code < 500 else f"broken: {answer.text}"


def unknown_of(row: Row, facts: dict[str, str]) -> dict[str, str]:
    """The outermost object that the path names, replaced by one that is not there."""
    for name in ("meeting_id", "person_id", "key_id", "index", "agency_id"):
        if f"{{{name}}}" in row.path:
            return {name: "999999" if name == "index" else "nowhere" if name == "agency_id" else UNKNOWN}
    return {"person_id": UNKNOWN}


@pytest.fixture(params=STATES)
async def scene(request: pytest.FixtureRequest, world: World, http: httpx.AsyncClient) -> Scene:
    made = Scene(world, http, request.param)
    await made.begin()
    return made


def test_every_route_that_asks_for_a_key_has_its_right_in_the_matrix() -> None:
    assert {(row.method, row.path) for row in KEYED} == set(RIGHT_OF)


async def test_each_cell_of_the_matrix_is_answered_as_the_table_of_rights_says(scene: Scene) -> None:
    cells = [(row, asker) for row in KEYED if scene.fits(row) for asker in await scene.askers(row)]
    before = await stored(scene.world)
    wrong = []
    # First whoever must not get in, and nothing is to have changed; then those who may change it.
    for through in (False, True):
        for row, asker in cells:
            wanted = expected(right_of(row), asker, scene.state)
            if (wanted == "let through") is through:
                wrong += [
                    f"{row.method} {row.path} by {asker.name}: {found}, not {wanted}"
                    for found in [await _found(scene, row, asker)]
                    if found != wanted
                ]
        if not through:
            assert await stored(scene.world) == before
    assert wrong == []


async def _found(scene: Scene, row: Row, asker: Asker) -> str:
    foreign = await scene.asker("a foreign agency", "health-agency", ALL_ROLES)
    missing = await scene.ask(foreign, row, **unknown_of(row, scene.facts)) if "{" in row.path else None
    answer = await scene.ask(asker, row)
    return outcome(answer, missing if missing is not None else answer)


def test_the_printed_matrix_is_the_one_in_force() -> None:
    page = Path(__file__).parents[2] / "docs" / "rights.md"
    assert page.read_text(encoding="utf-8") == printed(), "write it anew: make rights"
