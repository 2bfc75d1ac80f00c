"""What the service does by itself: mail leaves, leaves are placed, checkpoints are signed, seals are finished."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import structlog

from meetcoord.domain.errors import MeetcoordError
from meetcoord.usecases.catalogue import UseCases

PAUSE = 1.0
PAUSE_AFTER_FAILURE = 5.0

Errand = Callable[[], Awaitable[object]]

_log = structlog.get_logger()


@asynccontextmanager
async def errands(
    use_cases: UseCases,
    more: Mapping[str, Errand] | None = None,
    *,
    always: Mapping[str, Errand] | None = None,
    may_write: Callable[[], bool] = lambda: True,
) -> AsyncIterator[None]:
    """Keep the errands running while the block lasts; a failing one is tried again and never stops the others.

    Those in `always` run also while nothing may be written.
    """
    known: dict[str, Errand] = {
        "deliver mail": use_cases.deliver_mail,
        "publish checkpoint": use_cases.publish_checkpoint,
        "seal approved minutes": use_cases.seal_approved,
    }
    tasks = [
        asyncio.create_task(_keep_doing(name, errand), name=name)
        for name, errand in {
            **{
                name: _while_allowed(errand, may_write) for name, errand in (known | dict(more or {})).items()
            },
            **(always or {}),
        }.items()
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _while_allowed(errand: Errand, may_write: Callable[[], bool]) -> Errand:
    async def do() -> None:
        if may_write():
            await errand()

    return do


async def _keep_doing(name: str, errand: Errand) -> None:
    while True:
        try:
            await errand()
            await asyncio.sleep(PAUSE)
        except MeetcoordError as error:
            _log.error("errand failed", errand=name, code=error.code, detail=error.detail)
            await asyncio.sleep(PAUSE_AFTER_FAILURE)
        except Exception:
            # Whatever it was, a service that silently stops sending mail is worse than one that says so and goes on.
            _log.exception("errand failed", errand=name)
            await asyncio.sleep(PAUSE_AFTER_FAILURE)
