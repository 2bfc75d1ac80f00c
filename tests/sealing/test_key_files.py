"""Key files are made once, for their owner alone, and refused with the command that puts them right."""

import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from meetcoord.adapters.sealing import keyfiles
from meetcoord.adapters.system import entropy
from meetcoord.domain.errors import Misconfigured


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "drafts.key"
    keyfiles.create_symmetric_key(path, entropy)
    return path


def test_a_key_file_and_its_new_directory_belong_to_the_owner_alone(key: Path) -> None:
    assert mode(key) == 0o600
    assert mode(key.parent) == 0o700
    assert [path.name for path in key.parent.iterdir()] == ["drafts.key"]


def test_a_symmetric_key_is_one_line_of_base64_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "drafts.key"
    made = keyfiles.create_symmetric_key(path, entropy)
    assert len(made) == 32
    assert len(path.read_text()) == 45
    assert keyfiles.read_symmetric_key(path) == made


def test_a_key_file_is_never_overwritten(key: Path) -> None:
    before = key.read_bytes()
    with pytest.raises(Misconfigured, match="never overwritten"):
        keyfiles.create_symmetric_key(key, entropy)
    assert key.read_bytes() == before
    assert len(list(key.parent.iterdir())) == 1


@pytest.mark.parametrize("rights", [0o640, 0o604, 0o620, 0o602, 0o644, 0o777])
def test_a_key_file_open_to_others_is_refused_with_what_to_type(key: Path, rights: int) -> None:
    key.chmod(rights)
    with pytest.raises(Misconfigured, match=f"chmod 600 {key}"):
        keyfiles.read_symmetric_key(key)
    key.chmod(0o400)
    keyfiles.read_symmetric_key(key)


def test_a_directory_where_others_could_replace_keys_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o770)
    with pytest.raises(Misconfigured, match=f"chmod go-w {tmp_path}"):
        keyfiles.create(tmp_path / "log.pem", b"key")
    assert not list(tmp_path.iterdir())


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"absent\.key cannot be read: No such file"):
        keyfiles.read(tmp_path / "absent.key")


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    for path in (pipe, tmp_path):
        with pytest.raises(Misconfigured):
            keyfiles.read(path)


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    keyfiles.create(tmp_path / "file", b"")
    with pytest.raises(Misconfigured, match="cannot be written"):
        keyfiles.create(tmp_path / "file" / "log.pem", b"key")


@pytest.mark.parametrize("content", [b"", b"AAAA\n", b"!" * 44, b"A" * 44, b"\xff" * 32, b"\0" * 100_000])
def test_a_file_that_holds_no_symmetric_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "drafts.key"
    keyfiles.create(path, content)
    with pytest.raises(Misconfigured, match=r"drafts\.key"):
        keyfiles.read_symmetric_key(path)


def test_private_keys_are_kept_as_pkcs8_in_pem(tmp_path: Path) -> None:
    log, rooms = tmp_path / "log.pem", tmp_path / "rooms.pem"
    keyfiles.create_ed25519_key(log)
    keyfiles.create_rsa_key(rooms, 2048)
    assert keyfiles.read_private_key(log).startswith(b"-----BEGIN PRIVATE KEY-----\n")
    assert isinstance(load_pem_private_key(keyfiles.read_private_key(log), None), Ed25519PrivateKey)
    assert isinstance(load_pem_private_key(keyfiles.read_private_key(rooms), None), RSAPrivateKey)
    assert mode(log) == mode(rooms) == 0o600


def test_a_damaged_private_key_is_refused_without_being_shown(tmp_path: Path) -> None:
    whole, damaged = tmp_path / "whole.pem", tmp_path / "damaged.pem"
    keyfiles.create_ed25519_key(whole)
    secret = whole.read_text().splitlines()[1]
    keyfiles.create(damaged, whole.read_bytes().replace(secret[:8].encode(), b"AAAAAAAA"))
    with pytest.raises(Misconfigured, match=r"damaged\.pem") as refusal:
        keyfiles.read_private_key(damaged)
    assert secret[8:] not in refusal.value.detail
