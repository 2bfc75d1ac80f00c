"""Rotating and retiring keys, as an operator types it."""

import json
import signal
import stat
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Timer
from typing import Any

import httpx
import pytest

from meetcoord.adapters import system
from meetcoord.bootstrap.key_folders import KeyKind, make
from meetcoord.domain.rotation import new_kid
from tests.cli.conftest import Place
from tests.cli.test_processes import opened

KINDS = ("rooms", "links", "system")
SPRING, SUMMER = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
PATIENCE = 20.0


def keys_of(place: Place) -> Path:
    return place.folder / "data" / "keys"


def former(place: Place, kind: str, made: datetime) -> str:
    """A key made long ago, beside those there are."""
    return make(keys_of(place), KeyKind(kind), made, system.entropy).stem


def listed(place: Place, kind: str) -> list[dict[str, Any]]:
    return [key for key in place.fine("keys", "list")["keys"] if key["kind"] == kind]


def content(place: Place) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in keys_of(place).rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", KINDS)
def test_rotating_adds_a_key_and_touches_none(place: Place, kind: str) -> None:
    (signs,) = listed(place, kind)
    before = content(place)
    made = place.fine("keys", "rotate", kind)
    assert content(place).items() > before.items()
    assert stat.S_IMODE(Path(made["made"]).stat().st_mode) == 0o600
    states = {key["kid"]: key["state"] for key in listed(place, kind)}
    assert states[signs["kid"]] == "signing"
    assert states[made["kid"]] in {"published", "verifying"}
    assert made["signs_from"][:16] in str(listed(place, kind)).replace(" ", "T")


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_that_has_served_is_said_to_be_safe_and_is_moved_aside(place: Place, kind: str) -> None:
    (todays,) = (keys_of(place) / kind).iterdir()
    first, second = former(place, kind, SPRING), former(place, kind, SUMMER)
    todays.unlink()  # which of two keys signs must not depend on how long ago this place was furnished
    safe = {key["kid"] for key in listed(place, kind) if key["safe_to_retire"]}
    assert safe == {first}
    assert "safe to retire" in place.type("keys", "list").out
    before = content(place)
    (moved,) = place.fine("keys", "retire", kind)["retired"]
    assert Path(moved).name.startswith(first)
    assert sorted(content(place).values()) == sorted(before.values())
    states = {key["kid"]: key["state"] for key in listed(place, kind)}
    assert (states[first], states[second]) == ("retired", "signing")
    assert place.fine("keys", "retire", kind) == {"retired": []}


def test_a_key_that_has_not_served_is_retired_only_when_one_insists(place: Place) -> None:
    (signs,) = (key["kid"] for key in listed(place, "rooms"))
    alone = place.type("keys", "retire", "rooms", signs, "--now")
    assert (alone.code, "only key" in alone.err) == (1, True)
    fresh = place.fine("keys", "rotate", "rooms")["kid"]
    refused = place.type("keys", "retire", "rooms", signs)
    assert (refused.code, "--now" in refused.err) == (1, True)
    assert place.type("keys", "retire", "rooms", signs, "--now").code == 0
    assert {key["kid"]: key["state"] for key in listed(place, "rooms")} == {
        fresh: "signing",
        signs: "retired",
    }


def test_a_kid_that_is_no_key_is_refused(place: Place) -> None:
    for kid in (new_kid(SPRING, bytes(4)), "../log", "retired"):
        said = place.type("keys", "retire", "rooms", kid, "--now")
        assert (said.code, len(said.err.splitlines())) == (1, 1)


def test_without_the_database_nobody_says_that_a_link_key_is_safe(place: Place) -> None:
    former(place, "links", SPRING)
    former(place, "links", SUMMER)
    place.database.unlink()
    assert [key for key in listed(place, "links") if key["safe_to_retire"]] == []
    assert "database" in place.type("keys", "list").out
    assert place.fine("keys", "retire", "links") == {"retired": []}


def test_the_age_of_a_key_is_that_of_its_kid_also_from_a_backup(place: Place) -> None:
    kid = former(place, "rooms", SPRING)
    (line,) = [key for key in listed(place, "rooms") if key["kid"] == kid]
    assert line["created"] == "2026-04-01T00:00:00Z"
    assert line["age_days"] == (system.now() - SPRING).days


def test_the_public_halves_of_all_published_keys_are_written(place: Place, tmp_path: Path) -> None:
    place.fine("keys", "rotate", "rooms")
    place.fine("keys", "public", tmp_path / "public")
    assert len(list((tmp_path / "public" / "rooms").iterdir())) == 2
    assert len(list((tmp_path / "public" / "system").iterdir())) == 1


def changed(journal: Iterable[str]) -> tuple[list[str], list[str]]:
    """Which keys the service says came and went, once it says so."""
    notes = (json.loads(line) for line in journal)
    note = next(note for note in notes if note["event"] == "keys changed")
    return note["added"], note["gone"]


def key_file(kid: str) -> str:
    return f"/asap/{sha256(kid.encode()).hexdigest()}.pem"


def test_a_running_service_sees_fresh_keys_and_retires_those_that_have_served(place: Place) -> None:
    served, newest = former(place, "rooms", SPRING), former(place, "rooms", SUMMER)
    with opened(place) as service:
        hanging = Timer(PATIENCE, service.kill)
        hanging.start()
        try:
            assert service.stdout
            assert service.stderr
            address = json.loads("".join(service.stdout.readline() for _ in range(3)))["address"]
            assert changed(service.stderr) == ([], [served])
            fresh = place.fine("keys", "rotate", "rooms")["kid"]
            assert changed(service.stderr) == ([fresh], [])
            with httpx.Client(base_url=address) as http:
                found = {kid: http.get(key_file(kid)).status_code for kid in (served, newest, fresh)}
                head, read = http.head(key_file(fresh)), http.get(key_file(fresh))
            assert found == {served: 404, newest: 200, fresh: 200}
            assert (head.status_code, head.content) == (200, b"")
            assert int(head.headers["content-length"]) == len(read.content)
        finally:
            hanging.cancel()
            service.send_signal(signal.SIGTERM)
            service.communicate(timeout=10)
    assert [path.stem for path in KeyKind.ROOMS.retired(keys_of(place))] == [served]
