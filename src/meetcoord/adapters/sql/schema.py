"""The tables. A change here needs a migration; the contract suite compares the two."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
)

from meetcoord.adapters.sql import schema_log
from meetcoord.adapters.sql.types import JsonOf, OneOf, SetOf, UtcDateTime, Words
from meetcoord.domain.access import Scope
from meetcoord.domain.agencies import RecipientKind, Role
from meetcoord.domain.attendance import RoomEventKind
from meetcoord.domain.challenges import ChallengeKind
from meetcoord.domain.key_notices import KeyChange
from meetcoord.domain.letters import LetterKind
from meetcoord.domain.meetings import Meeting, MeetingState
from meetcoord.domain.minutes import MinutesApproval, MinutesKind, MinutesState
from meetcoord.domain.outbox import Delivery
from meetcoord.domain.values import Language

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
"""Every schema there has been, the newest last."""

metadata = schema_log.metadata
"""All tables, those of the log among them."""

agencies = Table(
    "agencies",
    metadata,
    Column("id", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("language", OneOf(Language), nullable=False),
)

persons = Table(
    "persons",
    metadata,
    Column("id", Words, primary_key=True),
    Column("agency", Words, ForeignKey("agencies.id"), nullable=False),
    Column("name", Words, nullable=False),
    Column("function", Words, nullable=False),
    Column("address", Words, nullable=False),
    Column("language", OneOf(Language), nullable=False),
    Column("roles", SetOf(Role), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("agency", "address"),
    Index(None, "agency", "name", "id"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Words, primary_key=True),
    Column("person", Words, ForeignKey("persons.id"), nullable=False, index=True),
    Column("digest", LargeBinary, nullable=False),
    Column("scopes", SetOf(Scope), nullable=False),
    Column("label", Words, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

# A post-quantum key is too long to be an index entry everywhere, so its SHA-256 stands for it.
recipients = Table(
    "recipients",
    metadata,
    Column("key_digest", LargeBinary, primary_key=True),
    Column("agency", Words, ForeignKey("agencies.id"), nullable=False, index=True),
    Column("kind", OneOf(RecipientKind), nullable=False),
    Column("key", Words, nullable=False),
    Column("label", Words, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("added_by", Words, nullable=False),
    Column("withdrawn_at", UtcDateTime),
)

# The public half without its name, so that one key cannot be had twice under two names.
approvers = Table(
    "approvers",
    metadata,
    Column("public", LargeBinary, primary_key=True),
    Column("agency", Words, ForeignKey("agencies.id"), nullable=False, index=True),
    Column("person", Words, ForeignKey("persons.id"), nullable=False),
    Column("key", Words, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("added_by", Words, nullable=False),
    Column("withdrawn_at", UtcDateTime),
)

circles = Table(
    "circles",
    metadata,
    Column("circle", Words, primary_key=True),
    Column("agency", Words, ForeignKey("agencies.id"), primary_key=True),
    Index(None, "agency", "circle"),
    sqlite_with_rowid=False,
)

# The meeting is one value: `body` holds all of it, the other columns are for finding it and for whoever looks by hand.
meetings = Table(
    "meetings",
    metadata,
    Column("id", Words, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("organiser", Words, ForeignKey("agencies.id"), nullable=False),
    Column("agencies", Words, nullable=False),
    Column("state", OneOf(MeetingState), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("body", JsonOf[Meeting](Meeting), nullable=False),
    # Always there; SQLite adds no column to a table that must not be empty.
    Column("room", Words, index=True, unique=True),
)

# The primary key is the order of an agency's list: a page is one walk along it.
meeting_agencies = Table(
    "meeting_agencies",
    metadata,
    Column("agency", Words, ForeignKey("agencies.id"), primary_key=True),
    Column("created_at", UtcDateTime, primary_key=True),
    Column("meeting", Words, ForeignKey("meetings.id"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", Words, primary_key=True),
    Column("meeting", Words, ForeignKey("meetings.id"), nullable=False),
    Column("person", Words, ForeignKey("persons.id"), nullable=False),
    Column("agency", Words, nullable=False),
    Column("alias", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("meeting", "person"),
)

admissions = Table(
    "admissions",
    metadata,
    Column("id", Words, primary_key=True),
    Column("invitation", Words, ForeignKey("invitations.id"), nullable=False),
    Column("meeting", Words, nullable=False),
    Column("click", Words, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("invitation", "click"),
    Index(None, "meeting", "at", "id"),
    Index(None, "at"),
)

challenges = Table(
    "challenges",
    metadata,
    Column("id", Words, primary_key=True),
    Column("invitation", Words, ForeignKey("invitations.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("kind", OneOf(ChallengeKind), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("wrong", Integer, nullable=False),
    Column("spent", Boolean, nullable=False),
    Index(None, "invitation", "issued_at", "id"),
)

proofs = Table(
    "proofs",
    metadata,
    Column("invitation", Words, ForeignKey("invitations.id"), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("refused", Boolean, nullable=False),
)

reservations = Table(
    "reservations",
    metadata,
    Column("id", Words, primary_key=True),
    Column("meeting", Words, ForeignKey("meetings.id"), nullable=False),
    Column("name", Words, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Index(None, "meeting", "name"),
)

# `digest` is of all that was said, so that what is said twice is there once.
room_events = Table(
    "room_events",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("meeting", Words, ForeignKey("meetings.id"), nullable=False),
    Column("invitation", Words, ForeignKey("invitations.id")),
    Column("participant", Words, nullable=False),
    Column("breakout", Words, nullable=False),
    Column("kind", OneOf(RoomEventKind), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Index(None, "meeting", "at"),
)

# `due_at` is the next attempt while there is one to make, so that what is done leaves the queue's index.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Words, primary_key=True),
    Column("kind", OneOf(LetterKind), nullable=False),
    Column("meeting", Words, ForeignKey("meetings.id"), nullable=False),
    Column("invitation", Words, ForeignKey("invitations.id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("delivery", OneOf(Delivery), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("reply", Words, nullable=False),
    Column("uncertain", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    Index(None, "due_at", "id"),
    Index(None, "meeting", "created_at", "id"),
)

# What people are told of keys: of no meeting, so it lies beside the outbox. One person is told of one change once.
key_notices = Table(
    "key_notices",
    metadata,
    Column("id", Words, primary_key=True),
    Column("change", OneOf(KeyChange), nullable=False),
    Column("reader", Words, ForeignKey("persons.id"), nullable=False),
    Column("agency", Words, ForeignKey("agencies.id"), nullable=False),
    Column("object", Words, nullable=False),
    Column("by", Words, nullable=False),
    Column("delivery", OneOf(Delivery), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("reply", Words, nullable=False),
    Column("uncertain", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("object", "change", "reader"),
    Index(None, "due_at", "id"),
)

minutes = Table(
    "minutes",
    metadata,
    Column("meeting", Words, ForeignKey("meetings.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", OneOf(MinutesKind), nullable=False),
    Column("author", Words, nullable=False),
    Column("author_agency", Words, nullable=False),
    Column("state", OneOf(MinutesState), nullable=False),
    Column("version", Integer, nullable=False),
    Column("content", Words),
    Column("policy", BigInteger),
    Column("approvals", JsonOf[tuple[MinutesApproval, ...]](tuple[MinutesApproval, ...]), nullable=False),
    Column("leaf", BigInteger),
    Column("changed_at", UtcDateTime, nullable=False),
    Index(None, "state", "changed_at"),
)


def _of_minutes() -> ForeignKeyConstraint:
    """Checked at the end, so that a text may be kept before or after the minutes it belongs to."""
    wanted = ["minutes.meeting", "minutes.seq"]
    return ForeignKeyConstraint(["meeting", "seq"], wanted, deferrable=True, initially="DEFERRED")


minutes_texts = Table(
    "minutes_texts",
    metadata,
    Column("meeting", Words, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("locked", LargeBinary, nullable=False),
    _of_minutes(),
)

sealed_files = Table(
    "sealed_files",
    metadata,
    Column("meeting", Words, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("header", LargeBinary, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    _of_minutes(),
)

new_headers = Table(
    "new_headers",
    metadata,
    Column("meeting", Words, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("leaf", BigInteger, primary_key=True, autoincrement=False),
    Column("header", LargeBinary, nullable=False),
    _of_minutes(),
)

CHECKED_LATE = frozenset(
    table
    for table in metadata.tables.values()
    if any(key.deferrable for key in table.foreign_key_constraints)
)
"""Tables whose rows may refer to what comes later in the same transaction."""


def create(connection: Connection) -> None:
    """The newest schema at once, without its history: for databases that live in memory only."""
    metadata.create_all(connection)
    connection.execute(schema_log.log_head.insert(), {"id": 1, "size": 0, "frontier": b""})
