"""Text, addresses and identifiers: what is checked is what is kept, and nothing hides in it."""

import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetcoord.domain.errors import Invalid
from meetcoord.domain.values import (
    PROSE_MAX,
    agency_id,
    is_random_id,
    mail_address,
    one_line,
    prose,
)

HIDDEN = [
    *(chr(code) for code in (*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, *range(0x80, 0xA0))),
    *"\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2066\u2067\u2068\u2069\ufeff\ufff9",
    *"\u2028\u2029\ud800\udfff\ue000\ufffe\uffff\U000e0041\U0010ffff",
]


@pytest.mark.parametrize("character", HIDDEN, ids=ascii)
@pytest.mark.parametrize("read", [one_line, prose])
def test_hidden_and_control_characters_are_refused_by_name(
    read: Callable[..., object], character: str
) -> None:
    with pytest.raises(Invalid, match=f"U\\+{ord(character):04X}") as refusal:
        read(f"a{character}b", "The title", "/title")
    assert refusal.value.pointer == "/title"


@pytest.mark.parametrize(
    "text", ["Préfecture du Haut-Rhin", "Naïveté — « oui »", "ARS\u202f: 12\u00a0h", "東京", "👩\u200d⚕"]
)
def test_what_people_write_is_kept(text: str) -> None:
    assert one_line(text, "The title") == text
    assert prose(f"\t{text}\n\n{text}", "The text") == f"\t{text}\n\n{text}"


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\tb", "a\r\nb"])
def test_one_line_is_one_line(text: str) -> None:
    with pytest.raises(Invalid):
        one_line(text, "The title")


def test_prose_keeps_line_feeds_only() -> None:
    assert prose("a\r\nb", "The text") == "a\nb"
    with pytest.raises(Invalid, match="U\\+000D"):
        prose("a\rb", "The text")


@pytest.mark.parametrize("text", ["", " ", "\u00a0", "\n", "\u3000\u2003"])
def test_an_empty_line_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="at least one character"):
        one_line(text, "The title")
    assert prose("", "The agenda") == ""


def test_a_letter_and_its_accent_become_one() -> None:
    assert one_line("Pre\u0301fecture", "The name") == "Préfecture"


def test_the_length_is_counted_as_kept() -> None:
    assert len(one_line("e\u0301" * 200, "The title")) == 200
    with pytest.raises(Invalid, match="201 characters"):
        one_line("é" * 201, "The title")
    assert len(prose("x" * PROSE_MAX, "The text")) == PROSE_MAX
    with pytest.raises(Invalid):
        prose("x" * (PROSE_MAX + 1), "The text")


@given(st.text())
def test_what_was_accepted_is_accepted_again_unchanged(text: str) -> None:
    for read in (one_line, prose):
        try:
            once = read(text, "The title")
        except Invalid:
            continue
        assert read(once, "The title") == once
        assert unicodedata.is_normalized("NFC", once)
        once.encode()


@pytest.mark.parametrize(
    "unit", ["a", "é", "\u0301", "a\u0300\u0316", "\u0316\u0300", "\0", "\r\n", " ", "\ud800"]
)
@pytest.mark.parametrize("read", [one_line, prose])
def test_ten_megabytes_of_anything_are_refused_quickly(read: Callable[..., object], unit: str) -> None:
    text = unit * (10_000_000 // len(unit))
    begun = time.process_time()
    with pytest.raises(Invalid):
        read(text, "The text")
    assert time.process_time() - begun < 0.5


def test_a_long_text_of_marks_cannot_keep_the_service_busy() -> None:
    text = "a" + "\u0300\u0316" * 200_000
    begun = time.process_time()
    with pytest.raises(Invalid, match="marks"):
        prose(text, "The text", longest=500_000)
    assert time.process_time() - begun < 0.5
    prose("a" + "\u0300\u0316" * 15, "The text")


HOSTILE_ADDRESSES = [
    "evil@x.example <a@d.example>",
    "a@d.example, evil@x.example",
    "a@d.example,evil@x.example",
    "<a@d.example>",
    '"a b"@d.example',
    '"a"@d.example',
    "a(comment)@d.example",
    "a@d.example(comment)",
    "a@d.example\r\nBcc: evil@x.example",
    "a@d.example\n",
    "a@d.example\0",
    " a@d.example",
    "a@d.example ",
    "a b@d.example",
    "@hop.example:a@d.example",
    "a%d.example@relay.example",
    "relay!a@d.example",
    "group: a@d.example;",
    "a@[127.0.0.1]",
    "a@[IPv6:::1]",
    "a@127.0.0.1",
    "a@localhost",
    "a@-d.example",
    "a@d-.example",
    "a@d..example",
    "a@.example",
    "a@d.example.",
    ".a@d.example",
    "a.@d.example",
    "a..b@d.example",
    "a@@d.example",
    "a@b@d.example",
    "@d.example",
    "a@",
    "a",
    "",
    "é@d.example",
    "a@é.example",
    "a@d.ехample",
    "a@d.example\u202e",
    "a\uff20d.example",
    "a@d\uff0eexample",
    "=?utf-8?q?a=40d.example?=",
    "=?utf-8?q?a?=@d.example, b@d.example",
    f"{'a' * 65}@d.example",
    f"a@{'d' * 64}.example",
    f"a@{'.'.join(['d' * 60] * 5)}",
    "a@d.123",
]


@pytest.mark.parametrize("text", HOSTILE_ADDRESSES, ids=ascii)
def test_whatever_is_not_one_bare_address_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="bare address") as refusal:
        mail_address(text, "/address")
    assert refusal.value.pointer == "/address"


@pytest.mark.parametrize(
    "text",
    [
        "a@d.example",
        "a.b+c_d-e'f=g@x-1.d.example",
        "0@1.d.example",
        "a@xn--bcher-kva.example",
        f"{'a' * 64}@d.example",
    ],
)
def test_a_bare_address_is_kept_as_it_is(text: str) -> None:
    assert mail_address(text) == text


def test_the_domain_is_kept_in_lower_case_and_the_local_part_as_written() -> None:
    assert mail_address("Secretary@City.Example.ORG") == "Secretary@city.example.org"


@given(st.text(alphabet='ab.@-!%"<>(),;: \r\n[]é1\0', max_size=30))
def test_an_accepted_address_holds_nothing_a_mail_server_could_read_otherwise(text: str) -> None:
    try:
        kept = mail_address(text)
    except Invalid:
        return
    assert kept.count("@") == 1
    assert not set(kept) & set(' <>(),;:"[]%!\\\r\n\0')
    assert kept.isascii()
    assert mail_address(kept) == kept


def test_a_monstrous_address_is_refused_quickly() -> None:
    begun = time.process_time()
    for text in ("a" * 10_000_000, "a." * 5_000_000, "a@" + "a-" * 5_000_000, "a@" + "a." * 120 + "!"):
        with pytest.raises(Invalid):
            mail_address(text)
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("text", ["city", "a", "1", "health-agency", "a" * 32])
def test_an_agency_id_is_short_and_plain(text: str) -> None:
    assert agency_id(text) == text


@pytest.mark.parametrize(
    "text", ["", "-a", "a-", "A", "é", "a b", "a_b", "a/b", "a" * 33, "city\n", "..", "ci\0ty"]
)
def test_another_agency_id_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        agency_id(text, "/id")


@pytest.mark.parametrize("text", ["a" * 25, "a" * 27, "A" * 26, "1" * 26, "a" * 26 + "\n", ""])
def test_only_26_letters_of_base32_have_the_form_of_an_id(text: str) -> None:
    assert is_random_id("a7" * 13)
    assert not is_random_id(text)
