"""Storage on SQL: the block is the transaction."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Engine

from meetcoord.adapters.lockfile import sole_use
from meetcoord.adapters.sql import engine as engines
from meetcoord.adapters.sql.agencies import SqlAgencies, SqlApprovers, SqlCircles, SqlRecipients
from meetcoord.adapters.sql.block import Block, Gate, plainly
from meetcoord.adapters.sql.challenges import SqlChallenges, SqlProofs
from meetcoord.adapters.sql.embedded import Embedded, Readers
from meetcoord.adapters.sql.invitations import SqlAdmissions, SqlInvitations
from meetcoord.adapters.sql.key_notices import SqlKeyNotices
from meetcoord.adapters.sql.log import SqlLog
from meetcoord.adapters.sql.meetings import SqlMeetings
from meetcoord.adapters.sql.minutes import SqlMinutes
from meetcoord.adapters.sql.outbox import SqlOutbox
from meetcoord.adapters.sql.persons import SqlApiKeys, SqlPersons
from meetcoord.adapters.sql.pooled import Pool
from meetcoord.adapters.sql.revision import revision
from meetcoord.adapters.sql.rooms import SqlReservations, SqlRoomEvents
from meetcoord.adapters.sql.schema import REVISIONS, create
from meetcoord.adapters.sql.sealed_files import SqlSealedFiles
from meetcoord.adapters.sql.witnesses import SqlWitnessRecords
from meetcoord.adapters.sql.writer import MOST, Onlooker, Writer
from meetcoord.domain.errors import Misconfigured

READERS = 4
CONNECTIONS = 10
SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class SqlTransaction:
    """The repositories of one block."""

    block: Block

    @property
    def agencies(self) -> SqlAgencies:
        return SqlAgencies(self.block)

    @property
    def persons(self) -> SqlPersons:
        return SqlPersons(self.block)

    @property
    def api_keys(self) -> SqlApiKeys:
        return SqlApiKeys(self.block)

    @property
    def recipients(self) -> SqlRecipients:
        return SqlRecipients(self.block)

    @property
    def approvers(self) -> SqlApprovers:
        return SqlApprovers(self.block)

    @property
    def circles(self) -> SqlCircles:
        return SqlCircles(self.block)

    @property
    def meetings(self) -> SqlMeetings:
        return SqlMeetings(self.block)

    @property
    def invitations(self) -> SqlInvitations:
        return SqlInvitations(self.block)

    @property
    def admissions(self) -> SqlAdmissions:
        return SqlAdmissions(self.block)

    @property
    def challenges(self) -> SqlChallenges:
        return SqlChallenges(self.block)

    @property
    def proofs(self) -> SqlProofs:
        return SqlProofs(self.block)

    @property
    def reservations(self) -> SqlReservations:
        return SqlReservations(self.block)

    @property
    def room_events(self) -> SqlRoomEvents:
        return SqlRoomEvents(self.block)

    @property
    def outbox(self) -> SqlOutbox:
        return SqlOutbox(self.block)

    @property
    def key_notices(self) -> SqlKeyNotices:
        return SqlKeyNotices(self.block)

    @property
    def minutes(self) -> SqlMinutes:
        return SqlMinutes(self.block)

    @property
    def sealed_files(self) -> SqlSealedFiles:
        return SqlSealedFiles(self.block)

    @property
    def log(self) -> SqlLog:
        return SqlLog(self.block)

    @property
    def witnesses(self) -> SqlWitnessRecords:
        return SqlWitnessRecords(self.block)


@dataclass(frozen=True, slots=True)
class SqlStorage:
    """An open database. `writing` is None when it was opened for reading only."""

    writing: Gate | None
    reading: Gate

    @staticmethod
    @asynccontextmanager
    async def open(
        url: str, password: str | None = None, read_only: bool = False
    ) -> AsyncIterator["SqlStorage"]:
        """Open `url`, give it to nobody else while the block lasts, close it.

        `sqlite:////path/to/file`, `sqlite://` (in memory, for tests) or `postgresql://user@host/database`. Raises
        Misconfigured when the settings or the schema cannot be used, StorageUnavailable when nobody answers.
        """
        address = engines.database(url, password)
        file = engines.file_of(address)
        async with AsyncExitStack() as stack:
            if address.drivername != "sqlite":
                yield await _server(stack, address, read_only)
            elif file is None:
                yield _memory(stack)
            else:
                yield await _file(stack, file, read_only)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlTransaction]:
        if self.writing is None:
            raise RuntimeError("this storage was opened for reading only")
        async with self.writing.block() as block:
            yield SqlTransaction(block)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[SqlTransaction]:
        async with self.reading.block() as block:
            yield SqlTransaction(block)


async def _file(stack: AsyncExitStack, file: Path, read_only: bool) -> SqlStorage:
    _must_be_a_database(file)
    writing = None
    if not read_only:
        stack.enter_context(sole_use(file, ", or use PostgreSQL, which serves several processes"))
        writer = engines.sqlite_writer(file)
        stack.callback(writer.dispose)
        _must_be_newest(_revision(writer))
        writing = _writer(stack, writer)
    # Closed before the writer: the last to leave tidies the journal up, which a reader may not.
    reading = engines.sqlite_read_alone if read_only else engines.sqlite_readers
    readers = Readers(reading(file, READERS), asyncio.Semaphore(READERS))
    stack.callback(readers.close)
    _must_be_newest(_revision(readers.engine))
    return SqlStorage(writing, readers)


def _writer(stack: AsyncExitStack, engine: Engine, most: int = MOST) -> Writer:
    writer = Writer(Embedded.to(engine), most)
    stack.callback(writer.close)
    return writer


def _must_be_a_database(file: Path) -> None:
    if not file.is_file():
        raise Misconfigured(f"There is no database at {file} yet: type `meetcoord migrate`.")
    with file.open("rb") as content:
        if content.read(len(SQLITE)) not in {b"", SQLITE}:
            raise Misconfigured(f"{file} is not a SQLite database: check the path.")


def _memory(stack: AsyncExitStack) -> SqlStorage:
    engine = engines.sqlite_in_memory()
    stack.callback(engine.dispose)
    # One block in a batch: on the only connection, a snapshot would see what is not committed yet.
    writer = _writer(stack, engine, most=1)
    create(writer.line.connection)
    return SqlStorage(writer, Onlooker(writer))


async def _server(stack: AsyncExitStack, address: URL, read_only: bool) -> SqlStorage:
    engine = engines.postgresql(address, CONNECTIONS)
    stack.push_async_callback(engine.dispose)
    with plainly():
        async with engine.connect() as connection:
            _must_be_newest(await connection.run_sync(revision))
    still = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    places = asyncio.Semaphore(CONNECTIONS)
    return SqlStorage(
        None if read_only else Pool(engine, places, writes=True), Pool(still, places, writes=False)
    )


def _revision(engine: Engine) -> str | None:
    with plainly(), engine.connect() as connection:
        return revision(connection)


def _must_be_newest(found: str | None) -> None:
    if found is None or found in REVISIONS[:-1]:
        raise Misconfigured(
            f"The database has {'the schema ' + found if found else 'no schema yet'}, and {REVISIONS[-1]} is needed: "
            "type `meetcoord migrate`."
        )
    if found != REVISIONS[-1]:
        raise Misconfigured(
            f"The database has the schema {found}, which this version does not know (`meetcoord migrate` would "
            f"bring it to {REVISIONS[-1]}): install the version of meetcoord that wrote it."
        )
