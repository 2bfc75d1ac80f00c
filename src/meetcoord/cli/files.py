"""Files that a person names on the command line."""

import os
import tempfile
from pathlib import Path

from meetcoord.domain.checkpoints import parse_vkey
from meetcoord.domain.errors import CannotTell, Damaged, Invalid, Misconfigured

LIMIT = 256 * 1024 * 1024
"""Bytes; far above anything meetcoord writes."""

_IDENTITY = "AGE-SECRET-KEY-"
_RECIPIENT = "age1"
_NOT_PUBLIC = "PRIVATE+KEY+"


def read(path: Path, limit: int = LIMIT) -> bytes:
    """The whole file. Raises CannotTell when it is not there, not readable or too large to be ours."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "this is not a file name"
        raise CannotTell(f"{path} cannot be read ({reason}): name a file that is there.") from error
    if len(data) > limit:
        raise CannotTell(f"{path} is larger than anything meetcoord writes: name another file.")
    return data


def replace(path: Path, data: bytes) -> None:
    """Write a public file whole, or leave the former one. Raises Misconfigured."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(fresh).chmod(0o644)
        Path(fresh).replace(path)
    except OSError as error:
        raise Misconfigured(
            f"{path} cannot be written ({error.strerror}): name a folder of yours."
        ) from error


def private_folder(path: Path) -> None:
    """Make a folder only its owner can enter; one that exists stays as it is. Raises Misconfigured."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(f"{path} cannot be made ({error.strerror}): name a folder of yours.") from error


def identity_in(path: Path) -> str:
    """The one age identity that a file holds among its comments. Raises CannotTell."""
    found = [line for line in _lines(path) if line.startswith(_IDENTITY)]
    if len(found) != 1:
        raise CannotTell(
            f"{path} holds {len(found)} identities: name the file that holds yours, one {_IDENTITY}PQ-1… line."
        )
    return found[0]


def recipient_from(given: str) -> str:
    """A public key written out, or the one in the file named. Raises CannotTell, Invalid."""
    if given.startswith(_RECIPIENT):
        return given
    lines = _lines(Path(given))
    if any(line.startswith(_IDENTITY) for line in lines):
        raise Invalid(
            f"{given} holds a secret identity, which must never be on this machine: take it back, give the .pub file."
        )
    found = [line for line in lines if line.startswith(_RECIPIENT)]
    if len(found) != 1:
        raise CannotTell(
            f"{given} holds {len(found)} public keys: name a file with one line that begins with age1pq1."
        )
    return found[0]


def approver_key_from(given: str) -> str:
    """An approver's verifier key written out, or the one in the .pub file named. Raises CannotTell, Invalid."""
    lines = [given.strip()] if "+" in given else _lines(Path(given))
    if any(line.startswith(_NOT_PUBLIC) for line in lines):
        raise Invalid(
            "This is the secret half, which must never be on this machine: take it back, give the .pub file."
        )
    try:
        return parse_vkey("".join(lines[:1])).encode()
    except Damaged as fault:
        raise CannotTell(f"{given} holds no approver's key ({fault.detail}): name her .pub file.") from fault


def log_key_from(given: str) -> str:
    """A verifier key written out, or the one in the file named. Raises CannotTell."""
    try:
        return parse_vkey(given.strip()).encode()
    except Damaged:
        pass
    try:
        return parse_vkey("".join(_lines(Path(given))[:1])).encode()
    except Damaged as fault:
        raise CannotTell(
            f"{given} holds no log key ({fault.detail}): name the log.vkey your agency keeps."
        ) from fault


def _lines(path: Path) -> list[str]:
    text = read(path, 1 << 20).decode("utf-8", "replace").lstrip("\ufeff")
    return [line.strip() for line in text.splitlines() if line.strip()]
