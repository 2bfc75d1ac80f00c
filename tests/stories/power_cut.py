"""A disk rebuilt from the trace of a process, as it is after the power was cut behind any one of its calls.

Only what was synced is sure to be there. Of the rest, all may be gone, or any part of it there: disks choose.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
TRACED = "pwrite64,fdatasync,fsync,ftruncate,unlink,write"

_CALL = re.compile(r"(\d+) +(\w+)\((?:(\d+)<([^>]*)>|\"([^\"]*)\")(?:, (?:\"([^\"]*)\", \d+, )?(\d+))?(.*)")
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>")

Chance = Callable[[], float]
"""From 0 to 1: below a half, what was not synced is lost."""


def everything_lost() -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """One call that changed something, or told somebody."""

    name: str
    path: str
    data: bytes = b""
    place: int = 0
    told: str = ""


def calls(trace: Path) -> Iterator[Call]:
    """In their order; a sync counts when it has come back."""
    under_way: dict[tuple[str, str], Call] = {}
    for line in trace.read_text(encoding="utf-8").splitlines():
        if back := _RESUMED.match(line):
            yield under_way.pop((back[1], back[2]))
        elif found := _CALL.match(line):
            thread, name, number, path, named, data, place, rest = found.groups()
            call = Call(name, _text(path or named), _bytes(data or ""), int(place or 0))
            if name == "write":
                if number == "1":
                    yield Call(name, "", told=_told(line))
            elif "<unfinished" in rest and name in {"fsync", "fdatasync"}:
                under_way[thread, name] = call
            else:
                yield call


def _told(line: str) -> str:
    return _text(line.split('"')[1])


def _bytes(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def _text(escaped: str) -> str:
    return _bytes(escaped).decode()


@dataclass(slots=True)
class File:
    """`synced`: what is surely there, None for no file; `waiting`: what was written since, in its order."""

    synced: bytes | None
    named: bool = True
    waiting: list[Call] = field(default_factory=list)

    def sync(self) -> None:
        self.synced = self._with(self.waiting)
        self.waiting.clear()

    def after_the_cut(self, chance: Chance) -> bytes | None:
        if not self.named and chance() < 0.5:
            return None
        if any(call.name == "unlink" for call in self.waiting) and chance() >= 0.5:
            return None
        return self._with([_torn(call, chance) for call in self.waiting if chance() >= 0.5])

    def _with(self, calls: Sequence[Call]) -> bytes | None:
        content = bytearray(self.synced or b"")
        for call in calls:
            if call.name == "ftruncate":
                content = content[: call.place].ljust(call.place, b"\0")
            elif call.name == "pwrite64":
                content = content.ljust(call.place, b"\0")
                content[call.place : call.place + len(call.data)] = call.data
        return bytes(content) if content or self.synced is not None else None


def _torn(call: Call, chance: Chance) -> Call:
    """A write of several sectors may have been cut through."""
    sectors = len(call.data) // SECTOR
    if sectors < 2 or chance() < 0.5:
        return call
    return Call(call.name, call.path, call.data[: SECTOR * max(1, int(sectors * chance()))], call.place)


def cut_behind(done: Sequence[Call], before: Path, chance: Chance) -> tuple[dict[str, bytes], str]:
    """The files of a folder that was like `before`, and all that was told, after these calls and a power cut."""
    files = {path.name: File(path.read_bytes()) for path in before.iterdir() if path.is_file()}
    told = "".join(call.told for call in done)
    for call in done:
        name = Path(call.path).name
        if call.name == "write" or name.endswith("-shm"):  # which is memory, shared by way of a file
            continue
        if call.name in {"fsync", "fdatasync"} and name not in files:
            for file in files.values():  # the folder itself
                file.named = True
        elif call.name in {"fsync", "fdatasync"}:
            files[name].sync()
        else:
            files.setdefault(name, File(None, named=False)).waiting.append(call)
    left = {name: file.after_the_cut(chance) for name, file in files.items()}
    return {name: content for name, content in left.items() if content is not None}, told
