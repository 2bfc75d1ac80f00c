"""The log from the command line: checked, exported, shown."""

import gc
import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from meetcoord.adapters.sealing.notes import Ed25519Verifier
from meetcoord.domain.checkpoints import parse_checkpoint
from tests.cli.conftest import ACTS, Place, typed
from tests.needs import SAID


def alter(database: Path, sql: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        assert connection.execute(sql).rowcount > 0


def one_more_act(place: Place) -> None:
    person = place.fine("person", "list", "city")["persons"][0]["id"]
    place.fine("apikey", "new", "city", person, "--scope", "log:read", "--label", "again")
    place.publish()


def test_an_untouched_log_is_intact(place: Place) -> None:
    assert place.fine("log", "fsck") == {"size": ACTS, "checkpoints": 1, "damages": []}
    assert place.type("log", "fsck").out.endswith("intact.\n")


def test_an_altered_entry_is_named(place: Place) -> None:
    alter(
        place.database,
        "UPDATE log_leaves SET entry = CAST(replace(entry, 'city', 'town') AS BLOB) WHERE \"index\" = 1",
    )
    said = place.type("log", "fsck")
    assert said.code == 1
    assert said.out.startswith("entry 1: ")
    document = place.type("log", "fsck", "--json").document
    assert [damage.split(":")[0] for damage in document["damages"]] == ["entry 1"]


def test_a_cut_log_is_named(place: Place) -> None:
    alter(place.database, "DELETE FROM log_leaves")
    assert "entry 0: it is missing" in place.type("log", "fsck").out


def test_a_copy_is_checked_without_settings_and_private_keys(place: Place, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(place.database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    before = copy.read_bytes()
    for name in (copy, f"sqlite:///{copy}"):
        said = typed("log", "fsck", "--database", name, "--log-key", place.log_key, "--json")
        assert (said.code, said.document["size"]) == (0, ACTS)
    assert copy.read_bytes() == before


def vacuumed(place: Place) -> Path:
    """A copy as `VACUUM INTO` makes it, which is not journalled ahead."""
    copy = place.folder / "vacuumed.db"
    with closing(sqlite3.connect(place.database)) as source:
        source.execute("VACUUM INTO ?", [str(copy)])
    return copy


def test_a_copy_is_checked_however_it_was_made(place: Place) -> None:
    copy = vacuumed(place)
    before = copy.read_bytes()
    assert place.fine("log", "fsck", "--database", copy)["damages"] == []
    alter(copy, "DELETE FROM log_leaves")
    assert place.type("log", "fsck", "--database", copy).code == 1
    assert before != copy.read_bytes()


def can_mount() -> bool:
    return subprocess.run(["unshare", "-Urm", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(
    not can_mount(),
    reason=f"{SAID}read-only mounts: nobody may mount in a name space here",
)
@pytest.mark.parametrize("file", ["vacuumed.db", "data/meetcoord.db"])
def test_a_copy_is_checked_where_nothing_can_be_written(place: Place, file: str) -> None:
    vacuumed(place)
    folder, database, key = (
        shlex.quote(str(each)) for each in (place.folder, place.folder / file, place.log_key)
    )
    fsck = f"{shlex.quote(sys.executable)} -m meetcoord log fsck --database {database} --log-key {key}"
    words = f"mount --bind {folder} {folder} && mount -o remount,bind,ro {folder} && {fsck}"
    done = subprocess.run(["unshare", "-Urm", "sh", "-c", words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.endswith("intact.\n")) == (0, True), done


def test_another_key_proves_nothing(place: Place, bare: Place) -> None:
    bare.fine("keys", "new")
    bare.fine("keys", "public", bare.log_key.parent)
    assert place.type("log", "fsck", "--log-key", bare.log_key).code == 1
    assert place.type("log", "fsck", "--log-key", "nonsense").code == 2


def test_a_file_that_is_no_database_is_not_called_damaged(place: Place, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database, only some text that is long enough" * 100)
    for name in ("text.db", "missing.db"):
        said = place.type("log", "fsck", "--database", tmp_path / name, "--log-key", place.log_key)
        assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)


def test_the_checkpoint_is_the_signed_note(place: Place) -> None:
    note = place.type("log", "checkpoint").out
    text = Ed25519Verifier().verify(note, place.log_key.read_text().strip())
    assert parse_checkpoint(text).size == ACTS
    assert place.fine("log", "checkpoint")["note"] == note


def test_an_empty_log_has_no_checkpoint_and_no_export(bare: Place) -> None:
    bare.fine("keys", "new")
    bare.fine("migrate")
    assert bare.type("log", "checkpoint").code == 1
    assert bare.type("log", "export", bare.folder / "tiles").code == 1
    assert not (bare.folder / "tiles").exists()


def test_an_export_grows_with_the_log(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "tiles"
    assert place.fine("log", "export", folder)["size"] == ACTS
    assert (folder / "tile" / "entries" / "000.p" / f"{ACTS}").is_file()
    one_more_act(place)
    assert place.fine("log", "export", folder)["size"] == ACTS + 1
    assert (folder / "checkpoint").read_text() == place.type("log", "checkpoint").out
    assert (folder / "tile" / "0" / "000.p" / f"{ACTS + 1}").stat().st_size == 32 * (ACTS + 1)


def test_only_an_earlier_export_is_written_over(place: Place, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    said = place.type("log", "export", tmp_path)
    assert (said.code, [path.name for path in tmp_path.iterdir() if path.is_file()]) == (1, ["letter.txt"])
    assert place.type("log", "export", tmp_path / "letter.txt").code == 2


def test_a_log_that_went_back_is_not_exported_over_the_longer_one(place: Place, tmp_path: Path) -> None:
    shutil.copytree(place.folder, tmp_path / "former")
    one_more_act(place)
    place.fine("log", "export", tmp_path / "tiles")
    former = Place(tmp_path / "former")
    former.say("")
    said = former.type("log", "export", tmp_path / "tiles")
    assert said.code == 1
    assert f"does not continue the {ACTS + 1} entries" in said.err


def test_a_tile_that_changed_is_named(place: Place, tmp_path: Path) -> None:
    place.fine("log", "export", tmp_path / "tiles")
    tile = tmp_path / "tiles" / "tile" / "0" / "000.p" / f"{ACTS}"
    tile.write_bytes(bytes(32 * ACTS))
    said = place.type("log", "export", tmp_path / "tiles")
    assert said.code == 1
    assert f"tile/0/000.p/{ACTS}" in said.err
    gc.collect()  # what the broken-off export left open would be reported here, and not in some later test
