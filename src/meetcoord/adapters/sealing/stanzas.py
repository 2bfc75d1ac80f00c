"""The header of an age file (C2SP age v1.1.0, "Header"), read and written strictly."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from meetcoord.domain.errors import Damaged
from meetcoord.domain.sealing import header_length

VERSION = b"age-encryption.org/v1"
FILE_KEY = 16
_LINE = 64
_VISIBLE = bytes(range(0x21, 0x7F))


class Stanza(Struct, frozen=True):
    """One wrapping of the file key; `arguments[0]` names its kind."""

    arguments: tuple[str, ...]
    body: bytes


class Header(Struct, frozen=True):
    """`authenticated` is what the MAC covers; `length` counts the bytes of the file up to the payload."""

    stanzas: tuple[Stanza, ...]
    authenticated: bytes
    mac: bytes
    length: int


def damaged(detail: str) -> Damaged:
    return Damaged("sealed file", detail)


def parse(file: bytes) -> Header:
    """The header in front of `file`, its MAC not yet checked. Raises Damaged."""
    length = header_length(file)
    text, _, mac = file[: length - 1].rpartition(b"\n--- ")
    version, *lines = text.split(b"\n")
    if version != VERSION:
        raise damaged("it is not an age file of version 1")
    stanzas = tuple(_stanzas(lines))
    if not stanzas:
        raise damaged("its header names no recipient")
    return Header(stanzas, text + b"\n---", _mac_of(mac), length)


def serialise(stanzas: Sequence[Stanza], file_key: bytes) -> bytes:
    """The whole header, MAC line and its newline included."""
    authenticated = b"".join((VERSION, b"\n", *map(_written, stanzas), b"---"))
    mac = _mac(authenticated, file_key).finalize()
    return authenticated + b" " + encode_base64(mac) + b"\n"


def verify(header: Header, file_key: bytes) -> None:
    """Raises Damaged when the header was not made by someone who knew this file key."""
    try:
        _mac(header.authenticated, file_key).verify(header.mac)
    except InvalidSignature:
        raise damaged("its header was altered (the MAC does not match)") from None


def derive(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA256 to 32 bytes, as everywhere in age."""
    return HKDF(SHA256(), 32, salt, info).derive(secret)


def encode_base64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def decode_base64(text: bytes) -> bytes:
    """Standard alphabet, no padding, canonical. Raises Damaged on anything else."""
    try:
        data = binascii.a2b_base64(text + b"=" * (-len(text) % 4), strict_mode=True)
    except binascii.Error:
        raise damaged("its header holds malformed base64") from None
    # Only the characters of an incomplete last group can be written in two ways.
    rest = len(data) % 3
    if len(text) != (len(data) * 8 + 5) // 6 or (rest and not text.endswith(encode_base64(data[-rest:]))):
        raise damaged("its header holds base64 that is not canonical")
    return data


def _stanzas(lines: Iterable[bytes]) -> Iterator[Stanza]:
    rest = iter(lines)
    for opening in rest:
        yield Stanza(_arguments(opening), _body(rest))


def _arguments(line: bytes) -> tuple[str, ...]:
    marker, *arguments = line.split(b" ")
    if marker != b"->" or not arguments or not all(map(_is_argument, arguments)):
        raise damaged("a stanza of its header does not begin as it should")
    return tuple(argument.decode("ascii") for argument in arguments)


def _is_argument(text: bytes) -> bool:
    return text != b"" and not text.translate(None, _VISIBLE)


def _body(lines: Iterator[bytes]) -> bytes:
    text = bytearray()
    for line in lines:
        text += line
        if len(line) > _LINE:
            raise damaged("a stanza of its header has too long a line")
        if len(line) < _LINE:
            return decode_base64(bytes(text))
    raise damaged("a stanza of its header has no last line")


def _written(stanza: Stanza) -> bytes:
    body = encode_base64(stanza.body)
    lines = [body[at : at + _LINE] for at in range(0, len(body) + 1, _LINE)]
    return b"-> " + " ".join(stanza.arguments).encode("ascii") + b"\n" + b"\n".join(lines) + b"\n"


def _mac_of(text: bytes) -> bytes:
    mac = decode_base64(text)
    if len(mac) != SHA256.digest_size:
        raise damaged("the MAC of its header has a wrong length")
    return mac


def _mac(authenticated: bytes, file_key: bytes) -> HMAC:
    mac = HMAC(derive(file_key, b"", b"header"), SHA256())
    mac.update(authenticated)
    return mac
