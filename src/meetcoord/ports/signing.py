"""The doors to signatures on notes (C2SP signed-note)."""

from typing import Protocol


class CheckpointSigner(Protocol):
    """Holds one private key for one purpose: signing this log's checkpoints."""

    @property
    def name(self) -> str:
        """The key's name, which is the origin of the log."""
        ...

    @property
    def vkey(self) -> str:
        """The verifier key to publish: `name+key id+base64`."""
        ...

    def sign(self, text: str) -> str:
        """The whole note: `text`, an empty line, one signature line. Raises Invalid: not the text of a note."""
        ...


class NoteVerifier(Protocol):
    """Checks who signed a note."""

    def verify(self, note: str, vkey: str) -> str:
        """The text of the note, once a signature by `vkey` is found to be valid.

        Signatures by other keys are passed over. Raises Damaged if the note or the key is malformed, if the key did
        not sign, or if any signature said to be its own is not valid.
        """
        ...
