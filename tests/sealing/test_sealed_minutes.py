"""Minutes are opened whole by those they were sealed to, and by nobody and in no part otherwise."""

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from hypothesis import given
from hypothesis import strategies as st

from meetcoord.adapters.sealing import bech32, stanzas, stream
from meetcoord.adapters.sealing.age import assert_post_quantum
from meetcoord.adapters.sealing.hybrid import parse_identity
from meetcoord.adapters.sealing.stanzas import FILE_KEY, Stanza
from meetcoord.adapters.system import entropy
from meetcoord.domain.errors import Damaged, Forbidden, Invalid, Misconfigured
from meetcoord.domain.sealing import SealedFile, split_sealed
from tests.sealing.auditors import (
    BORDER,
    MINUTES,
    auditors,
    classical_recipient,
    new_auditor,
    opener,
    recipients,
    sealer,
    stanza_for,
)

CLASSICAL = classical_recipient()
CITY, HEALTH, PREFECTURE = auditors()


def file_with(header_stanzas: list[Stanza], file_key: bytes, plaintext: bytes = MINUTES) -> bytes:
    """A file with a valid MAC, as somebody could make it with other tools."""
    header = stanzas.serialise(header_stanzas, file_key)
    return SealedFile(header, stream.seal_payload(plaintext, file_key, entropy(stream.NONCE))).file


@given(plaintext=st.binary(max_size=200))
def test_every_recipient_reads_what_was_sealed(plaintext: bytes) -> None:
    sealed = sealer.seal(plaintext, recipients()).file
    assert [opener.open(sealed, each.identity, recipients=3) for each in auditors()] == [plaintext] * 3


@given(chunks=st.integers(0, 3), around=st.integers(-2, 2))
def test_a_text_of_any_length_around_a_chunk_border_comes_back(chunks: int, around: int) -> None:
    plaintext = b"m" * max(0, chunks * BORDER + around)
    payload = stream.seal_payload(plaintext, b"k" * FILE_KEY, b"n" * stream.NONCE)
    assert stream.open_payload(memoryview(payload), b"k" * FILE_KEY) == plaintext


def test_the_two_parts_of_a_file_are_its_header_and_its_payload() -> None:
    sealed = sealer.seal(MINUTES, recipients())
    assert sealed.header.startswith(b"age-encryption.org/v1\n-> mlkem768x25519 ")
    assert sealed.header.endswith(b"\n")
    assert len(sealed.header) == 1627 + 2 * 1557
    assert len(sealed.payload) == 16 + len(MINUTES) + 16
    assert split_sealed(sealed.file) == sealed


def test_the_stanzas_stand_in_the_order_of_the_recipients() -> None:
    header = stanzas.parse(sealer.seal(MINUTES, recipients()).file)
    unwrapped = [
        [stanza_is_for(identity, stanza) for stanza in header.stanzas]
        for identity in (each.identity for each in auditors())
    ]
    assert unwrapped == [[True, False, False], [False, True, False], [False, False, True]]


def stanza_is_for(identity: str, stanza: Stanza) -> bool:
    return parse_identity(identity).unwrap(stanza) is not None


def test_sealing_twice_gives_two_unrelated_files() -> None:
    once, again = sealer.seal(MINUTES, recipients()), sealer.seal(MINUTES, recipients())
    assert once.header != again.header
    assert once.payload != again.payload


def test_somebody_else_cannot_open() -> None:
    sealed = sealer.seal(MINUTES, recipients()).file
    with pytest.raises(Forbidden, match="not sealed to this identity"):
        opener.open(sealed, new_auditor().identity)


@pytest.mark.parametrize("bit", [0x01, 0x80])
def test_no_byte_can_be_changed_without_the_whole_text_being_refused(bit: int) -> None:
    sealed = sealer.seal(MINUTES, [CITY.recipient]).file
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= bit
        with pytest.raises((Damaged, Forbidden)):
            opener.open(bytes(altered), CITY.identity)


@pytest.mark.parametrize("size", [0, 1, BORDER, 2 * BORDER, 2 * BORDER + 1])
def test_a_file_cut_at_a_border_of_its_parts_is_refused(size: int) -> None:
    sealed = sealer.seal(b"m" * size, [CITY.recipient])
    start = len(sealed.header) + 16
    borders = {0, len(sealed.header), start, *range(start, len(sealed.file), BORDER + 16)}
    for border in sorted(borders):
        for end in {max(0, border - 1), border, min(border + 1, len(sealed.file) - 1)}:
            with pytest.raises(Damaged):
                opener.open(sealed.file[:end], CITY.identity)


@pytest.mark.parametrize("size", [0, 1, BORDER - 1, BORDER])
@pytest.mark.parametrize("more", [b"\n", b"\0" * 16, b"m" * (BORDER + 16)])
def test_a_file_with_something_behind_its_end_is_refused(size: int, more: bytes) -> None:
    sealed = sealer.seal(b"m" * size, [CITY.recipient]).file
    with pytest.raises(Damaged):
        opener.open(sealed + more, CITY.identity)


