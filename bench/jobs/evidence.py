"""Evidence checked offline, beside the signatures and decryptions it cannot do without."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from bench.results import Row, row, wanted_per_second
from bench.rounds import Effort, interleaved, repeated
from bench.stage import Stage, build
from meetcoord.adapters.sealing import hybrid
from meetcoord.adapters.sealing.age import AgeOpener
from meetcoord.adapters.sealing.cosignatures import Ed25519CosignatureVerifier
from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.adapters.system import entropy
from meetcoord.domain.checkpoints import parse_proof
from meetcoord.domain.evidence import Evidence, Outcome
from meetcoord.usecases.verify_evidence import VerifyEvidence

WANTED = 1_000
_INFO = b"bench"


async def measure(effort: Effort, folder: Path) -> list[Row]:
    stage = await build(folder)
    return [
        await _measured(effort, stage, None, "evidence verified"),
        await _measured(effort, stage, stage.identity, "the same and opened"),
    ]


async def _measured(effort: Effort, stage: Stage, identity: str | None, what: str) -> Row:
    verify = VerifyEvidence(Ed25519Verifier(), AgeOpener(), Ed25519CosignatureVerifier())
    verdict = verify(stage.evidence, identity, stage.log_key)
    if verdict.outcome is not Outcome.INTACT:
        raise LookupError(f"this evidence should be intact: {verdict.sentence}")
    notes = _notes(stage.evidence)
    opened = " + HPKE + ChaCha20" if identity else ""
    figures = await interleaved(
        effort,
        repeated(lambda: verify(stage.evidence, identity, stage.log_key)),
        repeated(_Bare(stage, notes, identity).once),
    )
    seen = row("evidence", what, f"{notes} Ed25519{opened}", figures)
    return wanted_per_second(seen, WANTED)


def _notes(evidence: Evidence) -> int:
    """How many different checkpoints the proofs lead to: each is verified once. Nobody signs approvals here."""
    proven = [evidence.entry, *(each.policy for each in evidence.policies), *evidence.approvals]
    return len({parse_proof(each.proof).note for each in proven})


class _Bare:
    """As many signatures checked as the evidence has notes, and one file key and text of that size decrypted."""

    def __init__(self, stage: Stage, notes: int, identity: str | None) -> None:
        signer = Ed25519PrivateKey.generate()
        self.text, self.notes = stage.evidence.entry.proof.encode(), notes
        self.signature, self.public = signer.sign(self.text), signer.public_key()
        self.cipher = ChaCha20Poly1305(entropy(32))
        self.closed = self.cipher.encrypt(bytes(12), bytes(len(stage.evidence.sealed)), None)
        self.own = hybrid.parse_identity(identity) if identity else None
        if self.own:
            recipient = hybrid.parse_recipient(self.own.recipient)
            self.wrapped = hybrid.suite().encrypt(entropy(16), recipient, _INFO)

    def once(self) -> None:
        for _ in range(self.notes):
            self.public.verify(self.signature, self.text)
        if self.own:
            hybrid.suite().decrypt(self.wrapped, self.own.key, _INFO)
            self.cipher.decrypt(bytes(12), self.closed, None)
