"""The doors through which minutes are sealed, opened by an auditor, and drafts kept unreadable at rest."""

from collections.abc import Sequence
from typing import Protocol

from meetcoord.domain.sealing import SealedFile


class Sealer(Protocol):
    def recipient(self, text: str) -> str:
        """The canonical `age1pq1…` string of a public key, without the white space around it.

        Raises Invalid: upper or mixed case, bad checksum, another kind (`age1…`), an unusable key.
        """
        ...

    def seal(self, plaintext: bytes, recipients: Sequence[str]) -> SealedFile:
        """An age v1 file (C2SP age v1.1.0) with one mlkem768x25519 stanza per recipient, in the order given.

        Raises Invalid on a list that is empty, too long or names a key twice, and on any string that is not a
        canonical recipient.
        """
        ...


class Opener(Protocol):
    def open(self, sealed: bytes, identity: str, recipients: int | None = None) -> bytes:
        """The whole plaintext or none of it; `recipients` is how many stanzas the policy announced.

        Raises Damaged: malformed, altered, cut, lengthened, another kind of stanza, another number of them.
        Raises Forbidden: well formed, but not sealed to this identity. Raises Invalid: no identity of ours.
        """
        ...

    def stanzas(self, sealed: bytes) -> int:
        """How many recipients the header names; needs no key.

        Raises Damaged: malformed, or any stanza that is not mlkem768x25519.
        """
        ...


class Rewrapper(Protocol):
    def rewrap(self, sealed: bytes, identity: str, recipients: Sequence[str]) -> bytes:
        """Another header for the same payload: the same file key, wrapped for each of `recipients` in this order.

        Raises Damaged, Forbidden as Opener does, Invalid as Sealer does.
        """
        ...


class DraftVault(Protocol):
    """Keeps drafts unreadable in the database and its backups; the running service can read them."""

    def lock(self, plaintext: bytes, context: str) -> bytes:
        """A self-contained blob that opens only in the same context, which names draft and version."""
        ...

    def unlock(self, locked: bytes, context: str) -> bytes:
        """Raises Damaged: altered, of another context, or locked under another key."""
        ...
