"""Key files: made once with mode 0600, never overwritten, refused when somebody else could read them."""

import base64
import binascii
import os
import stat
import tempfile
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from meetcoord.domain.errors import Misconfigured
from meetcoord.ports.system import Entropy

SYMMETRIC_KEY = 32
_LIMIT = 64 * 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def create(path: Path, content: bytes) -> None:
    """Write a new file that only its owner can read; it is there whole and durable, or not at all.

    A missing directory is made with mode 0700. Raises Misconfigured when the file exists or cannot be made.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_directory(path.parent)
        _write_whole(path, content)
    except OSError as error:
        raise Misconfigured(f"{path} cannot be written: {error.strerror}.") from None


def read(path: Path) -> bytes:
    """The bytes of a file only its owner can read. Raises Misconfigured with what to type."""
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            _check_file(path, os.fstat(file.fileno()))
            return file.read()
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}.") from None


def create_symmetric_key(path: Path, entropy: Entropy) -> bytes:
    """A fresh 32-byte key, stored as one line of base64. Raises Misconfigured."""
    key = entropy(SYMMETRIC_KEY)
    create(path, base64.b64encode(key) + b"\n")
    return key


def read_symmetric_key(path: Path) -> bytes:
    """Raises Misconfigured unless the file holds 32 bytes as one line of base64."""
    try:
        key = base64.b64decode(read(path).strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != SYMMETRIC_KEY:
        raise Misconfigured(f"{path} must hold 32 bytes as one line of base64: restore it from your backup.")
    return key


def create_ed25519_key(path: Path) -> None:
    """A fresh key as PKCS #8 in PEM, without passphrase. Raises Misconfigured."""
    _create_private_key(path, Ed25519PrivateKey.generate())


def create_rsa_key(path: Path, bits: int) -> None:
    """A fresh key as PKCS #8 in PEM, without passphrase. Raises Misconfigured."""
    _create_private_key(path, generate_private_key(public_exponent=65537, key_size=bits))


def read_private_key(path: Path) -> bytes:
    """The PEM text of an intact private key, whatever its algorithm. Raises Misconfigured, quoting nothing."""
    pem = read(path)
    try:
        load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Misconfigured(
            f"{path} must hold a private key in PEM form, whole and without passphrase: restore your backup."
        ) from None
    return pem


def _create_private_key(path: Path, key: PrivateKeyTypes) -> None:
    create(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _write_whole(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as new:
        new.write(content)
        new.flush()
        os.fsync(new.fileno())
        _link(new.name, path)
    _make_durable(path.parent)


def _link(source: str, path: Path) -> None:
    # A link fails where a rename would silently replace.
    try:
        path.hardlink_to(source)
    except FileExistsError:
        raise Misconfigured(f"{path} exists already and is never overwritten: move it away first.") from None


def _open_at_once(path: str, flags: int) -> int:
    # A pipe put in the place of the file must not hold up the start.
    return os.open(path, flags | os.O_NONBLOCK)


def _make_durable(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_directory(directory: Path) -> None:
    mode = directory.stat().st_mode
    if mode & _OTHERS_WRITE and not mode & stat.S_ISVTX:
        raise Misconfigured(f"Others could replace key files in {directory}: type `chmod go-w {directory}`.")


def _check_file(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise Misconfigured(f"{path} is not a regular file: name the key file itself.")
    if status.st_mode & _OTHERS:
        raise Misconfigured(f"{path} can be read or changed by others: type `chmod 600 {path}`.")
    if status.st_size > _LIMIT:
        raise Misconfigured(f"{path} is too large to be a key file: name the right file.")
