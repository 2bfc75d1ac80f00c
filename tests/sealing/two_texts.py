"""One payload that opens under two file keys: Poly1305 commits to no key, so a block can be chosen that fits both."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

from meetcoord.adapters.sealing.stanzas import derive
from meetcoord.adapters.sealing.stream import NONCE

BLOCK = 16
PRIME = (1 << 130) - 5
CLAMP = 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
LAST_CHUNK = bytes(11) + b"\x01"


@dataclass(frozen=True, slots=True)
class Key:
    """What ChaCha20-Poly1305 (RFC 8439) makes of a file key for a payload of one chunk."""

    r: int
    s: int
    stream: bytes

    @staticmethod
    def of(file_key: bytes, nonce: bytes, length: int) -> "Key":
        secret = derive(file_key, nonce, b"payload")
        cipher = Cipher(ChaCha20(secret, bytes(4) + LAST_CHUNK), mode=None).encryptor()
        stream = cipher.update(bytes(64 + length))
        r, s = int.from_bytes(stream[:16], "little") & CLAMP, int.from_bytes(stream[16:32], "little")
        return Key(r, s, stream[64:])

    def tag(self, blocks: list[int]) -> int:
        total = 0
        for block in blocks:
            total = (total + block) * self.r % PRIME
        return (total + self.s) % (1 << 128)


def payload_for(head: bytes, first: bytes, second: bytes) -> tuple[bytes, bytes]:
    """The text under `first`, which begins with `head` (whole blocks) and is UTF-8, and the payload that both open."""
    assert len(head) % BLOCK == 0
    nonce, length = bytes(NONCE), len(head) + 2 * BLOCK
    one, two = Key.of(first, nonce, length), Key.of(second, nonce, length)
    for text in _candidates(head, one, two, length):
        sealed = _xor(text, one.stream)
        blocks = [*_blocks(sealed), _lengths(length)]
        if one.tag(blocks) == two.tag(blocks):
            return text, nonce + sealed + one.tag(blocks).to_bytes(16, "little")
    raise AssertionError("there are endless candidates")


def _candidates(head: bytes, one: Key, two: Key, length: int) -> Iterator[bytes]:
    """Texts that differ in their last two blocks: a counter, and what then makes both tags equal, if it is a text."""
    fixed = _blocks(_xor(head, one.stream))
    powers = [(pow(one.r, n, PRIME) - pow(two.r, n, PRIME)) % PRIME for n in range(len(fixed) + 4)]
    known = sum(block * powers[len(fixed) + 3 - n] for n, block in enumerate(fixed))
    known += _lengths(length) * powers[1]
    wanted, inverse = (two.s - one.s - known) % PRIME, pow(powers[2], -1, PRIME)
    for number in count():
        middle = f"{number:016d}".encode()
        at = _number(_xor(middle, one.stream[len(head) :]))
        block = (wanted - at * powers[3]) * inverse % PRIME - (1 << 128)
        if 0 <= block < 1 << 128:
            end = _xor(block.to_bytes(16, "little"), one.stream[len(head) + BLOCK :])
            if _is_text(end):
                yield head + middle + end


def _is_text(data: bytes) -> bool:
    try:
        return bool(data.decode())
    except UnicodeDecodeError:
        return False


def _blocks(data: bytes) -> list[int]:
    return [_number(data[at : at + BLOCK]) for at in range(0, len(data), BLOCK)]


def _number(block: bytes) -> int:
    """A block as Poly1305 counts it."""
    return int.from_bytes(block, "little") + (1 << 128)


def _lengths(length: int) -> int:
    """The block behind the text: nothing beside it is authenticated, and it has this many bytes."""
    return _number(bytes(8) + length.to_bytes(8, "little"))


def _xor(data: bytes, stream: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(data, stream, strict=False))
