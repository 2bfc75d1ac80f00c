"""How a command asks the service: reading beside a running one, writing alone."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from meetcoord.cli.program import settings
from meetcoord.domain.access import Actor, at_the_console
from meetcoord.domain.values import agency_id

if TYPE_CHECKING:
    from meetcoord.ports.storage import Storage
    from meetcoord.usecases.catalogue import UseCases

T = TypeVar("T")


def actor_of(agency: str) -> Actor:
    """Whoever types, acting for this agency. Raises Invalid when it can be no agency's id."""
    return at_the_console(agency_id(agency))


def reading(work: "Callable[[Storage], Awaitable[T]]") -> T:
    """The result of `work` on a database opened for reading, which a running service does not mind."""
    from meetcoord.bootstrap import storage_of

    async def ask() -> T:
        async with storage_of(settings(), read_only=True) as storage:
            return await work(storage)

    return asyncio.run(ask())


def writing(work: "Callable[[UseCases], Awaitable[T]]") -> T:
    """The result of `work` on the whole service. Raises Misconfigured while another process has the SQLite file."""
    from meetcoord.bootstrap import compose

    async def ask() -> T:
        async with compose(settings()) as service:
            # As before serving: what is written over a restored older copy would be a second history.
            await service.witnesses.compare()
            return await work(service.use_cases)

    return asyncio.run(ask())


async def known(storage: "Storage", actor: Actor) -> Actor:
    """The actor, once her agency is known to exist. Raises NotFound."""
    from meetcoord.usecases.register_agency import ReadAgency

    await ReadAgency(storage)(actor, actor.agency)
    return actor
