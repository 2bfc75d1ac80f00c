"""Whether this service may go on writing, as its witnesses see it, and a storage that keeps to that."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import msgspec

from meetcoord.domain.errors import Forked, ReadOnly
from meetcoord.ports.storage import Storage, Transaction


class _Ahead(msgspec.Struct, frozen=True):
    size: int
    here: int


@dataclass(frozen=True, slots=True)
class Standing:
    """`ahead` holds how much more of the log each witness has cosigned than is here; `forks` what excludes us.

    A service that is behind reads and proves, and writes nothing: what it wrote would be a second history. Once a fork
    is known, nothing lifts it.
    """

    ahead: dict[str, _Ahead] = field(default_factory=dict)
    forks: list[Forked] = field(default_factory=list)

    @property
    def may_write(self) -> bool:
        return not self.ahead and not self.forks

    @property
    def why(self) -> str:
        """One sentence for whoever is refused, and what the operator does; empty while all is well."""
        for fork in self.forks:
            return fork.detail
        if not self.ahead:
            return ""
        name, most = max(self.ahead.items(), key=lambda each: each[1].size)
        return (
            f"The witness {name} has cosigned {most.size} entries of this log and only {most.here} are here: an older "
            "copy of the database was restored. Nothing is written until the operator restores the newest copy, or "
            "brings the missing entries back (`meetcoord log import DIR`). Reading and verifying go on."
        )

    def is_behind(self, name: str, size: int, here: int) -> None:
        self.ahead[name] = _Ahead(size, here)

    def agrees_with(self, name: str) -> None:
        self.ahead.pop(name, None)

    def must_not_be_forked(self) -> None:
        """Raises Forked."""
        for fork in self.forks:
            raise fork

    def must_allow_writing(self) -> None:
        """Raises Forked, ReadOnly."""
        self.must_not_be_forked()
        if self.ahead:
            raise ReadOnly(self.why)


@dataclass(frozen=True, slots=True)
class GuardedStorage:
    """A Storage in which nothing is changed while the standing forbids it: `transaction` raises ReadOnly or Forked."""

    storage: Storage
    standing: Standing

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        self.standing.must_allow_writing()
        return self.storage.transaction()

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        return self.storage.snapshot()
