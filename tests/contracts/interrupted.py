"""Cancel a coroutine exactly at its n-th suspension."""

import asyncio
from collections.abc import Coroutine, Generator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Stepped:
    """Awaits `work`; at its `at`-th suspension the task running it is cancelled, at once or a moment `later`."""

    work: Coroutine[Any, Any, None]
    at: int
    later: bool

    def __await__(self) -> Generator[Any, Any, None]:
        steps = 0
        send, value = self.work.send, None
        while True:
            try:
                waited_for = send(value)
            except StopIteration:
                return
            steps += 1
            if steps == self.at:
                self._cancel()
            try:
                yield waited_for
                send, value = self.work.send, None
            except BaseException as thrown:
                send, value = self.work.throw, thrown

    def _cancel(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        if self.later:
            asyncio.get_running_loop().call_soon(task.cancel)
        else:
            task.cancel()


async def interrupted(work: Coroutine[Any, Any, None], at: int, later: bool) -> bool:
    """Whether `work` was cancelled; False when it ended before its `at`-th suspension."""

    async def stepped() -> None:
        await Stepped(work, at, later)

    task = asyncio.create_task(stepped())
    await asyncio.wait([task])
    if task.cancelled():
        return True
    task.result()
    return False
