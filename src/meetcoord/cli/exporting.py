"""The log as a folder of static files; an earlier export is brought up to date, never contradicted."""

from dataclasses import dataclass
from pathlib import Path

from meetcoord.cli.files import read, replace
from meetcoord.domain.checkpoints import Checkpoint, parse_checkpoint, parse_note
from meetcoord.domain.errors import Conflict, Damaged, Misconfigured

CHECKPOINT = "checkpoint"
OURS = {CHECKPOINT, "tile"}


@dataclass(frozen=True, slots=True)
class Export:
    folder: Path

    def must_be_ours(self) -> None:
        """Raises Conflict unless the folder is absent, empty or an earlier export."""
        try:
            found = {path.name for path in self.folder.iterdir()}
        except FileNotFoundError:
            return
        except OSError as error:
            raise Misconfigured(
                f"{self.folder} is no folder to write to ({error.strerror}): name another."
            ) from error
        if found and not found <= OURS:
            raise Conflict(
                f"{self.folder} holds something that is not an earlier export: name an empty folder."
            )

    def must_continue(self, note: str) -> None:
        """Raises Conflict for another log, Damaged where the log is not the former one grown."""
        if not (self.folder / CHECKPOINT).exists():
            return
        former, fresh = self.checkpoint(), _parsed(note)
        if former.origin != fresh.origin:
            raise Conflict(
                f"{self.folder} holds the log {former.origin}, this is {fresh.origin}: name another folder."
            )
        if former.size > fresh.size or (former.size == fresh.size and former.root != fresh.root):
            raise Damaged(
                "log", f"it does not continue the {former.size} entries in {self.folder}: keep that folder."
            )

    def take(self, name: str, data: bytes) -> bool:
        """Whether the file was new. A tile never changes; Damaged is raised where the former export says otherwise."""
        path = self.folder / name
        if name != CHECKPOINT and path.exists():
            if read(path) != data:
                raise Damaged(name, f"it is not what was exported to {self.folder} before: keep that folder.")
            return False
        replace(path, data)
        return True

    def checkpoint(self) -> Checkpoint:
        """The one exported last. Raises CannotTell, Damaged."""
        return _parsed(read(self.folder / CHECKPOINT).decode("utf-8", "replace"))


def _parsed(note: str) -> Checkpoint:
    return parse_checkpoint(parse_note(note).text)
