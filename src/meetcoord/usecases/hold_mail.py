"""Mail after a restore: what the backup still owed may have left since, so it waits for the operator's word."""

from dataclasses import dataclass
from datetime import UTC, datetime

from meetcoord.ports.storage import Storage
from meetcoord.ports.system import Clock

BATCH = 500
_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class HoldMail:
    """For a storage that nobody else writes to."""

    storage: Storage

    async def __call__(self) -> int:
        """Hold every message that is owed; returns how many. Whoever looks at the board sees them as uncertain."""
        count = 0
        async with self.storage.transaction() as tx:
            while owed := await tx.outbox.due(_EVER, BATCH):
                for message in owed:
                    await tx.outbox.save(message.held())
                count += len(owed)
            while told := await tx.key_notices.due(_EVER, BATCH):
                for notice in told:
                    await tx.key_notices.save(notice.held())
                count += len(told)
        return count


@dataclass(frozen=True, slots=True)
class ResumeMail:
    storage: Storage
    now: Clock

    async def __call__(self) -> int:
        """Let every held message leave; returns how many. What is no longer true is not sent."""
        count = 0
        async with self.storage.transaction() as tx:
            while held := await tx.outbox.held(BATCH):
                for message in held:
                    await tx.outbox.save(message.released(self.now()))
                count += len(held)
            while told := await tx.key_notices.held(BATCH):
                for notice in told:
                    await tx.key_notices.save(notice.released(self.now()))
                count += len(told)
        return count
