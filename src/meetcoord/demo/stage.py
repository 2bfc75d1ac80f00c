"""Sets the stage in a fresh folder: settings, keys made on the spot, a database, the first keys to the API."""

import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from meetcoord.adapters import system
from meetcoord.adapters.lockfile import sole_use
from meetcoord.adapters.sealing import approver_keys, keyfiles
from meetcoord.adapters.sealing.age import generate_identity, recipient_of
from meetcoord.adapters.sql.migrate import migrate
from meetcoord.bootstrap import compose, create_missing
from meetcoord.demo.cast import CITY, SCOPES, TROUPES, Troupe
from meetcoord.demo.watch import POLICY, found_witnesses
from meetcoord.domain.access import Scope, at_the_console
from meetcoord.domain.agencies import Role
from meetcoord.domain.errors import Misconfigured
from meetcoord.domain.values import AgencyId, Language
from meetcoord.settings import Settings, load
from meetcoord.usecases.issue_api_key import NewApiKey
from meetcoord.usecases.register_agency import NewAgency
from meetcoord.usecases.register_person import NewPerson

MARK = ".meetcoord-demo"
WITNESSES = "witnesses"


@dataclass(frozen=True, slots=True)
class Stage:
    folder: Path
    settings_file: Path
    settings: Settings
    mail_port: int

    @property
    def base_url(self) -> str:
        return self.settings.service.public_url


def clear(folder: Path) -> None:
    """An empty folder to play in; only what an earlier demo left is ever deleted. Raises Misconfigured."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise Misconfigured(
            f"{folder} holds something that is not a former demo: name another folder with --out."
        )
    database = folder / "data" / "meetcoord.db"
    if database.exists():
        with sole_use(database):  # a demo that still serves keeps its files
            shutil.rmtree(folder)
    elif folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARK).write_text("Made by `meetcoord demo`, which deletes this folder when it runs again.\n")


def build(folder: Path, port: int) -> Stage:
    """Settings as an operator would write them, pointing at this machine only."""
    clear(folder)
    port, mail_port = port or free_port(), free_port()
    policy = folder / POLICY
    watched = found_witnesses(folder / WITNESSES, {troupe.id: free_port() for troupe in TROUPES})
    policy.write_text(watched, encoding="utf-8")
    file = folder / "meetcoord.toml"
    file.write_text(
        f"""[service]
public_url = "http://127.0.0.1:{port}"
listen_port = {port}
data_directory = "{folder.resolve() / "data"}"
help_phone = "+33 3 00 00 00 00"

[mail]
host = "127.0.0.1"
port = {mail_port}
tls = "none"
from_address = "meetcoord@city.example.org"
from_name = "meetcoord"

[rooms]
url = "http://127.0.0.1:{port}/demo/room"

[witnesses]
policy_file = "{policy.resolve()}"
own = "{CITY.id}"
""",
        encoding="utf-8",
    )
    settings = load(file, {})
    settings.data_directory.mkdir(mode=0o700)
    create_missing(settings.keys_directory, system.now, system.entropy)
    migrate(settings.database_url)
    return Stage(folder, file, settings, mail_port)


async def first_keys(stage: Stage, language: Language) -> dict[str, str]:
    """What an operator types once: each agency, its first administrator, and a key for her. By agency id."""
    keys = {}
    async with compose(stage.settings) as service:
        for troupe in TROUPES:
            console = at_the_console(AgencyId(troupe.id))
            await service.use_cases.register_agency(
                console, NewAgency(id=troupe.id, name=troupe.name, language=language)
            )
            administrator = await service.use_cases.register_person(console, _administrator(troupe, language))
            scopes = frozenset(Scope(s) for role in troupe.parts[0].roles for s in SCOPES[role])
            issued = await service.use_cases.issue_api_key(
                console, NewApiKey(person=administrator.id, scopes=scopes, label="demo", days=1)
            )
            keys[troupe.id] = issued.secret
    return keys


def _administrator(troupe: Troupe, language: Language) -> NewPerson:
    part = troupe.parts[0]
    return NewPerson(
        name=part.name,
        address=troupe.address(part),
        function=part.function,
        language=language,
        roles=frozenset(Role(role) for role in part.roles),
    )


def new_identity(path: Path) -> str:
    """What an auditor does on her own machine: a fresh identity in `path`; returns the public recipient."""
    identity = generate_identity(system.entropy)
    keyfiles.create(path, f"# public key: {recipient_of(identity)}\n{identity}\n".encode())
    return recipient_of(identity)


def new_approver(path: Path, name: str) -> str:
    """What an approver does on her own machine: a fresh signing key in `path`; returns the verifier key."""
    signer = approver_keys.generate(name)
    keyfiles.create(path, f"{approver_keys.written(signer)}\n".encode())
    return signer.vkey


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
