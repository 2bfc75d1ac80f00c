"""`meetcoord minutes`: an auditor reads sealed minutes on her own machine."""

import sys
from pathlib import Path

import click
import msgspec

from meetcoord.cli.answers import FINE, Answer, failed
from meetcoord.cli.evidence import EXIT_CODES, log_key_option, verdict_on, visible
from meetcoord.cli.files import identity_in, read, replace
from meetcoord.cli.program import Group
from meetcoord.domain.checkpoints import b64
from meetcoord.domain.errors import CannotTell, Conflict, Damaged, Forbidden, Invalid
from meetcoord.domain.evidence import Verdict
from meetcoord.domain.frames import Frame


@click.group(cls=Group)
def minutes() -> None:
    """Read sealed minutes, and seal them to other keys, offline."""


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


@minutes.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--identity",
    type=click.Path(path_type=Path),
    metavar="FILE",
    required=True,
    help="The file with the auditor's identity, which opens FILE now.",
)
@click.option(
    "--policy",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What the service answers to GET /v1/policies: the list in force names the keys.",
)
@click.option("--index", type=int, help="Which list in force, where there are several.")
@click.option("--recipient", "recipients", multiple=True, metavar="AGE1PQ…", help="A key instead, in order.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), metavar="FILE", required=True, help="The new header."
)
def rewrap(
    file: Path, identity: Path, policy: Path | None, index: int | None, recipients: tuple[str, ...], out: Path
) -> Answer:
    """Make another header for FILE, for the keys now in force.

    Its content stays as it is, and nothing readable is written. What is printed is what your agency sends to …/header.
    """
    keys = _keys_for(policy, index, recipients)
    if out.exists():
        raise Conflict(f"{out} exists already and is never overwritten: name another file.")
    header = _rewrapped(read(file), identity, keys)
    replace(out, header)
    body = {"header": b64(header)}
    return Answer(
        document=body,
        text=msgspec.json.encode(body).decode(),
        note=f"A header for {len(keys)} keys is in {out}. To be sent to …/meetings/…/minutes/…/header",
    )


def _keys_for(policy: Path | None, index: int | None, recipients: tuple[str, ...]) -> list[str]:
    from meetcoord.domain.to_sign import read_in_force

    if bool(policy) == bool(recipients):
        raise CannotTell("Say for whom: either --policy FILE, or each key with --recipient.")
    if policy is None:
        return list(recipients)
    return [each.recipient for each in read_in_force(read(policy), index).leaf.recipients]


def _rewrapped(sealed: bytes, identity: Path, recipients: list[str]) -> bytes:
    """Raises Damaged, and CannotTell when the file is sealed to other keys."""
    from meetcoord.adapters.sealing.age import AgeRewrapper

    try:
        return AgeRewrapper().rewrap(sealed, identity_in(identity), recipients)
    except (Forbidden, Invalid) as refusal:
        raise CannotTell(refusal.detail) from refusal


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
