"""Blocks that write to SQLite: one after the other on one connection, many of them in one commit."""

import asyncio
import sqlite3
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from meetcoord.adapters.sql.aside import Aside
from meetcoord.adapters.sql.block import PATIENCE, Block, plainly, to_the_end
from meetcoord.adapters.sql.embedded import Embedded
from meetcoord.adapters.sql.engine import BUSY

MOST = 64
"""Blocks in one commit."""

Wrong = sqlite3.Error | None
Answer = asyncio.Future[Wrong]


@dataclass(frozen=True, slots=True)
class Turns:
    """One at a time, in the order in which they came."""

    held: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)

    @property
    def taken(self) -> bool:
        return self.held.is_set()

    async def take(self) -> None:
        """Raises StorageUnavailable after PATIENCE."""
        if not self.taken:
            self.held.set()
            return
        ticket = asyncio.get_running_loop().create_future()
        self.waiting.append(ticket)
        try:
            with plainly():
                async with asyncio.timeout(PATIENCE):
                    await ticket
        except BaseException:
            if ticket.cancelled():
                self.waiting.remove(ticket)
            else:  # called up and gone at the same moment
                self.give()
            raise

    def give(self) -> None:
        """The turn goes to whoever has waited longest, or is free."""
        for ticket in self.waiting:
            if not ticket.done():
                ticket.set_result(None)
                self.waiting.remove(ticket)
                return
        self.held.clear()


@dataclass(frozen=True, slots=True)
class Writer:
    """Group commit: a block that ends hands the open transaction to the next one, and is answered once it is on disk.

    Each block is a savepoint, so that it is undone alone. When nobody is left who could join, or `most` have, one
    thread commits, and whoever comes meanwhile makes up the next batch. A commit that fails undoes, and is
    told to, all of its blocks. A block that raises is told after the commit of those before it, whose deeds it may
    have seen. Blocks must wait for nothing but the storage: others wait for them.
    """

    line: Embedded
    most: int = MOST
    aside: Aside = field(default_factory=Aside)
    turns: Turns = field(default_factory=Turns)
    answers: list[Answer] = field(default_factory=list)

    @asynccontextmanager
    async def block(self) -> AsyncIterator[Block]:
        await self._turn()
        failure: Exception | None = None
        try:
            await self._begin()
            yield Block(self.line, writes=True, locks=False)
            self._end()
        except Exception as error:
            failure = error
            self.line.undo("block")
        except BaseException:
            self.line.undo("block")
            self._leave()
            raise
        answer = self._answer() if self.answers or not failure else None
        self._leave()
        undone = await to_the_end(answer) if answer else None
        if failure:
            raise failure
        if undone:
            with plainly():
                raise undone

    def close(self) -> None:
        """Waits for the commit under way. Whoever is still in a block then is told that it is undone."""
        try:
            self.aside.close()
            self.line.close()
        finally:
            self._give_up("the storage was closed")

    async def _turn(self) -> None:
        try:
            await self.turns.take()
        except BaseException:
            self._close_soon()
            raise

    async def _begin(self) -> None:
        with plainly():
            if not self.line.driver.in_transaction:
                await self._begin_batch()
            self.line.begin("SAVEPOINT block")

    async def _begin_batch(self) -> None:
        """While another process writes, a thread waits for it, not the event loop."""
        if not self._begun_at_once():
            begun: Answer = asyncio.get_running_loop().create_future()
            self.aside.run(partial(_begin, self.line.driver), begun.set_result)
            if error := await to_the_end(begun):
                raise error

    def _begun_at_once(self) -> bool:
        self.line.driver.execute("PRAGMA busy_timeout = 0")
        try:
            self.line.driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return False
        finally:
            self.line.driver.execute(f"PRAGMA busy_timeout = {BUSY}")
        return True

    def _end(self) -> None:
        """What is checked late can be undone alone only as long as its savepoint is open: it ends the batch."""
        if not self.line.late:
            with plainly():
                self.line.driver.execute("RELEASE block")

    def _answer(self) -> Answer:
        answer: Answer = asyncio.get_running_loop().create_future()
        self.answers.append(answer)
        return answer

    def _leave(self) -> None:
        """The next one goes on with the batch, unless it is empty, lost or full."""
        if not self.answers:
            self.line.abandon()
        elif not self.line.open:
            self._give_up("the transaction was given up")
        elif self.line.late or len(self.answers) >= self.most:
            self._commit()
            return
        self.turns.give()
        self._close_soon()

    def _close_soon(self) -> None:
        # Not at once: those who were answered with the former batch, and are about to come again, join this one.
        if self.answers and not self.turns.taken:
            asyncio.get_running_loop().call_soon(self._close)

    def _close(self) -> None:
        if self.answers and not self.turns.taken:
            self.turns.held.set()
            self._commit()

    def _give_up(self, why: str) -> None:
        _tell(self._closed(), sqlite3.OperationalError(why))

    def _commit(self) -> None:
        answers = self._closed()
        try:
            self.aside.run(partial(_commit, self.line.driver), partial(self._committed, answers))
        except sqlite3.OperationalError as error:
            self._committed(answers, (error, error))

    def _closed(self) -> list[Answer]:
        answers = self.answers.copy()
        self.answers.clear()
        return answers

    def _committed(self, answers: list[Answer], wrong: tuple[Wrong, Wrong]) -> None:
        most, last = wrong
        _tell(answers[:-1], most)
        _tell(answers[-1:], last)
        self._leave()


def _begin(driver: sqlite3.Connection) -> Wrong:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        return error
    except MemoryError:
        return _no_memory()
    return None


def _commit(driver: sqlite3.Connection) -> tuple[Wrong, Wrong]:
    """What is wrong with all blocks but the last, and with the last, which can be undone alone."""
    try:
        try:
            driver.commit()
        except sqlite3.IntegrityError as error:
            driver.execute("ROLLBACK TO block")
            driver.commit()
            return None, error
    except sqlite3.Error as error:
        return error, error
    except MemoryError:
        return _no_memory(), _no_memory()
    return None, None


def _no_memory() -> sqlite3.OperationalError:
    """Python says SQLITE_NOMEM in a way that would end the commit thread, and with it all writing."""
    return sqlite3.OperationalError("out of memory")


def _tell(answers: list[Answer], error: Wrong) -> None:
    for answer in answers:
        if not answer.done():
            answer.set_result(error)


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Snapshots of a database in memory, which has one connection for everything."""

    writer: Writer

    @asynccontextmanager
    async def block(self) -> AsyncIterator[Block]:
        async with self.writer.block() as block:
            yield replace(block, writes=False)
