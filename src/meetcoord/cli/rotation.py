"""`meetcoord keys rotate` and `keys retire`: a fresh key beside the former, and the former moved aside in its time."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click
import msgspec

from meetcoord.cli.answers import Answer
from meetcoord.cli.program import Command, settings
from meetcoord.domain import rotation
from meetcoord.domain.errors import Conflict, MeetcoordError, NotFound
from meetcoord.settings import Settings

if TYPE_CHECKING:
    from meetcoord.bootstrap.key_folders import KeyKind

KINDS = ("rooms", "links", "system")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a key stands in its life. `waits_for` says why it is not safe to retire yet, if it is not."""

    kid: str
    state: str
    signs_from: datetime | None = None
    retire_after: datetime | None = None
    waits_for: str = ""

    @property
    def safe_to_retire(self) -> bool:
        return not self.waits_for


def standings(chosen: Settings, kind: "KeyKind", now: datetime) -> Sequence[Standing]:
    """Of the keys in use, the oldest first. Only for links is the database asked."""
    kids = rotation.in_order(path.stem for path in kind.files(chosen.keys_directory))
    return [_standing(chosen, kind, kid, kids, now) for kid in kids]


def _standing(chosen: Settings, kind: "KeyKind", kid: str, kids: Sequence[str], now: datetime) -> Standing:
    if kid == rotation.signing(kids, now):
        return Standing(kid=kid, state="signing", waits_for="it is the one that signs")
    state = "verifying" if kind.value == "links" else "published"
    handed_over = rotation.handed_over_at(kid, kids)
    if handed_over is None or handed_over > now:
        starts = rotation.made_at(kid) + rotation.SETTLING
        return Standing(kid=kid, state=state, signs_from=starts, waits_for=f"it signs from {_short(starts)}")
    try:
        until = (
            _links_until(chosen, handed_over)
            if kind.value == "links"
            else rotation.published_until(kid, kids)
        )
    except MeetcoordError as fault:
        return Standing(
            kid=kid, state=state, waits_for=f"unknown, as the database cannot be read: {fault.detail}"
        )
    waits_for = f"what it signed can be used until {_short(until)}" if until and until > now else ""
    return Standing(kid=kid, state=state, retire_after=until, waits_for=waits_for)


def _links_until(chosen: Settings, sent_before: datetime) -> datetime | None:
    from meetcoord.adapters import system
    from meetcoord.bootstrap import storage_of
    from meetcoord.usecases.links_in_use import LinksInUse

    async def ask() -> datetime | None:
        async with storage_of(chosen, read_only=True) as storage:
            return await LinksInUse(storage, system.now)(sent_before)

    return asyncio.run(ask())


@click.command(cls=Command)
@click.argument("kind", type=click.Choice(KINDS))
def rotate(kind: str) -> Answer:
    """Make a fresh key that will sign; the former stays.

    A running service sees it by itself and signs with it a minute later.
    """
    from meetcoord.adapters import system
    from meetcoord.bootstrap.key_folders import KeyKind
    from meetcoord.bootstrap.key_folders import rotate as rotate_now

    path = rotate_now(settings().keys_directory, KeyKind(kind), system.now, system.entropy)
    starts = rotation.made_at(path.stem) + rotation.SETTLING
    return Answer(
        document={"made": str(path), "kid": path.stem, "signs_from": starts},
        text=str(path),
        note=f"It signs from {_short(starts)}. Back it up now. `meetcoord keys list` says when the former has served.",
    )


@click.command(cls=Command)
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("kid", required=False)
@click.option(
    "--now", "at_once", is_flag=True, help="Although what it signed is still in use: it is refused then."
)
def retire(kind: str, kid: str | None, at_once: bool) -> Answer:
    """Move keys that have served into retired/.

    All that are safe to retire, or the one named KID. Nothing is deleted.
    """
    from meetcoord.adapters import system
    from meetcoord.bootstrap.key_folders import KeyKind
    from meetcoord.bootstrap.key_folders import retire as move_aside

    chosen, of_kind = settings(), KeyKind(kind)
    found = standings(chosen, of_kind, system.now())
    leaving = (
        [_must_be_retirable(kid, found, at_once)] if kid else [each for each in found if each.safe_to_retire]
    )
    moved = [str(move_aside(of_kind.file(chosen.keys_directory, each.kid))) for each in leaving]
    return Answer(
        document={"retired": moved},
        text="\n".join(moved) or f"No key of {kind} has served its time: see `meetcoord keys list`.",
        note=_after(kind) if moved else "",
    )


def _must_be_retirable(kid: str, found: Sequence[Standing], at_once: bool) -> Standing:
    named = next((each for each in found if each.kid == kid), None)
    if named is None:
        raise NotFound("There is no such key in use: see `meetcoord keys list`.")
    if len(found) == 1:
        raise Conflict("This is the only key of its kind: make another with `meetcoord keys rotate` first.")
    if named.waits_for and not at_once:
        raise Conflict(
            f"This key has not served its time: {named.waits_for}. With --now it is retired all the same."
        )
    return named


def _after(kind: str) -> str:
    if kind == "links":
        return "Links that these keys signed open nothing any more."
    return "Prosody keeps a key it has fetched until it is restarted: restart it if the key was stolen."


def _short(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}Z" if moment else ""
