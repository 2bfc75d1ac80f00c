"""`meetcoord minutes`: an auditor reads sealed minutes on her own machine."""

import sys
from pathlib import Path

import click

from meetcoord.cli.answers import FINE, Answer, failed
from meetcoord.cli.evidence import EXIT_CODES, log_key_option, verdict_on, visible
from meetcoord.cli.files import identity_in, read
from meetcoord.cli.program import Group
from meetcoord.domain.errors import CannotTell, Damaged, Forbidden, Invalid
from meetcoord.domain.evidence import Verdict
from meetcoord.domain.frames import Frame


@click.group(cls=Group)
def minutes() -> None:
    """Read sealed minutes, offline."""


@minutes.command("open")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--identity",
    type=click.Path(path_type=Path),
    metavar="FILE",
    required=True,
    help="The file with the auditor's identity.",
)
@click.option(
    "--evidence",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Check this evidence first; the text is shown only when it is intact.",
)
@log_key_option
@click.option(
    "--raw", is_flag=True, help="Write everything that was sealed, the lines above the text included."
)
def open_(file: Path, identity: Path, evidence: Path | None, log_key: str | None, raw: bool) -> Answer:
    """Open FILE, a sealed file, and print the text of the minutes."""
    sealed, verdict = read(file), None
    if evidence:
        verdict = _checked(sealed, evidence, identity, log_key)
        if EXIT_CODES[verdict.outcome] != FINE:
            return failed(
                verdict.outcome.name.lower(), visible(verdict.sentence), EXIT_CODES[verdict.outcome]
            )
    frame = _frame(sealed, identity)
    text = frame.encode().decode() if raw else frame.body
    return Answer(
        document=_document(frame, text, verdict),
        text=visible(text) if sys.stdout.isatty() and not raw else text,
        note=visible(verdict.sentence) if verdict else "",
        end="\n" if sys.stdout.isatty() and not text.endswith("\n") else "",
    )


def _checked(sealed: bytes, evidence: Path, identity: Path, log_key: str | None) -> Verdict:
    found, verdict = verdict_on(evidence, identity, log_key)
    if found is not None and found.sealed != sealed:
        raise Damaged("sealed file", "it is not the one this evidence speaks of: ask for both again.")
    return verdict


def _frame(sealed: bytes, identity: Path) -> Frame:
    """Raises Damaged, and CannotTell when the file is sealed to other keys."""
    from meetcoord.adapters.sealing.age import AgeOpener

    try:
        return Frame.parse(AgeOpener().open(sealed, identity_in(identity)))
    except (Forbidden, Invalid) as refusal:
        raise CannotTell(refusal.detail) from refusal


def _document(frame: Frame, text: str, verdict: Verdict | None) -> dict[str, object]:
    return {
        "log": frame.log,
        "meeting": frame.meeting,
        "seq": frame.seq,
        "kind": frame.kind,
        "author": frame.author,
        "text": text,
        "verdict": verdict,
    }