def test_chunks_in_another_order_are_refused() -> None:
    sealed = sealer.seal(b"m" * 2 * BORDER + b"end", [CITY.recipient])
    nonce, chunk = sealed.payload[:16], BORDER + 16
    first, second, last = (
        sealed.payload[16:][:chunk],
        sealed.payload[16:][chunk:][:chunk],
        sealed.payload[16:][2 * chunk :],
    )
    with pytest.raises(Damaged):
        opener.open(sealed.header + nonce + second + first + last, CITY.identity)


def test_a_file_whose_last_chunk_is_empty_is_refused() -> None:
    whole = sealer.seal(b"m" * BORDER, [CITY.recipient])
    with pytest.raises(Damaged, match="last chunk is empty"):
        opener.open(whole.file + b"\0" * 16, CITY.identity)


def test_minutes_are_never_sealed_to_a_classical_key() -> None:
    with pytest.raises(Invalid, match="post-quantum"):
        sealer.seal(MINUTES, [CITY.recipient, CLASSICAL])


def test_minutes_are_sealed_to_somebody_and_to_each_once() -> None:
    with pytest.raises(Invalid, match="at least one"):
        sealer.seal(MINUTES, [])
    with pytest.raises(Invalid, match="twice"):
        sealer.seal(MINUTES, [CITY.recipient, HEALTH.recipient, CITY.recipient])


def test_the_sealer_takes_canonical_recipients_only() -> None:
    for text in (CITY.recipient.upper(), CITY.recipient + "\n", "", CITY.identity):
        with pytest.raises(Invalid):
            sealer.seal(MINUTES, [text])


def test_a_classical_stanza_beside_ours_is_refused_although_the_file_is_valid_age() -> None:
    file_key = entropy(FILE_KEY)
    grease = Stanza(("X25519", "A" * 43), bytes(32))
    for order in ([stanza_for(CITY, file_key), grease], [grease, stanza_for(CITY, file_key)]):
        with pytest.raises(Damaged, match="not post-quantum"):
            opener.open(file_with(order, file_key), CITY.identity)


@pytest.mark.parametrize(
    "kind", ["MLKEM768X25519", "mlkem768x25519x", "mlkem768", "scrypt", "piv-p256", "mlkem768x25519-"]
)
def test_a_stanza_under_another_label_is_refused(kind: str) -> None:
    file_key = entropy(FILE_KEY)
    ours = stanza_for(CITY, file_key)
    relabelled = Stanza((kind, *ours.arguments[1:]), ours.body)
    for header in ([relabelled], [ours, relabelled]):
        with pytest.raises(Damaged, match="not post-quantum"):
            opener.open(file_with(header, file_key), CITY.identity)


def test_a_malformed_stanza_of_another_recipient_is_refused_as_well() -> None:
    file_key = entropy(FILE_KEY)
    theirs = stanza_for(HEALTH, file_key)
    for malformed in (
        Stanza(theirs.arguments[:1], theirs.body),
        Stanza((*theirs.arguments, "more"), theirs.body),
        Stanza((theirs.arguments[0], theirs.arguments[1][:-2]), theirs.body),
        Stanza(theirs.arguments, theirs.body + b"\0"),
        Stanza(theirs.arguments, b""),
    ):
        with pytest.raises(Damaged):
            opener.open(file_with([stanza_for(CITY, file_key), malformed], file_key), CITY.identity)


def test_a_reader_more_or_less_than_announced_is_noticed() -> None:
    sealed = sealer.seal(MINUTES, recipients()).file
    for announced in (2, 4, 0):
        with pytest.raises(Damaged, match=f"3 recipients, where {announced}"):
            opener.open(sealed, CITY.identity, recipients=announced)


def test_recipients_are_counted_without_any_key() -> None:
    sealed = sealer.seal(MINUTES, recipients()).file
    assert opener.stanzas(sealed) == 3
    file_key = entropy(FILE_KEY)
    mixed = file_with([stanza_for(CITY, file_key), Stanza(("X25519", "A" * 43), bytes(32))], file_key)
    with pytest.raises(Damaged, match="not post-quantum"):
        opener.stanzas(mixed)


def test_two_file_keys_in_one_header_show_nothing_to_the_second_reader() -> None:
    first_key, second_key = entropy(FILE_KEY), entropy(FILE_KEY)
    split = [stanza_for(CITY, first_key), stanza_for(HEALTH, second_key)]
    sealed = file_with(split, first_key)
    assert opener.open(sealed, CITY.identity) == MINUTES
    with pytest.raises(Damaged, match="MAC"):
        opener.open(sealed, HEALTH.identity)


