"""The journal of a running service: JSON lines without tokens, addresses or query strings."""

import logging
import sys
import traceback
from typing import TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger


def keep_journal(stream: TextIO) -> None:
    """Write everything that is logged in this process, also by libraries, as JSON lines to `stream`."""
    before: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        where_it_failed,
    ]
    structlog.configure(
        processors=[*before, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=before,
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def where_it_failed(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace an exception by its kind and its place: what it says may hold an address or a token."""
    found = event.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else found
    if error is True:
        error = sys.exception()
    if isinstance(error, BaseException):
        event["failed"] = [type(each).__name__ for each in _chain(error)]
        event["at"] = [
            f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)[-6:]
        ]
    return event


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and len(chain) < 5:
        chain.append(step)
        step = step.__cause__ or step.__context__
    return chain
