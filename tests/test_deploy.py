"""What `deploy/` ships: strict, without secrets, and true to the program it installs."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it brings no types

from meetcoord import __version__
from meetcoord.adapters.web.body import BODY_MAX, MINUTES_BODY_MAX
from meetcoord.adapters.web.health import ready
from meetcoord.bootstrap.serving import STOP_SECONDS
from meetcoord.settings import load

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
SHIPPED = sorted(p for p in DEPLOY.iterdir() if p.is_file() and p.name not in {".env", "README.md"})


def shipped(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


STRICT = {
    "PUBLIC_URL": ("https://meet.example.org", "the address people are sent to"),
    "DISABLE_HTTPS": ("1", "the proxy holds the certificate"),
    "ENABLE_HTTP_REDIRECT": ("0", "two redirects go in circles"),
    "ENABLE_AUTH": ("1", "otherwise anybody enters"),
    "AUTH_TYPE": ("jwt", "otherwise passwords decide, not our tokens"),
    "JWT_AUTH_TYPE": ("token", "the module that checks at login"),
    "JWT_TOKEN_AUTH_MODULE": ("token_verification", "otherwise the token's room is not looked at"),
    "JWT_APP_ID": ("meetcoord", "the default of the accepted issuers"),
    "JWT_ACCEPTED_ISSUERS": ("meetcoord", "otherwise it follows another setting"),
    "JWT_ACCEPTED_AUDIENCES": ("jitsi", "unset, any audience passes"),
    "JWT_SIGN_TYPE": ("RS256", "a shared secret would let Jitsi make tokens"),
    "JWT_ASAP_KEYSERVER": ("https://coord.example.org/asap", "where the keys are"),
    "JWT_ALLOW_EMPTY": ("0", "otherwise no token is needed"),
    "ENABLE_GUESTS": ("0", "guests enter existing rooms without a token"),
    "JWT_ENABLE_DOMAIN_VERIFICATION": ("true", "off by default: then sub is not looked at"),
    "JICOFO_ENABLE_AUTH": ("0", "otherwise every token makes an owner"),
    "ENABLE_AUTO_OWNER": ("0", "otherwise the first comer is owner"),
    "WAIT_FOR_HOST_DISABLE_AUTO_OWNERS": ("1", "otherwise who waited is owner"),
    "JICOFO_ENABLE_REST": ("0", "a way to open rooms that asks nobody"),
    "XMPP_MUC_MODULES": (
        "token_affiliation,token_no_wildcard",
        "moderators by token; no token for all rooms",
    ),
    "XMPP_MODULES": (
        "persistent_lobby,frozen_nick,muc_end_meeting,muc_kick_participant,filter_iq_jibri,filter_iq_rayo",
        "lobby, fixed names, ending and putting out, recording and telephone as the token says",
    ),
    "XMPP_CONFIGURATION": (
        'prosody_password_public_key_repo_url="https://coord.example.org/syskeys",reservations_api_timeout=5',
        "without the second key path a participant's token ends any meeting",
    ),
    "PROSODY_RESERVATION_ENABLED": ("1", "otherwise rooms nobody scheduled open"),
    "PROSODY_RESERVATION_REST_BASE_URL": ("http://meetcoord-inner:8081/jitsi", "where Prosody asks"),
    "ENABLE_LOBBY": ("1", "sensitive meetings need it"),
    "ENABLE_END_CONFERENCE": ("1", "a moderator ends for all"),
    "ENABLE_BREAKOUT_ROOMS": ("0", "they do not look at the token's room"),
    "MAX_PARTICIPANTS": ("100", "a limit at all"),
    "ENABLE_RECORDING": ("0", "nothing is recorded"),
    "ENABLE_TRANSCRIPTIONS": ("0", "nothing is written down"),
    "ENABLE_JAAS_COMPONENTS": ("0", "nothing speaks to the outside"),
}
"""What docker-jitsi-meet must be told, and why. Its own defaults are loose."""

LOOSE = {"JWT_APP_SECRET", "ENABLE_SUBDOMAINS", "XMPP_CROSS_DOMAIN", "JICOFO_AUTH_TYPE"}
"""What must not be set beside it: a shared secret, or a way around."""


def environment_faults(text: str) -> list[str]:
    """Each missing, loosened, doubled or unexplained variable, by name."""
    faults, seen, before = [], dict[str, str](), ""
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            faults += [f"{name} stands twice"] if name in seen else []
            faults += [] if before.startswith("# ") else [f"{name} has no reason above it"]
            seen[name] = value
        before = line
    faults += [f"{name} is missing: {why}" for name, (_, why) in STRICT.items() if name not in seen]
    faults += [
        f"{name} is loosened: {why}"
        for name, (wanted, why) in STRICT.items()
        if seen.get(name, wanted) != wanted
    ]
    return faults + [f"{name} is not in the table" for name in seen if name not in STRICT]


def test_jitsis_environment_is_strict() -> None:
    assert environment_faults(shipped("jitsi.env")) == []
    assert not LOOSE & STRICT.keys()


@pytest.mark.parametrize("name", STRICT)
def test_a_missing_a_loosened_and_a_doubled_line_are_named(name: str) -> None:
    text = shipped("jitsi.env")
    line = f"{name}={STRICT[name][0]}\n"
    for changed in (text.replace(line, ""), text.replace(line, f"{name}=*\n"), text + "# Again.\n" + line):
        assert any(fault.startswith(f"{name} ") for fault in environment_faults(changed)), changed


def test_the_tokens_we_mint_are_those_jitsi_is_told_to_accept() -> None:
    rooms = load(None, {}).rooms
    assert (rooms.issuer, rooms.audience) == (
        STRICT["JWT_ACCEPTED_ISSUERS"][0],
        STRICT["JWT_ACCEPTED_AUDIENCES"][0],
    )
    assert rooms.url == STRICT["PUBLIC_URL"][0]


def test_prosody_asks_and_reports_at_the_same_inner_door() -> None:
    prefix = re.search(r'api_prefix = "(.*)"', shipped("jitsi-events.cfg.lua"))
    assert prefix
    assert prefix[1] == STRICT["PROSODY_RESERVATION_REST_BASE_URL"][0]
    assert "\nhttp://:8081 {" in shipped("Caddyfile")
    assert "meetcoord-inner" in compose()["services"]["proxy"]["networks"]["jitsi"]["aliases"]


def compose() -> Any:
    return yaml.safe_load(shipped("compose.yaml"))


def filled_in(value: str) -> str:
    """A ${NAME:?...} or ${NAME:-default} as an operator might fill it in."""
    return re.sub(r"\$\{[A-Z_]+(:[?-][^}]*)?\}", "name.example.org", value)


def test_the_containers_settings_are_settings_that_load() -> None:
    given = compose()["services"]["meetcoord"]["environment"]
    variables = {name: filled_in(value) for name, value in given.items()}
    variables["MEETCOORD_MAIL__FROM_ADDRESS"] = "meetings@example.org"
    chosen = load(None, variables)
    mounted = {volume.split(":")[1] for volume in compose()["services"]["meetcoord"]["volumes"]}
    assert mounted == {str(chosen.data_directory), str(chosen.keys_directory)}
    assert (chosen.service.listen_host, chosen.service.listen_port) == ("0.0.0.0", 8000)
    containerfile = shipped("Containerfile")
    assert all(f'"{folder}"' in containerfile for folder in mounted)


def test_the_health_check_asks_the_path_and_the_port_that_are_served() -> None:
    program_text = compose()["services"]["meetcoord"]["healthcheck"]["test"][-1]
    path = next(iter(ready.paths))
    assert f"http://127.0.0.1:8000{path}" in program_text
    compile(program_text, "healthcheck", "exec")
    assert "EXPOSE 8000" in shipped("Containerfile")


def test_each_container_can_do_little() -> None:
    document = compose()
    for name, service in document["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["tmpfs"], name
        assert "privileged" not in service, name
    published = {name for name, service in document["services"].items() if "ports" in service}
    assert published == {"proxy"}
    assert document["services"]["database"]["networks"] == ["inside"]
    assert document["networks"]["inside"]["internal"] is True
    assert document["services"]["meetcoord"]["user"] == "10001:10001"


def test_every_volume_secret_and_network_that_is_used_is_named() -> None:
    document = compose()
    for kind in ("volumes", "secrets", "networks"):
        used = {
            entry.split(":")[0]
            for service in document["services"].values()
            for entry in service.get(kind, ())
            if not entry.startswith((".", "/"))
        }
        assert used == set(document[kind]), kind


def test_images_are_pinned_and_ours_is_this_version() -> None:
    images = [service["image"] for service in compose()["services"].values()]
    images += re.findall(r"^FROM (\S+)", shipped("Containerfile"), re.MULTILINE)
    for image in images:
        tag = image.rpartition(":")[2]
        assert re.match(r"\d+\.\d+", tag), image
    assert f"meetcoord:{__version__.rpartition('.')[0]}" in images


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_no_file_holds_a_secret_or_asks_for_whatever_is_newest(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"\blatest\b", text)
    assert "PRIVATE KEY" not in text
    assert not re.search(r"mtc_[a-z2-7]{26}_|AGE-SECRET-KEY|age1pq1[a-z0-9]{20}", text)
    assert not re.search(r"(?i)(password|secret|token)\s*[=:]\s*[\"']?[A-Za-z0-9+/]{16,}", text)


def test_everything_is_installed_from_the_lock() -> None:
    script = shipped("install")
    installs = [line for line in script.splitlines() if re.match(r"pip \"|.*-m pip .*install --no", line)]
    assert len(installs) == 3
    for line in installs:
        assert "--require-hashes" in line or "--no-deps --no-index" in line, line
    pinned = re.search(r"\^\(([a-z|-]+)\)==", script)
    assert pinned
    lock = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    for name in pinned[1].split("|"):
        assert re.search(rf"^{name}==", lock, re.MULTILINE), name
    assert os.access(DEPLOY / "install", os.X_OK)


def unit() -> list[str]:
    return shipped("meetcoord.service").splitlines()


def test_the_unit_gives_requests_the_time_the_service_gives_them() -> None:
    assert "TimeoutStopSec=15" in unit()
    assert STOP_SECONDS < 15
    assert compose()["services"]["meetcoord"]["stop_grace_period"] == "15s"


def test_the_unit_is_tight() -> None:
    wanted = (
        "User=meetcoord", "StateDirectory=meetcoord meetcoord-keys", "StateDirectoryMode=0700", "UMask=0077",
        "LimitCORE=0", "NoNewPrivileges=true", "CapabilityBoundingSet=", "ProtectSystem=strict",
        "MemoryDenyWriteExecute=true", "SystemCallFilter=@system-service", "Restart=on-failure",
        "ExecStart=/opt/meetcoord/.venv/bin/meetcoord serve",
    )  # fmt: skip
    assert [line for line in wanted if line not in unit()] == []


@pytest.mark.needs("systemd-analyze")
def test_systemd_understands_the_unit_and_finds_it_tight(tmp_path: Path) -> None:
    file = tmp_path / "meetcoord.service"
    file.write_text(
        "\n".join(unit()).replace("/opt/meetcoord/.venv/bin/meetcoord", "/bin/true"), encoding="utf-8"
    )
    verified = subprocess.run(
        ["systemd-analyze", "verify", file], check=False, capture_output=True, text=True, timeout=60
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    # Offline judgement came with systemd 250.
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", file],
        check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert judged.returncode == 0 or "unrecognized option" in judged.stderr, judged.stdout[-200:]


def kibibytes(text: str, name: str) -> list[int]:
    """What follows `name`: a size as nginx (128k) or Caddy (128KiB) writes it."""
    return [int(size) for size in re.findall(rf"{name} (\d+)(?:k|KiB)\b", text)]


def test_the_proxies_let_through_what_the_service_takes_and_not_much_more() -> None:
    sizes = kibibytes(shipped("nginx.conf"), "client_max_body_size")
    assert set(sizes) == set(kibibytes(shipped("Caddyfile"), "max_size"))
    small, large = sorted(set(sizes))
    assert BODY_MAX <= small * 1024 <= 2 * BODY_MAX
    assert MINUTES_BODY_MAX < large * 1024 <= MINUTES_BODY_MAX * 1.1


def test_nginx_passes_the_host_on_and_reads_bodies_whole() -> None:
    text = shipped("nginx.conf")
    assert "proxy_set_header Host $http_host;" in text
    assert "proxy_request_buffering on;" in text


@pytest.mark.needs("nginx")
def test_nginx_understands_its_file(tmp_path: Path) -> None:
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""
    main = placed_for_nginx(shipped("nginx.conf"), tmp_path)
    tried = subprocess.run([nginx, "-t", "-c", main], check=False, capture_output=True, text=True, timeout=60)
    assert "syntax is ok" in tried.stderr, tried.stderr


def placed_for_nginx(text: str, folder: Path) -> Path:
    """The file with a certificate made for it, inside a main file."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "privkey.pem", "-out",
         folder / "fullchain.pem", "-days", "1", "-subj", "/CN=coord.example.org"],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    placed = text.replace("/etc/letsencrypt/live/coord.example.org", str(folder))
    (folder / "site.conf").write_text(placed.replace("/var/log/nginx", str(folder)), encoding="utf-8")
    main = folder / "nginx.conf"
    main.write_text(
        f"pid {folder}/pid; error_log {folder}/error.log; events {{}}\nhttp {{ include {folder}/site.conf; }}\n",
        encoding="utf-8",
    )
    return main


def test_every_file_the_page_names_is_there() -> None:
    page = shipped("README.md")
    table = page.partition("## Before you start")[0]
    named = {
        name for row in table.splitlines() if row.startswith("| `") for name in re.findall(r"`([^`]+)`", row)
    }
    assert named == {file.name for file in SHIPPED if not file.name.startswith(".")} - {
        "Containerfile.dockerignore"
    }
