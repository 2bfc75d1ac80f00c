"""The last look at a message before it leaves: it must be exactly what was meant.

It reads the bytes by itself, so that a fault of the email package cannot hide what that package did.
"""

import re

from meetcoord.domain.errors import Damaged

LINE_MAX = 998  # RFC 5322 2.1.1, without the CRLF
_FIELD = re.compile(rb"([!-9;-~]+): ")
_ADDRESS = re.compile(rb'(?:"[^"\\]*"\s+|(?:=\?utf-8\?b\?[A-Za-z0-9+/=]+\?=\s+)*)?<?([^\s<>",:;()]+)>?')


def inspect(message: bytes, names: tuple[str, ...], sender: str, recipient: str) -> None:
    """Raises Damaged unless the header fields are these in this order, from that sender to that one recipient.

    See CVE-2024-6923 and CVE-2025-1795 for what serialising a header has already led to.
    """
    lines = message.split(b"\r\n")
    for line in lines:
        if len(line) > LINE_MAX or b"\r" in line or b"\n" in line or b"\0" in line or not line.isascii():
            raise Damaged("message", "it holds a line that mail cannot carry; it stays in the queue.")
    fields = _fields(lines[: lines.index(b"")] if b"" in lines else lines)
    found = tuple(name for name, _ in fields)
    if found != names:
        raise Damaged("message", f"its header fields are {', '.join(found)}; it stays in the queue.")
    for name, expected in (("From", sender), ("To", recipient)):
        address = _ADDRESS.fullmatch(dict(fields)[name])
        if address is None or address.group(1).decode() != expected:
            raise Damaged("message", f"its {name} is not exactly {expected}; it stays in the queue.")


def _fields(lines: list[bytes]) -> list[tuple[str, bytes]]:
    fields: list[tuple[str, bytes]] = []
    for line in lines:
        start = _FIELD.match(line)
        if start is not None:
            fields.append((start.group(1).decode("ascii"), line[start.end() :]))
        elif line[:1] in {b" ", b"\t"} and line.strip() and fields:
            name, value = fields.pop()
            fields.append((name, value + line))
        else:
            raise Damaged("message", "one of its header lines is no header field; it stays in the queue.")
    return fields
