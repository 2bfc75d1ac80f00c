"""How an administrator at the console sees who can open, and speaks for her agency."""

import asyncio

import pytest

from meetcoord.adapters import system
from meetcoord.adapters.sealing.age import generate_identity, recipient_of
from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.bootstrap import compose
from meetcoord.settings import load
from meetcoord.usecases.policies import Policies
from tests.builders import meeting
from tests.cli.conftest import Place


def key() -> str:
    return recipient_of(generate_identity(system.entropy))


@pytest.fixture
def circle(place: Place) -> Place:
    """The city and the prefecture have their first list of keys, and the city proposes one more auditor."""
    place.fine("agency", "add", "prefecture", "Préfecture")
    for agency in ("city", "prefecture"):
        place.fine("agency", "recipient", "add", agency, key(), "--kind", "archive", "--label", "Coffre")
    asyncio.run(first_list(place))
    place.fine("agency", "recipient", "add", "city", key(), "--kind", "auditor", "--label", "Cour")
    return place


async def first_list(place: Place) -> None:
    """As the first minutes that circulate leave it."""
    chosen = load(place.settings_file, {})
    async with compose(chosen) as service, service.storage.transaction() as tx:
        policies = Policies(system.now, Ed25519Verifier(), chosen.log_origin)
        await policies.in_force(tx, meeting(convened=("prefecture",)))


def test_before_any_minutes_there_is_no_list(place: Place) -> None:
    assert place.fine("agency", "policy", "list", "city") == {"circles": []}
    assert "No minutes" in place.type("agency", "policy", "list", "city").out


def test_a_proposed_key_waits_for_both_agencies_and_is_in_force_then(circle: Place) -> None:
    (found,) = circle.fine("agency", "policy", "list", "prefecture")["circles"]
    (proposed,) = found["proposals"]
    assert proposed["waiting_for"] == ["city", "prefecture"]
    assert "waiting for city, prefecture" in circle.type("agency", "policy", "list", "city").out
    words = (proposed["index"], proposed["hash"])
    circle.fine("agency", "policy", "consent", "city", *words)
    after = circle.fine("agency", "policy", "consent", "prefecture", *words)
    assert (after["in_force"]["index"], after["proposals"]) == (proposed["index"], [])
    assert circle.type("log", "fsck").code == 0


def test_an_agency_may_say_no(circle: Place) -> None:
    (found,) = circle.fine("agency", "policy", "list", "city")["circles"]
    (proposed,) = found["proposals"]
    words = ("agency", "policy", "consent", "prefecture", proposed["index"], proposed["hash"])
    assert circle.fine(*words, "--reject")["proposals"][0]["waiting_for"] == ["city", "prefecture"]


def test_another_hash_is_not_consented_to(circle: Place) -> None:
    (found,) = circle.fine("agency", "policy", "list", "city")["circles"]
    words = ("agency", "policy", "consent", "city", found["proposals"][0]["index"], found["in_force"]["hash"])
    assert circle.type(*words).code == 1
