"""The payload of an age file: STREAM with ChaCha20-Poly1305 in chunks of 64 KiB (C2SP age v1.1.0)."""

from collections.abc import Iterator
from io import BytesIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from meetcoord.adapters.sealing.stanzas import damaged, derive

NONCE = 16
CHUNK = 64 * 1024
_TAG = 16
_SEALED_CHUNK = CHUNK + _TAG


def seal_payload(plaintext: bytes, file_key: bytes, nonce: bytes) -> bytes:
    """The nonce, then the chunks. `file_key` and `nonce` (16 bytes each) serve one file only."""
    cipher, clear = _cipher(file_key, nonce), memoryview(plaintext)
    payload = BytesIO()
    payload.write(nonce)
    # Joining a list of chunks would hold everything twice, which costs more than the encryption.
    payload.writelines(
        cipher.encrypt(at, clear[start:end], None) for start, end, at in _chunks(len(clear), CHUNK)
    )
    return payload.getvalue()


def open_payload(payload: memoryview, file_key: bytes) -> bytes:
    """The whole plaintext, handed out only after the last chunk was verified. Raises Damaged."""
    if len(payload) < NONCE:
        raise damaged("it is cut before its first chunk")
    cipher, sealed = _cipher(file_key, bytes(payload[:NONCE])), payload[NONCE:]
    if len(sealed) > _SEALED_CHUNK and len(sealed) % _SEALED_CHUNK == _TAG:
        raise damaged("its last chunk is empty")
    places, plaintext = _chunks(len(sealed), _SEALED_CHUNK), BytesIO()
    try:
        plaintext.writelines(cipher.decrypt(at, sealed[start:end], None) for start, end, at in places)
    except InvalidTag:
        raise damaged("its payload was altered, cut or lengthened") from None
    return plaintext.getvalue()


def _chunks(length: int, step: int) -> Iterator[tuple[int, int, bytes]]:
    """Where each chunk begins and ends, and its nonce: an 11-byte counter and the flag of the last one."""
    last = max(length - 1, 0) // step
    for number in range(last + 1):
        flag = b"\x01" if number == last else b"\x00"
        yield number * step, (number + 1) * step, number.to_bytes(11, "big") + flag


def _cipher(file_key: bytes, nonce: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(derive(file_key, nonce, b"payload"))
