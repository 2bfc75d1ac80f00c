"""Minutes as people expect them to be built: attendance, agenda items, decisions, actions, votes."""

import re
from datetime import date, datetime
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from meetcoord.domain.errors import Invalid
from meetcoord.domain.markings import refuse_marking
from meetcoord.domain.meetings import AGENCIES_MAX, DELEGATES_MAX
from meetcoord.domain.times import zone
from meetcoord.domain.values import LINE_MAX, Language, one_line, prose

ITEMS_MAX = 100
RECORDS_MAX = 200
COUNT_MAX = 100_000
NAMES_MAX = DELEGATES_MAX + AGENCIES_MAX

_EMPTY_LINES = re.compile(r"\n{2,}")


class RecordKind(Enum):
    NOTE = "note"
    DECISION = "decision"
    ACTION = "action"
    VOTE = "vote"


class Tally(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the votes fell, and what follows from it in one sentence."""

    in_favour: int
    against: int
    abstained: int
    outcome: str

    def __post_init__(self) -> None:
        if any(not 0 <= count <= COUNT_MAX for count in (self.in_favour, self.against, self.abstained)):
            raise ValueError(f"Votes are counted from 0 to {COUNT_MAX}")


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing said, decided, to be done or voted upon under an agenda item.

    `owner`, `due` and `done` belong to an action, whose owner must be named; `tally` belongs to a vote on the question
    in `text`.
    """

    kind: RecordKind
    text: str
    owner: str = ""
    due: date | None = None
    done: bool = False
    tally: Tally | None = None

    def __post_init__(self) -> None:
        if (self.kind is RecordKind.ACTION) is not bool(self.owner.strip()):
            raise ValueError("An action says who does it, and nothing else has an owner")
        if self.kind is not RecordKind.ACTION and (self.due is not None or self.done):
            raise ValueError("Only an action has a due date or is done")
        if (self.kind is RecordKind.VOTE) is (self.tally is None):
            raise ValueError("A vote has a tally, and nothing else has one")


class Item(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: str
    records: tuple[Record, ...] = ()


class Participation(Enum):
    """`SUBSTITUTE`: represented by one. `EXPECTED` before the meeting begins, `MISSING` from then on."""

    PRESENT = "present"
    SUBSTITUTE = "substitute"
    EXCUSED = "excused"
    EXPECTED = "expected"
    MISSING = "missing"


class Participant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person, by name and function only; without a name the line is about the agency as a whole.

    `arrived_at` is said of who came late, `left_at` of who left early, as the clocks of the meeting's zone showed it.
    """

    agency: str
    name: str = ""
    function: str = ""
    mode: Participation
    remote: bool = False
    late: bool = False
    left_early: bool = False
    arrived_at: datetime | None = None
    left_at: datetime | None = None

    def __post_init__(self) -> None:
        seen = self.remote or self.late or self.left_early
        if self.mode is not Participation.PRESENT and seen:
            raise ValueError("Only who was present took part from afar, came late or left early")
        if (self.arrived_at and not self.late) or (self.left_at and not self.left_early):
            raise ValueError("A time is given of who came late or left early, and of nobody else")
        if any(moment and moment.tzinfo is None for moment in (self.arrived_at, self.left_at)):
            raise ValueError("A time carries its offset from UTC")


class AttendanceList(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`declared` when it was filled from what the video system said. A `lean` list holds no times."""

    lines: tuple[Participant, ...] = ()
    lean: bool = False
    declared: bool = False
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        if self.lean and any(line.arrived_at or line.left_at for line in self.lines):
            raise ValueError("A lean attendance list holds no times")


class Draft(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a text of minutes is made of. `day` is the day of the meeting in its own zone."""

    language: Language
    title: str = ""
    day: date | None = None
    attendance: AttendanceList | None = None
    items: tuple[Item, ...] = ()
    closing: str = ""


def cleaned(draft: Draft, pointer: str = "/draft") -> Draft:
    """The draft with every text in its one form. Raises Invalid: a hidden sign, a marking, too much of something."""
    _must_be_few(draft.items, ITEMS_MAX, "items", f"{pointer}/items")
    return replace(
        draft,
        title=_optional(draft.title, f"{pointer}/title"),
        attendance=draft.attendance and _attendance(draft.attendance, f"{pointer}/attendance"),
        items=tuple(_item(item, f"{pointer}/items/{n}") for n, item in enumerate(draft.items)),
        closing=_paragraphs(draft.closing, f"{pointer}/closing"),
    )


def _must_be_few(things: tuple[object, ...], most: int, what: str, pointer: str) -> None:
    if len(things) > most:
        raise Invalid(f"There are {len(things)} {what} here: keep to {most}.", pointer)


def _line(text: str, pointer: str) -> str:
    return refuse_marking(one_line(text, "The text", pointer), "The text", pointer)


def _optional(text: str, pointer: str) -> str:
    return _line(text, pointer) if text else ""


def _paragraphs(text: str, pointer: str) -> str:
    """Blanks around a line would make it code or a forced break in Markdown, and say nothing."""
    kept = refuse_marking(prose(text, "The text", pointer), "The text", pointer)
    lines = "\n".join(line.strip(" \t") for line in kept.split("\n"))
    return _EMPTY_LINES.sub("\n\n", lines).strip("\n")


def _written(text: str, pointer: str) -> str:
    kept = _paragraphs(text, pointer)
    if not kept:
        raise Invalid("The text is empty: write at least one character, or leave the record out.", pointer)
    return kept


def _item(item: Item, pointer: str) -> Item:
    _must_be_few(item.records, RECORDS_MAX, "records", f"{pointer}/records")
    return Item(
        title=_line(item.title, f"{pointer}/title"),
        records=tuple(_record(record, f"{pointer}/records/{n}") for n, record in enumerate(item.records)),
    )


def _record(record: Record, pointer: str) -> Record:
    place = f"{pointer}/text"
    match record.kind:
        case RecordKind.NOTE:
            return replace(record, text=_written(record.text, place), owner="")
        case RecordKind.DECISION:
            return replace(record, text=_written(record.text, place).replace("\n\n", "\n"), owner="")
        case RecordKind.ACTION:
            owner = _line(record.owner, f"{pointer}/owner")
            return replace(record, text=_sentence(record.text, place), owner=owner)
        case RecordKind.VOTE:
            return replace(
                record, text=_sentence(record.text, place), owner="", tally=_tally(record, pointer)
            )


def _sentence(text: str, pointer: str) -> str:
    return refuse_marking(one_line(text, "The text", pointer, 5 * LINE_MAX), "The text", pointer)


def _tally(record: Record, pointer: str) -> Tally | None:
    place = f"{pointer}/tally/outcome"
    return record.tally and replace(record.tally, outcome=_sentence(record.tally.outcome, place))


def _attendance(attendance: AttendanceList, pointer: str) -> AttendanceList:
    _must_be_few(attendance.lines, NAMES_MAX, "lines", f"{pointer}/lines")
    lines = tuple(_participant(line, f"{pointer}/lines/{n}") for n, line in enumerate(attendance.lines))
    return replace(attendance, lines=lines, time_zone=zone(attendance.time_zone, f"{pointer}/time_zone").key)


def _participant(line: Participant, pointer: str) -> Participant:
    return replace(
        line,
        agency=_line(line.agency, f"{pointer}/agency"),
        name=_optional(line.name, f"{pointer}/name"),
        function=_optional(line.function, f"{pointer}/function"),
    )
