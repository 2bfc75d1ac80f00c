"""Bech32 as age uses it: BIP 173 and its checksum, without the length limit and without bech32m."""

import base64
import binascii

from meetcoord.domain.errors import Invalid

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TO_BASE32 = str.maketrans(_ALPHABET, _BASE32)
_FROM_BASE32 = str.maketrans(_BASE32, _ALPHABET)
_VALUES = {symbol: value for value, symbol in enumerate(_ALPHABET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM = 6


def encode(hrp: str, data: bytes) -> str:
    """The string takes the case of `hrp`. Raises Invalid on a prefix BIP 173 does not allow."""
    lower = _one_case(hrp)
    _check_prefix(lower)
    symbols = base64.b32encode(data).decode("ascii").rstrip("=").translate(_FROM_BASE32)
    text = f"{lower}1{symbols}{_checksum(lower, symbols)}"
    return text if hrp == lower else text.upper()


def decode(text: str) -> tuple[str, bytes]:
    """The prefix, in the case it was written in, and the data. Raises Invalid without repeating the text."""
    lower = _one_case(text)
    hrp, separator, symbols = lower.rpartition("1")
    if not separator or len(symbols) < _CHECKSUM or not _VALUES.keys() >= set(symbols):
        raise Invalid("This is not a key in bech32: copy all of it, from its first to its last character.")
    _check_prefix(hrp)
    payload, checksum = symbols[:-_CHECKSUM], symbols[-_CHECKSUM:]
    if checksum != _checksum(hrp, payload):
        raise Invalid("The checksum does not match: a character of the key was changed or lost.")
    return text[: len(hrp)], _bytes_of(payload)


def _bytes_of(symbols: str) -> bytes:
    padded = symbols.translate(_TO_BASE32) + "=" * (-len(symbols) % 8)
    try:
        data = base64.b32decode(padded)
    except binascii.Error:
        raise Invalid("The length of the key is not possible: a part of it is missing.") from None
    if base64.b32encode(data).decode("ascii") != padded:
        raise Invalid("The last character of the key is not canonical: ask for the key again.")
    return data


def _one_case(text: str) -> str:
    lower = text.lower()
    if text not in (lower, text.upper()) or not text.isascii():
        raise Invalid("A key is written in one case only, without accents: copy it again.")
    return lower


def _check_prefix(hrp: str) -> None:
    if not hrp or not all("!" <= character <= "~" for character in hrp):
        raise Invalid("The key has no valid prefix: copy it again, from its first character.")


def _checksum(hrp: str, symbols: str) -> str:
    values = [ord(character) >> 5 for character in hrp] + [0] + [ord(character) & 31 for character in hrp]
    values += [_VALUES[symbol] for symbol in symbols]
    residue = _polymod([*values, 0, 0, 0, 0, 0, 0]) ^ 1
    return "".join(_ALPHABET[residue >> shift & 31] for shift in (25, 20, 15, 10, 5, 0))


def _polymod(values: list[int]) -> int:
    residue = 1
    for value in values:
        residue = _STEPS[residue >> 25] ^ (residue & 0x1FFFFFF) << 5 ^ value
    return residue


def _step(top: int) -> int:
    total = 0
    for bit, constant in enumerate(_GENERATOR):
        total ^= constant if top >> bit & 1 else 0
    return total


_STEPS = tuple(_step(top) for top in range(32))
