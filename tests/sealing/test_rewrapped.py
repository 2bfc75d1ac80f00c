"""A new header opens the same payload, with the other implementation of age too, and with no key that is not named."""

import subprocess

import pytest

from meetcoord.adapters.sealing.age import AgeRewrapper
from meetcoord.domain.errors import Damaged, Forbidden, Invalid
from meetcoord.domain.sealing import SealedFile
from tests.sealing.auditors import (
    MINUTES,
    auditors,
    classical_recipient,
    elsewhere,
    new_auditor,
    opener,
    recipients,
    sealer,
)

rewrapper = AgeRewrapper()


def rewrapped(sealed: SealedFile, identity: str, keys: list[str]) -> SealedFile:
    return SealedFile(rewrapper.rewrap(sealed.file, identity, keys), sealed.payload)


def test_every_key_that_the_new_header_names_opens_the_same_payload() -> None:
    sealed, added = sealer.seal(MINUTES, recipients()), new_auditor()
    again = rewrapped(sealed, auditors()[2].identity, [*recipients(), added.recipient])
    for auditor in (*auditors(), added):
        assert opener.open(again.file, auditor.identity, 4) == MINUTES
    assert again.header != sealed.header


def test_a_key_that_is_left_out_opens_the_old_header_and_not_the_new_one() -> None:
    sealed, (city, health, prefecture) = sealer.seal(MINUTES, recipients()), auditors()
    again = rewrapped(sealed, city.identity, [city.recipient, prefecture.recipient])
    assert opener.open(sealed.file, health.identity) == MINUTES
    with pytest.raises(Forbidden):
        opener.open(again.file, health.identity)


@pytest.mark.needs("node")
def test_the_other_implementation_opens_the_new_header_and_finds_no_match_for_a_key_left_out() -> None:
    sealed, (city, health, prefecture) = sealer.seal(MINUTES * 5_000, recipients()), auditors()
    added = elsewhere("identity").decode().split()
    again = rewrapped(sealed, city.identity, [city.recipient, prefecture.recipient, added[1]])
    for identity in (added[0], city.identity, prefecture.identity):
        assert elsewhere("open", identity, given=again.file) == MINUTES * 5_000
    with pytest.raises(subprocess.CalledProcessError) as refused:
        elsewhere("open", health.identity, given=again.file)
    assert b"no identity matched" in refused.value.stderr


@pytest.mark.needs("node")
def test_what_the_other_implementation_sealed_is_rewrapped_as_well() -> None:
    (city, health, _), added = auditors(), new_auditor()
    file = elsewhere("seal", city.recipient, health.recipient, given=MINUTES)
    header = rewrapper.rewrap(file, health.identity, [added.recipient])
    payload = file[file.index(b"\n", file.index(b"\n--- ") + 1) + 1 :]
    assert elsewhere("open", added.identity, given=header + payload) == MINUTES


def test_whoever_cannot_open_a_file_cannot_make_a_header_for_it() -> None:
    sealed, stranger = sealer.seal(MINUTES, recipients()), new_auditor()
    with pytest.raises(Forbidden):
        rewrapper.rewrap(sealed.file, stranger.identity, recipients())


def test_a_damaged_file_gets_no_new_header() -> None:
    sealed, city = sealer.seal(MINUTES, recipients()), auditors()[0]
    for damaged in (sealed.file[:-1], sealed.file[:-1] + b"\0", sealed.header, sealed.file + b"more"):
        with pytest.raises(Damaged):
            rewrapper.rewrap(damaged, city.identity, recipients())


def test_only_post_quantum_keys_each_named_once_get_a_stanza() -> None:
    sealed, city = sealer.seal(MINUTES, recipients()), auditors()[0]
    for keys in ([], [classical_recipient()], [city.recipient, city.recipient]):
        with pytest.raises(Invalid):
            rewrapper.rewrap(sealed.file, city.identity, keys)
