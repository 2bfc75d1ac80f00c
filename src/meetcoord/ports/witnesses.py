"""The doors around a witness: its key, its memory, and the witness itself as the service sees it."""

from collections.abc import Sequence
from typing import Protocol

from meetcoord.domain.cosignatures import Cosignature
from meetcoord.domain.witnessing import Cosigned


class Cosigner(Protocol):
    """Holds one witness' private key for one purpose: cosigning checkpoints (C2SP tlog-cosignature v1.0.1)."""

    @property
    def name(self) -> str: ...

    @property
    def vkey(self) -> str:
        """The verifier key to publish, of type 0x04: `name+key id+base64`."""
        ...

    def cosign(self, text: str, at: int) -> Cosignature:
        """The same line each time for the same text and time (POSIX seconds). Raises Damaged: no checkpoint."""
        ...


class CosignatureVerifier(Protocol):
    """Checks who cosigned a checkpoint."""

    def verify(self, note: str, vkey: str) -> Cosignature:
        """The newest cosignature of `vkey` among the lines of the note; other keys' lines are passed over.

        Raises Damaged if the note or the key is malformed, the text no checkpoint, if the key did not cosign, or if any
        line said to be its own is not valid.
        """
        ...


class WitnessStore(Protocol):
    """What a witness cosigned last, by origin. One process has it to itself; calls may overlap."""

    async def latest(self, origin: str) -> Cosigned | None:
        """Raises StorageUnavailable."""
        ...

    async def every(self) -> Sequence[Cosigned]:
        """The latest of each log, by origin. Raises StorageUnavailable."""
        ...

    async def replace(self, held: Cosigned | None, fresh: Cosigned) -> None:
        """Compare-and-set: `fresh` becomes the latest of its log where `held` is so now, None meaning there is none.

        On disk before it returns, so that a power cut does not bring `held` back. Raises Stale: another is the latest;
        Conflict: `fresh` is smaller or older than `held`; StorageUnavailable: nothing was kept, as far as can be told.
        """
        ...


class Witness(Protocol):
    """One witness (C2SP tlog-witness v1.0.0). Both calls may be repeated at any time.

    Both raise Unavailable when it does not answer in time, or not as a witness does: it may have cosigned all the same,
    and asking again says so.
    """

    async def add_checkpoint(self, old: int, proof: Sequence[bytes], note: str) -> Cosignature:
        """Have the checkpoint cosigned; `proof` leads from the size `old`, which the witness holds (0: none yet).

        The witness keeps the checkpoint before it answers. Client adapters verify the cosignature before they return.
        For the size it holds already, the witness signs anew with the present time.

        Raises OtherSize: it holds another size than `old`, so prove from that one; one larger than ours means that we
        are behind. Forked: it cosigned another root for this very size. Damaged: the proof does not lead from what it
        holds to this checkpoint, or its answer is no cosignature of its own. NotFound: it does not know the log.
        Forbidden: it does not trust the key that signed. Invalid: not the form of a request, or `old` is beyond it.
        """
        ...

    async def latest(self, origin: str) -> str | None:
        """The note it cosigned last, with the log's signature and its own; None if it never did, or knows no such log.

        Client adapters check origin and cosignature. Raises Damaged: not a checkpoint of this log cosigned by it.
        """
        ...
