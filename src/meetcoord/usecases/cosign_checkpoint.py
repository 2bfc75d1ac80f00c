"""Cosigning as a witness does: what continues the history seen so far, and only once it is remembered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from meetcoord.domain.checkpoints import parse_note
from meetcoord.domain.cosignatures import Cosignature
from meetcoord.domain.errors import Damaged, Forbidden, NotFound, Stale, Unavailable
from meetcoord.domain.witnessing import AddCheckpoint, Cosigned, assert_clock_goes_on, assert_continues
from meetcoord.ports.signing import NoteVerifier
from meetcoord.ports.system import Clock
from meetcoord.ports.witnesses import Cosigner, WitnessStore

TRIES = 8
"""How often a request is judged anew because another one was remembered in between."""


@dataclass(frozen=True, slots=True)
class CosignCheckpoint:
    """A Witness. `logs` holds the verifier keys trusted for each origin."""

    logs: Mapping[str, Sequence[str]]
    store: WitnessStore
    cosigner: Cosigner
    verifier: NoteVerifier
    now: Clock

    async def add_checkpoint(self, old: int, proof: Sequence[bytes], note: str) -> Cosignature:
        asked = AddCheckpoint(old, tuple(proof), note)
        self._must_be_signed(asked)
        for _ in range(TRIES):
            try:
                kept = await self._remember(asked)
            except Stale:
                continue
            return self.cosigner.cosign(kept.text, kept.at)
        raise Unavailable("Others are asking about this log at the same moment: ask again.")

    async def latest(self, origin: str) -> str | None:
        held = await self.store.latest(origin) if origin in self.logs else None
        # Signing is deterministic: this is the very line that was answered before.
        return None if held is None else held.note + self.cosigner.cosign(held.text, held.at).line

    async def _remember(self, asked: AddCheckpoint) -> Cosigned:
        """Judge against what is held now and keep it. Raises Stale when something else was kept meanwhile."""
        every = await self.store.every()
        origin = asked.checkpoint.origin
        held = next((each for each in every if each.checkpoint.origin == origin), None)
        assert_continues(asked, held)
        at = int(self.now().timestamp())
        assert_clock_goes_on(at, max((each.at for each in every), default=0))
        fresh = Cosigned(self._only_signed(asked), at)
        await self.store.replace(held, fresh)
        return fresh

    def _must_be_signed(self, asked: AddCheckpoint) -> None:
        origin = asked.checkpoint.origin
        if origin not in self.logs:
            raise NotFound("This witness does not know that log.")
        if not self._signed_by(asked):
            raise Forbidden("No key that this witness trusts has signed this checkpoint.")

    def _signed_by(self, asked: AddCheckpoint) -> Sequence[str]:
        return [vkey for vkey in self.logs[asked.checkpoint.origin] if self._signs(asked.note, vkey)]

    def _signs(self, note: str, vkey: str) -> bool:
        try:
            self.verifier.verify(note, vkey)
        except Damaged:
            return False
        return True

    def _only_signed(self, asked: AddCheckpoint) -> str:
        """The note with the log's own signatures: strangers' lines are neither kept nor shown to others."""
        note = parse_note(asked.note)
        trusted = {tuple(vkey.split("+")[:2]) for vkey in self._signed_by(asked)}
        own = [each for each in note.signatures if (each.name, each.key_id.hex()) in trusted]
        # The same line many times over would be as good a proof, and larger.
        return f"{note.text}\n" + "".join(dict.fromkeys(each.encode() for each in own))
