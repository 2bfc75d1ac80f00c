"""What was heard from witnesses, and what was brought back from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert  # compiled alike for SQLite

from meetcoord.adapters.sql.block import Block
from meetcoord.adapters.sql.rows import columns, restored
from meetcoord.adapters.sql.schema_log import cosignatures, forks, log_imports, witness_answers, witnessed
from meetcoord.domain.collected import KeptCosignature, KeptFork, WitnessAnswer
from meetcoord.ports.stored_witnesses import LogImport

_KEEP = insert(cosignatures).on_conflict_do_nothing()
_OF_SIZE = (
    select(cosignatures).where(cosignatures.c.size == bindparam("wanted")).order_by(cosignatures.c.witness)
)
_NEWEST = select(func.max(cosignatures.c.size))
_FIRST_SEEN = (
    select(cosignatures.c.size, func.min(cosignatures.c.at).label("first"))
    .where(cosignatures.c.size > bindparam("beyond"))
    .group_by(cosignatures.c.size)
    .order_by(cosignatures.c.size)
    .limit(bindparam("most"))
)

_MARK = insert(witnessed).on_conflict_do_nothing()
_OF_POLICY = select(witnessed.c.size).where(witnessed.c.policy == bindparam("policy"))
_NEWEST_WITNESSED = _OF_POLICY.order_by(witnessed.c.size.desc()).limit(1)
_FIRST_WITNESSED = _OF_POLICY.where(witnessed.c.size > bindparam("index")).order_by(witnessed.c.size).limit(1)

_ANSWER = select(witness_answers).where(witness_answers.c.witness == bindparam("wanted"))
_given = insert(witness_answers)
_SAVE_ANSWER = _given.on_conflict_do_update(
    index_elements=["witness"],
    set_={
        each.name: _given.excluded[each.name] for each in witness_answers.columns if each.name != "witness"
    },
)

_KEEP_FORK = insert(forks).on_conflict_do_nothing()
_FORKS = (
    select(forks.c.found_at, forks.c.witness, forks.c.ours, forks.c.theirs)
    .order_by(forks.c.found_at, forks.c.digest)
    .limit(bindparam("most"))
)
_NOTE_IMPORT = insert(log_imports).on_conflict_do_nothing()
_IMPORTS = select(log_imports).order_by(log_imports.c.first).limit(bindparam("most"))
MOST = 1000
"""Forks and imports: each is an event that people remember."""


@dataclass(frozen=True, slots=True)
class SqlWitnessRecords:
    block: Block

    async def keep(self, cosignature: KeptCosignature) -> None:
        await self.block.change(_KEEP, columns(cosignature))

    async def cosignatures(self, size: int) -> Sequence[KeptCosignature]:
        return [restored(KeptCosignature, row) for row in await self.block.rows(_OF_SIZE, {"wanted": size})]

    async def newest_cosigned(self) -> int:
        return await self._size(_NEWEST, {}) or 0

    async def first_seen(self, beyond: int, limit: int) -> Sequence[tuple[int, int]]:
        rows = await self.block.rows(_FIRST_SEEN, {"beyond": beyond, "most": limit})
        return [(row.size, row.first) for row in rows]

    async def mark_witnessed(self, policy: str, size: int) -> None:
        await self.block.change(_MARK, {"policy": policy, "size": size})

    async def newest_witnessed(self, policy: str) -> int | None:
        return await self._size(_NEWEST_WITNESSED, {"policy": policy})

    async def first_witnessed(self, policy: str, index: int) -> int | None:
        return await self._size(_FIRST_WITNESSED, {"policy": policy, "index": index})

    async def answer(self, witness: str) -> WitnessAnswer:
        row = await self.block.row(_ANSWER, {"wanted": witness})
        return restored(WitnessAnswer, row) if row else WitnessAnswer(witness=witness)

    async def save_answer(self, answer: WitnessAnswer) -> None:
        await self.block.change(_SAVE_ANSWER, columns(answer))

    async def keep_fork(self, fork: KeptFork) -> None:
        digest = sha256(f"{fork.ours}\n{fork.theirs}".encode()).digest()
        await self.block.change(_KEEP_FORK, columns(fork, digest=digest))

    async def forks(self) -> Sequence[KeptFork]:
        return [restored(KeptFork, row) for row in await self.block.rows(_FORKS, {"most": MOST})]

    async def note_import(self, brought: LogImport) -> None:
        await self.block.insert_once(
            _NOTE_IMPORT, columns(brought), "These entries were brought back already."
        )

    async def imports(self) -> Sequence[LogImport]:
        return [restored(LogImport, row) for row in await self.block.rows(_IMPORTS, {"most": MOST})]

    async def _size(self, statement: Select[tuple[int]], values: dict[str, object]) -> int | None:
        row = await self.block.row(statement, values)
        return None if row is None else row[0]
