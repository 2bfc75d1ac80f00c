"""What a command answers and how it is told: text for a person or one JSON document, and an exit code."""

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click
import msgspec

from meetcoord.domain.errors import CannotTell, MeetcoordError, Misconfigured, Unavailable

FINE, NO, CANNOT_TELL = 0, 1, 2
INTERRUPTED = 130


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`document` is what --json writes; otherwise `text` goes to stdout and `note` to stderr."""

    document: object
    text: str = ""
    note: str = ""
    code: int = FINE
    end: str = "\n"


class Problem(msgspec.Struct, frozen=True):
    code: str
    detail: str


class ErrorDocument(msgspec.Struct, frozen=True):
    error: Problem


def refusal(error: MeetcoordError) -> Answer:
    """An expected failure as one sentence."""
    undecided = isinstance(error, CannotTell | Unavailable | Misconfigured)
    return failed(error.code, error.detail, CANNOT_TELL if undecided else NO)


def failed(code: str, detail: str, exit_code: int) -> Answer:
    # A file name may hold bytes that are no text; they must not keep the sentence from being said.
    detail = detail.encode("utf-8", "backslashreplace").decode()
    return Answer(document=ErrorDocument(Problem(code, detail)), note=detail, code=exit_code)


def tell(answer: Answer, *, as_json: bool) -> None:
    """Write it down. A reader who has left early is not a failure."""
    try:
        if as_json:
            click.echo(msgspec.json.format(msgspec.json.encode(answer.document), indent=2))
            return
        if answer.text:
            click.echo(answer.text + answer.end, nl=False)
        if answer.note:
            click.echo(answer.note, err=True)
    except BrokenPipeError:
        forget_output()


def forget_output() -> None:
    """Nobody reads any more: what is still in the buffers must not be complained about at the end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns for a person; nothing is cut where the output is not a terminal."""
    from io import StringIO

    from rich.console import Console
    from rich.table import Table

    told = Table(*headings, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for row in rows:
        told.add_row(*row)
    page = StringIO()
    width = None if sys.stdout.isatty() else 10_000
    Console(file=page, width=width, markup=False, emoji=False, highlight=False).print(told)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def usage(sentence: str) -> NoReturn:
    """Refuse the way the command was typed."""
    raise click.UsageError(sentence, click.get_current_context())
