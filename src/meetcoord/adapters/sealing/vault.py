"""Drafts at rest: AES-256-GCM under a fresh key per blob, itself wrapped by the key of the key file."""

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from meetcoord.domain.errors import Damaged, Misconfigured
from meetcoord.ports.system import Entropy

_FORMAT = b"meetcoord-draft/v1\n"
_KEY, _NONCE, _TAG = 32, 12, 16
_WRAPPED = _NONCE + _KEY + _TAG
_PREAMBLE = len(_FORMAT) + _WRAPPED


@dataclass(frozen=True, slots=True)
class AesGcmVault:
    """A blob is a format line, a 12-byte nonce, the wrapped data key (48 bytes) and the sealed draft."""

    key: bytes = field(repr=False)
    entropy: Entropy

    def __post_init__(self) -> None:
        if len(self.key) != _KEY:
            raise Misconfigured(
                "The key that locks drafts must have 32 bytes: make it with `meetcoord keys`."
            )

    def lock(self, plaintext: bytes, context: str) -> bytes:
        data_key, nonce, bound = self.entropy(_KEY), self.entropy(_NONCE), _bound_to(context)
        wrapped = AESGCM(self.key).encrypt(nonce, data_key, bound)
        # The data key serves this one blob, so its nonce may be constant.
        return b"".join((_FORMAT, nonce, wrapped, AESGCM(data_key).encrypt(bytes(_NONCE), plaintext, bound)))

    def unlock(self, locked: bytes, context: str) -> bytes:
        if not locked.startswith(_FORMAT) or len(locked) < _PREAMBLE + _TAG:
            raise Damaged("draft", "it is not in the format drafts are stored in")
        nonce, wrapped = locked[len(_FORMAT) :][:_NONCE], locked[len(_FORMAT) + _NONCE : _PREAMBLE]
        bound = _bound_to(context)
        try:
            data_key = AESGCM(self.key).decrypt(nonce, wrapped, bound)
            return AESGCM(data_key).decrypt(bytes(_NONCE), memoryview(locked)[_PREAMBLE:], bound)
        except InvalidTag:
            raise Damaged(
                "draft", "it was altered, or locked in another place or under another key"
            ) from None


def _bound_to(context: str) -> bytes:
    return _FORMAT + context.encode()
