"""Sealing minutes to three keys and opening them, beside HPKE and one ChaCha20-Poly1305 call."""

from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from bench.results import Row, row
from bench.rounds import Effort, interleaved, repeated
from meetcoord.adapters.sealing import hybrid
from meetcoord.adapters.sealing.age import AgeOpener, AgeSealer, generate_identity, recipient_of
from meetcoord.adapters.system import entropy

SIZES = {"4 KiB": 4 << 10, "1 MiB": 1 << 20}
GOAL = 0.8
_INFO = b"bench"
_NONCE = bytes(12)


async def measure(effort: Effort, _: Path) -> list[Row]:
    identities = [generate_identity(entropy) for _ in range(3)]
    rows = [await _seal(effort, name, size, identities) for name, size in SIZES.items()]
    return rows + [await _open(effort, name, size, identities) for name, size in SIZES.items()]


async def _seal(effort: Effort, name: str, size: int, identities: list[str]) -> Row:
    sealer, text = AgeSealer(entropy), bytes(size)
    recipients = [recipient_of(each) for each in identities]
    keys = [hybrid.parse_recipient(each) for each in recipients]
    suite, file_key, cipher = _suite(), entropy(16), ChaCha20Poly1305(entropy(32))

    def bare() -> None:
        for key in keys:
            suite.encrypt(file_key, key, _INFO)
        cipher.encrypt(_NONCE, text, None)

    figures = await interleaved(effort, repeated(lambda: sealer.seal(text, recipients)), repeated(bare))
    return row("sealing", f"{name} sealed to 3", "3 HPKE + ChaCha20-Poly1305", figures, goal=GOAL)


async def _open(effort: Effort, name: str, size: int, identities: list[str]) -> Row:
    """By the first of the three, whose stanza is the first tried."""
    opener, text = AgeOpener(), bytes(size)
    sealed = AgeSealer(entropy).seal(text, [recipient_of(each) for each in identities]).file
    suite, cipher, own = _suite(), ChaCha20Poly1305(entropy(32)), hybrid.parse_identity(identities[0])
    wrapped = suite.encrypt(entropy(16), hybrid.parse_recipient(own.recipient), _INFO)
    closed = cipher.encrypt(_NONCE, text, None)

    def bare() -> None:
        suite.decrypt(wrapped, own.key, _INFO)
        cipher.decrypt(_NONCE, closed, None)

    figures = await interleaved(
        effort, repeated(lambda: opener.open(sealed, identities[0], 3)), repeated(bare)
    )
    return row("sealing", f"{name} opened, 1st of 3", "1 HPKE + ChaCha20-Poly1305", figures, goal=GOAL)


def _suite() -> Suite:
    return Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
