"""Which sealed files are there, compared with what the whole log says of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from msgspec import Struct

from meetcoord.domain import leaves
from meetcoord.domain.errors import Damaged, NotFound
from meetcoord.domain.leaves import MinutesLeaf
from meetcoord.domain.values import MeetingId
from meetcoord.ports.storage import Transaction
from meetcoord.usecases.check_afterwards import Afterwards


class _File(Struct, frozen=True):
    """Digests of the header of a file and of those made since, by their entries; `fault` is found in itself."""

    header: str = ""
    newer: tuple[tuple[int, str], ...] = ()
    there: bool = True
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    faults: list[str] = field(default_factory=list)
    absent: list[int] = field(default_factory=list)
    erased: list[int] = field(default_factory=list)
    unerased: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SealedFound:
    """Grows with each entry of sealed minutes; judged at the end, since later entries speak of earlier ones."""

    files: dict[int, _File] = field(default_factory=dict)

    async def look(self, tx: Transaction, index: int, leaf: MinutesLeaf) -> None:
        meeting = MeetingId(leaf.meeting)
        kept = await tx.sealed_files.new_headers(meeting, leaf.seq)
        newer = tuple((each.leaf, leaves.digest(each.header)) for each in kept)
        try:
            sealed = await tx.minutes.sealed(meeting, leaf.seq)
        except NotFound:
            self.files[index] = _File(newer=newer, there=bool(newer))
        except Damaged as damage:
            self.files[index] = _File(fault=damage.detail)
        else:
            altered = leaves.digest(sealed.payload) != leaf.payload or len(sealed.payload) != leaf.size
            fault = "the content of its sealed file is not the one that was logged" if altered else ""
            self.files[index] = _File(leaves.digest(sealed.header), newer, fault=fault)

    def against(self, said: Afterwards, brought_back: Callable[[int], bool]) -> Standing:
        """What is wrong with which entry; `brought_back` tells which entries came without their files."""
        standing = Standing()
        for index, file in self.files.items():
            if said.erased(index):
                (standing.unerased if file.there else standing.erased).append(index)
            elif file.header or file.fault:
                faults = _faults(file, index, said, brought_back)
                standing.faults.extend(f"entry {index}: {fault}" for fault in faults)
            elif brought_back(index):
                standing.absent.append(index)
            else:
                standing.faults.append(f"entry {index}: its sealed file is missing")
        return standing


def _faults(file: _File, index: int, said: Afterwards, brought_back: Callable[[int], bool]) -> Iterator[str]:
    made = {index: said.entries[index].header, **said.headers.get(index, {})}
    since = next((at for at, header in made.items() if header == file.header), None)
    newer = dict(file.newer)
    if file.header and since is None:
        yield "the header of its sealed file is not the one that was logged"
    if file.fault:
        yield file.fault
    if since is not None:
        for at in (at for at in made if at > since and not brought_back(at)):
            if newer.get(at) != made[at]:
                yield f"the header that entry {at} made for it is missing or altered"
    for at in newer.keys() - made.keys():
        yield f"a header is kept for it of which entry {at} says nothing"
