"""`meetcoord person import`: a file of persons, shown first and imported when told so."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from meetcoord.cli.answers import FINE, NO, Answer, ErrorDocument, Problem, table
from meetcoord.cli.asking import actor_of, reading, writing
from meetcoord.cli.files import read
from meetcoord.cli.program import Command, settings_file
from meetcoord.domain.access import Actor
from meetcoord.domain.person_imports import ImportPreview, ImportRow, OutcomeChanged, RowCounts, RowState

if TYPE_CHECKING:
    from meetcoord.ports.storage import Storage
    from meetcoord.usecases.catalogue import UseCases

_ORDER = (RowState.REFUSED, RowState.CHANGED, RowState.NEW, RowState.DUPLICATE, RowState.KNOWN)


@click.command("import", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--agency", required=True, help="Whose persons they are.")
@click.option("--commit", is_flag=True, help="Do it; without this it is only shown.")
@click.option(
    "--digest", default="", help="Only if the outcome is still the one that was shown with this digest."
)
@click.option("--skip-refused", is_flag=True, help="Import the other rows although some are refused.")
def import_(file: Path, agency: str, commit: bool, digest: str, skip_refused: bool) -> Answer:
    """Import the persons named in FILE, a CSV file with headings.

    The headings say name, function and address, in French, English or German (Nom, Prénom, Fonction, Courriel), and
    perhaps the language. Without --commit it is shown what each row would do. Nobody gets a role from a file.
    """
    actor, data = actor_of(agency), read(file)
    if not commit:
        return _shown(_previewed(actor, data), file, skip_refused)
    try:
        return _imported(_committed(actor, data, digest, skip_refused))
    except OutcomeChanged as changed:
        return _not_as_shown(changed, file, skip_refused)


def _previewed(actor: Actor, data: bytes) -> ImportPreview:
    from meetcoord.usecases.import_persons import PersonsFile, PreviewPersons

    async def work(storage: "Storage") -> ImportPreview:
        return await PreviewPersons(storage)(actor, PersonsFile(file=data))

    return reading(work)


def _committed(actor: Actor, data: bytes, digest: str, skip_refused: bool) -> RowCounts:
    from meetcoord.usecases.import_persons import PersonsFile, ShownFile

    async def work(cases: "UseCases") -> RowCounts:
        shown = digest or (await cases.preview_persons(actor, PersonsFile(file=data))).digest
        return await cases.import_persons(
            actor, ShownFile(file=data, digest=shown, skip_refused=skip_refused)
        )

    return writing(work)


def _shown(preview: ImportPreview, file: Path, skip_refused: bool) -> Answer:
    blocked = bool(preview.counts.refused) and not skip_refused
    return Answer(
        document=preview,
        text=_page(preview),
        note=_next(preview, file, blocked),
        code=NO if blocked else FINE,
    )


def _imported(counts: RowCounts) -> Answer:
    done = f"{counts.new} registered, {counts.changed} changed"
    if not counts.new and not counts.changed:
        done = "Nothing was left to do"
    return Answer(document=counts, text=f"{done} ({counts.known} known already, {counts.refused} refused).")


def _not_as_shown(changed: OutcomeChanged, file: Path, skip_refused: bool) -> Answer:
    again = _shown(changed.preview, file, skip_refused)
    document = {**_document(changed), "preview": changed.preview}
    return Answer(document=document, text=again.text, note=f"{changed.detail}\n{again.note}", code=NO)


def _document(error: OutcomeChanged) -> dict[str, object]:
    return {"error": ErrorDocument(Problem(error.code, error.detail)).error}


def _page(preview: ImportPreview) -> str:
    rows = [_line(row) for state in _ORDER for row in preview.having(state)]
    listing = table(["line", "state", "name", "function", "address", "language", "what"], rows)
    return "\n".join([*_facts(preview), "", listing])


def _facts(preview: ImportPreview) -> list[str]:
    counts = preview.counts
    told = [f"{getattr(counts, state.value)} {state.value}" for state in _ORDER]
    read_as = f"Read as {preview.encoding.value}, cells separated by {preview.separator.name.lower()}."
    if not preview.encoding_is_certain:
        read_as += " The file is not UTF-8, so this encoding is a guess: look at the accents."
    ignored = ", ".join(preview.ignored_columns)
    return [", ".join(told), read_as, *([f"Ignored columns: {ignored}."] if ignored else [])]


def _line(row: ImportRow) -> tuple[str, ...]:
    language = row.language.value if row.language else ""
    return (str(row.line), row.state.value, row.name, row.function, row.address, language, _what(row))


def _what(row: ImportRow) -> str:
    if row.duplicate_of is not None:
        return f"as line {row.duplicate_of}"
    return row.reason or "; ".join(f"{each.field}: {each.old} -> {each.new}" for each in row.changes)


def _next(preview: ImportPreview, file: Path, blocked: bool) -> str:
    if not preview.would_change:
        return "Nothing would be imported."
    chosen = settings_file()
    words = ["meetcoord", *(["--settings", str(chosen)] if chosen else []), "person", "import", str(file)]
    words += ["--agency", str(_agency()), "--commit", "--digest", preview.digest]
    if preview.counts.refused:
        words.append("--skip-refused")
    said = "Rows are refused: correct them, or import the others with" if blocked else "To do this, type"
    return f"{said}:\n{shlex.join(words)}"


def _agency() -> object:
    return click.get_current_context().params["agency"]
