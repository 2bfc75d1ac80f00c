"""One thread beside the event loop, for what waits for the disk."""

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Aside:
    """Does one thing after the other. A bare queue: the bookkeeping of an executor costs more than the hand-over."""

    tasks: SimpleQueue[Callable[[], object] | None] = field(default_factory=SimpleQueue)
    threads: list[Thread] = field(default_factory=list)

    def run(self, work: Callable[[], T], then: Callable[[T], Any]) -> None:
        """Do `work`, which must not raise, in the thread, and `then` on the event loop, with its result.

        Raises OperationalError, as a database that cannot work now does, where no thread can be had.
        """
        tell = asyncio.get_running_loop().call_soon_threadsafe
        if not self.threads:
            thread = Thread(target=self._serve, name="commit", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:
                raise sqlite3.OperationalError(str(error)) from error
            self.threads.append(thread)
        self.tasks.put(lambda: tell(then, work()))

    def close(self) -> None:
        """Wait for what is under way."""
        self.tasks.put(None)
        for thread in self.threads:
            thread.join()

    def _serve(self) -> None:
        while task := self.tasks.get():
            task()
