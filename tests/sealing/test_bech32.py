"""Bech32 against the vectors of BIP 173 and a second, slow implementation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetcoord.adapters.sealing import bech32
from meetcoord.domain.errors import Invalid

SYMBOLS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
PREFIXES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20).map(str.lower)


def with_checksum(hrp: str, symbols: str) -> str:
    """BIP 173, bit by bit: the remainder of the division of prefix and data by the generator."""
    values = [ord(letter) // 32 for letter in hrp] + [0] + [ord(letter) % 32 for letter in hrp]
    values += [SYMBOLS.index(symbol) for symbol in symbols] + [0] * 6
    remainder = 1
    for value in values:
        top, remainder = remainder >> 25, ((remainder & 0x1FFFFFF) << 5) ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            remainder ^= generator * ((top >> bit) & 1)
    remainder ^= 1
    return hrp + "1" + symbols + "".join(SYMBOLS[(remainder >> 5 * (5 - at)) & 31] for at in range(6))


@given(hrp=PREFIXES, data=st.binary(max_size=100))
def test_what_is_written_is_read_back(hrp: str, data: bytes) -> None:
    text = bech32.encode(hrp, data)
    assert bech32.decode(text) == (hrp, data)
    assert bech32.decode(text.upper()) == (hrp.upper(), data)
    assert bech32.encode(hrp.upper(), data).upper() == text.upper()
    assert with_checksum(hrp, text[len(hrp) + 1 : -6]) == text


def test_the_string_takes_the_case_of_its_prefix() -> None:
    assert bech32.encode("AGE-SECRET-KEY-PQ-", bytes(32)).isupper()
    assert bech32.encode("age1pq", bytes(32)).islower()


@given(data=st.binary(max_size=40), place=st.integers(0, 1000), symbol=st.sampled_from(SYMBOLS + "1b"))
def test_one_changed_character_is_always_noticed(data: bytes, place: int, symbol: str) -> None:
    text = bech32.encode("age1pq", data)
    at = place % len(text)
    altered = text[:at] + symbol + text[at + 1 :]
    if altered != text:
        with pytest.raises(Invalid):
            bech32.decode(altered)


@given(text=st.text(max_size=60))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        bech32.decode(text)


@pytest.mark.parametrize(
    ("text", "hrp", "length"),
    [
        ("A12UEL5L", "A", 0),
        ("a12uel5l", "a", 0),
        ("?1ezyfcl", "?", 0),
        ("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef", 20),
        ("split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", "split", 30),
        ("11" + "q" * 82 + "c8247j", "1", 51),
    ],
)
def test_valid_strings_of_bip_173_are_read(text: str, hrp: str, length: int) -> None:
    prefix, data = bech32.decode(text)
    assert (prefix, len(data)) == (hrp, length)


@pytest.mark.parametrize(
    "text",
    [
        "\x201nwldj5",
        "\x7f1axkwrx",
        "\x801eym55h",
        "pzry9x0s0muk",
        "1pzry9x0s0muk",
        "x1b4n0q5v",
        "li1dgmt3",
        "de1lg7wt\xff",
        "A1G7SGD8",
        "10a06t8",
        "1qzzfhee",
        "A12UEl5L",
        "a12uel5",
        "",
    ],
)
def test_invalid_strings_of_bip_173_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        bech32.decode(text)


@pytest.mark.parametrize("symbols", ["q", "qqq", "qqqqqq", "qp", "qqqp", "qqqqp", "qqqqqqp"])
def test_data_with_a_piece_missing_or_padded_with_ones_is_refused(symbols: str) -> None:
    with pytest.raises(Invalid):
        bech32.decode(with_checksum("age", symbols))


def test_the_later_checksum_of_bech32m_is_refused() -> None:
    with pytest.raises(Invalid, match="checksum"):
        bech32.decode("abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx")


@pytest.mark.parametrize("hrp", ["", "Age", "â", "a b"])
def test_a_prefix_outside_bip_173_is_not_written(hrp: str) -> None:
    with pytest.raises(Invalid):
        bech32.encode(hrp, b"")
