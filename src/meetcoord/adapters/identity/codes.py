"""One-time codes: six digits of an HMAC, so that no database, outbox or backup holds any."""

import hashlib
import hmac
from dataclasses import dataclass, field

from meetcoord.domain.challenges import Challenge

_PURPOSE = "meetcoord one-time code"


@dataclass(frozen=True, slots=True)
class DerivedCodes:
    """`key` is 32 bytes that serve nothing else."""

    key: bytes = field(repr=False)

    def of(self, challenge: Challenge) -> str:
        said = f"{_PURPOSE}|{challenge.kind.value}|{challenge.id}"
        # 256 bits, so that no code is likelier than another by more than one part in 2**236.
        number = int.from_bytes(hmac.digest(self.key, said.encode(), hashlib.sha256))
        return f"{number % 1_000_000:06}"

    def fits(self, challenge: Challenge, digits: str) -> bool:
        return hmac.compare_digest(self.of(challenge).encode(), digits.encode())
