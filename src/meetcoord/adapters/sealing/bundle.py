"""Evidence as one zip file that has a single permitted spelling, so that no byte of it can change unnoticed.

The layout is a subset of APPNOTE.TXT 6.3: members stored uncompressed, with fixed times, attributes and order.
"""

import struct
from collections.abc import Iterator
from itertools import count, takewhile
from struct import Struct
from zlib import crc32

from meetcoord.adapters.sealing.lisezmoi import LISEZMOI
from meetcoord.domain.errors import Damaged, Invalid
from meetcoord.domain.evidence import Evidence, ProvenLeaf, ProvenPolicy

MAX_EVIDENCE = 64 * 1024 * 1024
MAX_LEAVES = 1000

# version needed, flags, method, time, date (1 January 1980), CRC, stored size, size, lengths of name and extra
_LOCAL = Struct("<4sHHHHHIIIHH")
_LOCAL_MARK = b"PK\x03\x04"
_COMMON = (20, 0, 0, 0, 0x21)
# version made by (3 = Unix), the ten above, comment length, disk, internal and external attributes, offset
_CENTRAL = Struct("<4sHHHHHHIIIHHHHHII")
_MADE_BY = 3 << 8 | 20
_FILE_MODE = 0o100644 << 16
_END = Struct("<4sHHHHIIH")


def pack(evidence: Evidence) -> bytes:
    """The evidence file. Raises Invalid above 64 MiB or 1,000 leaves beside the entry."""
    members = list(_members(evidence))
    # Counted before: writing a great many members takes a time that grows with the square of their number.
    data = _write(members) if len(members) <= 2 * MAX_LEAVES else b""
    if not 0 < len(data) <= MAX_EVIDENCE:
        raise Invalid("This evidence is too large for one file.")
    return data


def unpack(data: bytes) -> Evidence:
    """Read an evidence file; raises Damaged unless `pack` would have written these very bytes."""
    if len(data) > MAX_EVIDENCE:
        raise Damaged("evidence file", f"it is larger than {MAX_EVIDENCE >> 20} MiB")
    try:
        evidence = _evidence(dict(_read(data)))
        same = pack(evidence) == data
    except (struct.error, UnicodeError, KeyError, Invalid) as fault:
        raise Damaged("evidence file", "its members cannot be read") from fault
    if not same:
        raise Damaged("evidence file", "it is not written in the one permitted way")
    return evidence


def _members(evidence: Evidence) -> Iterator[tuple[str, bytes]]:
    yield "LISEZMOI.txt", LISEZMOI.encode()
    yield "log.vkey", (evidence.log_key + "\n").encode()
    if evidence.witnesses:
        yield "policy.tlog", evidence.witnesses.encode()
    yield from _proven("entry", evidence.entry)
    yield "entry.age", evidence.sealed
    for number, each in enumerate(evidence.policies):
        yield from _proven(_name("policies", number), each.policy)
        yield from _several(_consents(number), each.consents)
    yield from _several("approvals", evidence.approvals)
    yield from _several("rewraps", evidence.rewraps)


def _several(folder: str, proven: tuple[ProvenLeaf, ...]) -> Iterator[tuple[str, bytes]]:
    for number, each in enumerate(proven):
        yield from _proven(_name(folder, number), each)


def _proven(name: str, proven: ProvenLeaf) -> Iterator[tuple[str, bytes]]:
    yield f"{name}.leaf", proven.leaf
    yield f"{name}.tlog-proof", proven.proof.encode()


def _name(folder: str, number: int) -> str:
    return f"{folder}/{number:04}"


def _consents(number: int) -> str:
    return f"{_name('policies', number)}/consents"


def _evidence(members: dict[str, bytes]) -> Evidence:
    """Take what the names say; anything extra or out of order shows when the file is written again."""
    return Evidence(
        log_key=members["log.vkey"].decode().removesuffix("\n"),
        entry=_take(members, "entry"),
        sealed=members["entry.age"],
        policies=tuple(
            ProvenPolicy(each, _take_all(members, _consents(number)))
            for number, each in enumerate(_take_all(members, "policies"))
        ),
        approvals=_take_all(members, "approvals"),
        witnesses=members.get("policy.tlog", b"").decode(),
        rewraps=_take_all(members, "rewraps"),
    )


def _take_all(members: dict[str, bytes], folder: str) -> tuple[ProvenLeaf, ...]:
    """As many as follow one another without a gap."""
    numbers = takewhile(lambda number: f"{_name(folder, number)}.leaf" in members, count())
    return tuple(_take(members, _name(folder, number)) for number in numbers)


def _take(members: dict[str, bytes], name: str) -> ProvenLeaf:
    return ProvenLeaf(members[f"{name}.leaf"], members[f"{name}.tlog-proof"].decode())


def _write(members: list[tuple[str, bytes]]) -> bytes:
    body = directory = b""
    for name, data in members:
        title = name.encode()
        facts = (*_COMMON, crc32(data), len(data), len(data), len(title), 0)
        directory += _CENTRAL.pack(b"PK\x01\x02", _MADE_BY, *facts, 0, 0, 0, _FILE_MODE, len(body)) + title
        body += _LOCAL.pack(_LOCAL_MARK, *facts) + title + data
    count = len(members)
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + end


def _read(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The members one after the other, trusting nothing but their lengths."""
    at = 0
    while data[at : at + 4] == _LOCAL_MARK:
        *_, checksum, _, size, title, _ = _LOCAL.unpack_from(data, at)
        start = at + _LOCAL.size + title
        at = start + size
        name, content = data[start - title : start].decode(), data[start:at]
        if crc32(content) != checksum:
            raise Damaged("evidence file", f"its member {name!r} is not what was packed")
        yield name, content
