"""Tells the story as it happens: lively in a terminal, plain everywhere else, and as data at the end."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from rich.console import Console


@dataclass(slots=True)
class Step:
    name: str
    says: str = ""
    ok: bool = False
    seconds: float = 0.0


@dataclass(slots=True)
class Telling:
    """Collects the steps for summary.json; `total` is how many the story will have."""

    console: Console
    total: int
    steps: list[Step] = field(default_factory=list)
    begun: float = field(default_factory=monotonic)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """One step of the story; whatever it raises is told and ends the story."""
        step, began = Step(name), monotonic()
        self.steps.append(step)
        try:
            yield step
            step.ok = True
        except Exception as error:
            step.says = f"{type(error).__name__}: {error}"
            raise
        finally:
            step.seconds = round(monotonic() - began, 3)
            self._tell(len(self.steps), step)

    def _tell(self, number: int, step: Step) -> None:
        mark, style = ("✓", "green") if step.ok else ("✗", "bold red")
        self.console.print(
            f"[{style}]{mark}[/] {number}/{self.total} [bold]{step.name}[/] [dim]{step.seconds:.1f} s[/]",
            highlight=False,
            soft_wrap=True,
        )
        for line in step.says.splitlines():
            self.console.print(f"      {line}", highlight=False, markup=False, soft_wrap=True)

    def summarise(self, path: Path, **facts: object) -> None:
        """Write what happened as JSON: `ok`, the seconds, each step, and `facts`."""
        steps = [{"name": s.name, "ok": s.ok, "seconds": s.seconds, "says": s.says} for s in self.steps]
        whole = len(steps) == self.total and all(s.ok for s in self.steps)
        summary = {"ok": whole, "seconds": round(monotonic() - self.begun, 3), "steps": steps, **facts}
        path.write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
