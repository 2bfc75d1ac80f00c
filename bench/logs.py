"""Logs to measure on: act leaves as the service writes them, in a database or without one."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from meetcoord.adapters.sealing.notes import Ed25519Signer
from meetcoord.adapters.sql.migrate import migrate
from meetcoord.adapters.sql.storage import SqlStorage
from meetcoord.adapters.system import new_id, now
from meetcoord.domain import leaves, merkle
from meetcoord.domain.leaves import ActKind, ActLeaf
from meetcoord.domain.merkle import Node
from meetcoord.ports.storage import LogHead, PlacedLeaf
from meetcoord.usecases.sequencing import PublishCheckpoint

ORIGIN = "log.meet.example.org"
MEETING = new_id()
BATCH = 1_000


FIRST = 1_790_000_000
"""Seconds since 1970 of the first act; each further one is a second later."""

_ACT = leaves.encode(
    ActLeaf(act=ActKind.ADMISSION, agency="prefecture", at=FIRST, by=new_id(), object=new_id())
)


def act(number: int) -> bytes:
    """An admission, about 180 bytes like the real ones, and unlike each other one."""
    return _ACT.replace(b"%d" % FIRST, b"%d" % (FIRST + number))


def new_signer() -> Ed25519Signer:
    return Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())


def new_database(file: Path) -> str:
    """The URL of a fresh database with the newest schema."""
    url = f"sqlite:///{file.resolve()}"
    migrate(url)
    return url


async def fill(storage: SqlStorage, size: int, signer: Ed25519Signer) -> None:
    """Place so many leaves and sign a checkpoint over them; quicker than promising each one."""
    head = LogHead(0, ())
    while head.size < size:
        async with storage.transaction() as tx:
            placed, nodes, grown = _grown(head, min(BATCH, size - head.size))
            await tx.log.place(placed, nodes, grown, [])
        head = grown
    await PublishCheckpoint(storage, signer, now)()


def _grown(head: LogHead, count: int) -> tuple[list[PlacedLeaf], list[Node], LogHead]:
    placed = [PlacedLeaf(index, MEETING, act(index)) for index in range(head.size, head.size + count)]
    hashes = [merkle.leaf_hash(leaf.entry) for leaf in placed]
    nodes, frontier = merkle.extend(head.size, head.frontier, hashes)
    return placed, nodes, LogHead(head.size + count, frontier)
