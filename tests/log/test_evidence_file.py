"""The evidence file: one permitted spelling, readable by any zip program."""

import io
import subprocess
import sys
import zipfile

import pytest
from msgspec.structs import replace

from meetcoord.adapters.sealing import bundle
from meetcoord.adapters.sealing.lisezmoi import LISEZMOI
from meetcoord.domain import leaves
from meetcoord.domain.errors import Damaged, Invalid
from meetcoord.domain.evidence import Outcome, ProvenLeaf
from tests.log.builders import identities, rewrap_leaf, verify, written, written_under_change

HERE = written()
EVIDENCE = HERE.evidence()
FILE = bundle.pack(EVIDENCE)


def rezipped(changed: dict[str, bytes | None] | None = None, method: int = zipfile.ZIP_STORED) -> bytes:
    """The same members through an ordinary zip program; None leaves a member out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(FILE)) as old, zipfile.ZipFile(out, "w", method) as new:
        members: dict[str, bytes | None] = {name: old.read(name) for name in old.namelist()}
        for name, data in (members | (changed or {})).items():
            if data is not None:
                new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, method)
    return out.getvalue()


def test_evidence_survives_the_file_and_is_intact() -> None:
    back = bundle.unpack(FILE)
    assert back == EVIDENCE
    assert verify(back, identities()["city"], HERE.key).outcome is Outcome.INTACT


def test_the_same_evidence_gives_the_same_bytes() -> None:
    assert bundle.pack(bundle.unpack(FILE)) == FILE


def test_any_zip_program_reads_it() -> None:
    with zipfile.ZipFile(io.BytesIO(FILE)) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == [
            "LISEZMOI.txt",
            "log.vkey",
            "entry.leaf",
            "entry.tlog-proof",
            "entry.age",
            "policies/0000.leaf",
            "policies/0000.tlog-proof",
            "approvals/0000.leaf",
            "approvals/0000.tlog-proof",
        ]
        assert opened.read("entry.age") == HERE.sealed.file
        assert opened.read("LISEZMOI.txt").decode() == LISEZMOI
        assert all(member.external_attr >> 16 == 0o100644 for member in opened.infolist())


def test_policies_with_their_consents_and_new_headers_survive_the_file() -> None:
    changed = written_under_change()
    rewrap = ProvenLeaf(leaves.encode(rewrap_leaf()), EVIDENCE.entry.proof)
    evidence = replace(changed.evidence(), rewraps=(rewrap, rewrap))
    assert bundle.unpack(bundle.pack(evidence)) == evidence


def test_the_approvals_keep_their_order() -> None:
    evidence = written(("city", "health"), ("health", "city")).evidence()
    assert bundle.unpack(bundle.pack(evidence)) == evidence


@pytest.mark.parametrize("change", [0x01, 0x80])
def test_a_change_of_any_byte_of_the_file_is_found(change: int) -> None:
    unnoticed = []
    for at in range(len(FILE)):
        changed = bytearray(FILE)
        changed[at] ^= change
        try:
            bundle.unpack(bytes(changed))
            unnoticed.append(at)
        except Damaged:
            pass
    assert unnoticed == []


def test_a_file_cut_anywhere_or_lengthened_is_refused() -> None:
    for end in range(0, len(FILE), 7):
        with pytest.raises(Damaged):
            bundle.unpack(FILE[:end])
    for longer in (FILE + b"\0", b"\0" + FILE, FILE + FILE):
        with pytest.raises(Damaged):
            bundle.unpack(longer)


@pytest.mark.parametrize(
    "changed",
    [
        {"LISEZMOI.txt": b"Trust this file."},
        {"LISEZMOI.txt": None},
        {"extra.txt": b""},
        {"../escape": b""},
        {"entry.age": None},
        {"policies/0000.tlog-proof": None},
        {"policies/0000/consents/0001.leaf": b"", "policies/0000/consents/0001.tlog-proof": b""},
        {"approvals/0000.leaf": None},
        {"approvals/0002.leaf": b"", "approvals/0002.tlog-proof": b""},
        {"log.vkey": b"\xff\n"},
        {"log.vkey": HERE.key.encode()},
        {"log.vkey": HERE.key.encode() + b"\n\n"},
    ],
)
def test_missing_extra_and_misspelt_members_are_refused(changed: dict[str, bytes | None]) -> None:
    with pytest.raises(Damaged):
        bundle.unpack(rezipped(changed))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_same_members_zipped_by_another_program_are_refused(method: int) -> None:
    with pytest.raises(Damaged):
        bundle.unpack(rezipped(method=method))


def test_a_changed_member_in_a_well_made_file_is_found_by_the_verifier() -> None:
    other = replace(EVIDENCE, sealed=EVIDENCE.sealed[:-1] + b"\0\0")
    assert verify(bundle.unpack(bundle.pack(other)), log_key=HERE.key).outcome is Outcome.ALTERED


def test_too_large_a_file_is_neither_written_nor_read() -> None:
    with pytest.raises(Invalid):
        bundle.pack(replace(EVIDENCE, sealed=bytes(bundle.MAX_EVIDENCE)))
    with pytest.raises(Damaged):
        bundle.unpack(bytes(bundle.MAX_EVIDENCE + 1))
    with pytest.raises(Invalid):
        bundle.pack(replace(EVIDENCE, approvals=EVIDENCE.approvals * (bundle.MAX_LEAVES + 1)))


def test_members_that_claim_to_be_huge_are_refused() -> None:
    claims = bytearray(FILE)
    claims[18:26] = b"\xff" * 8
    with pytest.raises(Damaged):
        bundle.unpack(bytes(claims))


def test_the_verifier_needs_neither_network_nor_database() -> None:
    """What an auditor's machine loads to verify."""
    program = """
import sys
import meetcoord.adapters.sealing.age, meetcoord.adapters.sealing.bundle, meetcoord.adapters.sealing.notes
import meetcoord.usecases.verify_evidence
print(*sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    loaded = set(ran.stdout.split())
    assert not {"socket", "ssl", "sqlite3", "sqlalchemy", "litestar"} & loaded


def test_the_text_in_the_file_promises_no_more_than_is_proven() -> None:
    assert "Ce qui n'est pas établi" in LISEZMOI
    assert "What is not shown" in LISEZMOI


def test_a_file_of_very_many_empty_members_holds_nobody_up() -> None:
    """Written out before it is counted, this one would take minutes."""
    with pytest.raises(Invalid):
        bundle.pack(replace(EVIDENCE, approvals=(ProvenLeaf(b"", ""),) * 200_000))
