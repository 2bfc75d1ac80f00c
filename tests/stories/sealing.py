"""A process that seals, appends and signs, and says after each deed what it was: python -m … FOLDER.

What the service cannot do for want of its disk is said too, and the next deed is tried. Exit code 2: it could not open.
"""

import asyncio
import sys
from collections.abc import Awaitable
from pathlib import Path

import msgspec

from meetcoord.bootstrap import Keyring
from meetcoord.domain.access import Actor, at_the_console
from meetcoord.domain.errors import StorageUnavailable
from meetcoord.domain.minutes import Minutes
from meetcoord.usecases.approve_minutes import ApprovedContent
from meetcoord.usecases.catalogue import UseCases
from meetcoord.usecases.register_person import NewPerson
from tests.worlds import settings_for, world_on


class Cast(msgspec.Struct, frozen=True):
    """Who acts, and the circulated minutes that wait for her approval."""

    secretary: Actor
    circulated: tuple[Minutes, ...]


def database(folder: Path) -> str:
    return f"sqlite:///{folder / 'meetcoord.db'}"


def keyring_of(folder: Path) -> Keyring:
    return Keyring.read(folder / "keys", settings_for("sqlite://").log_origin)


def cast_file(folder: Path) -> Path:
    return folder / "cast.json"


async def said(deed: Awaitable[str]) -> None:
    try:
        print(await deed, flush=True)
    except StorageUnavailable:
        print("unavailable", flush=True)


async def seal(use: UseCases, secretary: Actor, minutes: Minutes) -> str:
    content = ApprovedContent(content=minutes.content or "")
    sealed = await use.approve_minutes(secretary, minutes.meeting, minutes.seq, content)
    return f"{sealed.state.value} {sealed.meeting}"


async def register(use: UseCases, secretary: Actor, name: str) -> str:
    asked = NewPerson(name=name, address=f"{name}@city.example.org", function="On call")
    person = await use.register_person(at_the_console(secretary.agency), asked)
    return f"person {person.id}"


async def sign(use: UseCases) -> str:
    checkpoint = await use.publish_checkpoint()
    return f"checkpoint {checkpoint.size if checkpoint else 0}"


async def play(folder: Path) -> None:
    cast = msgspec.json.decode(cast_file(folder).read_bytes(), type=Cast)
    async with world_on(database(folder), keyring_of(folder)) as world:
        for number, minutes in enumerate(cast.circulated):
            await said(seal(world.use, cast.secretary, minutes))
            together = (register(world.use, cast.secretary, f"p{number}{name}") for name in "abcd")
            await asyncio.gather(*map(said, together))
            await said(sign(world.use))


if __name__ == "__main__":
    try:
        asyncio.run(play(Path(sys.argv[1])))
    except StorageUnavailable:
        sys.exit(2)
