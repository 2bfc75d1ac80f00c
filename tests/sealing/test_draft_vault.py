"""A draft at rest can be read in its own place with the right key, and not otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetcoord.adapters.sealing.vault import AesGcmVault
from meetcoord.adapters.system import entropy
from meetcoord.domain.errors import Damaged, Misconfigured
from meetcoord.ports.sealing import DraftVault

DRAFT = "Décidé : la salle ouvre lundi.".encode()
PLACE = "draft 7k2v version 3"
KEY = entropy(32)


@pytest.fixture
def vault() -> DraftVault:
    return AesGcmVault(KEY, entropy)


@given(draft=st.binary(max_size=300), context=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_a_draft_comes_back_in_its_own_place(draft: bytes, context: str) -> None:
    vault = AesGcmVault(KEY, entropy)
    assert vault.unlock(vault.lock(draft, context), context) == draft


def test_nothing_readable_rests_in_the_blob(vault: DraftVault) -> None:
    locked = vault.lock(DRAFT, PLACE)
    assert DRAFT not in locked
    assert KEY not in locked
    assert PLACE.encode() not in locked


def test_the_same_draft_is_locked_differently_each_time(vault: DraftVault) -> None:
    assert vault.lock(DRAFT, PLACE)[19:] != vault.lock(DRAFT, PLACE)[19:]


@pytest.mark.parametrize("elsewhere", ["draft 7k2v version 4", "draft 9x1b version 3", "", PLACE + " "])
def test_a_draft_moved_to_another_place_is_refused(vault: DraftVault, elsewhere: str) -> None:
    with pytest.raises(Damaged, match="another place"):
        vault.unlock(vault.lock(DRAFT, PLACE), elsewhere)


def test_a_draft_locked_under_another_key_is_refused(vault: DraftVault) -> None:
    with pytest.raises(Damaged):
        AesGcmVault(entropy(32), entropy).unlock(vault.lock(DRAFT, PLACE), PLACE)


def test_the_wrapped_key_of_one_draft_does_not_open_another(vault: DraftVault) -> None:
    one, other = vault.lock(DRAFT, PLACE), vault.lock(DRAFT, PLACE)
    with pytest.raises(Damaged):
        vault.unlock(one[:79] + other[79:], PLACE)


def test_every_changed_or_missing_byte_is_noticed(vault: DraftVault) -> None:
    locked = vault.lock(DRAFT, PLACE)
    for place in range(len(locked)):
        altered = bytearray(locked)
        altered[place] ^= 1
        for damaged in (bytes(altered), locked[:place]):
            with pytest.raises(Damaged):
                vault.unlock(damaged, PLACE)
    with pytest.raises(Damaged):
        vault.unlock(locked + b"\0", PLACE)


def test_a_key_of_another_length_is_refused_at_start() -> None:
    with pytest.raises(Misconfigured, match="32 bytes"):
        AesGcmVault(entropy(16), entropy)


def test_the_key_does_not_print_itself() -> None:
    assert KEY.hex() not in repr(AesGcmVault(KEY, entropy))
    assert str(KEY) not in repr(AesGcmVault(KEY, entropy))
