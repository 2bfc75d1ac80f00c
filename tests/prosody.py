"""A real Prosody for the tests, from Debian's package, as a child process with its own folder."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# Nothing of Jitsi's is in it: this is what any plain server does with a browser that comes with a token.
CONFIGURATION = """
run_as_root = true
daemonize = false
pidfile = "{home}/pid"
data_path = "{home}"
certificates = "{home}"
storage = "memory"
interfaces = {{ "127.0.0.1" }}
http_ports = {{ {port} }}
http_interfaces = {{ "127.0.0.1" }}
https_ports = {{}}
c2s_ports = {{}}
c2s_direct_tls_ports = {{}}
s2s_ports = {{}}
http_default_host = "meet.jitsi"
modules_enabled = {{ "saslauth", "disco", "websocket", "version" }}
modules_disabled = {{ "s2s", "tls", "admin_shell" }}
consider_websocket_secure = true
allow_unencrypted_plain_auth = true
log = {{ {{ levels = {{ min = "warn" }}, to = "console" }} }}
VirtualHost "meet.jitsi"
    authentication = "{authentication}"
Component "muc.meet.jitsi" "muc"
"""

# With it, rooms are opened as in Jitsi: by the focus alone, once somebody who was asked over HTTP allows it.
ASKING = """
    restrict_room_creation = true
    muc_room_locking = false
Component "focus.meet.jitsi" "reserving"
    asked_url = "{url}/conference"
    asked_secret = "{secret}"
"""


@contextmanager
def prosody(authentication: str, *, asks: str = "", secret: str = "") -> Iterator[str]:
    """Where it answers, while the block runs. It `asks` at that address before a room is opened, if any."""
    home = Path(tempfile.mkdtemp(prefix="meetcoord-prosody-"))
    port = _free_port()
    configuration = home / "prosody.cfg.lua"
    text = CONFIGURATION.format(home=home, port=port, authentication=authentication)
    if asks:
        shutil.copy(Path(__file__).with_name("prosody_reservations.lua"), home / "mod_reserving.lua")
        text = f'plugin_paths = {{ "{home}" }}\n{text}{ASKING.format(url=asks, secret=secret)}'
    configuration.write_text(text)
    with (home / "said").open("w+") as said:
        words = ["prosody", "-F", "--config", str(configuration)]
        server = subprocess.Popen(words, cwd=home, stdout=said, stderr=said)
        try:
            _wait_for(server, port, home / "said")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=10)
            shutil.rmtree(home, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def _wait_for(server: "subprocess.Popen[bytes]", port: int, said: Path) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and server.poll() is None:
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)  # a port calls nobody when it opens
    pytest.fail(f"Prosody did not start: {said.read_text()}", pytrace=False)
