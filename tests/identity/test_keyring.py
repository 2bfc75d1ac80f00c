"""The service's own keys: made once, one purpose each, and refused when one is missing or open to others."""

import os
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from meetcoord.adapters import system
from meetcoord.bootstrap import Keyring, compose, create_missing
from meetcoord.domain.errors import Misconfigured
from meetcoord.settings import Settings
from meetcoord.settings.sections import Database, Keys
from tests.needs import SAID

ORIGIN = "log.meet.example.org"
SERVICE = 4321
"""The user and group of a service."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("made") / "keys"
    create_missing(directory, system.now, system.entropy)
    return directory


@pytest.fixture
def keys(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(made, tmp_path / "keys"))


def all_bytes(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


def test_one_key_for_each_purpose_and_none_for_anybody_else_to_read(made: Path) -> None:
    found = all_bytes(made)
    assert len(found) == len(set(found.values())) == 7
    for path in made.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0


def test_keys_that_exist_are_left_alone(keys: Path) -> None:
    before = all_bytes(keys)
    assert create_missing(keys, system.now, system.entropy) == []
    assert all_bytes(keys) == before


def test_a_missing_key_is_made_anew_beside_the_others(keys: Path) -> None:
    before = all_bytes(keys)
    (room,) = (keys / "rooms").iterdir()
    room.unlink()
    (fresh,) = create_missing(keys, system.now, system.entropy)
    assert fresh.parent == room.parent
    assert (
        all_bytes(keys).items()
        >= {name: data for name, data in before.items() if "rooms" not in name}.items()
    )


def test_a_keyring_does_not_print_its_keys(made: Path) -> None:
    ring = Keyring.read(made, ORIGIN)
    assert repr(ring.draft_key) not in repr(ring)
    assert repr(ring.code_key) not in repr(ring)
    assert all(repr(key) not in repr(ring) for key in ring.link_keys.values())
    assert "PRIVATE" not in repr(ring)


@pytest.mark.parametrize("lost", ["", "log.pem", "drafts.key", "codes.key", "links", "rooms"])
async def test_the_service_does_not_start_without_one_of_its_keys(keys: Path, lost: str) -> None:
    gone = keys / lost
    if gone.is_dir():
        shutil.rmtree(gone)
    else:
        gone.unlink()
    settings = Settings(database=Database(url="sqlite://"), keys=Keys(directory=str(keys)))
    with pytest.raises(Misconfigured, match=r"type|keys|missing|cannot"):
        async with compose(settings):
            raise AssertionError("it started")


@pytest.mark.parametrize("name", ["log.pem", "drafts.key", "codes.key", "jitsi.key"])
def test_a_key_that_others_may_read_is_refused(keys: Path, name: str) -> None:
    (keys / name).chmod(0o644)
    with pytest.raises(Misconfigured):
        Keyring.read(keys, ORIGIN)


def test_an_installation_from_before_codes_is_told_to_make_their_key(keys: Path) -> None:
    before = all_bytes(keys)
    (keys / "codes.key").unlink()
    with pytest.raises(Misconfigured, match="`meetcoord keys new`"):
        Keyring.read(keys, ORIGIN)
    assert create_missing(keys, system.now, system.entropy) == [keys / "codes.key"]
    assert [name for name, data in all_bytes(keys).items() if before[name] != data] == ["codes.key"]


def test_without_a_secret_for_jitsi_all_but_jitsi_goes_on(keys: Path) -> None:
    assert Keyring.read(keys, ORIGIN).jitsi_secret == (keys / "jitsi.key").read_text().strip()
    (keys / "jitsi.key").unlink()
    assert Keyring.read(keys, ORIGIN).jitsi_secret == ""


@pytest.mark.parametrize("content", ["", "c2hvcnQ=\n", "not base64\n"])
def test_a_spoilt_secret_for_jitsi_is_refused(keys: Path, content: str) -> None:
    (keys / "jitsi.key").write_text(content)
    with pytest.raises(Misconfigured, match="32 bytes"):
        Keyring.read(keys, ORIGIN)


def test_a_room_key_of_another_kind_is_refused(keys: Path) -> None:
    (room,) = (keys / "rooms").iterdir()
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    room.write_bytes(pem)
    with pytest.raises(Misconfigured):
        Keyring.read(keys, ORIGIN)


@pytest.mark.skipif(os.geteuid() != 0, reason=f"{SAID}keys for others: only root makes files for others")
def test_keys_that_root_makes_in_an_older_folder_belong_to_its_owner(keys: Path) -> None:
    (keys / "codes.key").unlink()
    (keys / "jitsi.key").unlink()
    shutil.rmtree(keys / "system")
    for path in (keys, *keys.rglob("*")):
        os.chown(path, SERVICE, SERVICE)
    assert len(create_missing(keys, system.now, system.entropy)) == 3
    assert {(path.stat().st_uid, path.stat().st_gid) for path in keys.rglob("*")} == {(SERVICE, SERVICE)}


@pytest.mark.skipif(os.geteuid() != 0, reason=f"{SAID}keys for others: only root makes files for others")
def test_a_key_folder_that_root_makes_belongs_to_the_owner_of_the_data(tmp_path: Path) -> None:
    os.chown(tmp_path, SERVICE, SERVICE)
    create_missing(tmp_path / "keys", system.now, system.entropy)
    assert {path.stat().st_uid for path in tmp_path.rglob("*")} == {SERVICE}
