"""`meetcoord check rooms` before a strict Jitsi that asks a running service for each room: proved, or not seen."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from meetcoord.bootstrap.keyring import Keyring
from meetcoord.cli.checks.finding import State
from tests.cli.conftest import Place
from tests.cli.test_check_rooms import fake, looked, of
from tests.cli.test_processes import opened
from tests.fake_xmpp import served
from tests.prosody import prosody

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
IN_THE_ROOM = {"foreign room", "room *", "foreign domain", "Jigasi's door", "member", "moderator"}


@dataclass(slots=True)
class Reservations:
    """Prosody's module: it asks over HTTP, holds an answer to be whole, and shows what is said in refusing."""

    address: str
    secret: str
    rooms: list[str] = field(default_factory=list)

    def __call__(self, room: str) -> str | None:
        self.rooms.append(room)
        answer = httpx.post(
            f"{self.address}/jitsi/conference",
            content=f"mail_owner=a%40meet.jitsi&start_time=2026-11-22T21%3a02%3a38.000Z&name={room}",
            headers={**FORM, "Authorization": f"Bearer {self.secret}"},
        )
        said = answer.json()
        if answer.status_code != 200:
            return str(said.get("message", "Rejected by reservation server"))
        assert said["name"] == room
        assert {"id", "mail_owner", "start_time", "duration"} <= set(said)
        return None


@contextmanager
def running(place: Place) -> Iterator[str]:
    with opened(place) as service:
        try:
            assert service.stdout
            yield json.loads("".join(service.stdout.readline() for _ in range(3)))["address"]
        finally:
            service.terminate()
            service.communicate(timeout=10)


def keyring(place: Place) -> Keyring:
    return Keyring.read(place.folder / "data" / "keys", "log.example.org")


def rows(place: Place) -> bytes:
    return place.database.read_bytes()


def test_a_strict_server_that_asks_this_service_is_proved_strict_line_by_line(place: Place) -> None:
    jitsi = fake(place)
    with running(place) as address:
        jitsi.reservations = asking = Reservations(address, keyring(place).jitsi_secret)
        with served(jitsi) as url:
            found = looked(place, url)
    assert {item: each.sentence for item, each in found.items() if each.state is not State.OK} == {}
    assert "this service is asked" in found["reservations"].sentence
    assert len(set(asking.rooms)) == 2


@pytest.mark.parametrize("fault", ["a wrong secret", "other keys"])
def test_where_this_service_is_not_seen_to_be_asked_that_is_said(place: Place, fault: str) -> None:
    jitsi = fake(place)
    secret = "wrong" if fault == "a wrong secret" else keyring(place).jitsi_secret
    with running(place) as address:
        jitsi.reservations = Reservations(address, secret)
        if fault == "other keys":
            (place.folder / "data" / "keys" / "codes.key").write_bytes(_another_key(place))
        with served(jitsi) as url:
            found = looked(place, url)
    assert of(found, State.FAIL) == set()
    assert of(found, State.UNKNOWN) == IN_THE_ROOM | {"reservations"}
    assert "not seen to be asked" in found["reservations"].sentence


def _another_key(place: Place) -> bytes:
    return (place.folder / "data" / "keys" / "drafts.key").read_bytes()


@pytest.mark.parametrize("echo", [lambda room: room, lambda room: "", lambda room: room[:16]])
def test_who_knows_the_name_of_the_room_cannot_say_what_the_service_says(
    place: Place, echo: Callable[[str], str]
) -> None:
    jitsi = fake(place)
    jitsi.reservations = echo
    with served(jitsi) as url:
        found = looked(place, url)
    assert found["reservations"].state is State.UNKNOWN


@pytest.mark.needs("prosody")
def test_a_real_prosody_that_asks_before_it_opens_a_room_is_seen_to_ask(place: Place) -> None:
    with (
        running(place) as address,
        prosody("anonymous", asks=f"{address}/jitsi", secret=keyring(place).jitsi_secret) as url,
    ):
        found = looked(place, url)
    assert (found["reservations"].state, found["member"].state) == (State.OK, State.OK)
    assert "this service is asked" in found["reservations"].sentence


@pytest.mark.needs("prosody")
def test_a_real_prosody_that_asks_with_a_wrong_secret_opens_nothing_and_that_is_said(place: Place) -> None:
    with running(place) as address, prosody("anonymous", asks=f"{address}/jitsi", secret="wrong") as url:
        found = looked(place, url)
    assert (found["reservations"].state, found["member"].state) == (State.UNKNOWN, State.UNKNOWN)
    assert "not seen to be asked" in found["reservations"].sentence
