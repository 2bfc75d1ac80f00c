"""Runs the demo from an empty folder to its last line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
from rich.console import Console

from meetcoord.bootstrap.journal import keep_journal
from meetcoord.bootstrap.serving import serve
from meetcoord.demo.cast import CITY, HEALTH_AGENCY, TROUPES, UNREACHABLE
from meetcoord.demo.mailroom import Mailroom, mailroom
from meetcoord.demo.room import room_routes
from meetcoord.demo.stage import WITNESSES, Stage, build, first_keys
from meetcoord.demo.story import DELEGATE, WEEKLY, Story
from meetcoord.demo.telling import Telling
from meetcoord.demo.watch import watching
from meetcoord.domain.values import Language

CHAPTERS = 8
START_SECONDS = 20


async def play(folder: Path, port: int, language: Language, keep_serving: bool) -> int:
    """Returns the exit code: 0 when every step did what it says, else 1. Raises Misconfigured for a foreign folder."""
    console = Console(highlight=False)
    console.print(
        f"[bold]meetcoord demo[/]: nothing leaves this machine. Files in {folder}, deleted at the next run.",
        soft_wrap=True,
    )
    stage = build(folder, port)
    telling, facts = Telling(console, CHAPTERS), dict[str, object](base_url=stage.base_url)
    try:
        with (
            (folder / "service.log").open("w", encoding="utf-8") as journal,
            mailroom(folder / "mail", stage.mail_port, UNREACHABLE) as mail,
        ):
            keep_journal(journal)
            await _perform(stage, telling, mail, language, facts, keep_serving)
    except Exception:
        if telling.failed:
            return 1  # the step that failed has said why
        raise
    finally:
        telling.summarise(folder / "summary.json", facts | {"files": _files(folder)})
    return 0


async def _perform(
    stage: Stage,
    telling: Telling,
    mail: Mailroom,
    language: Language,
    facts: dict[str, object],
    keep_serving: bool,
) -> None:
    keys = await first_keys(stage, language)
    async with watching(stage.folder / WITNESSES, stage.settings), _running(stage) as service:
        async with httpx.AsyncClient(base_url=stage.base_url, timeout=30) as http:
            story = Story(stage, telling, mail, http, keys, language.value)
            await story.play()
        facts.update(story.facts, persons=story.persons)
        if keep_serving:
            telling.summarise(stage.folder / "summary.json", facts | {"files": _files(stage.folder)})
            _invite_to_look(telling.console, stage, mail, keys, story.auditors[CITY.id])
            await service


@asynccontextmanager
async def _running(stage: Stage) -> AsyncIterator[asyncio.Task[None]]:
    """The service, answering; stopped in good order at the end of the block."""
    ready = asyncio.Event()
    service = asyncio.create_task(
        serve(stage.settings, ready=lambda _: ready.set(), extra_routes=room_routes(stage))
    )
    answering = asyncio.create_task(ready.wait())
    try:
        await asyncio.wait({service, answering}, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if service.done():
            await service
        yield service
    finally:
        answering.cancel()
        service.cancel()
        with suppress(asyncio.CancelledError):
            await service


def _invite_to_look(
    console: Console, stage: Stage, mail: Mailroom, keys: dict[str, str], auditor: str
) -> None:
    links = mail.links_to(HEALTH_AGENCY.address(DELEGATE))
    now = next(link for subject, link in links.items() if WEEKLY not in subject)
    console.print("\n[bold]The service keeps running.[/] Stop it with Ctrl-C.")
    console.print(f"  Pages     {stage.base_url}/")
    console.print(f"  Join      {now}", soft_wrap=True, markup=False)
    console.print(f"            her code arrives in the newest file of {stage.folder / 'mail'}")
    console.print(
        f"  Audit     {stage.base_url}/audit with the API key {auditor}", soft_wrap=True, markup=False
    )
    console.print(f"            and the identity {stage.folder / 'auditor-identity.txt'}")
    for troupe in TROUPES:
        console.print(f"  API key   {troupe.id:14} {keys[troupe.id]}", soft_wrap=True, markup=False)
    console.print(
        f"  Try       curl -H 'Authorization: Bearer {keys[CITY.id]}' {stage.base_url}/v1/meetings",
        soft_wrap=True,
        markup=False,
    )


def _files(folder: Path) -> list[str]:
    """What the demo left to look at, without what the service and the witnesses keep."""
    kept = (p for p in sorted(folder.rglob("*")) if p.is_file() and not p.name.startswith("."))
    return [
        str(p.relative_to(folder)) for p in kept if p.relative_to(folder).parts[0] not in {"data", WITNESSES}
    ]
