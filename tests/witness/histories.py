"""Logs that grow, and logs that lie: two histories under one key."""

from meetcoord.domain import merkle
from meetcoord.domain.cosignatures import Cosignature
from meetcoord.ports.witnesses import Witness
from tests.log.builders import SmallLog, log_of, new_signer


def proof(log: SmallLog, old: int, size: int) -> list[bytes]:
    return merkle.consistency_proof(old, size, log.node) if 0 < old < size else []


async def add(witness: Witness, log: SmallLog, old: int, size: int) -> Cosignature:
    """What an honest log asks for when it grew from `old` to `size`."""
    return await witness.add_checkpoint(old, proof(log, old, size), log.checkpoint(size))


def forked(log: SmallLog, common: int) -> SmallLog:
    """Another history of the same log, under the same key: alike up to `common`, then as long, and different."""
    other = SmallLog(signer=log.signer)
    for number, entry in enumerate(log.entries):
        other.append(entry if number < common else b"rewritten " + entry)
    return other


def named(size: int, origin: str) -> SmallLog:
    """A log of this name, with a key of its own."""
    log = SmallLog(signer=new_signer(origin))
    for entry in log_of(size).entries:
        log.append(entry)
    return log
