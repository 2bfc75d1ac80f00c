"""A draft as Markdown: the text that is circulated, approved and sealed. What was typed can never act as Markdown."""

import re
from collections.abc import Iterator
from datetime import date, datetime

from meetcoord.domain.draft_words import Words, words_of
from meetcoord.domain.drafts import AttendanceList, Draft, Item, Participant, Record, RecordKind, Tally
from meetcoord.domain.errors import Invalid
from meetcoord.domain.minutes import BODY_MAX
from meetcoord.domain.values import Language

_SIGNS = re.compile(r"([\\`*_\[\]<>#|~&])")
_AT_LINE_START = re.compile(r"(?m)^([-+=]|[0-9]{1,9}(?=[.)]))")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def rendered(draft: Draft, pointer: str = "/draft") -> str:
    """The draft as Markdown, always the same for the same draft. Raises Invalid when it comes out too long."""
    text = "\n\n".join(_parts(draft, words_of(draft.language))) + "\n"
    if len(text) > BODY_MAX:
        raise Invalid(f"The minutes come to {len(text)} characters: keep them to {BODY_MAX}.", pointer)
    return text


def open_actions(markdown: str) -> tuple[Record, ...]:
    """The actions in a rendered text that are not done yet, in their order, whatever its language."""
    found = (_OPEN_ACTION[language].fullmatch(line) for line in markdown.split("\n") for language in Language)
    read = (_action(match) for match in found if match)
    return tuple(action for action in read if action)


def _parts(draft: Draft, words: Words) -> Iterator[str]:
    """Blocks, each to be parted from the next by an empty line."""
    yield f"# {words.minutes}" + (f"{words.colon} {inline(draft.title)}" if draft.title else "")
    if draft.day:
        yield draft.day.isoformat()
    if draft.attendance:
        yield from _attendance(draft.attendance, words)
    for number, item in enumerate(draft.items, 1):
        yield from _item(number, item, words)
    if draft.closing:
        yield f"## {words.closing}"
        yield block(draft.closing)


def _attendance(attendance: AttendanceList, words: Words) -> Iterator[str]:
    yield f"## {words.attendance}"
    if attendance.declared:
        yield words.declared
    if any(line.arrived_at or line.left_at for line in attendance.lines):
        yield f"{words.times}{words.colon} {inline(attendance.time_zone)}"
    if attendance.lines:
        yield "\n".join(_participant(line, words) for line in attendance.lines)


def _participant(line: Participant, words: Words) -> str:
    who = ", ".join(inline(part) for part in (line.name, line.function, line.agency) if part)
    said = [words.participation(line.mode)]
    said += [words.remote] if line.remote else []
    said += [words.late + _time(line.arrived_at)] if line.late else []
    said += [words.left_early + _time(line.left_at)] if line.left_early else []
    return f"- {_not_a_list(who)}{words.colon} {', '.join(said)}"


def _time(moment: datetime | None) -> str:
    return f" ({moment:%H:%M})" if moment else ""


def _item(number: int, item: Item, words: Words) -> Iterator[str]:
    yield f"## {number}. {inline(item.title)}"
    for record in item.records:
        yield _record(record, words)


def _record(record: Record, words: Words) -> str:
    match record.kind:
        case RecordKind.NOTE:
            return block(record.text)
        case RecordKind.DECISION:
            return f"{_label(words.decision, words)} {block(record.text)}"
        case RecordKind.ACTION:
            return _action_line(record, words)
        case RecordKind.VOTE:
            return f"{_label(words.vote, words)} {inline(record.text)}{_counted(record.tally, words)}"


def _label(word: str, words: Words) -> str:
    return f"**{word}{words.colon}**"


def _action_line(record: Record, words: Words) -> str:
    box = "x" if record.done else " "
    said = f"- [{box}] {_label(words.action, words)} {inline(record.text)}"
    said += f" {_label(words.owner, words)} {inline(record.owner)}"
    return said + (f" {_label(words.due, words)} {record.due.isoformat()}" if record.due else "")


def _counted(tally: Tally | None, words: Words) -> str:
    if tally is None:
        return ""
    counts = (
        (words.in_favour, tally.in_favour),
        (words.against, tally.against),
        (words.abstained, tally.abstained),
    )
    said = "".join(f" {_label(word, words)} {count}" for word, count in counts)
    return f"{said} {_label(words.outcome, words)} {inline(tally.outcome)}"


def inline(text: str) -> str:
    """`text` inside a line of Markdown that begins otherwise, each sign standing for itself."""
    return _SIGNS.sub(r"\\\1", text)


def block(text: str) -> str:
    """`text` as paragraphs of Markdown: no line of it begins a heading, a list, a quotation or code."""
    return _not_a_list(inline(text))


def _not_a_list(text: str) -> str:
    return _AT_LINE_START.sub(_guarded, text)


def _guarded(start: re.Match[str]) -> str:
    return f"{start[0]}\\" if start[0].isdigit() else f"\\{start[0]}"


def plain(markdown: str) -> str:
    """What `inline` was given."""
    return _ESCAPED.sub(r"\1", markdown)


def _open_action(words: Words) -> re.Pattern[str]:
    action, owner, due = (re.escape(_label(word, words)) for word in (words.action, words.owner, words.due))
    # What `inline` gives holds no asterisk without a backslash, so that a label cannot be typed.
    said = r"((?:[^*\\]|\\.)+)"
    return re.compile(
        rf"- \[ \] {action} {said} {owner} {said}(?: {due} ([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}))?"
    )


_OPEN_ACTION = {language: _open_action(words_of(language)) for language in Language}


def _action(found: re.Match[str]) -> Record | None:
    """None for what no draft was rendered to: a day that is none, an owner of blanks."""
    text, owner, due = found.groups()
    try:
        return Record(
            kind=RecordKind.ACTION,
            text=plain(text),
            owner=plain(owner),
            due=date.fromisoformat(due) if due else None,
        )
    except ValueError:
        return None
