"""Tells the story as it happens: lively in a terminal, plain everywhere else, and as data at the end."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import msgspec
from rich.console import Console


class Step(msgspec.Struct, frozen=True):
    """One step as it went; `says` is what it found, or what went wrong."""

    name: str
    ok: bool
    seconds: float
    says: str


@dataclass(frozen=True, slots=True)
class Telling:
    """Collects the steps for summary.json; `total` is how many the story will have."""

    console: Console
    total: int
    steps: list[Step] = field(default_factory=list)
    begun: float = field(default_factory=monotonic)

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[str], None]]:
        """One step of the story, given a way to say what it found; whatever it raises is told and ends the story."""
        said: list[str] = []
        began, ok = monotonic(), False
        try:
            yield said.append
            ok = True
        except Exception as error:
            said.append(f"{type(error).__name__}: {error}")
            raise
        finally:
            self._tell(Step(name, ok, round(monotonic() - began, 3), "\n".join(said)))

    @property
    def failed(self) -> bool:
        return any(not step.ok for step in self.steps)

    def summarise(self, path: Path, facts: dict[str, object]) -> None:
        """Write what happened as JSON: `ok`, the seconds, each step, and `facts`."""
        summary = {
            "ok": len(self.steps) == self.total and not self.failed,
            "seconds": round(monotonic() - self.begun, 3),
            "steps": msgspec.to_builtins(self.steps),
            **facts,
        }
        path.write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def _tell(self, step: Step) -> None:
        self.steps.append(step)
        mark = "[green]✓[/]" if step.ok else "[bold red]✗[/]"
        number, time = f"{len(self.steps)}/{self.total}", f"[dim]{step.seconds:.1f} s[/]"
        self.console.print(f"{mark} {number} [bold]{step.name}[/] {time}", highlight=False, soft_wrap=True)
        for line in step.says.splitlines():
            self.console.print(f"      {line}", highlight=False, markup=False, soft_wrap=True)