def test_a_header_put_before_another_files_payload_is_refused() -> None:
    one, other = sealer.seal(MINUTES, recipients()), sealer.seal(MINUTES, recipients())
    with pytest.raises(Damaged, match="payload"):
        opener.open(one.header + other.payload, CITY.identity)


def test_a_stanza_added_or_taken_away_is_noticed() -> None:
    file_key = entropy(FILE_KEY)
    three = [stanza_for(each, file_key) for each in auditors()]
    whole = split_sealed(file_with(three, file_key))
    mac_line = whole.header[whole.header.index(b"--- ") :]
    two_of_three = stanzas.serialise(three[:2], file_key)
    forged = two_of_three[: two_of_three.index(b"--- ")] + mac_line
    with pytest.raises(Damaged, match="MAC"):
        opener.open(forged + whole.payload, CITY.identity)


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"\n--- ",
        b"age-encryption.org/v1\n--- " + b"A" * 43 + b"\n" + bytes(32),
        b"age-encryption.org/v2\n-> x\n\n--- " + b"A" * 43 + b"\n" + bytes(32),
        b"-----BEGIN AGE ENCRYPTED FILE-----\n",
        b"age-encryption.org/v1\n" + b"-> x\n\n" * 60_000 + b"--- " + b"A" * 43 + b"\n" + bytes(32),
        bytes(range(256)) * 8,
    ],
    ids=["empty", "only a mark", "no stanza", "version 2", "armour", "endless header", "noise"],
)
def test_what_is_no_sealed_file_is_named_damaged(file: bytes) -> None:
    with pytest.raises(Damaged, match="sealed file"):
        opener.open(file, CITY.identity)


@given(noise=st.binary(max_size=400))
def test_noise_never_opens_and_never_surprises(noise: bytes) -> None:
    for file in (
        noise,
        b"age-encryption.org/v1\n" + noise,
        b"age-encryption.org/v1\n-> " + noise + b"\n--- \n",
    ):
        with pytest.raises(Damaged):
            opener.open(file, CITY.identity)


def test_a_list_too_long_for_one_header_is_refused_before_anything_is_written() -> None:
    many = [new_auditor().recipient for _ in range(170)]
    with pytest.raises(Invalid, match="too many"):
        sealer.seal(MINUTES, many)


def test_the_white_space_around_a_pasted_recipient_is_taken_off() -> None:
    assert sealer.recipient(f"  {CITY.recipient}\r\n") == CITY.recipient


def test_recipients_of_other_kinds_or_damaged_ones_are_refused() -> None:
    _, raw = bech32.decode(CITY.recipient)
    at = next(n for n in range(100, len(CITY.recipient)) if CITY.recipient[n] != CITY.recipient[n + 1])
    swapped = CITY.recipient[:at] + CITY.recipient[at : at + 2][::-1] + CITY.recipient[at + 2 :]
    refused = {
        "one case only": CITY.recipient[:-1] + CITY.recipient[-1].upper() + "Q",
        "post-quantum": CLASSICAL,
        "checksum": CITY.recipient[:-1] + ("q" if CITY.recipient[-1] != "q" else "p"),
        "wrong length": bech32.encode("age1pq", raw[:-1]),
        "not a usable key": bech32.encode("age1pq", b"\xff" * 1184 + raw[1184:]),
        "nothing could be sealed": bech32.encode("age1pq", raw[:1184] + bytes(32)),
    }
    for reason, text in refused.items():
        with pytest.raises(Invalid, match=reason):
            sealer.recipient(text)
    for text in (
        CITY.recipient.upper(),
        swapped,
        CITY.recipient[:-2],
        bech32.encode("age1tag", raw),
        CITY.identity,
    ):
        with pytest.raises(Invalid):
            sealer.recipient(text)


def test_a_refused_identity_is_not_repeated_in_the_message() -> None:
    sealed = sealer.seal(MINUTES, recipients()).file
    for identity in (CITY.identity[:-1], CITY.identity.lower(), CITY.recipient, "AGE-SECRET-KEY-1", ""):
        with pytest.raises(Invalid) as refusal:
            opener.open(sealed, identity)
        assert "AGE-SECRET-KEY-PQ-1" not in refusal.value.detail.replace("AGE-SECRET-KEY-PQ-1.", "")


def test_a_classical_identity_is_not_taken_even_where_it_could_open() -> None:
    with pytest.raises(Invalid, match="post-quantum identity"):
        opener.open(
            sealer.seal(MINUTES, recipients()).file,
            bech32.encode("AGE-SECRET-KEY-", entropy(32)),
        )


def test_the_service_does_not_start_where_it_could_not_seal() -> None:
    def backend_without_mlkem() -> object:
        raise UnsupportedAlgorithm("ML-KEM-768 is not supported by this backend.")

    assert_post_quantum()
    with pytest.raises(Misconfigured, match="has no ML-KEM") as refusal:
        assert_post_quantum(backend_without_mlkem)
    assert "\n" not in refusal.value.detail
