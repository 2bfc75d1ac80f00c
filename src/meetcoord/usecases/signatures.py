"""What an approver signed on her own machine, checked when it is handed in."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from meetcoord.domain.approvals import SignedNote, note_to_verify
from meetcoord.domain.errors import Damaged, Invalid
from meetcoord.ports.signing import NoteVerifier

POINTER = "/signature"


def given(signature: str | None) -> str | UnsetType:
    """A signature as leaves keep it."""
    return UNSET if signature is None else signature


def verified(verifier: NoteVerifier, signed: SignedNote | None) -> bool:
    """Whether there was a signature; raises Damaged where there is one that is not valid."""
    if signed is not None:
        verifier.verify(signed.note, signed.vkey)
    return signed is not None


@dataclass(frozen=True, slots=True)
class Signatures:
    """`command` is what an approver types."""

    verifier: NoteVerifier

    def check(self, text: str, signature: str | None, keys: Sequence[str], command: str) -> bool:
        """Whether it bears a signature, which is asked for where `keys` are named. Raises Invalid with what to type."""
        if signature is None and keys:
            raise Invalid(
                f"Your agency has named keys that sign for it. Type `{command}` where that key is, and send the "
                "signature that it writes.",
                POINTER,
            )
        if signature is not None and not keys:
            raise Invalid(
                "No key that signs for your agency is named in the policy in force: add it with `meetcoord agency "
                "approver add`, have the other agencies consent, or send no signature.",
                POINTER,
            )
        try:
            return verified(self.verifier, note_to_verify(text, given(signature), keys))
        except (Damaged, ValueError) as fault:
            raise Invalid(
                f"This signature is not by a key named for your agency, or not under this very text: {fault} "
                f"Sign again with `{command}`.",
                POINTER,
            ) from fault
