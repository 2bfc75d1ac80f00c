"""`meetcoord check rooms`: what a strict, a lax and a broken video server make of it."""

import gc
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from meetcoord.adapters import system
from meetcoord.adapters.jitsi.probe import Pace
from meetcoord.bootstrap.keyring import Keyring
from meetcoord.cli.checks.finding import Finding, State
from meetcoord.cli.checks.room_rules import RULES
from meetcoord.cli.checks.rooms import look
from meetcoord.domain.probes import ProbeRefused
from meetcoord.settings import load
from tests.cli.conftest import Place, Said
from tests.fake_xmpp import DOMAIN, FakeJitsi, Message, served
from tests.prosody import prosody

SWIFT = Pace(step=5, total=20, settle=0.05)
NO_MEETING = "No such meeting."
IMPATIENT = Pace(step=0.3, total=1, settle=0.05)
ITEMS = {
    "good token", "expired token", "token of later", "endless token", "foreign key", "forged with HS256",
    "foreign audience", "foreign issuer", "no token", "guests", "foreign room", "room *", "foreign domain",
    "Jigasi's door", "/end-meeting", "/room-census", "reservations", "member", "moderator", "server version",
}  # fmt: skip


@pytest.fixture(scope="session")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Settings and keys; a video server is still to be named."""
    place = Place(tmp_path_factory.mktemp("keyed"))
    place.say("")
    place.fine("keys", "new")
    return place


@pytest.fixture
def here(keyed: Place, tmp_path: Path) -> Place:
    mine = Place(tmp_path / "here")
    shutil.copytree(keyed.folder, mine.folder)
    mine.say("")
    return mine


def fake(place: Place, *broken: str, refusal: str = "") -> FakeJitsi:
    keyring = Keyring.read(place.folder / "data" / "keys", "log.example.org")
    return FakeJitsi(keyring.room_keys.published(), answering(keyring), frozenset(broken), refusal)


def answering(keyring: Keyring) -> Callable[[str], str | None]:
    """What the service says of a room while no meeting is on."""

    def asked(room: str) -> str | None:
        probe = keyring.probe_rooms.known(room)
        if probe is None:
            return NO_MEETING
        try:
            probe.must_be_open(system.now())
        except ProbeRefused as refusal:
            return refusal.receipt
        return None

    return asked


def looked(place: Place, url: str, pace: Pace = SWIFT, more: str = "") -> dict[str, Finding]:
    place.say(f'[rooms]\nurl = "{url}"\n{more}')
    return {found.item: found for found in look(load(place.settings_file, {}), DOMAIN, pace)}


def of(found: Mapping[str, Finding], state: State) -> set[str]:
    return {item for item, each in found.items() if each.state is state}


def typed(place: Place, url: str) -> Said:
    place.say(f'[rooms]\nurl = "{url}"\n')
    return place.type("check", "rooms", "--json")


def test_a_strict_server_is_proved_strict_line_by_line(here: Place) -> None:
    with served(fake(here)) as url:
        found = looked(here, url)
    assert set(found) == ITEMS
    assert {item: each.sentence for item, each in found.items() if each.state is not State.OK} == {}


def test_the_exit_code_of_a_strict_server_is_zero(here: Place) -> None:
    with served(fake(here)) as url:
        said = typed(here, url)
    assert (said.code, said.document["ok"]) == (0, True)


@pytest.mark.parametrize(
    ("rule", "lines"),
    [
        ("expired", {"expired token"}),
        ("not_yet_valid", {"token of later"}),
        ("foreign_key", {"foreign key"}),
        ("public_key", {"forged with HS256"}),
        ("foreign_audience", {"foreign audience"}),
        ("foreign_issuer", {"foreign issuer"}),
        ("no_token", {"no token"}),
        ("guest", {"guests"}),
        # Where no token's room is looked at, one whose holder claims to telephone enters as well.
        ("foreign_room", {"foreign room", "Jigasi's door"}),
        ("wildcard", {"room *"}),
        ("foreign_domain", {"foreign domain"}),
        ("initiator", {"Jigasi's door"}),
        ("end_meeting", {"/end-meeting"}),
        ("census", {"/room-census"}),
        ("unscheduled", {"reservations"}),
        ("member", {"member"}),
        ("moderator", {"moderator"}),
    ],
)
def test_each_rule_that_does_not_hold_is_its_own_line(here: Place, rule: str, lines: set[str]) -> None:
    with served(fake(here, rule)) as url:
        found = looked(here, url)
    assert of(found, State.FAIL) == lines
    assert of(found, State.UNKNOWN) == set()


def test_an_endless_token_is_a_warning_where_only_jitsi_is_the_reason(here: Place) -> None:
    with served(fake(here, "without_exp")) as url:
        found = looked(here, url)
    assert of(found, State.WARN) == {"endless token"}
    assert of(found, State.FAIL) == set()


@pytest.mark.parametrize("absent", ["reservations", "focus"])
def test_without_an_open_room_its_refusals_prove_nothing(here: Place, absent: str) -> None:
    jitsi = fake(here, absent)
    if absent == "reservations":
        jitsi.reservations = lambda room: NO_MEETING
    with served(jitsi) as url:
        found = looked(here, url)
    assert of(found, State.FAIL) == set()
    in_the_room = {"foreign room", "room *", "foreign domain", "Jigasi's door", "member", "moderator"}
    assert of(found, State.UNKNOWN) == in_the_room | {"reservations"}
    assert of(found, State.WARN) == {"server version"}
    assert "Room does not exist" in found["member"].sentence


@pytest.mark.parametrize("settle", [0.05, 0])
def test_refusals_by_a_room_we_were_put_out_of_prove_nothing(here: Place, settle: float) -> None:
    with served(fake(here, "staying")) as url:
        found = looked(here, url, Pace(step=5, total=20, settle=settle))
    in_the_room = {"foreign room", "room *", "foreign domain", "Jigasi's door", "member"}
    assert of(found, State.UNKNOWN) >= in_the_room
    assert "put out" in found["member"].sentence


def test_orders_are_tried_where_prosody_takes_them(here: Place) -> None:
    with served(fake(here)) as url, served(fake(here, "end_meeting")) as control:
        found = looked(here, url, more=f'control_url = "{control}"\n')
    assert of(found, State.FAIL) == {"/end-meeting"}


def test_a_server_that_knows_other_keys_lets_nobody_in(here: Place) -> None:
    with served(FakeJitsi({})) as url:
        found = looked(here, url)
    assert of(found, State.FAIL) == {"good token"}
    assert "JWT_ASAP_KEYSERVER=http://127.0.0.1:9/asap" in found["good token"].sentence
    assert "proves nothing" in found["expired token"].sentence


def test_no_token_is_ever_printed_not_even_when_the_server_repeats_it(
    here: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    jitsi = fake(here, refusal="\x85\u202e{token} is not allowed here")
    jitsi.keys = {}
    with served(jitsi) as url:
        said = typed(here, url)
    assert (said.code, said.err) == (1, "")
    assert "is not allowed here" in said.out
    assert "\u202e" not in said.document["findings"][0]["sentence"]
    # The fake runs in this process too, and its web server writes down each address.
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith(("uvicorn", "websockets.server"))]
    parts = {part[:20] for token in jitsi.seen for part in token.split(".")}
    assert len(jitsi.seen) > 10
    assert [part for part in parts if part in said.out + "".join(ours)] == []


@pytest.mark.needs("prosody")
def test_a_plain_prosody_that_lets_everybody_in_fails_line_by_line(here: Place) -> None:
    with prosody("anonymous") as url:
        said = typed(here, url)
    found = {each["item"]: each for each in said.document["findings"]}
    assert said.code == 1
    assert {item for item, each in found.items() if each["state"] == "FAIL"} == ITEMS - {
        "good token", "guests", "/end-meeting", "/room-census", "server version",
    }  # fmt: skip
    cured = [found[rule.item] for rule in RULES if found[rule.item]["state"] == "FAIL"]
    assert [
        each for each in cured if not any(sign in each["sentence"] for sign in ("=", "XMPP_", "newer"))
    ] == []
    assert (
        "Prosody 0." in found["server version"]["sentence"]
        or "Prosody 1" in found["server version"]["sentence"]
    )


@pytest.mark.needs("prosody")
def test_a_prosody_that_lets_nobody_in_fails_on_the_good_token(here: Place) -> None:
    with prosody("internal_hashed") as url:
        found = looked(here, url)
    assert of(found, State.FAIL) == {"good token"}
    assert "anonymous login is not offered" in found["good token"].sentence
    assert of(found, State.OK) == {"/room-census"}


Talk = Callable[[Callable[[], Any], Callable[[Message], Any]], Any]


def talker(*frames: str | bytes, status: int = 0) -> Any:
    """A WebSocket server that says `frames` whatever it hears, and then nothing; or refuses with `status`."""

    async def app(scope: Message, receive: Callable[[], Any], send: Callable[[Message], Any]) -> None:
        await receive()
        if scope["type"] == "http" or status:
            kind = "http.response" if scope["type"] == "http" else "websocket.http.response"
            await send({"type": f"{kind}.start", "status": status or 200, "headers": [(b"location", b"/x")]})
            await send({"type": f"{kind}.body", "body": b"<h1>hello</h1>"})
            return
        await send({"type": "websocket.accept", "subprotocol": "xmpp"})
        for frame in frames:
            await send({"type": "websocket.send", "text" if isinstance(frame, str) else "bytes": frame})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    return app


OPEN = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"
FEATURES = "<features><mechanisms><mechanism>ANONYMOUS</mechanism></mechanisms></features>"
BOMB = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'
FILE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'


@pytest.mark.parametrize(
    "frames",
    [
        (),
        ("",),
        ("hello",),
        (b"\x00\xff",),
        ("<open",),
        ("<a/>",),
        ("&b;",),
        (BOMB,),
        (FILE,),
        ("<a>" * 20_000 + "</a>" * 20_000,),
        ("<a>" * 10_000 + "</a>" * 5_000,),
        ("x" * 70_000,),
        (OPEN,),
        (OPEN, FEATURES, "<a/>"),
        (OPEN, FEATURES, "<success/>", OPEN, FEATURES, "<iq type='result'/>"),
        (OPEN, FEATURES, "<success/>", OPEN, FEATURES, "<iq type='error'><error/></iq>"),
        (OPEN, "<close/>"),
        ("<error><internal-server-error/></error>",),
    ],
    ids=range(18),
)
def test_a_server_that_hangs_or_talks_nonsense_gives_no_verdict(here: Place, frames: tuple[str, ...]) -> None:
    with served(talker(*frames)) as url:
        found = looked(here, url, IMPATIENT)
    assert of(found, State.FAIL) == set()
    assert of(found, State.UNKNOWN) >= {rule.item for rule in RULES} - {"/end-meeting", "/room-census"}
    assert "cannot tell: http://127.0.0.1" in found["good token"].sentence


def test_a_server_that_lets_in_and_then_says_nothing_gives_no_verdict_on_rooms(here: Place) -> None:
    jid = "<iq type='result'><bind><jid>a@b/c</jid></bind></iq>"
    with served(talker(OPEN, FEATURES, "<success/>", OPEN, FEATURES, jid)) as url:
        found = looked(here, url, Pace(step=1.5, total=6, settle=0.05))
    assert {"good token"} <= of(found, State.OK)
    assert {"foreign room", "member", "moderator", "reservations"} <= of(found, State.UNKNOWN)


def test_a_server_that_never_stops_talking_is_left_in_time(here: Place) -> None:
    jid = "<iq type='result'><bind><jid>a@b/c</jid></bind></iq>"
    chatter = ["<presence from='somebody@else/where'/>"] * 20_000
    with served(talker(OPEN, FEATURES, "<success/>", OPEN, FEATURES, jid, *chatter)) as url:
        began = time.monotonic()
        found = looked(here, url, IMPATIENT)
    assert time.monotonic() - began < 15
    gc.collect()  # a connection that was left open complains when it is collected
    assert of(found, State.UNKNOWN) >= {"foreign room", "reservations", "member"}


def test_the_certificate_is_checked_by_the_systems_authorities(here: Place, tmp_path: Path) -> None:
    authority, certificate = trustme.CA(), tmp_path / "certificate.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    with served(fake(here), certificate) as url:
        refused = looked(here, url)
        words = [sys.executable, "-m", "meetcoord", "--settings", str(here.settings_file), "check", "rooms"]
        trusting = os.environ | {"SSL_CERT_FILE": str(tmp_path / "authority.pem")}
        done = subprocess.run(words, env=trusting, capture_output=True, text=True, check=False)
    assert of(refused, State.UNKNOWN) == ITEMS - {"server version"}
    assert "certificate cannot be trusted" in refused["good token"].sentence
    assert (done.returncode, done.stderr) == (0, "")
    assert {line.split()[0] for line in done.stdout.splitlines()} == {"ok"}


@pytest.mark.parametrize("status", [302, 404, 500, 502, 503])
def test_a_web_server_without_jitsi_gives_no_verdict(here: Place, status: int) -> None:
    with served(talker(status=status)) as url:
        found = looked(here, url)
    assert f"HTTP status {status}" in found["good token"].sentence
    assert of(found, State.FAIL) == set()


def test_a_closed_door_is_exit_code_2_and_one_line_per_item(here: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    here.say(f'[rooms]\nurl = "http://127.0.0.1:{port}"\n')
    said = here.type("check", "rooms")
    assert (said.code, said.err) == (2, "")
    assert len(said.out.splitlines()) == len(ITEMS)
    assert "Connect" in said.out


@contextmanager
def deaf() -> Iterator[str]:
    """It takes connections and reads nothing, or answers in something that is not HTTP."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as door:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"


@contextmanager
def noisy() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as door:

        def shout() -> None:
            while True:
                try:
                    caller, _ = door.accept()
                except OSError:
                    return
                with caller:
                    caller.recv(100)
                    caller.sendall(b"SSH-2.0-noise\r\n" + bytes(range(256)))

        thread = threading.Thread(target=shout, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        door.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)


@pytest.mark.parametrize("server", [deaf, noisy])
def test_what_is_no_web_server_gives_no_verdict_in_the_time_allowed(here: Place, server: Any) -> None:
    with server() as url:
        began = time.monotonic()
        found = looked(here, url, IMPATIENT)
    assert time.monotonic() - began < 15
    gc.collect()  # a connection that was left open complains when it is collected
    assert of(found, State.FAIL) | of(found, State.OK) == set()


def test_the_help_says_what_each_line_means(here: Place) -> None:
    said = here.type("check", "rooms", "--help").out
    assert [item for item in ITEMS if f"\n    {item} " not in said] == []


def test_without_keys_one_is_told_what_to_type(bare: Place) -> None:
    said = bare.type("check", "rooms")
    assert (said.code, said.out) == (2, "")
    assert "`meetcoord keys new`" in said.err
